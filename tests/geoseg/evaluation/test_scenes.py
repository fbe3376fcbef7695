from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from geoseg.evaluation.instances import Found
from geoseg.evaluation.scene_truths import Expression, SceneTruth
from geoseg.evaluation.scenes import answers, burnt, evaluate_scenes
from tests.geoseg.evaluation.made_up import ColourSegmenter

UTM = from_origin(452000, 37000, 0.5, 0.5)


def scene(folder: Path, *, crs: str | None = "EPSG:32636") -> Path:
    """A raster of 60 x 80 with two red squares, one of them over several chips; a blue one."""
    pixels = np.zeros((3, 60, 80), np.uint8)
    pixels[0, 5:45, 10:50] = 255
    pixels[0, 50:55, 60:70] = 255
    pixels[2, 10:20, 60:70] = 255
    path = folder / "scene.tif"
    profile = {"driver": "GTiff", "height": 60, "width": 80, "count": 3, "dtype": "uint8"}
    if crs:
        profile |= {"crs": crs, "transform": UTM}
    with rasterio.open(path, "w", **profile) as file:
        file.write(pixels)
    return path


def square(rows: slice, columns: slice, *, placed: bool = True) -> shapely.Polygon:
    """A rectangle of pixels, on the ground or in pixels."""
    corners = [(columns.start, rows.start), (columns.stop, rows.start),
               (columns.stop, rows.stop), (columns.start, rows.stop)]  # fmt: skip
    return shapely.Polygon([UTM * corner for corner in corners] if placed else corners)


LARGE, SMALL = np.s_[5:45, 10:50], np.s_[50:55, 60:70]


def truth(path: Path, *, placed: bool = True) -> SceneTruth:
    red = gpd.GeoSeries([square(*LARGE, placed=placed), square(*SMALL, placed=placed)])
    blue = gpd.GeoSeries([square(*LARGE, placed=placed)])
    return SceneTruth(
        path,
        (
            Expression("red", red),
            Expression("blue", blue, "boxes"),
            Expression("green", gpd.GeoSeries([]), "empty"),
        ),
    )


def test_a_perfect_answer_is_perfect_in_pixels_and_object_by_object(tmp_path: Path) -> None:
    red, blue, green = [one for one, _ in answers(ColourSegmenter(32), truth(scene(tmp_path)))]
    assert red.outcome.intersection == red.outcome.truth == red.outcome.predicted == 1650
    assert red.found == Found(2, 2, 2)
    assert red.full_iou == pytest.approx(1650 / 4800)
    assert (blue.outcome.intersection, blue.outcome.predicted) == (0, 100)
    assert blue.found == Found(0, 1, 1)
    assert green.outcome.union == 0
    assert green.found.exact


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")  # the test's own
def test_a_scene_without_crs_is_compared_in_pixels(tmp_path: Path) -> None:
    given = truth(scene(tmp_path, crs=None), placed=False)
    red = next(one for one, _ in answers(ColourSegmenter(32), given))
    assert red.outcome.intersection == red.outcome.union == 1650
    assert red.found.exact


def test_only_truth_that_counts_objects_is_counted_object_by_object(tmp_path: Path) -> None:
    found = evaluate_scenes(ColourSegmenter(32), [truth(scene(tmp_path))])
    assert found.found == (Found(2, 2, 2), Found(0, 0, 0))
    assert found.shown == {"scene": 1}
    assert found.outcomes.presence.tolist() == [1, 1, 0]
    assert found.outcomes.families.tolist() == ["polygons", "boxes", "empty"]


def test_baselines_are_taken_over_the_scene(tmp_path: Path) -> None:
    beside = next(beside for _, beside in answers(ColourSegmenter(32), truth(scene(tmp_path))))
    assert beside["largest blob"].intersection == beside["largest blob"].predicted == 1600
    assert beside["full"].predicted == 4800
    assert beside["empty"].predicted == 0


def test_pixels_are_covered_by_their_centre() -> None:
    half = gpd.GeoSeries([shapely.box(0, 0, 2.4, 9)])
    covered = burnt(half, (3, 4), rasterio.Affine.identity())
    assert covered.tolist() == [[True, True, False, False]] * 3
