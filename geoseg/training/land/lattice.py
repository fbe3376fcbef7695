"""The net of nodes that a world's plan hangs on."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from geoseg.training.land.hashing import chance
from geoseg.training.land.thing import Points

PITCH_M = 330.0
"""Metres between nodes."""


@dataclass(frozen=True, slots=True)
class Lattice:
    """Nodes of a square net, each moved a little; four of them bound a cell."""

    seed: int

    loose: float
    """How far nodes are moved, as a share of the pitch: 0 is a perfect net."""

    def node(self, row: int, column: int) -> NDArray[np.float64]:
        """(2,) where a node lies on the plan."""
        return _node(self.seed, self.loose, row, column)

    def quad(self, row: int, column: int) -> Points:
        """The four corners of a cell, in order around it."""
        steps = ((0, 0), (0, 1), (1, 1), (1, 0))
        return np.array([self.node(row + down, column + right) for down, right in steps])

    def cells(self, low: NDArray[np.float64], high: NDArray[np.float64]) -> list[tuple[int, int]]:
        """Rows and columns of all cells that may touch a rectangle of the plan, in order."""
        margin = self.loose + 0.01
        rows, columns = (
            range(
                int(np.floor(start / PITCH_M - margin)), int(np.floor(end / PITCH_M + margin)) + 1
            )
            for start, end in zip(low, high, strict=True)
        )
        return [(row, column) for row in rows for column in columns]


@lru_cache(maxsize=4096)
def _node(seed: int, loose: float, row: int, column: int) -> NDArray[np.float64]:
    moves = (chance(seed, 1, row, column), chance(seed, 2, row, column))
    place = np.array([row, column]) + loose * (2 * np.array(moves) - 1)
    return np.asarray(place * PITCH_M)
