import threading
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
import xarray
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from rasterio.enums import ColorInterp, Resampling
from rasterio.vrt import WarpedVRT

from tests.tiles.test_raster_files import write_tif
from tiles import resampling
from tiles.colour import stretch_of
from tiles.errors import GeoreferenceError, GridError
from tiles.grid import ChipGrid
from tiles.measuring import area_m2, gsd_m
from tiles.reading import Raster, open_raster
from tiles.resampling import Axis

law = settings(derandomize=True, max_examples=25)

UTM = {"crs": "EPSG:32617", "transform": Affine(0.5, 0, 5e5, 0, -0.5, 4e6)}


def noise(height: int, width: int, *, count: int = 3, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (count, height, width)).astype(np.uint8)


def array_of(pixels: NDArray[np.generic], nodata: float | None = None) -> xarray.DataArray:
    array = xarray.DataArray(pixels, dims=("band", "y", "x"))
    placed: xarray.DataArray = array.rio.write_crs("EPSG:32617").rio.write_transform(
        UTM["transform"]
    )
    if nodata is not None:
        placed.attrs["nodata"] = nodata
    return placed


def whole(raster: Raster) -> tuple[NDArray[np.generic], NDArray[np.bool_]]:
    chip = raster.read(np.s_[0 : raster.height, 0 : raster.width])
    return chip.pixels, chip.valid


def warped(path: Path, raster: Raster, how: Resampling) -> NDArray[np.generic]:
    """GDAL's own resampling of a whole scene."""
    with (
        rasterio.open(path) as dataset,
        WarpedVRT(
            dataset,
            resampling=how,
            transform=raster.geobox.affine,
            height=raster.height,
            width=raster.width,
            crs=dataset.crs,
        ) as oracle,
    ):
        pixels: NDArray[np.generic] = oracle.read()
    return pixels


@law
@given(
    gsd=st.floats(0.04, 9),
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    size=st.integers(1, 30),
    old_side=st.integers(1, 50),
    data=st.data(),
)
def test_a_pixel_is_the_same_whichever_window_it_is_read_in(
    gsd: float, height: int, width: int, size: int, old_side: int, data: st.DataObject
) -> None:
    values = np.random.default_rng(height).normal(0, 1e3, (2, height, width)).astype(np.float32)
    values[:, np.random.default_rng(width).random((height, width)) < 0.3] = np.nan
    with open_raster(array_of(values), gsd=gsd) as raster:
        pixels, valid = whole(raster)
        overlap = data.draw(st.integers(0, size - 1))
    with pytest.MonkeyPatch.context() as patch, open_raster(array_of(values), gsd=gsd) as raster:
        patch.setattr(resampling, "OLD_SIDE", old_side)
        windows = list(ChipGrid(raster.height, raster.width, size, overlap))
        for rows, columns in data.draw(st.permutations(windows[:15])):
            chip = raster.read((rows, columns))
            seen = (slice(min(size, raster.height)), slice(min(size, raster.width)))
            np.testing.assert_array_equal(chip.pixels[:, *seen], pixels[:, rows, columns])
            np.testing.assert_array_equal(chip.valid[seen], valid[rows, columns])


def test_blocks_leave_no_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = noise(70, 90)
    with open_raster(array_of(pixels), gsd=0.77) as raster:
        alone, _ = whole(raster)
    monkeypatch.setattr(resampling, "BLOCK", 7)
    with open_raster(array_of(pixels), gsd=0.77) as raster:
        chips = [raster.read(roi) for roi in ChipGrid(raster.height, raster.width, 11, 4)]
    for chip in chips:
        np.testing.assert_array_equal(chip.pixels, alone[:, *chip.roi])


