"""The figures of an evaluation, and where they come from."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np

from geoseg.evaluation.bootstrap import Estimate, estimates, interval, resampled
from geoseg.evaluation.coverage import answered_loss, risk_coverage
from geoseg.evaluation.evaluation import Evaluation
from geoseg.evaluation.instances import Found, exact_ratio, f1_ratio, instance_f1
from geoseg.evaluation.metrics import METRICS, generalised_iou, total_iou
from geoseg.evaluation.outcomes import Outcomes

ALL, TARGET, EMPTY = "all", "with target", "without target"
"""Names of the rows that are no families."""

COVERAGES: Final = tuple(np.round(np.arange(0.1, 1.01, 0.1), 1).tolist())
"""Where the risk-coverage curve is told."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What was measured, with what, where and when."""

    model: str
    data: str
    machine: str
    date: str
    """As the caller says it."""
    version: str
    """Of geoseg."""
    protocol: str
    """As asked for: "auto", "whole" or "chips"."""
    seconds: float
    notices: tuple[str, ...] = ()
    """What a reader should know before trusting the figures."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a stand-in reaches on the same queries."""

    giou: float
    oiou: float


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of a family of queries."""

    name: str
    queries: int
    images: int
    figures: dict[str, Estimate]
    """By the names in `METRICS`, and "AURC" where presence is graded."""
    baselines: dict[str, Baseline]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that is told of an evaluation."""

    origin: Origin
    presence: float
    """The presence below which nothing was answered."""
    shown: dict[str, int]
    """How many images were shown "whole", in "chips" or as a "scene"."""
    rows: tuple[Row, ...]
    risk: dict[float, float]
    """The mean loss of the surest answers, by the share of the queries answered; nothing where
    presence is not graded."""
    instance_f1: Estimate | None
    """None where objects were not counted one by one."""
    exact_query_success: Estimate | None
    counted: int
    """Queries whose objects were counted one by one."""

    def as_dict(self) -> dict[str, Any]:
        """The report as plain values, ready for JSON."""
        return asdict(self)


def report_of(evaluation: Evaluation, origin: Origin, *, seed: int = 0) -> Report:
    """The figures of an evaluation, with 95 % intervals over images."""
    objects = _objects(evaluation.found, seed)
    return Report(
        origin,
        evaluation.presence,
        evaluation.shown,
        tuple(_rows(evaluation, seed)),
        _risk(evaluation.outcomes) if evaluation.graded else {},
        objects.get("F1"),
        objects.get("EQS"),
        len(evaluation.found),
    )


def _objects(found: Sequence[Found], seed: int) -> dict[str, Estimate]:
    """Instance F1 and exact query success with their intervals over scenes, where counted."""
    if not found:
        return {}
    scenes = np.array([one.scene for one in found], object)
    ratios = {"F1": f1_ratio(found), "EQS": exact_ratio(found)}
    told = resampled(ratios, scenes, seed=seed)
    return told | {"F1": replace(told["F1"], value=instance_f1(found))}


def _rows(evaluation: Evaluation, seed: int) -> Iterator[Row]:
    """A row for all queries, those with and without target, and every family."""
    outcomes = evaluation.outcomes
    families = [family for family in sorted(set(outcomes.families)) if family]
    chosen = [
        (ALL, np.ones(len(outcomes), bool)),
        (TARGET, ~outcomes.empty),
        (EMPTY, outcomes.empty),
        *((_told(family), outcomes.families == family) for family in families),
    ]
    for name, rows in chosen:
        if rows.any():
            beside = {
                told: _baseline(table[rows].decided(evaluation.presence))
                for told, table in evaluation.baselines.items()
            }
            some = outcomes[rows]
            figures = estimates(some.decided(evaluation.presence), METRICS, seed=seed)
            if evaluation.graded:
                figures["AURC"] = interval(some, _area, seed=seed)
            yield Row(name, len(some), len(set(some.names)), figures, beside)


def _told(family: str) -> str:
    """What to call the row of a family, which users may name as they like.

    >>> _told("roofs"), _told("all")
    ('roofs', 'family all')
    """
    return f"family {family}" if family in (ALL, TARGET, EMPTY) else family


def _risk(outcomes: Outcomes) -> dict[float, float]:
    """The risk at each of the coverages; nothing where nothing was asked."""
    if not len(outcomes):
        return {}
    curve = risk_coverage(answered_loss(outcomes), outcomes.presence)
    taken = np.ceil(np.array(COVERAGES) * len(outcomes)).astype(int) - 1
    return dict(zip(COVERAGES, curve.risk[taken].tolist(), strict=True))


def _area(outcomes: Outcomes) -> float:
    return risk_coverage(answered_loss(outcomes), outcomes.presence).area


def _baseline(outcomes: Outcomes) -> Baseline:
    return Baseline(generalised_iou(outcomes).value, total_iou(outcomes).value)
