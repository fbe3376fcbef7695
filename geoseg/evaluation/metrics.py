"""The field's figures of merit, each a ratio of sums over queries."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from geoseg.evaluation.outcomes import Outcomes

EmptyUnion = Literal["zero", "one"]
"""What the IoU of an empty answer with an empty truth counts as: 0 with RMSIN, 1 with LISA."""

PRECISIONS: Final = (0.5, 0.6, 0.7, 0.8, 0.9)
"""IoU from which an answer counts as right, for Pr@."""


@dataclass(frozen=True, slots=True, eq=False)
class Ratio:
    """A figure whose parts can be summed over any choice of queries."""

    numerator: NDArray[np.float64]
    """(n,)."""

    denominator: NDArray[np.float64]
    """(n,): 0 for queries that the figure says nothing about."""

    @property
    def value(self) -> float:
        """The figure over all queries; NaN where it says nothing about any."""
        total = float(self.denominator.sum())
        return float(self.numerator.sum()) / total if total else float("nan")


Metric = Callable[[Outcomes], Ratio]


def iou(outcomes: Outcomes, *, empty_union: EmptyUnion) -> NDArray[np.float64]:
    """Intersection over union of each query: (n,)."""
    union = outcomes.union
    share = outcomes.intersection / np.maximum(union, 1)
    return np.where(union == 0, float(empty_union == "one"), share)


def total_iou(outcomes: Outcomes) -> Ratio:
    """All intersections over all unions: oIoU, also called cIoU. Large objects count most."""
    return Ratio(outcomes.intersection.astype(float), outcomes.union.astype(float))


def mean_iou(outcomes: Outcomes, *, empty_union: EmptyUnion) -> Ratio:
    """The mean IoU of the queries: mIoU, also called gIoU. Every query counts the same."""
    return _mean(iou(outcomes, empty_union=empty_union))


def precision_at(outcomes: Outcomes, *, least: float) -> Ratio:
    """Share of the queries whose IoU is at least this: Pr@. An empty union counts 0."""
    return _mean(iou(outcomes, empty_union="zero") >= least)


def generalised_iou(outcomes: Outcomes) -> Ratio:
    """The gIoU of gRefCOCO: a query without target counts 1 if nothing was answered, else 0."""
    return _mean(np.where(outcomes.empty, outcomes.predicted == 0, _iou_of_targets(outcomes)))


def no_target_accuracy(outcomes: Outcomes) -> Ratio:
    """N-acc: share of the queries without target to which nothing was answered."""
    empty = outcomes.empty
    return Ratio((empty & (outcomes.predicted == 0)).astype(float), empty.astype(float))


def target_accuracy(outcomes: Outcomes) -> Ratio:
    """T-acc: share of the queries with a target to which anything was answered."""
    present = ~outcomes.empty
    return Ratio((present & (outcomes.predicted > 0)).astype(float), present.astype(float))


METRICS: Final[dict[str, Metric]] = {
    "gIoU": generalised_iou,
    "mIoU (empty union 0)": partial(mean_iou, empty_union="zero"),
    "mIoU (empty union 1)": partial(mean_iou, empty_union="one"),
    "oIoU": total_iou,
    **{f"Pr@{least}": partial(precision_at, least=least) for least in PRECISIONS},
    "N-acc": no_target_accuracy,
    "T-acc": target_accuracy,
}
"""Every figure of a table, by the name it is told under."""


def _iou_of_targets(outcomes: Outcomes) -> NDArray[np.float64]:
    """IoU where there is a target, so that no union is empty; anything elsewhere."""
    return iou(outcomes, empty_union="zero")


def _mean(values: NDArray[np.float64] | NDArray[np.bool_]) -> Ratio:
    return Ratio(values.astype(float), np.ones(len(values)))
