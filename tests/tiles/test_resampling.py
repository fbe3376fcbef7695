import re
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from odc.geo.geobox import GeoBox
from rasterio.enums import Resampling

from tests.tiles.small_scenes import UTM, noise, warped, whole, write_tif
from tiles import resampling
from tiles.colour import stretch_of
from tiles.errors import GeoreferenceError, GridError
from tiles.measuring import area_m2, gsd_m
from tiles.reading import open_raster


def test_it_lies_where_it_lay_and_says_how_it_is_read(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "scene.tif", noise(61, 83), **UTM)
    with open_raster(path, gsd=2) as raster:
        assert (raster.height, raster.width) == (15, 21)
        assert raster.geobox.affine == Affine(2, 0, 5e5, 0, -2, 4e6)
        assert raster.geobox.crs == "EPSG:32617"
        assert raster.notices == ("read at 2 m per pixel; the scene has 0.5",)
        assert raster.files == (str(path),)
        assert raster.bands == (1, 2, 3)


def test_what_it_has_already_is_read_as_it_is(tmp_path: Path) -> None:
    pixels = noise(20, 30)
    path = write_tif(tmp_path / "scene.tif", pixels, **UTM)
    with open_raster(path, gsd=0.5002) as raster:
        np.testing.assert_array_equal(whole(raster)[0], pixels)
        assert raster.notices == ("the scene has 0.5002 m per pixel; read as it is",)


@pytest.mark.parametrize("nodata", [None, 0])
def test_the_stretch_is_that_of_the_scene(tmp_path: Path, nodata: int | None) -> None:
    pixels = np.random.default_rng(0).integers(0, 9000, (3, 90, 70)).astype(np.uint16)
    pixels[:, :20] = 0
    path = write_tif(tmp_path / "scene.tif", pixels, nodata=nodata, **UTM)
    with open_raster(path) as own, open_raster(path, gsd=3) as coarse:
        before, after = stretch_of(own), stretch_of(coarse)
        assert (before.low, before.high) == (after.low, after.high)
        np.testing.assert_array_equal(own.overview(50).valid, coarse.overview(50).valid)


