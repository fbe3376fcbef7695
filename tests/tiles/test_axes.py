import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tiles.axes import Axis

law = settings(derandomize=True, max_examples=25)


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


@law
@given(
    old=st.integers(1, 500),
    step=st.floats(1 / 16, 300),
    picks=st.booleans(),
    data=st.data(),
)
def test_what_a_new_pixel_is_made_of_does_not_hang_on_the_window(
    *, old: int, step: float, picks: bool, data: st.DataObject
) -> None:
    axis = Axis.of(old, step, picks=picks)
    first = data.draw(st.integers(0, axis.new - 1))
    window = slice(first, data.draw(st.integers(first + 1, axis.new)))
    part, alone = axis.taps(window), axis.taps(slice(0, axis.new))
    np.testing.assert_array_equal(part.shares, alone.shares[:, window])
    np.testing.assert_array_equal(
        part.places + part.under.start, alone.places[:, window] + alone.under.start
    )


def test_the_same_new_pixels_lie_over_an_overview() -> None:
    axis = Axis.of(301, 8.0, picks=False).over(76)
    assert (axis.old, axis.new) == (76, 38)
    assert axis.step * axis.new == pytest.approx(8 * 38 * 76 / 301)
