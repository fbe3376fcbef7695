from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tiles.errors import GridError
from tiles.grid import ChipGrid, Roi, starts

law = settings(derandomize=True, max_examples=200)


@st.composite
def grids(draw: st.DrawFn) -> ChipGrid:
    size = draw(st.integers(1, 24))
    overlap = draw(st.integers(0, size - 1))
    height, width = draw(st.integers(1, 90)), draw(st.integers(1, 90))
    return ChipGrid(height, width, size=size, overlap=overlap)


def looks(grid: ChipGrid) -> np.ndarray:
    """How many chips look at each pixel."""
    count = np.zeros((grid.height, grid.width), np.int32)
    for roi in grid:
        count[roi] += 1
    return count


@law
@given(grids())
def test_every_pixel_is_covered(grid: ChipGrid) -> None:
    assert looks(grid).min() >= 1


@law
@given(grids())
def test_every_chip_is_full_size(grid: ChipGrid) -> None:
    for rows, columns in grid:
        assert rows.stop - rows.start == columns.stop - columns.start == grid.size


@law
@given(grids())
def test_a_chip_reaches_beyond_the_raster_only_where_that_is_shorter_than_a_chip(
    grid: ChipGrid,
) -> None:
    for rows, columns in grid:
        assert rows.start >= 0
        assert columns.start >= 0
        assert rows.stop <= max(grid.height, grid.size)
        assert columns.stop <= max(grid.width, grid.size)


@law
@given(grids())
def test_neighbours_share_at_least_the_overlap(grid: ChipGrid) -> None:
    for axis in (grid.row_starts, grid.column_starts):
        for first, second in pairwise(axis):
            assert first + grid.size - second >= grid.overlap


@law
@given(grids())
def test_no_chip_is_asked_twice(grid: ChipGrid) -> None:
    positions = [(rows.start, columns.start) for rows, columns in grid]
    assert len(set(positions)) == len(positions) == len(grid) == grid.rows * grid.columns


@law
@given(grids())
def test_chips_come_row_by_row_from_left_to_right(grid: ChipGrid) -> None:
    positions = [(rows.start, columns.start) for rows, columns in grid]
    assert positions == sorted(positions)


@law
@given(grids())
def test_no_layout_of_full_chips_with_that_overlap_has_fewer_chips(grid: ChipGrid) -> None:
    for length, axis in ((grid.height, grid.row_starts), (grid.width, grid.column_starts)):
        reach_of_fewer = grid.size + (len(axis) - 2) * (grid.size - grid.overlap)
        assert len(axis) == 1 or reach_of_fewer < length


@law
@given(grids())
def test_chip_rows_one_after_the_other_are_the_grid(grid: ChipGrid) -> None:
    rows: list[Roi] = [roi for index in range(grid.rows) for roi in grid.chip_row(index)]
    assert rows == list(grid)


@law
@given(grids(), st.integers(1, 7))
def test_the_rows_of_strips_tile_the_raster(grid: ChipGrid, chip_rows: int) -> None:
    strips = list(grid.strips(chip_rows))
    assert strips[0].rows.start == 0
    assert strips[-1].rows.stop == grid.height
    for above, below in pairwise(strips):
        assert above.rows.stop == below.rows.start
    assert all(strip.rows.start < strip.rows.stop for strip in strips)


@law
@given(grids(), st.integers(1, 7))
def test_a_strip_computes_exactly_the_chip_rows_that_touch_its_rows(
    grid: ChipGrid, chip_rows: int
) -> None:
    for strip in grid.strips(chip_rows):
        touching = [
            index
            for index, start in enumerate(grid.row_starts)
            if start < strip.rows.stop and start + grid.size > strip.rows.start
        ]
        assert list(strip.chip_rows) == touching


@law
@given(grids(), st.integers(1, 7))
def test_a_strip_ends_where_the_chips_of_the_next_begin(grid: ChipGrid, chip_rows: int) -> None:
    for strip in grid.strips(chip_rows):
        following = strip.chip_rows.stop
        if following < grid.rows:
            assert strip.rows.stop == grid.row_starts[following]


def test_strips_with_an_overlap_under_half_a_chip_have_one_chip_row_too_many() -> None:
    strips = list(ChipGrid(10_000, 448, size=448, overlap=64).strips(4))
    assert [len(strip.chip_rows) for strip in strips[:-1]] == [4] + [5] * (len(strips) - 2)


def test_a_raster_of_just_one_chip_is_one_chip() -> None:
    assert list(ChipGrid(448, 448, size=448, overlap=64)) == [np.s_[0:448, 0:448]]


def test_a_raster_smaller_than_a_chip_is_one_padded_chip() -> None:
    assert list(ChipGrid(3, 5, size=448, overlap=64)) == [np.s_[0:448, 0:448]]


def test_a_raster_shorter_than_a_chip_in_one_axis_is_padded_in_that_axis_only() -> None:
    assert list(ChipGrid(3, 11, size=8, overlap=1)) == [np.s_[0:8, 0:8], np.s_[0:8, 3:11]]


def test_the_last_chip_moves_inwards() -> None:
    assert starts(1000, 448, 64) == (0, 384, 552)


@pytest.mark.parametrize(
    ("height", "width", "size", "overlap"),
    [(0, 5, 4, 1), (5, 0, 4, 1), (5, 5, 0, 0), (5, 5, 4, 4), (5, 5, 4, 9), (5, 5, 4, -1)],
)
def test_a_layout_that_cannot_exist_is_refused(
    height: int, width: int, size: int, overlap: int
) -> None:
    with pytest.raises(GridError):
        ChipGrid(height, width, size=size, overlap=overlap)


def test_the_refusal_of_an_overlap_names_the_overlaps_there_are() -> None:
    with pytest.raises(GridError, match=r"overlap is 64 .* choose an overlap of 0 to 63"):
        ChipGrid(9, 9, size=64, overlap=64)


def test_a_strip_without_chip_rows_is_refused_at_once() -> None:
    with pytest.raises(GridError, match="at least 1"):
        ChipGrid(9, 9, size=4, overlap=1).strips(0)


def test_a_chip_row_that_is_not_there_is_an_index_error() -> None:
    with pytest.raises(IndexError):
        ChipGrid(9, 9, size=4, overlap=1).chip_row(99)


def test_small_integers_of_numpy_do_not_wrap_around() -> None:
    numbers: Any = (np.uint16(300), np.uint8(200), np.uint8(100), np.uint8(10))
    grid = ChipGrid(*numbers)
    assert grid == ChipGrid(300, 200, size=100, overlap=10)
    assert list(grid)[-1] == np.s_[200:300, 100:200]
    assert {type(side) for roi in grid for part in roi for side in (part.start, part.stop)} == {int}


@law
@given(grids())
def test_a_chip_row_begins_where_the_list_of_all_says(grid: ChipGrid) -> None:
    assert grid.rows == len(grid.row_starts)
    assert grid.columns == len(grid.column_starts)
    for index, top in enumerate(grid.row_starts):
        assert next(grid.chip_row(index))[0].start == top


def test_a_grid_of_a_million_chip_rows_is_cut_into_strips_at_once() -> None:
    grid = ChipGrid(2_000_000, 4, size=4, overlap=2)
    last = list(grid.strips(100_000))[-1]
    assert last.rows.stop == 2_000_000
    assert last.chip_rows.stop == grid.rows == 999_999
