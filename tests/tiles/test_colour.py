import numpy as np
import pytest
import xarray
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray

from tiles.colour import Stretch, StretchMode, rgb, stretch_mode, stretch_of
from tiles.errors import BandsError
from tiles.grid import ChipGrid
from tiles.reading import Chip, Raster, open_raster

law = settings(derandomize=True, max_examples=60)
RANDOM = np.random.default_rng(0)


def raster_of(pixels: ArrayLike, nodata: float | None = None) -> Raster:
    return open_raster(xarray.DataArray(pixels, dims=("band", "y", "x")), nodata=nodata)


def chip_of(pixels: ArrayLike, valid: ArrayLike = True) -> Chip:  # noqa: FBT002  an array of truths
    pixels = np.asarray(pixels)
    where = np.broadcast_to(np.asarray(valid, np.bool_), pixels.shape[1:])
    return Chip(np.s_[0 : pixels.shape[1], 0 : pixels.shape[2]], pixels, where)


def picture_of(
    pixels: ArrayLike, mode: str = "auto", nodata: float | None = None
) -> NDArray[np.uint8]:
    raster = raster_of(pixels, nodata)
    chip = raster.read(np.s_[0 : raster.height, 0 : raster.width])
    return rgb(chip, stretch_of(raster, mode))


@pytest.mark.parametrize("mode", ["auto", "none", "0,255"])
def test_bytes_stay_what_they_are(mode: str) -> None:
    pixels = RANDOM.integers(0, 256, (3, 9, 8)).astype(np.uint8)
    np.testing.assert_array_equal(picture_of(pixels, mode), np.moveaxis(pixels, 0, -1))


def test_one_band_is_grey() -> None:
    pixels = RANDOM.integers(0, 256, (1, 9, 8)).astype(np.uint8)
    np.testing.assert_array_equal(picture_of(pixels), np.repeat(pixels[0][..., None], 3, axis=-1))


def test_pixels_without_data_are_black() -> None:
    pixels = np.full((3, 4, 4), 200, np.uint8)
    valid = np.eye(4, dtype=np.bool_)
    picture = rgb(chip_of(pixels, valid), Stretch((0,) * 3, (255,) * 3))
    np.testing.assert_array_equal(picture, np.repeat((valid * 200)[..., None], 3, axis=-1))


@law
@given(
    st.sampled_from(["uint8", "int8", "uint16", "int16", "int32", "uint32", "float32", "float64"]),
    st.floats(-1e4, 1e4),
    st.floats(1e-2, 1e4),
)
def test_black_to_white_is_a_straight_line_cut_off_at_both_ends(
    dtype: str, low: float, reach: float
) -> None:
    values = np.linspace(low - reach, low + 2 * reach, 60)
    if np.dtype(dtype).kind != "f":
        limits = np.iinfo(dtype)
        values = values.clip(limits.min, limits.max)
    pixels = values.astype(dtype).reshape(1, 6, 10)
    picture = rgb(chip_of(pixels), Stretch((low,), (low + reach,)))
    exact = np.clip((pixels[0].astype(np.float64) - low) / reach * 255, 0, 255)
    # floats of 32 bits: a step of their own near 1e4 can be seen where the reach is small
    allowed = 0.5 + 255 / reach * 1e4 * 2.0**-22
    assert np.abs(picture[..., 0] - exact).max() <= allowed


def test_auto_takes_the_2nd_and_98th_percentile_of_every_band() -> None:
    pixels = RANDOM.integers(1, 4000, (3, 60, 70)).astype(np.uint16)
    stretch = stretch_of(raster_of(pixels))
    for band, low, high in zip(pixels, stretch.low, stretch.high, strict=True):
        assert [low, high] == pytest.approx(np.percentile(band, [2, 98]))


def test_percentiles_are_those_asked_for() -> None:
    pixels = RANDOM.normal(0, 1, (1, 60, 70)).astype(np.float32)
    stretch = stretch_of(raster_of(pixels), "10%, 60%")
    assert [*stretch.low, *stretch.high] == pytest.approx(np.percentile(pixels, [10, 60]))


def test_minmax_goes_from_the_lowest_to_the_highest_value() -> None:
    pixels = RANDOM.integers(-3000, 4000, (1, 60, 70)).astype(np.int16)
    stretch = stretch_of(raster_of(pixels), "minmax")
    assert (stretch.low, stretch.high) == ((pixels.min(),), (pixels.max(),))


def test_pixels_without_data_take_no_part_in_the_stretch() -> None:
    pixels = RANDOM.integers(100, 200, (1, 60, 70)).astype(np.int16)
    pixels[:, :30] = -9999
    stretch = stretch_of(raster_of(pixels, nodata=-9999), "minmax")
    assert (stretch.low, stretch.high) == ((100,), (199,))


def test_black_edges_without_a_nodata_tag_take_no_part_in_the_stretch() -> None:
    pixels = RANDOM.integers(5000, 9000, (3, 60, 70)).astype(np.uint16)
    pixels[:, :, :30] = 0
    raster = raster_of(pixels)
    assert min(stretch_of(raster).low) >= 5000
    assert raster.read(np.s_[0:60, 0:70]).valid.all()


def test_zeros_count_where_zero_is_not_nodata() -> None:
    pixels = RANDOM.integers(5000, 9000, (1, 60, 70)).astype(np.uint16)
    pixels[:, :30] = 0
    assert stretch_of(raster_of(pixels, nodata=65535)).low == (0,)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("top", [1.0, 255.0, 1e-6, 1e30])
