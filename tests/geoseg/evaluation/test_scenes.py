from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.transform import from_origin

from geoseg.evaluation.instances import Found
from geoseg.evaluation.scene_truths import Expression, SceneTruth, open_truth
from geoseg.evaluation.scenes import answers, burnt, evaluate_scenes, visible
from geoseg.options import ImageOptions
from geoseg.query import Query
from geoseg.segmenter import ChipAnswer
from tests.geoseg.evaluation.made_up import ColourSegmenter

UTM = from_origin(452000, 37000, 0.5, 0.5)


def scene(folder: Path, *, crs: str | None = "EPSG:32636", nodata: int | None = None) -> Path:
    """A raster of 60 x 80 with two red squares, one of them over several chips; a blue one."""
    pixels = np.zeros((3, 60, 80), np.uint8)
    pixels[0, 5:45, 10:50] = 255
    pixels[0, 50:55, 60:70] = 255
    pixels[2, 10:20, 60:70] = 255
    path = folder / "scene.tif"
    profile = {"driver": "GTiff", "height": 60, "width": 80, "count": 3, "dtype": "uint8"}
    profile |= {"nodata": nodata}
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


class Doubtful(ColourSegmenter):
    """Finds the same, but with a presence of 0.4 at most."""

    def segment(self, chips: np.ndarray, queries: Sequence[Query]) -> list[ChipAnswer]:
        seen = super().segment(chips, queries)
        return [ChipAnswer(one.probability, 0.4 * one.presence) for one in seen]


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
    assert red.found == Found(2, 2, 2, str(tmp_path / "scene.tif"))
    assert red.full_iou == pytest.approx(1650 / 4800)
    assert (blue.outcome.intersection, blue.outcome.predicted) == (0, 100)
    assert (blue.found.matched, blue.found.truth, blue.found.found) == (0, 1, 1)
    assert green.outcome.union == 0
    assert green.found.exact


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")  # the test's own
def test_a_scene_without_crs_is_compared_in_pixels(tmp_path: Path) -> None:
    asked = truth(scene(tmp_path, crs=None), placed=False)
    red = next(one for one, _ in answers(ColourSegmenter(32), asked))
    assert red.outcome.intersection == red.outcome.union == 1650
    assert red.found.exact


def test_only_truth_that_counts_objects_is_counted_object_by_object(tmp_path: Path) -> None:
    found = evaluate_scenes(ColourSegmenter(32), [truth(scene(tmp_path))])
    name = str(tmp_path / "scene.tif")
    assert found.found == (Found(2, 2, 2, name), Found(0, 0, 0, name))
    assert not found.graded
    assert found.shown == {"scene": 1}
    assert found.outcomes.presence.tolist() == [1, 1, 0]
    assert found.outcomes.families.tolist() == ["polygons", "boxes", "empty"]


BEYOND = {
    "beside the scene": np.s_[5:45, 90:120],
    "touching its rim": np.s_[60:70, 0:80],
    "before its first pixel": np.s_[-40:-5, -30:-2],
    "between the middles of pixels": np.s_[20.6:21.4, 5.6:6.4],
}


@pytest.mark.parametrize("where", BEYOND)
def test_objects_that_no_pixel_shows_are_not_asked_for(tmp_path: Path, where: str) -> None:
    usual = truth(scene(tmp_path))
    more = gpd.GeoSeries([*usual.expressions[0].truth, square(*BEYOND[where])])
    asked = SceneTruth(usual.scene, (Expression("red", more),))
    red = next(one for one, _ in answers(ColourSegmenter(32), asked))
    assert red.outcome.intersection == red.outcome.truth == 1650
    assert red.found.exact
    assert red.found.truth == 2


def test_objects_on_ground_without_data_are_not_asked_for(tmp_path: Path) -> None:
    path = scene(tmp_path, nodata=0)  # all but the squares
    red = [square(*LARGE), square(*SMALL)]
    hidden = [square(*np.s_[46:49, 2:8]), square(*np.s_[0:4, 30:60])]
    asked = SceneTruth(path, (Expression("red", gpd.GeoSeries([*red, *hidden])),))
    answered = next(one for one, _ in answers(ColourSegmenter(32), asked))
    assert answered.valid == 1750
    assert answered.found.exact
    assert answered.found.truth == 2


def test_an_object_that_another_one_covers_is_there_all_the_same() -> None:
    data = np.ones((10, 10), bool)
    twice = np.array([shapely.box(2, 2, 5, 5), shapely.box(0, 0, 9, 9)], object)
    assert visible(twice, data, rasterio.Affine.identity()).tolist() == [True, True]


