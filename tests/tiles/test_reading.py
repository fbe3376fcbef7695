import re
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import rasterio
import xarray
from affine import Affine
from rasterio.errors import NotGeoreferencedWarning
from rasterio.windows import Window

from tiles.colour import rgb, stretch_of
from tiles.errors import BandsError, GeoreferenceError, SourceError
from tiles.reading import open_raster

SCENES = Path(__file__).parents[2] / "../shared/data/open"
ABSENT = "the real scenes are not beside this checkout (../shared/data/open)"
FILES = sorted(
    path.relative_to(SCENES)
    for kind in ("tif", "gtif", "png")
    for path in SCENES.glob(f"**/*.{kind}")
)
WARPED = Path("oddities/s1_gcps_no_transform.tif")
UNWARPED = [file for file in FILES if file != WARPED]
"""Scenes whose pixels rasterio hands out as they are read here."""

CHIP = 448
NOISE = np.random.default_rng(0).integers(1, 255, (3, 40, 50)).astype(np.uint8)

real_scenes = pytest.mark.skipif(not FILES, reason=ABSENT)


def test_what_is_no_raster_is_refused() -> None:
    with pytest.raises(SourceError, match="int is no kind of raster; give a path"):
        open_raster(7)


def test_a_dataset_of_variables_is_told_to_choose_one() -> None:
    with pytest.raises(SourceError, match="of a Dataset, choose one variable"):
        open_raster(xarray.Dataset())


def test_a_crs_that_is_none_is_refused_before_anything_is_opened() -> None:
    with pytest.raises(GeoreferenceError, match="'mars' is not a CRS"):
        open_raster("missing.tif", crs="mars")


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Where files in `tmp_path` are served.

    By another process: rasterio keeps the interpreter to itself while it opens a raster, so a
    thread of this one could not answer.
    """
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout is not None
        port = re.search(r"port (\d+)", server.stdout.readline())
        assert port is not None
        yield f"http://127.0.0.1:{port[1]}"
        server.terminate()


def test_a_cog_is_read_over_http(tmp_path: Path, address: str) -> None:
    profile = {"count": 3, "height": 40, "width": 50, "dtype": "uint8", "crs": "EPSG:32617"}
    with rasterio.open(
        tmp_path / "scene.tif", "w", driver="COG", transform=Affine(2, 0, 5, 0, -2, 9), **profile
    ) as dataset:
        dataset.write(NOISE)
    with open_raster(f"{address}/scene.tif") as raster:
        np.testing.assert_array_equal(raster.read(np.s_[0:40, 0:50]).pixels, NOISE)


def test_a_missing_address_is_refused(address: str) -> None:
    with pytest.raises(SourceError, match=r"missing\.tif cannot be opened \(HTTP .*404"):
        open_raster(f"{address}/missing.tif")


@real_scenes
@pytest.mark.shared
@pytest.mark.parametrize("file", UNWARPED, ids=str)
def test_a_corner_of_every_scene_is_what_rasterio_reads(file: Path) -> None:
    with open_raster(SCENES / file) as raster, rasterio_quietly(file) as oracle:
        height, width = min(CHIP, raster.height), min(CHIP, raster.width)
        chip = raster.read(np.s_[0:height, 0:width])
        window = Window(0, 0, width, height)
        np.testing.assert_array_equal(chip.pixels, oracle.read(raster.bands, window=window))
        masks = oracle.read_masks(raster.bands, window=window)
        np.testing.assert_array_equal(chip.valid, masks.any(axis=0))


@real_scenes
@pytest.mark.shared
@pytest.mark.parametrize("file", UNWARPED, ids=str)
def test_every_scene_lies_where_rasterio_says(file: Path) -> None:
    with open_raster(SCENES / file) as raster, rasterio_quietly(file) as oracle:
        assert raster.geobox.affine == oracle.transform
        assert tuple(raster.geobox.shape) == oracle.shape
        assert (raster.geobox.crs is None) == (oracle.crs is None)
        if raster.geobox.crs is not None:
            assert raster.geobox.crs.proj == oracle.crs


@real_scenes
@pytest.mark.shared
@pytest.mark.parametrize("file", FILES, ids=str)
def test_every_scene_gives_a_picture_in_the_corner_and_beyond_the_edge(file: Path) -> None:
    with open_raster(SCENES / file) as raster:
        stretch = stretch_of(raster)
        far_rows = slice(raster.height - 100, raster.height - 100 + CHIP)
        far_columns = slice(raster.width - 100, raster.width - 100 + CHIP)
        for roi in (np.s_[0:CHIP, 0:CHIP], (far_rows, far_columns)):
            chip = raster.read(roi)
            picture = rgb(chip, stretch)
            assert picture.shape == (CHIP, CHIP, 3)
            assert not picture[~chip.valid].any()
        assert not chip.valid[100:].any()
        assert not chip.valid[:, 100:].any()


@real_scenes
@pytest.mark.shared
@pytest.mark.parametrize("file", FILES, ids=str)
def test_every_scene_is_neither_black_nor_white_as_a_whole(file: Path) -> None:
    with open_raster(SCENES / file) as raster:
        overview = raster.overview(256)
        picture = rgb(overview, stretch_of(raster))[overview.valid]
    assert 10 < picture.mean() < 245
    assert picture.std() > 10


@real_scenes
@pytest.mark.shared
def test_a_scene_stored_south_up_shows_the_same_ground() -> None:
    folder = SCENES / "colorado_cars"
    with (
        open_raster(folder / "colorado_cars.tif") as north_up,
        open_raster(folder / "colorado_cars_southup.tif") as south_up,
    ):
        whole = np.s_[0 : north_up.height, 0 : north_up.width]
        first, second = north_up.read(whole), south_up.read(whole)
        np.testing.assert_array_equal(first.pixels, second.pixels[:, ::-1])
        a, b = north_up.geobox.boundingbox, south_up.geobox.boundingbox
        np.testing.assert_allclose(a.bbox, b.bbox)


@real_scenes
@pytest.mark.shared
def test_the_coast_seen_by_radar_lies_among_its_control_points() -> None:
    with open_raster(SCENES / WARPED) as raster, rasterio_quietly(WARPED) as source:
        points, _ = source.gcps
        box = raster.geobox.boundingbox
        assert box.left == pytest.approx(min(point.x for point in points), abs=0.01)
        assert box.top == pytest.approx(max(point.y for point in points), abs=0.01)
        assert 0.6 < raster.overview(300).valid.mean() < 0.8


@real_scenes
@pytest.mark.shared
def test_bands_of_a_scene_that_are_not_there_are_refused() -> None:
    with pytest.raises(BandsError, match="bands 1 to 8, but 9 was asked for"):
        open_raster(SCENES / "vegas/vegas_8band_uint8.tif", bands=[5, 3, 9])


def rasterio_quietly(file: Path) -> rasterio.DatasetReader:
    """The scene as rasterio opens it, without a word about a missing georeference."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        return rasterio.open(SCENES / file)
