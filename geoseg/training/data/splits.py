"""Which ground is trained on and which is kept for validation."""

import hashlib
import math
from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Part = Literal["train", "val"]

Square = tuple[int, int]
"""Row and column of a square of ground."""

SIDES = (1.0, 1.25, 1.6, 2.0, 2.5, 3.2, 4.0, 5.0, 6.4, 8.0, 10.0)
"""How long squares may be, and ten, a hundred ... times as long."""

NEAR = 0.97
"""How much of the length asked for is enough."""

LOTS = 2**64


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """Boxes on a plane, which is cut into squares, counted from where its x and y are 0.

    A square is the same whatever other boxes there are.
    """

    boxes: NDArray[np.float64]
    """(n, 4) left, bottom, right, top."""

    side: float
    """How long a square is."""

    turn: float = 0.0
    """The x, a whole number of squares, after which the plane begins anew; 0: it never does."""

    name: str = ""
    """That of the plane: the squares of each are drawn apart."""

    def touched(self) -> list[frozenset[Square]]:
        """The squares that each box reaches into."""
        # a box that ends where a square ends is not in the next one
        low = np.floor(self.boxes[:, :2] / self.side + 1e-9).astype(int)
        high = np.ceil(self.boxes[:, 2:] / self.side - 1e-9).astype(int) - 1
        return [
            frozenset(product(range(bottom, top + 1), map(self._column, range(left, right + 1))))
            for (left, bottom), (right, top) in zip(
                low.tolist(), np.maximum(high, low).tolist(), strict=True
            )
        ]

    def middles(self) -> list[Square]:
        """The square that the middle of each box lies in."""
        middles = (self.boxes[:, :2] + self.boxes[:, 2:]) / 2
        places = np.floor(middles / self.side).astype(int)
        return [(row, self._column(column)) for column, row in places.tolist()]

    def _column(self, counted: int) -> int:
        """The column of a square, one for each place of a plane that begins anew."""
        return counted % round(self.turn / self.side) if self.turn else counted


def side_of(least: float, turn: float = 0.0) -> float:
    """How long squares are that are about so long: a round number, or a whole part of a turn.

    At most 3 % shorter, so that images whose pixels are a little larger or smaller than those of
    others have the same squares, also where the pixels of these are of a round number.

    >>> side_of(537.6), side_of(534.2), side_of(0.0089)
    (640.0, 640.0, 0.01)
    >>> side_of(50, turn=360)
    51.42857142857143
    """
    ten = 10.0 ** math.floor(math.log10(least))
    side = next(ten * step for step in SIDES if ten * step >= least * NEAR)
    return turn / max(math.floor(turn / side + 1e-9), 1) if turn else side


def parted(ground: Ground, *, share: float, seed: int) -> list[Part | None]:
    """The part of each box of a ground; None for those that reach into squares of both.

    Each square is drawn by itself, so it stays in its part whatever other boxes come or go, and
    about `share` of many squares are for validation. No spot of ground is seen in both parts,
    however the boxes overlap.
    """
    touched = ground.touched()
    kept = frozenset(
        square
        for square in frozenset[Square]().union(*touched)
        if _lot(square, ground.name, seed) < share
    )
    return [_part(squares, kept) for squares in touched]


def _lot(square: Square, name: str, seed: int) -> float:
    """What is drawn for a square, from 0 to 1."""
    drawn = hashlib.sha256(f"{seed} {name} {square}".encode()).digest()
    return int.from_bytes(drawn[:8], "big") / LOTS


def _part(squares: frozenset[Square], kept: frozenset[Square]) -> Part | None:
    if squares <= kept:
        return "val"
    return None if squares & kept else "train"
