import numpy as np

from geoseg.training.land.borders import SIDES, border
from geoseg.training.land.lattice import Lattice
from geoseg.training.land.place import new_place

PLACE = new_place(np.random.default_rng(0), None, "town")
LATTICE = Lattice(3, 0.2)


def test_the_sides_of_a_cell_run_around_it() -> None:
    corners = {tuple(corner) for corner in LATTICE.quad(40, 50)}
    for axis, down, right in SIDES:
        side = border(PLACE, LATTICE, "town", axis=axis, node=(40 + down, 50 + right))
        assert {tuple(end) for end in side.line} <= corners


def test_neighbours_agree_on_the_border_between_them() -> None:
    first, second = (border(PLACE, LATTICE, "suburb", axis=1, node=(40, 50)) for _ in range(2))
    np.testing.assert_array_equal(first.line, second.line)
    assert first.way == second.way


def test_ground_is_kept_free_for_a_way() -> None:
    for row in range(30):
        side = border(PLACE, LATTICE, "suburb", axis=1, node=(row, 50))
        if side.way is not None:
            length = np.hypot(*(side.line[1] - side.line[0]))
            assert side.ground.area >= 2 * side.way.reach * length