def ground(box: GeoBox) -> tuple[float, float]:
    """The oracle: metres down and across of the pixel in the middle, from areas and shape."""
    height, width = box.shape
    middle = box.affine * Affine.translation(width // 2, height // 2)
    sides = []
    for rows, columns in ((1000, 1), (1, 1000)):
        corners = [middle * c for c in ((0, 0), (columns, 0), (columns, rows), (0, rows))]
        sides.append(area_m2(np.array([shapely.Polygon(corners)], object), box.crs)[0])
    return sides[0] / 1000, sides[1] / 1000


@pytest.mark.parametrize(
    ("crs", "transform"),
    [
        ("EPSG:4326", Affine(5e-6, 0, 25, 0, -5e-6, 60)),
        ("EPSG:3857", Affine(0.5, 0, 2.8e6, 0, -0.5, 8.4e6)),
        ("EPSG:2272", Affine(1.5, 0, 2.6e6, 0, -1.5, 3e5)),
        ("EPSG:32617", Affine(0.4, 0, 5e5, 0, -0.7, 4e6)),
        ("EPSG:32617", Affine(0.4, 0, 5e5, 0, 0.4, 4e6)),
        (
            "EPSG:32617",
            Affine.translation(5e5, 4e6) * Affine.rotation(30) * Affine.scale(0.4, -0.6),
        ),
    ],
    ids=["degrees", "web mercator", "feet", "not square", "south up", "rotated"],
)
def test_pixels_are_square_metres_of_ground_whatever_the_scene(
    tmp_path: Path, crs: str, transform: Affine
) -> None:
    path = write_tif(tmp_path / "scene.tif", noise(90, 120), crs=crs, transform=transform)
    with open_raster(path) as own, open_raster(path, gsd=1.25) as raster:
        assert gsd_m(raster.geobox) == pytest.approx((1.25, 1.25), rel=2e-3)
        area = np.prod(gsd_m(raster.geobox))
        assert area == pytest.approx(np.prod(ground(raster.geobox)) ** 0.5, rel=5e-3)
        here, there = own.geobox.affine * (0, 0), raster.geobox.affine * (0, 0)
        assert here == there
        ends = [~own.geobox.affine * (raster.geobox.affine * raster.geobox.shape[::-1])]
        half = 1.25 / np.array(gsd_m(own.geobox))[::-1] / 2
        assert (abs(np.array(ends[0]) - (120, 90)) <= half + 1e-6).all()
        pixels, _ = whole(raster)
    oracle = warped(path, raster, Resampling.average)
    assert (abs(pixels.astype(int) - oracle.astype(int))[:, 1:-1, 1:-1] <= 1).all()


@pytest.mark.parametrize("own", [0.5, 0.3, 0.0713, 17.77])
@pytest.mark.parametrize("gsd", [0.011, 950])
def test_the_gsd_that_is_offered_instead_is_taken(tmp_path: Path, own: float, gsd: float) -> None:
    place = {**UTM, "transform": Affine(own, 0, 5e5, 0, -own, 4e6)}
    path = write_tif(tmp_path / "a.tif", noise(40, 40), **place)
    try:
        open_raster(path, gsd=gsd).close()
    except GridError as error:
        offered = re.search(r"choose ([0-9.]+) m", str(error))
        assert offered is not None
        open_raster(path, gsd=float(offered[1])).close()


@pytest.mark.parametrize(
    ("profile", "gsd", "error", "message"),
    [
        ({}, 0.3, GeoreferenceError, "no CRS that tells .* leave out --gsd"),
        ({"transform": UTM["transform"]}, 0.3, GeoreferenceError, "say the CRS with --assign-crs"),
        ({**UTM, "crs": "EPSG:4978"}, 0.3, GeoreferenceError, "no CRS that tells"),
        (UTM, 0.03, GridError, "has 0.5 m per pixel, .* at most 16 times finer; .* 0.0313 m or"),
        (UTM, 600, GridError, "too fine to be read at 600: .* choose 500 m or less"),
        (UTM, 0.001, GridError, "0.01 to 1000 metres per pixel, but 0.001 was asked for"),
        (UTM, float("nan"), GridError, "but nan was asked for"),
    ],
)
def test_what_cannot_be_read_at_a_gsd_is_refused(
    tmp_path: Path, profile: dict[str, object], gsd: float, error: type[Exception], message: str
) -> None:
    path = write_tif(tmp_path / "scene.tif", noise(20, 30), **profile)
    with pytest.raises(error, match=message):
        open_raster(path, gsd=gsd)


def test_a_raster_that_nobody_could_keep_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resampling, "MOST_PIXELS", 5000)
    path = write_tif(tmp_path / "scene.tif", noise(20, 30), **UTM)
    with pytest.raises(GridError, match=r"would be 100 x 150 pixels at 0.1 m .* a coarser GSD"):
        open_raster(path, gsd=0.1)


def with_overviews(path: Path) -> Path:
    """A smooth scene whose overviews hold something else, so that it shows which is read."""
    write_tif(path, np.full((3, 301, 407), 100, np.uint8), **UTM)
    with rasterio.open(path, "r+") as dataset:
        dataset.build_overviews([2, 4], Resampling.average)
        dataset.write(np.full((3, 301, 407), 200, np.uint8))
    return path


@pytest.mark.parametrize(("gsd", "value"), [(1, 200), (1.9, 200), (2, 100), (4, 100), (9, 100)])
def test_overviews_are_used_where_they_are_twice_as_fine(
    tmp_path: Path, gsd: float, value: int
) -> None:
    path = with_overviews(tmp_path / "scene.tif")
    with open_raster(path, gsd=gsd) as raster:
        made, valid = whole(raster)
    assert valid.all()
    assert (made == value).all()


def test_an_overview_gives_what_the_scene_gives(tmp_path: Path) -> None:
    rows, columns = np.mgrid[:301, :407]
    pixels = np.stack([rows / 2, columns / 2, (rows + columns) / 4]).astype(np.uint8)
    path = write_tif(tmp_path / "scene.tif", pixels, **UTM)
    with open_raster(path, gsd=4.4) as raster:
        plain, _ = whole(raster)
    with rasterio.open(path, "r+") as dataset:
        dataset.build_overviews([2, 4], Resampling.average)
    with open_raster(path, gsd=4.4) as raster:
        made, valid = whole(raster)
    assert valid.all()
    assert (abs(made.astype(int) - plain) <= 1).all()


def test_a_dataset_of_the_user_stays_open_and_a_file_is_closed(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "scene.tif", noise(20, 30), **UTM)
    with rasterio.open(path) as dataset:
        with open_raster(dataset, gsd=1) as raster:
            whole(raster)
        with pytest.raises(GridError):
            open_raster(dataset, gsd=900)
        assert not dataset.closed
    with open_raster(path, gsd=1) as raster:
        pass
    with pytest.raises(OSError, match="closed already"):
        whole(raster)
