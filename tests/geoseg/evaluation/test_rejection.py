import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from geoseg.errors import OptionsError
from geoseg.evaluation.rejection import accepted, rate_of, rejection_threshold


@given(
    presence=st.lists(st.floats(0, 1, width=32), min_size=1, max_size=40),
    rate=st.floats(0.03, 0.97),
)
def test_the_threshold_is_the_smallest_that_controls_the_risk(
    presence: list[float], rate: float
) -> None:
    values, count = np.array(presence), len(presence)

    def bound(threshold: float) -> float:
        return (int((values >= threshold).sum()) + 1) / (count + 1)

    if rate * (count + 1) < 1:
        with pytest.raises(OptionsError, match="empty chips"):
            rejection_threshold(values, false_accept=rate)
        return
    threshold = rejection_threshold(values, false_accept=rate)
    assert bound(threshold) <= rate + 1e-9
    lower = np.nextafter(threshold, -np.inf)
    assert threshold == 0 or bound(lower) > rate - 1e-9


@pytest.mark.parametrize("rate", [0.02, 0.1, 0.3])
def test_over_many_draws_the_rate_achieved_is_that_asked_for_or_less(rate: float) -> None:
    rng = np.random.default_rng(0)
    draws, count = 2000, 99
    chosen_on = rng.beta(1, 3, (draws, count))
    new = rng.beta(1, 3, (draws, 200))
    thresholds = [rejection_threshold(row, false_accept=rate) for row in chosen_on]
    achieved = (new >= np.array(thresholds)[:, None]).mean(axis=1)
    # each draw's rate has the spread of an order statistic, and 200 trials of its own
    error = achieved.std() / np.sqrt(draws)
    assert achieved.mean() <= rate + 3 * error
    assert achieved.mean() >= rate - 1 / (count + 1) - 3 * error


def test_the_rate_of_one_draw_is_that_of_an_order_statistic() -> None:
    rng = np.random.default_rng(1)
    count, rate = 199, 0.05
    exact = [1 - rejection_threshold(rng.random(count), false_accept=rate) for _ in range(1500)]
    expected = stats.beta(rate * (count + 1), count - rate * (count + 1) + 1)
    assert stats.kstest(exact, expected.cdf).pvalue > 0.001


def test_equal_presences_are_refused_together() -> None:
    presence = np.array([0.5] * 10 + [0.1] * 10)
    threshold = rejection_threshold(presence, false_accept=0.2)
    assert threshold > 0.5
    assert accepted(presence, threshold).hits == 0


def test_too_few_empty_chips_are_told_with_how_many_it_takes() -> None:
    with pytest.raises(OptionsError, match=r"at least 99;.*0\.091 or more"):
        rejection_threshold(np.zeros(10), false_accept=0.01)
    rejection_threshold(np.zeros(99), false_accept=0.01)


@pytest.mark.parametrize("rate", [0, 1, -1, float("nan")])
def test_a_rate_that_is_none_is_refused(rate: float) -> None:
    with pytest.raises(OptionsError, match="between 0 and 1"):
        rejection_threshold(np.zeros(10), false_accept=rate)


@given(hits=st.integers(0, 30), more=st.integers(0, 30))
def test_the_interval_holds_the_share_and_matches_the_exact_binomial_test(
    hits: int, more: int
) -> None:
    rate = rate_of(hits, hits + more)
    if not rate.of:
        assert np.isnan(rate.value)
        return
    exact = stats.binomtest(hits, rate.of).proportion_ci(method="exact")
    assert (rate.low, rate.high) == pytest.approx((exact.low, exact.high))
    assert rate.low <= rate.value <= rate.high
