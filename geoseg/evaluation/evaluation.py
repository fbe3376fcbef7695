"""What became of a data set's queries."""

from collections.abc import Sequence
from dataclasses import dataclass

from geoseg.evaluation.failures import Failure
from geoseg.evaluation.instances import Found
from geoseg.evaluation.outcomes import PRESENT, Outcomes


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """What became of a data set's queries."""

    outcomes: Outcomes
    """The segmenter's, one row per query."""

    baselines: dict[str, Outcomes]
    """Those of the answers beside it, by their names; the same rows."""

    shown: dict[str, int]
    """How many images were shown "whole", in "chips" or as a "scene"."""

    failures: tuple[Failure, ...] = ()
    """The worst answers, the worst first."""

    found: tuple[Found, ...] = ()
    """Objects counted one by one, where the truth has them one by one."""

    presence: float = PRESENT
    """The presence below which nothing counts as answered."""

    graded: bool = True
    """Whether presence says how sure the segmenter is; of whole scenes it is only 0 or 1."""

    notices: tuple[str, ...] = ()
    """What a user should know of how images were read and asked."""


def spread(count: int, limit: int | None) -> Sequence[int]:
    """Which of `count` samples to take, at most `limit`, spread evenly.

    >>> list(spread(10, 4))
    [0, 2, 5, 7]
    """
    if limit is None or limit >= count:
        return range(count)
    return [place * count // limit for place in range(limit)]
