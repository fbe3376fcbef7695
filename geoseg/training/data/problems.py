"""What can be wrong with an entry of a data set."""

from dataclasses import dataclass
from typing import Literal

from geoseg.errors import DataError

Kind = Literal["missing", "broken", "depth", "size", "values", "contradiction", "phrase"]

KINDS: dict[Kind, tuple[str, str]] = {
    "missing": (
        "files are missing",
        "copy or download the data set again, or take them off its list",
    ),
    "broken": ("files cannot be read", "copy or download them again"),
    "depth": (
        "images are not 8-bit pictures",
        "convert them, or train on them as they are with own-layer",
    ),
    "size": (
        "masks do not fit their image",
        "every mask must have the rows and columns of its image",
    ),
    "values": (
        "masks hold more than two values",
        "write them with 0 and one other value, or say what counts with ?threshold=127",
    ),
    "contradiction": (
        "entries say that nothing is there and mark pixels all the same",
        "empty the mask, or give the answer",
    ),
    "phrase": ("phrases cannot be asked", "say what to look for in plain words"),
}
"""What is wrong, for several entries together, and the way out."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one entry."""

    kind: Kind

    where: str
    """The file or entry."""

    detail: str = ""
    """What was found there; empty where the kind says all."""

    def __str__(self) -> str:
        """The entry, and what was found there."""
        return f"{self.where} ({self.detail})" if self.detail else self.where


class ProblemError(DataError):
    """An entry cannot be used."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        """Return what is wrong, where, and the way out."""
        means, way_out = KINDS[self.problem.kind]
        return f"{means}: {self.problem}; {way_out}"
