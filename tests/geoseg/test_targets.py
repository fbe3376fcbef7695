from pathlib import Path

import numpy as np
import pytest
import rasterio
from odc.geo.geobox import GeoBox

from geoseg.options import RunOptions
from geoseg.targets import Targets, open_sinks
from tests.geoseg.test_pipeline import write_scene
from tiles.blending import MaskBand
from tiles.errors import OutputError
from tiles.reading import open_raster


def targets(*outputs: object, **settings: object) -> Targets:
    return Targets.of([Path(str(path)) for path in outputs], RunOptions.of(settings))


def test_outputs_are_sorted_by_what_they_hold() -> None:
    several = targets("a.tif", "b.gpkg", "c.geojson", mask={"scores": "d.tif"})
    assert several.holding("raster") == [Path("a.tif")]
    assert several.holding("polygons") == [Path("b.gpkg"), Path("c.geojson")]
    assert several.all[-1] == Path("d.tif")
    assert Targets.of("a.tif", RunOptions()).outputs == (Path("a.tif"),)
    assert Targets.of(None, RunOptions()).all == ()


@pytest.mark.parametrize("form", ["{}", "file://{}", "GTIFF_DIR:1:{}"])
def test_the_scene_is_known_under_every_name(tmp_path: Path, form: str) -> None:
    path = write_scene(tmp_path / "scene.tif", np.zeros((9, 9, 3), np.uint8))
    with open_raster(form.format(path)) as raster, pytest.raises(OutputError, match="the scene"):
        targets(path).check(raster, overwrite=True)


def test_a_source_of_a_mosaic_is_part_of_the_scene(tmp_path: Path) -> None:
    path = write_scene(tmp_path / "scene.tif", np.zeros((9, 9, 3), np.uint8))
    with rasterio.open(path) as source:
        rasterio.shutil.copy(source, tmp_path / "mosaic.vrt", driver="VRT")
    with open_raster(tmp_path / "mosaic.vrt") as raster, pytest.raises(OutputError):
        targets(path).check(raster, overwrite=True)


def test_what_passes_the_recorder_is_written_down_and_scratch_goes(tmp_path: Path) -> None:
    box = GeoBox((4, 5), rasterio.Affine(1, 0, 0, 0, -1, 0), "EPSG:32636")
    mask = np.array([[[1, 0, 255, 0, 1]] * 4], np.uint8)
    scores = np.array([[[0.9, 0.1, 0, 0.2, 0.7]] * 4], np.float32)
    bands = [MaskBand(np.s_[0:2, 0:5], mask[:, :2], scores[:, :2]),
             MaskBand(np.s_[2:4, 0:5], mask[:, 2:], scores[:, 2:])]  # fmt: skip
    with open_sinks(targets(tmp_path / "a.tif")) as sinks:
        with sinks.recording(box, ["red"]) as recorder:
            assert list(recorder.passing(bands)) == bands
        assert sinks.mask is not None
        assert sinks.scores is not None
        with rasterio.open(sinks.mask) as written, rasterio.open(sinks.scores) as scored:
            np.testing.assert_array_equal(written.read(), mask)
            np.testing.assert_array_equal(
                scored.read(), np.where(mask == 255, np.float32(np.nan), scores)
            )
    assert list(tmp_path.iterdir()) == []


def test_scratch_without_a_place_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(OutputError, match="TMPDIR"), open_sinks(targets()):
        pass
