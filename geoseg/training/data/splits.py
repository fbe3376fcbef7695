"""Which ground is trained on and which is kept for validation."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, product
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Part = Literal["train", "val"]

Square = tuple[int, int]
"""Row and column of a square of ground."""

Cell = tuple[int, int, int]
"""The number of a ground, and row and column of a square of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """Boxes on a plane, which is cut into squares, counted from the lowest corner of all."""

    boxes: NDArray[np.float64]
    """(n, 4) left, bottom, right, top."""

    side: float
    """How long a square is."""

    def touched(self) -> list[frozenset[Square]]:
        """The squares that each box reaches into."""
        # a box that ends where a square ends is not in the next one
        low = np.floor((self.boxes[:, :2] - self._corner()) / self.side + 1e-9).astype(int)
        high = np.ceil((self.boxes[:, 2:] - self._corner()) / self.side - 1e-9).astype(int) - 1
        return [
            _between(first, last) for first, last in zip(low, np.maximum(high, low), strict=True)
        ]

    def middles(self) -> list[Square]:
        """The square that the middle of each box lies in."""
        middles = (self.boxes[:, :2] + self.boxes[:, 2:]) / 2
        places = np.floor((middles - self._corner()) / self.side).astype(int)
        return [(row, column) for column, row in places.tolist()]

    def _corner(self) -> NDArray[np.float64]:
        """The lowest corner of all, as x and y."""
        corner: NDArray[np.float64] = self.boxes[:, :2].min(axis=0, initial=np.inf)
        return corner


def parted(grounds: Sequence[Ground], *, share: float, seed: int) -> list[list[Part | None]]:
    """The part of each box of each ground; None for those that reach into squares of both.

    About `share` of the squares that hold anything, wherever they are, are for validation, and at
    least one where there are two. So no spot of ground is seen in both parts, however the boxes of
    a ground overlap; boxes of two grounds do not.
    """
    touched = [
        [frozenset((number, *square) for square in squares) for squares in ground.touched()]
        for number, ground in enumerate(grounds)
    ]
    cells = sorted(set[Cell]().union(*chain.from_iterable(touched)))
    kept = _for_validation(cells, share=share, seed=seed)
    return [[_part(of_box, kept) for of_box in of_ground] for of_ground in touched]


def _between(first: Sequence[int], last: Sequence[int]) -> frozenset[Square]:
    """The squares between two, both included; given as column, row."""
    columns, rows = (range(int(a), int(b) + 1) for a, b in zip(first, last, strict=True))
    return frozenset(product(rows, columns))


def _for_validation(cells: Sequence[Cell], *, share: float, seed: int) -> frozenset[Cell]:
    """The squares kept for validation: those that come first in an order shuffled by the seed."""
    if share <= 0 or len(cells) < 2:
        return frozenset()
    count = min(max(round(share * len(cells)), 1), len(cells) - 1)
    return frozenset(sorted(cells, key=lambda cell: _lot(cell, seed))[:count])


def _lot(cell: Cell, seed: int) -> bytes:
    """Where a square stands in the shuffled order."""
    ground, *square = cell
    # the first ground has no number: so it is split as when there was but one
    name = cell if ground else tuple(square)
    return hashlib.sha256(f"{seed} {name}".encode()).digest()


def _part(cells: frozenset[Cell], kept: frozenset[Cell]) -> Part | None:
    if cells <= kept:
        return "val"
    return None if cells & kept else "train"
