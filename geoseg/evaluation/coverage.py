"""Whether the surest answers are the best ones: risk over coverage."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoseg.evaluation.metrics import iou
from geoseg.evaluation.outcomes import Outcomes


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """How wrong answers are on average when only the surest are taken."""

    coverage: NDArray[np.float64]
    """(n,): share of the queries taken, rising to 1."""

    risk: NDArray[np.float64]
    """(n,): mean loss over those taken."""

    @property
    def area(self) -> float:
        """Mean risk over all coverages (AURC): 0 is best; NaN without queries."""
        return float(self.risk.mean()) if len(self.risk) else float("nan")


def risk_coverage(loss: NDArray[np.float64], confidence: NDArray[np.float64]) -> Curve:
    """The curve of these queries, surest first.

    Among equally sure ones each order is as likely as another: the risk is what is expected then,
    so it does not depend on the order in which the queries come.

    >>> risk_coverage(np.array([0.0, 1.0]), np.array([0.9, 0.2])).risk.tolist()
    [0.0, 0.5]
    """
    count = len(loss)
    _, group = np.unique(-confidence, return_inverse=True)
    sizes = np.bincount(group)
    shared = (np.bincount(group, loss) / np.maximum(sizes, 1))[group]
    taken = np.arange(1, count + 1)
    return Curve(taken / max(count, 1), np.cumsum(shared[np.argsort(group)]) / taken)


def answered_loss(outcomes: Outcomes) -> NDArray[np.float64]:
    """What taking each answer costs: 1 less its IoU, or 1 where there is no target."""
    return 1 - iou(outcomes, empty_union="zero")
