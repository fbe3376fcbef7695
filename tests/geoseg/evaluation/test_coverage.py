import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoseg.evaluation.coverage import answered_loss, risk_coverage
from geoseg.evaluation.outcomes import Outcomes
from tests.geoseg.evaluation.made_up import outcome


def by_hand(loss: list[float], order: tuple[int, ...]) -> list[float]:
    return [sum(loss[k] for k in order[:taken]) / taken for taken in range(1, len(order) + 1)]


@given(
    pairs=st.lists(
        st.tuples(st.floats(0, 1), st.sampled_from([0.1, 0.5, 0.9])), min_size=1, max_size=5
    )
)
def test_risk_is_the_mean_over_all_orders_that_are_surest_first(
    pairs: list[tuple[float, float]],
) -> None:
    loss, confidence = [one[0] for one in pairs], [one[1] for one in pairs]
    orders = [
        order
        for order in itertools.permutations(range(len(pairs)))
        if all(confidence[a] >= confidence[b] for a, b in itertools.pairwise(order))
    ]
    expected = np.mean([by_hand(loss, order) for order in orders], axis=0)
    curve = risk_coverage(np.array(loss), np.array(confidence))
    np.testing.assert_allclose(curve.risk, expected, atol=1e-12)
    assert curve.area == pytest.approx(expected.mean())


def test_at_full_coverage_the_risk_is_the_mean_loss() -> None:
    curve = risk_coverage(np.array([0.1, 0.5, 0.9]), np.array([0.3, 0.2, 0.1]))
    assert curve.coverage.tolist() == pytest.approx([1 / 3, 2 / 3, 1])
    assert curve.risk[-1] == pytest.approx(0.5)


def test_good_ranking_has_a_smaller_area_than_bad_ranking() -> None:
    loss = np.linspace(0, 1, 20)
    assert risk_coverage(loss, -loss).area < risk_coverage(loss, loss).area


def test_answering_what_is_not_there_costs_all() -> None:
    table = Outcomes.of([outcome(0, 0, 3), outcome(2, 4, 2)])
    assert answered_loss(table).tolist() == [1, 0.5]


def test_without_queries_there_is_no_area() -> None:
    assert np.isnan(risk_coverage(np.zeros(0), np.zeros(0)).area)
