"""Which ground is trained on and which is kept for validation."""

import hashlib
from collections.abc import Sequence
from itertools import product
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Part = Literal["train", "val"]

Cell = tuple[int, int]
"""Row and column of a square of ground."""


def parted(
    boxes: NDArray[np.float64], *, side: float, share: float, seed: int
) -> tuple[Part | None, ...]:
    """The part of each box; None for those that reach into ground of both.

    `boxes` (n, 4) hold left, bottom, right, top on one plane. The plane is cut into squares of
    `side`, counted from the lowest corner of all; about `share` of the squares that hold anything
    are for validation, and at least one where there are two. So no spot of ground is seen in both
    parts, however the boxes overlap.
    """
    if not len(boxes):
        return ()
    corner = _corner(boxes)
    # a box that ends where a square ends is not in the next one
    low = np.floor((boxes[:, :2] - corner) / side + 1e-9).astype(int)
    high = np.ceil((boxes[:, 2:] - corner) / side - 1e-9).astype(int) - 1
    touched = [_cells(first, last) for first, last in zip(low, np.maximum(high, low), strict=True)]
    kept = _for_validation(sorted(set().union(*touched)), share=share, seed=seed)
    return tuple(_part(cells, kept) for cells in touched)


def squares(boxes: NDArray[np.float64], *, side: float) -> tuple[Cell, ...]:
    """The square that the middle of each box lies in; the squares are those of `parted`."""
    if not len(boxes):
        return ()
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    places = np.floor((middles - _corner(boxes)) / side).astype(int)
    return tuple((row, column) for column, row in places.tolist())


def _corner(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    """The lowest corner of all, as x and y."""
    corner: NDArray[np.float64] = boxes[:, :2].min(axis=0)
    return corner


def _cells(first: Sequence[int], last: Sequence[int]) -> frozenset[Cell]:
    """The squares between two, both included; given as column, row."""
    columns, rows = (range(int(a), int(b) + 1) for a, b in zip(first, last, strict=True))
    return frozenset(product(rows, columns))


def _for_validation(cells: Sequence[Cell], *, share: float, seed: int) -> frozenset[Cell]:
    """The squares kept for validation: those that come first in an order shuffled by the seed."""
    if share <= 0 or len(cells) < 2:
        return frozenset()
    count = min(max(round(share * len(cells)), 1), len(cells) - 1)
    shuffled = sorted(cells, key=lambda cell: hashlib.sha256(f"{seed} {cell}".encode()).digest())
    return frozenset(shuffled[:count])


def _part(cells: frozenset[Cell], kept: frozenset[Cell]) -> Part | None:
    if cells <= kept:
        return "val"
    return None if cells & kept else "train"
