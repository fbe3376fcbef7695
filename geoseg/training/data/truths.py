"""Where the truth of an entry stands, and how it is read."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from geoseg.training.data.pictures import open_mask
from geoseg.training.data.problems import Problem, ProblemError
from geoseg.training.data.run_lengths import decoded


class Truth(Protocol):
    """A mask that is still on disk, or packed."""

    def read(self, shape: tuple[int, int]) -> NDArray[np.bool_]:
        """The pixels meant in an image of (height, width); `ProblemError` where they cannot be."""
        ...


@dataclass(frozen=True, slots=True)
class FileTruth:
    """A mask in an image file."""

    path: Path

    threshold: int | None = None
    """Values above it count; None takes every value but 0, and refuses more than one."""

    def read(self, shape: tuple[int, int]) -> NDArray[np.bool_]:
        """The pixels meant."""
        return fitting(open_mask(self.path, threshold=self.threshold), shape, str(self.path))


@dataclass(frozen=True, slots=True)
class PackedTruth:
    """Masks as run lengths; together they are the truth, and none at all is an empty one."""

    parts: tuple[tuple[str | tuple[int, ...], tuple[int, int]], ...]
    """Run lengths, and the (height, width) they are for."""

    where: str
    """What to call it in messages."""

    def read(self, shape: tuple[int, int]) -> NDArray[np.bool_]:
        """The pixels meant."""
        mask = np.zeros(shape, np.bool_)
        for counts, size in self.parts:
            try:
                part = decoded(counts, size)
            except ValueError as error:
                raise ProblemError(Problem("broken", self.where, str(error))) from error
            mask |= fitting(part, shape, self.where)
        return mask


@dataclass(frozen=True, slots=True)
class NoTarget:
    """Nothing is there; a mask that says otherwise is an error."""

    labelled: Path | None = None
    """A mask that must be blank, if there is one."""

    def read(self, shape: tuple[int, int]) -> NDArray[np.bool_]:
        """No pixels."""
        if self.labelled is not None and open_mask(self.labelled, threshold=0).any():
            raise ProblemError(Problem("contradiction", str(self.labelled)))
        return np.zeros(shape, np.bool_)


def fitting(mask: NDArray[np.bool_], shape: Sequence[int], where: str) -> NDArray[np.bool_]:
    """The mask, if it has the shape of its image."""
    if mask.shape != tuple(shape):
        found = f"mask {mask.shape[0]} x {mask.shape[1]}, image {shape[0]} x {shape[1]}"
        raise ProblemError(Problem("size", where, found))
    return mask