def test_several_threads_may_read_at_once() -> None:
    with open_raster(array_of(noise(200, 200)), gsd=1.3) as raster:
        alone, _ = whole(raster)
        found: list[bool] = []

        def look(first: int) -> None:
            chip = raster.read(np.s_[first : first + 20, 0 : raster.width])
            found.append(bool((chip.pixels == alone[:, first : first + 20]).all()))

        threads = [threading.Thread(target=look, args=(first,)) for first in range(0, 50, 5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [True] * 10


@law
@given(
    gsd=st.floats(0.04, 40),
    height=st.integers(1, 90),
    width=st.integers(1, 90),
    value=st.integers(0, 65535),
)
def test_an_even_scene_stays_even(gsd: float, height: int, width: int, value: int) -> None:
    pixels = np.full((1, height, width), value, np.uint16)
    with open_raster(array_of(pixels), gsd=gsd) as raster:
        read, valid = whole(raster)
    assert valid.all()
    assert (read == value).all()


@law
@given(old=st.integers(1, 500), step=st.floats(1 / 16, 300), picks=st.booleans())
def test_every_new_pixel_is_made_of_old_ones_that_it_lies_on(
    *, old: int, step: float, picks: bool
) -> None:
    axis = Axis.of(old, step, picks=picks)
    taps = axis.taps(slice(0, axis.new))
    assert axis.new == 1 or abs(axis.new * step - old) <= step / 2 + 1e-9
    assert taps.under.start >= 0
    assert taps.under.stop <= old
    assert (taps.shares >= 0).all()
    np.testing.assert_allclose(taps.shares.sum(axis=0), 1)
    middles = (np.arange(axis.new) + 0.5) * step
    far = abs(taps.places + taps.under.start + 0.5 - middles) * (taps.shares > 1e-9)
    assert far.max() <= max(step / 2, 0.5) + 0.5 + 1e-6


@pytest.mark.parametrize(
    ("gsd", "how"),
    [
        (1.0, Resampling.average),
        (2.0, Resampling.average),
        (1.85, Resampling.average),
        (7.3, Resampling.average),
        (0.25, Resampling.bilinear),
        (0.11, Resampling.bilinear),
    ],
)
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "float32"])
def test_it_is_what_gdal_makes_of_the_whole_scene(
    tmp_path: Path, gsd: float, how: Resampling, dtype: str
) -> None:
    pixels = noise(61, 83).astype(dtype)
    path = write_tif(tmp_path / "scene.tif", pixels, **UTM)
    with open_raster(path, gsd=gsd) as raster:
        made, valid = whole(raster)
        oracle = warped(path, raster, how)
    assert raster.dtype == np.dtype(dtype)
    assert valid.all()
    # not the last row and column, which lie beyond the scene by a part: GDAL shifts them inwards
    difference = abs(made.astype(np.float64) - oracle.astype(np.float64))[:, :-1, :-1]
    assert difference.max() <= (1 if raster.dtype.kind != "f" else 0.01)  # a half may be rounded up
    assert (difference > 0.01).mean() < 0.05


def test_whole_steps_are_plain_means(tmp_path: Path) -> None:
    pixels = noise(40, 60)
    path = write_tif(tmp_path / "scene.tif", pixels, **UTM)
    with open_raster(path, gsd=2.0) as raster:
        made, _ = whole(raster)
    means = pixels.reshape(3, 10, 4, 15, 4).mean(axis=(2, 4))
    np.testing.assert_array_equal(made, np.floor(means + 0.5))


def test_it_lies_where_it_lay_and_says_how_it_is_read(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "scene.tif", noise(61, 83), **UTM)
    with open_raster(path, gsd=2) as raster:
        assert (raster.height, raster.width) == (15, 21)
        assert raster.geobox.affine == Affine(2, 0, 5e5, 0, -2, 4e6)
        assert raster.geobox.crs == "EPSG:32617"
        assert raster.notices == ("read at 2 m per pixel; the scene has 0.5",)
        assert raster.files == (str(path),)
        assert raster.bands == (1, 2, 3)


@pytest.mark.parametrize("columns", [9, 10, 11, 12])
def test_the_last_pixel_has_the_mean_of_what_there_is_of_it(columns: int) -> None:
    pixels = np.broadcast_to(np.arange(columns, dtype=np.float32), (1, 4, columns))
    with open_raster(array_of(pixels), gsd=2) as raster:
        made, valid = whole(raster)
    expected = [1.5, 5.5] if columns == 9 else [1.5, 5.5, np.arange(8, columns).mean()]
    np.testing.assert_allclose(made[0, 0], expected)
    assert valid.all()


def test_a_scene_smaller_than_a_pixel_is_one_pixel() -> None:
    with open_raster(array_of(np.full((1, 3, 2), 7, np.uint8)), gsd=40) as raster:
        made, _ = whole(raster)
    assert made.tolist() == [[[7]]]