@settings(max_examples=60)
@given(box=st.tuples(*[st.floats(-15, 25)] * 2, *[st.floats(0.1, 12)] * 2), seed=st.integers(0, 99))
def test_an_object_is_visible_where_burning_it_alone_hits_data(
    box: tuple[float, float, float, float], seed: int
) -> None:
    left, top, width, height = box
    data = np.random.default_rng(seed).random((12, 16)) < 0.3
    polygon = np.array([shapely.box(left, top, left + width, top + height)], object)
    for transform in (
        rasterio.Affine.identity(),
        rasterio.Affine(0.8, 0.3, -2, 0.2, -0.9, 11),  # turned, and rows run northwards
    ):
        expected = bool((burnt(polygon, data.shape, transform) & data).any())
        assert visible(polygon, data, transform).tolist() == [expected]


@pytest.mark.parametrize(("presence", "pixels"), [(0.5, 0), (0.3, 1650)])
def test_the_presence_asked_for_is_the_pipelines(
    tmp_path: Path, presence: float, pixels: int
) -> None:
    options = {"mask": {"presence": presence}}
    found = evaluate_scenes(Doubtful(32), [truth(scene(tmp_path))], options=options)
    assert found.presence == presence
    assert found.outcomes.predicted[0] == pixels


def test_baselines_are_taken_over_the_scene(tmp_path: Path) -> None:
    beside = next(beside for _, beside in answers(ColourSegmenter(32), truth(scene(tmp_path))))
    assert beside["largest blob"].intersection == beside["largest blob"].predicted == 1600
    assert beside["full"].predicted == 4800
    assert beside["empty"].predicted == 0


def test_pixels_are_covered_by_their_centre() -> None:
    half = gpd.GeoSeries([shapely.box(0, 0, 2.4, 9)])
    covered = burnt(half.to_numpy(), (3, 4), rasterio.Affine.identity())
    assert covered.tolist() == [[True, True, False, False]] * 3


LONG, SPLIT = np.s_[47:49, 76:6000], np.s_[55:100, 20:30]


def straddling(folder: Path, *, crs: str | None = "EPSG:32636") -> Path:
    """The scene, with two more red things that go on beyond its rim."""
    path = scene(folder, crs=crs)
    with rasterio.open(path, "r+") as file:
        pixels = file.read()
        for rows, columns in (LONG, SPLIT):
            pixels[0, rows, columns] = 255
        file.write(pixels)
    return path


@pytest.mark.parametrize("crs", ["EPSG:32636", "EPSG:4326"])
def test_things_that_go_on_beyond_the_scene_are_compared_on_it(tmp_path: Path, crs: str) -> None:
    outlines = [square(*where) for where in (LARGE, SMALL, LONG, SPLIT)]
    table = gpd.GeoDataFrame({"query": ["red"] * 4}, geometry=outlines, crs="EPSG:32636")
    table.to_crs(crs).to_file(tmp_path / "truth.gpkg")
    asked = open_truth(straddling(tmp_path), tmp_path / "truth.gpkg")
    red = next(one for one, _ in answers(ColourSegmenter(32), asked))
    assert red.outcome.intersection == red.outcome.truth == 1708
    assert red.found == Found(4, 4, 4, str(tmp_path / "scene.tif"))


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")  # the test's own
@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_things_that_go_on_beyond_a_scene_without_crs_are_compared_on_it(tmp_path: Path) -> None:
    outlines = [square(*where, placed=False) for where in (LARGE, SMALL, LONG, SPLIT)]
    gpd.GeoDataFrame({"query": ["red"] * 4}, geometry=outlines).to_file(tmp_path / "truth.gpkg")
    asked = open_truth(straddling(tmp_path, crs=None), tmp_path / "truth.gpkg")
    red = next(one for one, _ in answers(ColourSegmenter(32), asked))
    assert red.outcome.intersection == red.outcome.union == 1708
    assert red.found.exact


def test_a_scene_read_at_another_gsd_is_compared_where_it_lies(tmp_path: Path) -> None:
    asked = truth(scene(tmp_path))
    for gsd, pixels in ((1.0, 1650 / 4), (0.25, 1650 * 4)):
        options = {"image": {"gsd": gsd}}
        red = next(one for one, _ in answers(ColourSegmenter(20), asked, options=options))
        assert red.outcome.truth == pytest.approx(pixels, rel=0.1)
        assert red.outcome.intersection / red.outcome.union > 0.9
        assert red.found.exact
        said = replace(asked, image=ImageOptions(gsd=gsd))
        same = next(one for one, _ in answers(ColourSegmenter(20), said))
        assert same == red
