import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoseg.training.land.lattice import PITCH_M, Lattice

ROWS = st.integers(min_value=0, max_value=6000)


@given(ROWS, ROWS, st.floats(0, 0.26))
def test_cells_are_proper_and_share_their_corners(row: int, column: int, loose: float) -> None:
    lattice = Lattice(3, loose)
    quad, right = lattice.quad(row, column), lattice.quad(row, column + 1)
    assert shapely.Polygon(quad).is_valid
    np.testing.assert_array_equal(quad[1], right[0])
    np.testing.assert_array_equal(quad[2], right[3])


@given(ROWS, ROWS, st.floats(0.1, 3), st.floats(0.1, 3))
def test_every_cell_that_touches_a_rectangle_is_found(
    row: int, column: int, down: float, right: float
) -> None:
    lattice = Lattice(5, 0.2)
    low = np.array([row + 0.3, column + 0.7]) * PITCH_M
    high = low + np.array([down, right]) * PITCH_M
    found = set(lattice.cells(low, high))
    window = shapely.box(*low, *high)
    for near_row in range(row - 2, row + 6):
        for near_column in range(column - 2, column + 6):
            if shapely.Polygon(lattice.quad(near_row, near_column)).intersects(window):
                assert (near_row, near_column) in found