def test_what_it_has_already_is_read_as_it_is(tmp_path: Path) -> None:
    pixels = noise(20, 30)
    path = write_tif(tmp_path / "scene.tif", pixels, **UTM)
    with open_raster(path, gsd=0.5002) as raster:
        np.testing.assert_array_equal(whole(raster)[0], pixels)
        assert raster.notices == ("the scene has 0.5002 m per pixel; read as it is",)


def test_a_pixel_has_data_where_half_of_its_ground_has_and_is_their_mean() -> None:
    pixels = np.array([[[9, 9, 4, 9, 2, 4], [9, 9, 9, 9, 9, 8]]], np.uint8)
    with open_raster(array_of(pixels, nodata=9), gsd=1) as raster:
        made, valid = whole(raster)
    assert valid.tolist() == [[False, False, True]]
    assert made[0, 0].tolist() == [0, 0, 5]


def test_nodata_is_judged_before_it_is_resampled() -> None:
    pixels = np.array([[[-1, 1], [-1, 1]]], np.int16)
    with open_raster(array_of(pixels, nodata=0), gsd=1) as raster:
        made, valid = whole(raster)
    assert (made.item(), valid.item()) == (0, True)  # a mean of 0 is not 0 for no data


def test_a_nodata_value_of_the_user_never_bleeds(tmp_path: Path) -> None:
    pixels = np.full((1, 40, 40), 100, np.uint16)
    pixels[:, :, :13] = 65535
    path = write_tif(tmp_path / "scene.tif", pixels, **UTM)
    for gsd in (0.2, 0.7, 2.0):
        with open_raster(path, nodata=65535, gsd=gsd) as raster:
            made, valid = whole(raster)
        assert (made[0][valid] == 100).all()
        assert valid.mean() == pytest.approx(27 / 40, abs=0.06)


def test_alpha_is_resampled_too(tmp_path: Path) -> None:
    pixels = np.concatenate([noise(40, 40), np.zeros((1, 40, 40), np.uint8)])
    pixels[3, :, 20:] = 255
    pixels[:3, :, 20:] = 50
    path = write_tif(tmp_path / "scene.tif", pixels, **UTM)
    with rasterio.open(path, "r+") as dataset:
        dataset.colorinterp = (
            ColorInterp.red, ColorInterp.green, ColorInterp.blue, ColorInterp.alpha,
        )  # fmt: skip
    with open_raster(path, gsd=2) as raster:
        made, valid = whole(raster)
    np.testing.assert_array_equal(valid, np.broadcast_to(np.arange(10) >= 5, (10, 10)))
    assert (made[:, valid] == 50).all()


def test_a_mask_of_the_file_is_resampled_too(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "scene.tif", noise(40, 40), **UTM)
    mask = np.zeros((40, 40), bool)
    mask[:, 20:] = True
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, "r+") as dataset:
        dataset.write_mask(mask)
    with open_raster(path, gsd=2) as raster:
        np.testing.assert_array_equal(whole(raster)[1], mask[::4, ::4])


def test_palettes_are_picked_not_mixed(tmp_path: Path) -> None:
    pixels = np.where(noise(40, 39, count=1) > 127, 9, 3).astype(np.uint8)
    path = write_tif(tmp_path / "classes.tif", pixels, **UTM)
    with rasterio.open(path, "r+") as dataset:
        dataset.write_colormap(1, {3: (1, 2, 3, 255), 9: (200, 100, 50, 255)})
    with open_raster(path, gsd=1.5) as raster:
        np.testing.assert_array_equal(whole(raster)[0], pixels[:, 1::3, 1::3])


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


@pytest.mark.parametrize(
    ("profile", "gsd", "error", "message"),
    [
        ({}, 0.3, GeoreferenceError, "no CRS that tells .* leave out --gsd"),
        ({"transform": UTM["transform"]}, 0.3, GeoreferenceError, "say the CRS with --assign-crs"),
        ({**UTM, "crs": "EPSG:4978"}, 0.3, GeoreferenceError, "no CRS that tells"),
        (UTM, 0.03, GridError, "has 0.5 m per pixel, .* at most 16 times finer; .* 0.0312 m or"),
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
