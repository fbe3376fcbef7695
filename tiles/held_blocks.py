"""Blocks of a computed array, kept while chips still look at them."""

import threading
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

from tiles.grid import Roi

MOST_BYTES = 256 * 2**20
"""What is kept at most: the blocks under a row of chips 30,000 pixels wide of three bytes each take
about a quarter of it."""

Load = Callable[[slice, slice], NDArray[np.generic]]
"""Computes (bands, rows, columns) of a window."""


class HeldBlocks:
    """Windows cut from blocks, each of which is computed once for all chips in a row.

    Chips overlap, and several lie in one block: without this, a block is computed for each of them.
    Windows under which the array is too wide to be kept are computed directly.
    """

    def __init__(
        self, load: Load, chunks: tuple[Sequence[int], Sequence[int]], *, pixel_bytes: int
    ) -> None:
        """`chunks` are the lengths of the blocks along rows and columns."""
        heights, widths = chunks
        self._load = load
        self._row_bytes = sum(widths) * pixel_bytes
        # a block is cut where it alone, as wide as the array, would leave no room for others
        most_rows = max(MOST_BYTES // 4 // self._row_bytes, 1)
        self._edges = (_edges(heights, most_rows), _edges(widths, sum(widths)))
        self._held: dict[tuple[int, int], NDArray[np.generic]] = {}
        self._lock = threading.Lock()

    def read(self, rows: slice, columns: slice) -> NDArray[np.generic]:
        """(bands, rows, columns) of a window inside the array; several threads may ask at once."""
        under = (_under(self._edges[0], rows), _under(self._edges[1], columns))
        tops = self._edges[0]
        if (tops[under[0].stop] - tops[under[0].start]) * self._row_bytes > MOST_BYTES:
            return self._load(rows, columns)
        with self._lock:
            blocks = self._blocks(under)
            return self._window(blocks, (rows, columns))

    def _blocks(self, under: tuple[range, range]) -> dict[tuple[int, int], NDArray[np.generic]]:
        """The blocks under a window, those that are missing computed."""
        wanted = list(product(*under))
        missing = [block for block in wanted if block not in self._held]
        if missing:
            self._compute(missing)
        blocks = {block: self._held.pop(block) for block in wanted}
        self._forget(sum(block.nbytes for block in blocks.values()))
        self._held.update(blocks)  # last, so that they are forgotten last
        return blocks

    def _compute(self, missing: list[tuple[int, int]]) -> None:
        """Compute blocks together where they are a rectangle, else one by one."""
        rows, columns = (sorted(set(axis)) for axis in zip(*missing, strict=True))
        whole = len(missing) == (rows[-1] - rows[0] + 1) * (columns[-1] - columns[0] + 1)
        groups = [missing] if whole else [[block] for block in missing]
        for group in groups:
            first, last = group[0], group[-1]
            top, left = self._corner(first)
            bottom, right = self._corner((last[0] + 1, last[1] + 1))
            pixels = self._load(slice(top, bottom), slice(left, right))
            for block in group:
                inside = self._place(block, origin=(top, left))
                # a copy, because a view would keep all of the rectangle
                self._held[block] = pixels[:, *inside].copy() if len(group) > 1 else pixels

    def _forget(self, needed: int) -> None:
        """Let go of the blocks that were not looked at for longest."""
        total = needed + sum(block.nbytes for block in self._held.values())
        while total > MOST_BYTES and self._held:
            total -= self._held.pop(next(iter(self._held))).nbytes

    def _window(
        self, blocks: dict[tuple[int, int], NDArray[np.generic]], roi: Roi
    ) -> NDArray[np.generic]:
        """The pixels of a window, put together from the blocks under it."""
        rows, columns = roi
        some = next(iter(blocks.values()))
        shape = (len(some), rows.stop - rows.start, columns.stop - columns.start)
        window = np.empty(shape, some.dtype)
        for block, pixels in blocks.items():
            top, left = self._corner(block)
            place = self._place(block, origin=(rows.start, columns.start))
            there = (_within(place[0], shape[1]), _within(place[1], shape[2]))
            here = (
                slice(there[0].start + rows.start - top, there[0].stop + rows.start - top),
                slice(there[1].start + columns.start - left, there[1].stop + columns.start - left),
            )
            window[:, *there] = pixels[:, *here]
        return window

    def _corner(self, block: tuple[int, int]) -> tuple[int, int]:
        """First row and column of a block."""
        return self._edges[0][block[0]], self._edges[1][block[1]]

    def _place(self, block: tuple[int, int], *, origin: tuple[int, int]) -> Roi:
        """The window of a block, counted from `origin`."""
        top, left = self._corner(block)
        bottom, right = self._corner((block[0] + 1, block[1] + 1))
        return slice(top - origin[0], bottom - origin[0]), slice(
            left - origin[1], right - origin[1]
        )


def _within(part: slice, length: int) -> slice:
    """The pixels of a part that lie in 0..length."""
    return slice(max(part.start, 0), min(part.stop, length))


def _edges(lengths: Sequence[int], most: int) -> list[int]:
    """Where blocks begin, and where the last one ends; blocks longer than `most` are cut.

    >>> _edges((4, 4, 3), most=2)
    [0, 2, 4, 6, 8, 9, 11]
    """
    ends = np.cumsum([0, *(length for length in lengths if length)]).tolist()
    edges = [0]
    for first, stop in pairwise(ends):
        parts = -(-(stop - first) // most)
        edges += [first + (stop - first) * part // parts for part in range(1, parts + 1)]
    return edges


def _under(edges: list[int], window: slice) -> range:
    """The blocks that a window touches.

    >>> _under([0, 10, 20, 30], slice(5, 20))
    range(0, 2)
    """
    return range(bisect_right(edges, window.start) - 1, bisect_left(edges, window.stop))
