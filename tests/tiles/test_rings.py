import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tiles.rings import LEFT, POSITION_SHIFT, TOP, Integers, _stable_order, polygons_of

PITCH = 10


def square(row: int, column: int, side: int, *, hole: bool = False) -> list[int]:
    """Codes of the corners of a square object, or of a square hole."""
    left, right = (0, LEFT) if hole else (LEFT, 0)
    far = column + side
    return [
        (row * PITCH + column) << POSITION_SHIFT | left | TOP,
        (row * PITCH + far) << POSITION_SHIFT | right | TOP,
        ((row + side) * PITCH + column) << POSITION_SHIFT | left,
        ((row + side) * PITCH + far) << POSITION_SHIFT | right,
    ]


def owned(*codes: list[int]) -> tuple[Integers, Integers]:
    """All codes, and the place in the list that each comes from."""
    owners = np.repeat(np.arange(len(codes)), [len(some) for some in codes])
    return np.concatenate([np.array(some, np.int64) for some in codes]), owners


def test_a_square_with_a_hole() -> None:
    codes, owners = owned([*square(1, 1, 6), *square(3, 3, 2, hole=True)])
    (polygon,) = polygons_of(codes, owners, pitch=PITCH)
    assert polygon.equals(shapely.box(1, 1, 7, 7) - shapely.box(3, 3, 5, 5))
    assert len(polygon.exterior.coords) == len(polygon.interiors[0].coords) == 5


def test_polygons_come_by_owner_whatever_the_order_of_their_corners() -> None:
    low, high = square(5, 0, 2), square(0, 4, 3)
    codes, owners = owned(low, high)
    order = np.random.default_rng(0).permutation(len(codes))
    polygons = polygons_of(codes[order], owners[order], pitch=PITCH)
    assert [polygon.bounds for polygon in polygons] == [(0, 5, 2, 7), (4, 0, 7, 3)]


@pytest.mark.parametrize(
    "squares", [(square(1, 1, 2), square(3, 3, 2)), (square(1, 3, 2), square(3, 1, 2))]
)
def test_two_owners_that_touch_in_a_point_stay_apart(squares: tuple[list[int], list[int]]) -> None:
    polygons = polygons_of(*owned(*squares), pitch=PITCH)
    assert shapely.area(polygons).tolist() == [4, 4]
    assert shapely.get_num_coordinates(polygons).tolist() == [5, 5]


def test_a_hole_that_touches_its_shell_does_not_open_it() -> None:
    shell = square(1, 1, 6)[:3]  # without the corner that the notch takes away
    notch = [
        (5 * PITCH + 7) << POSITION_SHIFT,
        (5 * PITCH + 5) << POSITION_SHIFT | TOP,
        (7 * PITCH + 5) << POSITION_SHIFT,
    ]
    codes, owners = owned([*shell, *notch, *square(3, 3, 2, hole=True)])
    (polygon,) = polygons_of(codes, owners, pitch=PITCH)
    assert polygon.is_valid
    assert len(polygon.interiors) == 1
    assert polygon.area == 36 - 4 - 4


@settings(derandomize=True)
@given(st.lists(st.integers(0, 2**40), max_size=200))
def test_the_stable_order_is_numpys(numbers: list[int]) -> None:
    keys = np.array(numbers, np.int64)
    np.testing.assert_array_equal(_stable_order(keys), np.argsort(keys, kind="stable"))