def test_floats_of_any_size_use_the_whole_range(dtype: str, top: float) -> None:
    pixels = (RANDOM.random((3, 50, 50)) * top).astype(dtype)
    picture = picture_of(pixels)
    assert picture.min() == 0
    assert picture.max() == 255
    assert 110 < picture.mean() < 145


def test_negative_numbers_use_the_whole_range() -> None:
    picture = picture_of(RANDOM.integers(-3000, -1000, (3, 50, 50)).astype(np.int16))
    assert (picture.min(), picture.max()) == (0, 255)


def test_truth_values_are_black_and_white() -> None:
    picture = picture_of(RANDOM.random((1, 50, 50)) > 0.5)
    assert set(np.unique(picture)) == {0, 255}


@pytest.mark.parametrize("value", [0, 1000, -5, 3e9])
def test_an_even_scene_is_an_even_grey(value: float) -> None:
    picture = picture_of(np.full((3, 9, 9), value, np.float32))
    assert np.unique(picture).tolist() == [128]


def test_a_few_bright_things_on_an_even_ground_are_seen() -> None:
    pixels = np.full((1, 100, 100), 300, np.int16)
    pixels[0, 4, 5] = 900
    picture = picture_of(pixels)
    assert picture[4, 5].tolist() == [255] * 3
    assert picture.sum() == 255 * 3


@pytest.mark.parametrize(("dtype", "nothing"), [("int16", -1), ("float32", np.nan)])
def test_a_scene_without_data_is_black(dtype: str, nothing: float) -> None:
    picture = picture_of(np.full((3, 9, 9), nothing, dtype), nodata=nothing)
    assert not picture.any()


def test_nan_is_black_among_other_values() -> None:
    pixels = RANDOM.random((3, 30, 30)).astype(np.float32) + 5
    pixels[1, 3, 4] = np.nan
    pixels[2, 5, 6] = np.inf
    picture = picture_of(pixels)
    assert not picture[3, 4].any()
    assert not picture[5, 6].any()
    assert picture.any(axis=-1).mean() > 0.9


def test_none_cuts_values_off_at_0_and_255() -> None:
    picture = picture_of(np.array([[[-20, 7, 255, 4000]]], np.int16), "none")
    assert picture[0, :, 0].tolist() == [0, 7, 255, 255]


def test_a_palette_gives_its_colours() -> None:
    colours = RANDOM.integers(0, 256, (256, 4)).astype(np.uint8)
    pixels = RANDOM.integers(0, 256, (1, 9, 8)).astype(np.uint8)
    valid = RANDOM.random((9, 8)) > 0.3
    picture = rgb(chip_of(pixels, valid), Stretch((0,), (255,), colours))
    np.testing.assert_array_equal(picture, colours[pixels[0]][..., :3] * valid[..., None])


def test_chips_show_what_the_whole_scene_shows() -> None:
    pixels = RANDOM.integers(0, 4000, (3, 70, 90)).astype(np.uint16)
    pixels[:, :20] //= 10
    raster = raster_of(pixels)
    stretch = stretch_of(raster)
    whole = rgb(raster.read(np.s_[0:70, 0:90]), stretch)
    for roi in ChipGrid(70, 90, size=32, overlap=8):
        np.testing.assert_array_equal(rgb(raster.read(roi), stretch), whole[roi])


def test_measuring_twice_gives_the_same_stretch() -> None:
    raster = raster_of(RANDOM.random((3, 70, 90)))
    first, second = stretch_of(raster), stretch_of(raster)
    assert (first.low, first.high) == (second.low, second.high)


def test_a_scene_of_bytes_is_not_read_for_its_stretch() -> None:
    class Unread:
        def read(self, *_: object) -> None:
            raise AssertionError

    raster = raster_of(np.zeros((3, 9, 9), np.uint8))
    unread = Raster(
        **{name: getattr(raster, name) for name in raster.__slots__} | {"reader": Unread()}
    )
    assert stretch_of(unread).identity


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("auto", StretchMode(2, 98, "percentiles", keeps_pictures=True)),
        (" MinMax ", StretchMode(0, 100, "percentiles")),
        ("-30.5, 4e3", StretchMode(-30.5, 4000, "values")),
        ("1%,99.5%", StretchMode(1, 99.5, "percentiles")),
    ],
)
def test_a_mode_is_read_from_its_words(text: str, mode: StretchMode) -> None:
    assert stretch_mode(text) == mode


@pytest.mark.parametrize("text", ["", "linear", "1", "1,2,3", "a,b", "2%,98", "2,98%", "nan,5"])
def test_a_mode_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BandsError, match="stretch"):
        stretch_mode(text)


@pytest.mark.parametrize("text", ["5,5", "9,2", "98%,2%", "-1%,50%", "5%,101%"])
def test_limits_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(BandsError, match="the stretch goes from"):
        stretch_mode(text)


@pytest.mark.parametrize("bands", [2, 4, 8])
def test_other_than_one_or_three_bands_are_no_picture(bands: int) -> None:
    array = xarray.DataArray(np.zeros((bands, 3, 3), np.uint8), dims=("band", "y", "x"))
    raster = open_raster(array, bands=range(1, bands + 1))
    with pytest.raises(BandsError, match=f"{bands} bands .* choose one"):
        stretch_of(raster)


def test_the_stretch_of_another_raster_is_refused() -> None:
    with pytest.raises(BandsError, match="the chip has 1 bands but the stretch 3"):
        rgb(chip_of(np.zeros((1, 3, 3), np.uint8)), Stretch((0,) * 3, (255,) * 3))
