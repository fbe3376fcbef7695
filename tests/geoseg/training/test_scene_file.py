from pathlib import Path

import geopandas
import numpy as np
import pytest
import rasterio
from rasterio.features import rasterize

from geoseg.training.camera.rendering import BLOCK, Renderer
from geoseg.training.camera.scene_options import Land, SceneOptions, View
from geoseg.training.camera.sensor import Swath
from geoseg.training.scene_file import LAYER, in_sheets, place_of, write_scene
from geoseg.training.scenes import window
from geoseg.training.truth import Frame

OPTIONS = SceneOptions(land=Land("informal"), view=View(sun_elevation=50))
METRES_A_DEGREE = 110_900
"""From one degree of latitude to the next, to within 1 %."""

FRAME = Frame(200, BLOCK + 90, 0.25)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("scene")
    steps: list[tuple[int, int]] = []
    count = write_scene(
        made / "a.tif", Renderer(8, FRAME.gsd, OPTIONS), FRAME, place=place_of(8),
        ids=made / "a.ids.tif", progress=lambda done, total: steps.append((done, total)),
    )  # fmt: skip
    assert steps == [(1, 2), (2, 2)]
    assert count == len(geopandas.read_file(made / "a.gpkg", layer=LAYER))
    return made


def test_the_file_shows_the_scene(folder: Path) -> None:
    scene = window(Renderer(8, FRAME.gsd, OPTIONS), np.s_[0 : FRAME.height, 0 : FRAME.width])
    with rasterio.open(folder / "a.tif") as file:
        np.testing.assert_array_equal(np.moveaxis(file.read(), 0, -1), scene.rgb)
        assert file.crs.is_projected
        assert file.res == (FRAME.gsd, FRAME.gsd)
        assert file.block_shapes[0] == (BLOCK, BLOCK)


def test_every_number_in_the_picture_is_in_the_table_and_the_other_way_round(
    folder: Path,
) -> None:
    rows = geopandas.read_file(folder / "a.gpkg", layer=LAYER)
    with rasterio.open(folder / "a.ids.tif") as file:
        seen = set(np.unique(file.read(1)).tolist()) - {0}
    assert set(rows["number"]) == seen
    assert rows["number"].is_unique
    assert rows.geometry.is_valid.all()


def test_outlines_lie_where_their_things_are_painted(folder: Path) -> None:
    rows = geopandas.read_file(folder / "a.gpkg", layer=LAYER)
    with rasterio.open(folder / "a.ids.tif") as file:
        numbers, transform = file.read(1), file.transform
    whole = rows[(rows["concept"] == "building") & (rows["seen"] > 0.95)]
    assert len(whole) > 3
    for number, outline in zip(whole["number"], whole.geometry, strict=True):
        drawn = rasterize([(outline, 1)], numbers.shape, transform=transform).astype(bool)
        painted = numbers == number
        if painted.sum() > 300:
            assert (drawn & painted).sum() / (drawn | painted).sum() > 0.9


def test_no_data_are_declared(tmp_path: Path) -> None:
    options = SceneOptions(land=Land("nature"), swath=Swath(0.0, 1.0, 10.0))
    frame = Frame(64, 64, 0.5)
    write_scene(tmp_path / "a.tif", Renderer(1, 0.5, options), frame, place=place_of(1))
    with rasterio.open(tmp_path / "a.tif") as file:
        assert file.nodata == 0
        valid = file.read_masks(1) > 0
    assert valid[:, :20].all()
    assert not valid[:, 20:].any()


def test_nothing_is_left_where_writing_fails(tmp_path: Path) -> None:
    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_scene(
            tmp_path / "a.tif", Renderer(1, 0.5, SceneOptions(land=Land("nature"))),
            Frame(32, 32, 0.5), place=place_of(1), progress=stop,
        )  # fmt: skip
    assert list(tmp_path.iterdir()) == []


def test_sheets_visit_every_block_once() -> None:
    frame = Frame(BLOCK * 9, BLOCK * 6 + 1, 1.0)
    visited = list(in_sheets(frame))
    assert sorted(visited) == [(row, column) for row in range(9) for column in range(7)]


def test_places_lie_from_1_to_54_degrees_north() -> None:
    assert "1 to 54 degrees north" in str(place_of.__doc__)
    for seed in range(300):
        place = place_of(seed)
        assert 32601 <= int(place.crs.removeprefix("EPSG:")) <= 32660
        assert 200_000 < place.east < 500_000
        degrees = place.north / METRES_A_DEGREE
        assert 0.8 < degrees < 54.5
