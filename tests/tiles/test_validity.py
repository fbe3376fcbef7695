import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from tiles.validity import chosen_nodata, opaque, valid_pixels

law = settings(derandomize=True, max_examples=100)
speckled = arrays(
    np.uint8,
    st.tuples(st.integers(1, 4), st.just(5), st.just(6)),
    elements=st.sampled_from([0, 255]),
)


def nodata(*values: float, dtype: str = "uint8") -> NDArray[np.generic] | None:
    return chosen_nodata(None, values, np.dtype(dtype)).values


@law
@given(speckled)
def test_a_pixel_lacks_data_only_where_all_bands_hold_nodata(pixels: NDArray[np.uint8]) -> None:
    valid = valid_pixels(pixels, None, nodata=nodata(*[255.0] * len(pixels)), colours=None)
    np.testing.assert_array_equal(valid, ~(pixels == 255).all(axis=0))


@law
@given(speckled, arrays(np.bool_, (5, 6)))
def test_mask_and_nodata_both_take_pixels_away(
    pixels: NDArray[np.uint8], mask: NDArray[np.bool_]
) -> None:
    by_value = valid_pixels(pixels, None, nodata=nodata(*[255.0] * len(pixels)), colours=None)
    both = valid_pixels(pixels, mask, nodata=nodata(*[255.0] * len(pixels)), colours=None)
    np.testing.assert_array_equal(both, by_value & mask)


def test_the_mask_that_was_handed_in_is_left_as_it_is() -> None:
    mask = np.ones((2, 2), np.bool_)
    pixels = np.full((1, 2, 2), 9, np.uint8)
    assert not valid_pixels(pixels, mask, nodata=nodata(9), colours=None).any()
    assert mask.all()


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_what_is_no_finite_number_is_never_data(odd: float) -> None:
    pixels = np.ones((3, 1, 2), np.float32)
    pixels[1, 0, 0] = odd
    valid = valid_pixels(pixels, None, nodata=None, colours=None)
    np.testing.assert_array_equal(valid, [[False, True]])


def test_a_transparent_palette_colour_is_no_data() -> None:
    colours = np.full((256, 4), 255, np.uint8)
    colours[7, 3] = 0
    pixels = np.array([[[6, 7, 8]]], np.uint8)
    valid = valid_pixels(pixels, None, nodata=None, colours=colours)
    np.testing.assert_array_equal(valid, [[True, False, True]])


def test_a_nodata_value_is_compared_as_the_type_holds_it() -> None:
    pixels = np.array([[[-3.4e38, 1.0]]], np.float32)
    values = nodata(-3.3999999521443642e38, dtype="float32")
    valid = valid_pixels(pixels, None, nodata=values, colours=None)
    np.testing.assert_array_equal(valid, [[False, True]])


@pytest.mark.parametrize(
    ("value", "dtype"),
    [(-9999, "uint8"), (256, "uint8"), (0.5, "uint16"), (70000, "int16"), (2, "bool")],
)
def test_a_value_that_the_type_cannot_hold_is_ignored_with_a_notice(
    value: float, dtype: str
) -> None:
    choice = chosen_nodata(value, [None], np.dtype(dtype))
    assert choice.values is None
    assert f"no pixel can be {value:g} (nodata) in {dtype}" in choice.notices[0]


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint8", "int16", "uint32", "int64", "float64"])
def test_zero_can_mean_no_data_in_every_type(dtype: str) -> None:
    values = nodata(0, dtype=dtype)
    assert values is not None
    assert values.dtype == dtype


def test_a_float_too_large_for_its_type_needs_no_warning() -> None:
    assert chosen_nodata(1e300, [None], np.dtype("float32")).notices == ()


def test_nan_needs_no_value() -> None:
    assert nodata(float("nan"), dtype="float32") is None


def test_one_band_without_a_nodata_value_keeps_every_pixel() -> None:
    assert chosen_nodata(None, [0, None, 0], np.dtype("uint8")).values is None


def test_what_the_user_says_replaces_the_tag() -> None:
    choice = chosen_nodata(7, [255.0, 255.0], np.dtype("uint8"))
    assert choice.values is not None
    assert choice.values.tolist() == [7, 7]


def test_nan_from_the_user_means_that_no_value_is_nodata() -> None:
    choice = chosen_nodata(float("nan"), [255.0], np.dtype("uint8"))
    assert choice.values is None
    assert choice.notices == ()


def test_half_transparent_is_data() -> None:
    alphas = np.array([[[0, 1, 128, 255]]], np.uint8)
    np.testing.assert_array_equal(opaque(None, alphas), [[False, True, True, True]])


def test_without_mask_and_alpha_nothing_is_masked() -> None:
    assert opaque(None, np.empty((0, 2, 2), np.uint8)) is None
