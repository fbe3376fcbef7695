import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geoseg.training.land.routes import FAMILIES, STEP_M, nearest, route, routes

NAMES = sorted(FAMILIES)


@pytest.mark.parametrize("name", NAMES)
def test_pieces_of_a_route_share_their_points(name: str) -> None:
    whole = route(3, name, 500).line(1000.0, 3000.0)
    part = route(3, name, 500).line(1504.0, 2000.0)
    axis = FAMILIES[name].axis
    start = int((part[0, axis] - whole[0, axis]) / STEP_M)
    np.testing.assert_allclose(whole[start : start + len(part)], part)


@settings(max_examples=40)
@given(st.integers(0, 1000), st.sampled_from(NAMES), st.integers(0, 2000), st.integers(0, 2000))
def test_a_route_that_touches_a_rectangle_is_found(
    seed: int, name: str, row: int, column: int
) -> None:
    low = np.array([row, column]) * 900.0
    high = low + 700.0
    found = {known.index for known in routes(seed, {name: 1.0}, low, high)}
    axis = FAMILIES[name].axis
    middle = round(low[1 - axis] / FAMILIES[name].spacing_m)
    for index in range(middle - 2, middle + 3):
        known = route(seed, name, index)
        line = shapely.LineString(known.line(low[axis] - 50, high[axis] + 50))
        if line.buffer(known.wide / 2).intersects(shapely.box(*low, *high)):
            assert index in found


def test_numbers_of_routes_are_far_apart() -> None:
    numbers = [route(1, name, index).number for name in NAMES for index in range(300)]
    assert np.diff(np.sort(numbers)).min() >= 16


def test_the_nearest_route_is_one_that_exists() -> None:
    place = np.array([1.0e6, 1.0e6])
    known = nearest(4, "river", 0.5, place)
    low, high = place - 20_000, place + 20_000
    assert known.index in {found.index for found in routes(4, {"river": 0.5}, low, high)}
