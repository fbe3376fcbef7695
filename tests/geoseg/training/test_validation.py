import math

import pytest

from geoseg.evaluation.outcomes import Outcome, Outcomes
from geoseg.training.validation import Quality, quality_of


def outcome(*, common: int, truth: int, presence: float) -> Outcome:
    return Outcome("a", "", "the roofs", common, truth, common, presence)


def test_a_refused_query_counts_nothing() -> None:
    found = quality_of(Outcomes.of([
        outcome(common=5, truth=10, presence=0.9), outcome(common=5, truth=10, presence=0.1),
    ]))  # fmt: skip
    assert found.mean_iou == pytest.approx(0.25)
    assert (found.presence, found.accepted) == (0.5, 0.5)
    assert math.isnan(found.refused)


def test_absent_queries_are_right_when_refused() -> None:
    found = quality_of(Outcomes.of([
        outcome(common=0, truth=0, presence=0.1), outcome(common=0, truth=0, presence=0.9),
        outcome(common=10, truth=10, presence=0.9),
    ]))  # fmt: skip
    assert found.mean_iou == 1
    assert found.presence == pytest.approx(2 / 3)
    assert found.refused == 0.5


def test_what_is_not_known_is_not_told() -> None:
    assert str(Quality(float("nan"), 0.5, float("nan"), 0.5)) == "presence right 0.500"
