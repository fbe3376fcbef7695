"""Polygons traced from a mask that arrives in bands, exact across their seams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from tiles.blending import OBJECT
from tiles.rings import POSITION_SHIFT, polygons_of
from tiles.runs import Runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from tiles.blending import MaskBand

    Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Traced:
    """Objects of one query, traced, in reading order of their first pixels."""

    query: int
    """Which query of the mask."""

    polygons: NDArray[np.object_]
    """(n,) shapely Polygons in pixel coordinates: x = column, y = row, whole numbers."""

    scores: NDArray[np.float64]
    """(n,): mean score over the object's pixels."""

    pixels: Integers
    """(n,): how many pixels the object has."""

    first: Integers
    """(n, 2): row and column of the object's first pixel in reading order."""


@dataclass(frozen=True, slots=True, eq=False)
class _Tally:
    """What was counted so far, of each object or of each run."""

    pixels: Integers
    """(n,)."""

    score_sums: NDArray[np.float64]
    """(n,): of float32 numbers, so exact, and the same in whatever order they are added."""

    first: Integers
    """(n,): the first pixel in reading order, as row * pitch + column."""

    def __getitem__(self, chosen: Integers) -> _Tally:
        return _Tally(self.pixels[chosen], self.score_sums[chosen], self.first[chosen])

    def by(self, numbers: Integers, count: int) -> _Tally:
        """One for each number 0, 1 ... count - 1: all that bear the number, together."""
        first = np.full(count, np.iinfo(np.int64).max)
        np.minimum.at(first, numbers, self.first)
        pixels = np.bincount(numbers, self.pixels, count).astype(np.int64)
        return _Tally(pixels, np.bincount(numbers, self.score_sums, count), first)


@dataclass(frozen=True, slots=True, eq=False)
class _Open:
    """The objects that the next row may still add to: those that reach the last row seen."""

    last_row: NDArray[np.bool_]
    """(width,): True in objects."""

    of_runs: Integers
    """(runs in the last row,): the object that each belongs to."""

    tally: _Tally
    """Of each object."""

    corners: list[list[Integers]]
    """Of each object, the codes of its corners in pieces: joined only once, when it ends."""

    @classmethod
    def none(cls, width: int) -> _Open:
        """Before the first row."""
        nothing = np.zeros(0, np.int64)
        tally = _Tally(nothing, np.zeros(0), nothing)
        return cls(np.zeros(width, np.bool_), nothing, tally, [])


def trace(bands: Iterable[MaskBand]) -> Iterator[Traced]:
    """The objects of a mask that arrives in bands of rows, top to bottom.

    An object is what hangs together by pixel sides (4-connected); a diagonal touch separates.
    Its polygon is valid, covers exactly its pixels, keeps its holes and has corners only: nothing
    shows where the bands met, and other bands give the same objects. Each comes once, with the
    band whose first row no longer holds it or at the end; only objects still open are remembered.
    """
    opened: list[_Open] = []
    bottom = 0
    for band in bands:
        queries, height, width = band.mask.shape
        opened = opened or [_Open.none(width)] * queries
        top, bottom = band.roi[0].start, band.roi[0].start + height
        for query in range(queries):
            opened[query], traced = _advance()
"""
