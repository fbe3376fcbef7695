"""What became of each query: the pixels of its answer and of its truth, counted."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]

PRESENT = 0.5
"""The presence from which a calibrated segmenter's answer counts."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One query about one image, counted as it was drawn, whatever its presence."""

    name: str
    """The image, as it is shown."""

    family: str
    """What kind of query it is, such as "colour"; may be empty."""

    phrase: str
    """What was asked."""

    intersection: int
    """Pixels in answer and truth."""

    truth: int
    """Pixels of the truth; 0 where what is asked for is not there."""

    predicted: int
    """Pixels of the answer."""

    presence: float
    """0..1: how sure the segmenter is that it is there at all."""

    group: str = ""
    """What is resampled together; empty: the queries about the image."""

    def __post_init__(self) -> None:
        """Refuse counts that no two masks can have."""
        if not 0 <= self.intersection <= min(self.truth, self.predicted):
            raise ValueError(
                f"'{self.name}' has {self.intersection} pixels in common of {self.truth} in truth "
                f"and {self.predicted} in the answer; there cannot be more in common than in one"
            )
        if not 0 <= self.presence <= 1:
            raise ValueError(f"presence lies in 0..1, but '{self.name}' has {self.presence}")

    @property
    def union(self) -> int:
        """Pixels in answer or truth."""
        return self.truth + self.predicted - self.intersection


@dataclass(frozen=True, slots=True, eq=False)
class Outcomes:
    """Many outcomes, as columns."""

    names: NDArray[np.object_]
    """(n,)."""

    families: NDArray[np.object_]
    """(n,)."""

    phrases: NDArray[np.object_]
    """(n,)."""

    intersection: Integers
    """(n,)."""

    truth: Integers
    """(n,)."""

    predicted: Integers
    """(n,)."""

    presence: NDArray[np.float64]
    """(n,)."""

    groups: NDArray[np.object_]
    """(n,): what is resampled together; never empty."""

    @classmethod
    def of(cls, rows: Iterable[Outcome]) -> Self:
        """The columns of these rows, in their order."""
        listed = list(rows)
        return cls(
            np.array([row.name for row in listed], object),
            np.array([row.family for row in listed], object),
            np.array([row.phrase for row in listed], object),
            np.array([row.intersection for row in listed], np.int64),
            np.array([row.truth for row in listed], np.int64),
            np.array([row.predicted for row in listed], np.int64),
            np.array([row.presence for row in listed], np.float64),
            np.array([row.group or row.name for row in listed], object),
        )

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, rows: Integers | NDArray[np.bool_]) -> Self:
        return type(self)(
            self.names[rows],
            self.families[rows],
            self.phrases[rows],
            self.intersection[rows],
            self.truth[rows],
            self.predicted[rows],
            self.presence[rows],
            self.groups[rows],
        )

    @property
    def union(self) -> Integers:
        """(n,): pixels in answer or truth."""
        return self.truth + self.predicted - self.intersection

    @property
    def empty(self) -> NDArray[np.bool_]:
        """(n,): True where what is asked for is not there."""
        return np.equal(self.truth, 0)

    def decided(self, presence: float = PRESENT) -> Self:
        """The same, with nothing answered where the presence is below this threshold."""
        said = self.presence >= presence
        return type(self)(
            self.names,
            self.families,
            self.phrases,
            self.intersection * said,
            self.truth,
            self.predicted * said,
            self.presence,
            self.groups,
        )
