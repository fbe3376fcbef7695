import numpy as np
from numpy.typing import NDArray

from tiles.components import Ended, Open, advance
from tiles.rings import Integers


def rows(*drawn: str) -> NDArray[np.bool_]:
    return np.array([[pixel == "#" for pixel in row] for row in drawn])


def scores(count: int, score: float) -> NDArray[np.float32]:
    return np.full(count, score, np.float32)


def nothing(width: int) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
    return np.zeros((1, width), np.bool_), scores(0, 0)


def memory(opened: Open) -> int:
    """Corners remembered."""
    return sum(len(piece) for pieces in opened.corners for piece in pieces)


def test_objects_that_meet_further_down_become_one() -> None:
    opened, ended = advance(Open.none(5, 0), rows("#.#.#"), scores(3, 1))
    assert ended is None
    assert opened.of_runs.tolist() == [0, 1, 2]
    opened, ended = advance(opened, rows("###.#"), scores(4, 0.5))
    assert ended is None
    assert opened.of_runs.tolist() == [0, 1]
    assert opened.tally.pixels.tolist() == [5, 2]
    assert opened.tally.score_sums.tolist() == [3.5, 1.5]
    assert opened.tally.first.tolist() == [0, 4]


def test_what_does_not_reach_the_last_row_has_ended() -> None:
    opened, ended = advance(Open.none(4, 7), rows("#.##", "..##"), scores(5, 1))
    assert ended is not None
    assert ended.tally.first.tolist() == [7 * 5]
    assert len(ended.codes) == 4
    assert opened.tally.first.tolist() == [7 * 5 + 2]
    _, last = advance(opened, *nothing(4))
    assert last is not None
    assert last.tally.pixels.tolist() == [4]
    assert len(last.codes) == 4


def test_ended_objects_come_in_reading_order() -> None:
    inside = rows("..#.#", "#.#..", "..#..", "#....")
    _, ended = advance(Open.none(5, 0), np.vstack((inside, rows("....."))), scores(6, 1))
    assert ended is not None
    assert ended.tally.first.tolist() == [2, 4, 6, 18]


def test_straight_sides_cost_no_memory() -> None:
    opened = Open.none(6, 0)
    for _ in range(50):
        opened, ended = advance(opened, rows("#.##.#"), scores(4, 1))
        assert ended is None
        assert memory(opened) == 6  # the upper corners of the three objects


def test_what_has_ended_is_forgotten() -> None:
    opened, _ = advance(Open.none(3, 0), rows("#.#", "#.#"), scores(4, 1))
    opened, ended = advance(opened, rows("#..", "#.."), scores(2, 1))
    assert ended is not None
    assert len(opened.corners) == len(opened.tally.pixels) == 1
    opened, _ = advance(opened, *nothing(3))
    assert opened.corners == []
    assert opened.bottom == 5


def test_what_is_remembered_holds_on_to_nothing_larger() -> None:
    inside = np.random.default_rng(0).random((40, 40)) < 0.5
    opened, _ = advance(Open.none(40, 0), inside, scores(int(inside.sum()), 1))
    assert opened.last_row.base is None
    assert all(piece.base is None for pieces in opened.corners for piece in pieces)


def test_every_object_has_as_many_corners_in_each_row_and_column_as_pair_up() -> None:
    inside = np.random.default_rng(1).random((30, 30)) < 0.6
    opened, first = advance(Open.none(30, 0), inside, scores(int(inside.sum()), 1))
    _, last = advance(opened, *nothing(30))
    for ended in (first, last):
        assert isinstance(ended, Ended)
        row, column = np.divmod(ended.codes >> 2, ended.pitch)
        for lattice in (row, column):
            assert (counts(ended.owners, lattice) % 2 == 0).all()


def counts(owners: Integers, lattice: Integers) -> Integers:
    """How often each owner occurs with each number."""
    return np.unique(np.stack((owners, lattice)), axis=1, return_counts=True)[1]
