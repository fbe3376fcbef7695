from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tiles import held_blocks
from tiles.grid import ChipGrid
from tiles.held_blocks import HeldBlocks

law = settings(derandomize=True, max_examples=100)
sides = st.lists(st.integers(1, 9), min_size=1, max_size=6)


class Computed:
    """Pixels that count how often each is computed."""

    def __init__(self, height: int, width: int) -> None:
        self.pixels = np.arange(2 * height * width, dtype=np.int32).reshape(2, height, width)
        self.computed = np.zeros((height, width), np.int32)

    def load(self, rows: slice, columns: slice) -> NDArray[np.generic]:
        self.computed[rows, columns] += 1
        return self.pixels[:, rows, columns]


@law
@given(sides, sides, st.integers(1, 12), st.data())
def test_windows_are_what_is_computed(
    heights: list[int], widths: list[int], size: int, data: st.DataObject
) -> None:
    computed = Computed(sum(heights), sum(widths))
    blocks = HeldBlocks(computed.load, (heights, widths), pixel_bytes=8)
    for _ in range(4):
        top = data.draw(st.integers(0, sum(heights) - 1))
        left = data.draw(st.integers(0, sum(widths) - 1))
        roi = np.s_[top : min(top + size, sum(heights)), left : min(left + size, sum(widths))]
        np.testing.assert_array_equal(blocks.read(*roi), computed.pixels[:, *roi])
    assert computed.computed.max() == 1


def test_a_run_over_the_grid_computes_each_block_once() -> None:
    computed = Computed(120, 90)
    blocks = HeldBlocks(computed.load, ((30,) * 4, (25, 25, 25, 15)), pixel_bytes=8)
    for roi in ChipGrid(120, 90, size=16, overlap=8):
        blocks.read(*roi)
    assert Counter(computed.computed.ravel().tolist()) == {1: 120 * 90}


def test_no_more_is_kept_than_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_blocks, "MOST_BYTES", 8 * 90 * 70)
    computed = Computed(300, 90)
    blocks = HeldBlocks(computed.load, ((10,) * 30, (30,) * 3), pixel_bytes=8)
    for roi in ChipGrid(300, 90, size=16, overlap=4):
        np.testing.assert_array_equal(blocks.read(*roi), computed.pixels[:, *roi])
        assert sum(block.nbytes for block in blocks._held.values()) <= 8 * 90 * 70
    assert computed.computed.max() == 1


def test_blocks_too_large_to_keep_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_blocks, "MOST_BYTES", 8 * 90 * 100)
    computed = Computed(300, 90)
    blocks = HeldBlocks(computed.load, ((300,), (90,)), pixel_bytes=8)
    for roi in ChipGrid(300, 90, size=16, overlap=4):
        np.testing.assert_array_equal(blocks.read(*roi), computed.pixels[:, *roi])
    assert computed.computed.max() == 1


def test_windows_under_which_too_much_lies_are_computed_directly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(held_blocks, "MOST_BYTES", 8 * 90 * 10)
    computed = Computed(60, 90)
    blocks = HeldBlocks(computed.load, ((60,), (90,)), pixel_bytes=8)
    np.testing.assert_array_equal(blocks.read(*np.s_[3:30, 5:9]), computed.pixels[:, 3:30, 5:9])
    assert computed.computed.sum() == 27 * 4


def test_many_threads_read_what_one_reads() -> None:
    computed = Computed(120, 90)
    blocks = HeldBlocks(computed.load, ((30,) * 4, (25, 25, 25, 15)), pixel_bytes=8)
    grid = list(ChipGrid(120, 90, size=16, overlap=8))
    with ThreadPoolExecutor(8) as pool:
        for roi, pixels in zip(grid, pool.map(lambda roi: blocks.read(*roi), grid), strict=True):
            np.testing.assert_array_equal(pixels, computed.pixels[:, *roi])
