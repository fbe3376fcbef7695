"""Runs of object pixels in the rows of a raster, how they touch, and the corners they make."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from tiles.rings import LEFT, POSITION_SHIFT, TOP, Integers


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """The runs of object pixels in a few rows, in reading order."""

    frame: NDArray[np.uint8]
    """(1 + rows * pitch,): 0, then each row of the mask with a 0 after it. 1 is object."""

    pitch: int
    """Pixels of a row, and the 0 after it."""

    origin: int
    """Position of the first pixel in the raster. A position is row * pitch + column."""

    edges: Integers
    """(2 * runs,): where each run starts and where it has ended, both counted from the origin."""

    @classmethod
    def of(cls, inside: NDArray[np.bool_], *, top: int = 0) -> Self:
        """The runs of True in `inside` (rows, width), whose first row is row `top`."""
        rows, width = inside.shape
        pitch = width + 1
        frame = np.zeros(1 + rows * pitch, np.uint8)
        frame[1:].reshape(rows, pitch)[:, :width] = inside
        changes = frame[1:] ^ frame[:-1]
        return cls(frame, pitch, top * pitch, np.flatnonzero(changes.view(np.bool_)))

    @property
    def starts(self) -> Integers:
        """(runs,): where each run starts."""
        return self.edges[::2]

    @property
    def ends(self) -> Integers:
        """(runs,): where each run has ended."""
        return self.edges[1::2]

    def before(self, row: int) -> int:
        """How many runs lie above a row."""
        return int(np.searchsorted(self.starts, row * self.pitch))

    def touched_above(self) -> tuple[Integers, Integers]:
        """The runs of the row above that share a pixel side with each run: the first, the stop.

        >>> runs = Runs.of(np.array([[1, 0, 1, 1], [1, 1, 1, 0]], np.bool_))
        >>> [touched.tolist() for touched in runs.touched_above()]
        [[0, 0, 0], [0, 0, 2]]
        """
        first = np.searchsorted(self.ends + self.pitch, self.starts, side="right")
        stop = np.searchsorted(self.starts + self.pitch, self.ends, side="left")
        return first, stop

    def corners(self) -> tuple[Integers, Integers]:
        """Codes of the corners between the rows, and the run that each belongs to.

        A corner above the first row or below the last is not among them.
        """
        second, last = 2 * self.before(1), 2 * self.before(len(self.frame) // self.pitch - 1)
        tops = np.arange(second, len(self.edges))
        tops = tops[~self._goes_on(self.edges[second:], -self.pitch)]
        bottoms = np.flatnonzero(~self._goes_on(self.edges[:last], self.pitch))
        at = np.concatenate((self.edges[tops], self.edges[bottoms] + self.pitch))
        ends = np.concatenate((tops, bottoms))
        codes = ((at + self.origin) << POSITION_SHIFT) | np.where(ends & 1, 0, LEFT)
        codes[: len(tops)] |= TOP
        return codes, ends >> 1

    def _goes_on(self, edges: Integers, step: int) -> NDArray[np.bool_]:
        """Whether each vertical pixel edge has one of its kind `step` further on."""
        beside, inside = self.frame[edges], self.frame[edges + 1]
        going_on: NDArray[np.bool_] = (self.frame[edges + step] == beside) & (
            self.frame[edges + step + 1] == inside
        )
        return going_on
