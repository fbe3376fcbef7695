import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from rasterio.enums import ColorInterp, Resampling

from tests.tiles.small_scenes import UTM, array_of, noise, warped, whole, write_tif
from tiles import resampled_reader
from tiles.grid import ChipGrid, Roi
from tiles.reading import open_raster
from tiles.resampling import resampled
from tiles.sources import PixelReader

law = settings(derandomize=True, max_examples=25)


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
        patch.setattr(resampled_reader, "OLD_SIDE", old_side)
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
    monkeypatch.setattr(resampled_reader, "BLOCK", 7)
    with open_raster(array_of(pixels), gsd=0.77) as raster:
        chips = [raster.read(roi) for roi in ChipGrid(raster.height, raster.width, 11, 4)]
    for chip in chips:
        np.testing.assert_array_equal(chip.pixels, alone[:, *chip.roi])


class CountingReader:
    """A PixelReader that counts the pixels it is asked for."""

    def __init__(self, reader: PixelReader) -> None:
        self._reader = reader
        self.asked = 0

    def read(
        self, roi: Roi, shape: tuple[int, int]
    ) -> tuple[NDArray[np.generic], NDArray[np.bool_] | None]:
        self.asked += shape[0] * shape[1]
        return self._reader.read(roi, shape)

    def cache_bytes(self, rows: int) -> int:
        return self._reader.cache_bytes(rows)

    def close(self) -> None:
        self._reader.close()


def test_around_a_chip_that_is_read_alone_little_is_made_in_vain() -> None:
    with open_raster(array_of(noise(1100, 1100))) as raster:
        counting = CountingReader(raster.reader)
        with resampled(replace(raster, reader=counting), 1.0) as coarse:
            coarse.read(np.s_[255:415, 127:287])
    assert 320 * 320 <= counting.asked <= 3.3 * 320 * 320


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
    gsd=st.floats(0.04, 500),
    height=st.integers(1, 90),
    width=st.integers(1, 90),
    value=st.integers(0, 65535),
    dtype=st.sampled_from(["uint16", "int32", "uint32", "float32"]),
)
@example(gsd=250.0, height=3, width=1500, value=65535, dtype="uint16")
@example(gsd=500.0, height=3, width=1500, value=40001, dtype="uint16")
def test_an_even_scene_stays_even(
    gsd: float, height: int, width: int, value: int, dtype: str
) -> None:
    pixels = np.full((1, height, width), value, dtype)
    with open_raster(array_of(pixels), gsd=gsd) as raster:
        read, valid = whole(raster)
    assert valid.all()
    assert (read == value).all()


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int16", "uint32", "int32"])
@pytest.mark.parametrize("gsd", [0.11, 107.9, 144.71, 500])
def test_the_darkest_and_the_brightest_value_stay_what_they_are(dtype: str, gsd: float) -> None:
    for value in (np.iinfo(dtype).min, np.iinfo(dtype).max):
        with open_raster(array_of(np.full((1, 3, 1500), value, dtype)), gsd=gsd) as raster:
            assert (whole(raster)[0] == value).all()


@pytest.mark.parametrize("dtype", ["int64", "uint64"])
def test_whole_numbers_of_64_bits_do_not_wrap_round(dtype: str) -> None:
    highest = np.iinfo(dtype).max
    with open_raster(array_of(np.full((1, 3, 90), highest, dtype)), gsd=7.3) as raster:
        assert (whole(raster)[0] >= highest - 2048).all()  # as near as a float can be


def test_truth_values_are_resampled_to_truth_values() -> None:
    pixels = np.array([[[True, False, False, False], [True, True, False, False]]])
    with open_raster(array_of(pixels), gsd=1) as raster:
        made, valid = whole(raster)
    assert made.tolist() == [[[True, False]]]
    assert valid.all()


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
