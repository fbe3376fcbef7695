import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geoseg.training.land.hashing import chance, generator, mixed

WHOLE = st.integers(min_value=-(2**40), max_value=2**40)


@given(st.lists(WHOLE, min_size=1, max_size=5))
def test_the_same_place_always_draws_the_same(numbers: list[int]) -> None:
    assert mixed(*numbers) == mixed(*numbers)
    assert 0 <= chance(*numbers) < 1
    first, second = (generator(7, *numbers).random() for _ in range(2))
    assert first == second


def test_chances_are_spread_evenly() -> None:
    drawn = np.array([chance(5, row, column) for row in range(60) for column in range(60)])
    shares = np.histogram(drawn, bins=10, range=(0, 1))[0] / len(drawn)
    np.testing.assert_allclose(shares, 0.1, atol=0.02)


def test_neighbouring_places_know_nothing_of_each_other() -> None:
    drawn = np.array([[chance(5, row, column) for column in range(50)] for row in range(50)])
    assert abs(np.corrcoef(drawn[:, 1:].ravel(), drawn[:, :-1].ravel())[0, 1]) < 0.06


def test_order_matters() -> None:
    assert mixed(1, 2) != mixed(2, 1)
    assert generator(1, 2, 3).random() != generator(1, 3, 2).random()
