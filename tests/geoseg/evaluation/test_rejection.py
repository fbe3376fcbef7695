import re
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats
from scipy.special import expit

from geoseg.errors import OptionsError
from geoseg.evaluation.rejection import (
    Presences,
    Rate,
    accepted,
    check_enough_images,
    doubts,
    rate_of,
    rejection_threshold,
)


def alone(presence: NDArray[np.float64]) -> Presences:
    """One query about each image."""
    return list(presence[:, None])


@given(
    presence=st.lists(
        st.lists(st.floats(0, 1, width=32), min_size=1, max_size=5), min_size=1, max_size=30
    ),
    rate=st.floats(0.03, 0.97),
)
def test_the_threshold_is_the_smallest_that_controls_the_risk(
    presence: list[list[float]], rate: float
) -> None:
    images, count = [np.array(one) for one in presence], len(presence)

    def bound(threshold: float) -> float:
        return (sum(float((one >= threshold).mean()) for one in images) + 1) / (count + 1)

    if rate * (count + 1) < 1:
        with pytest.raises(OptionsError, match="empty chips"):
            rejection_threshold(images, false_accept=rate)
        return
    threshold = rejection_threshold(images, false_accept=rate)
    assert bound(threshold) <= rate + 1e-8
    lower = float(np.nextafter(np.float32(threshold), np.float32(-np.inf)))
    assert threshold == 0 or bound(lower) > rate - 1e-8


def answered_of_new_images(
    threshold_of: Callable[[NDArray[np.float64]], float], *, images: int, queries: int
) -> NDArray[np.float64]:
    """What thresholds reach on new images whose queries have much in common: (draws,)."""
    rng = np.random.default_rng(0)

    def drawn(count: int) -> NDArray[np.float64]:
        return expit(rng.normal(0, 2, (count, 1)) + rng.normal(0, 1, (count, queries)))

    return np.array([(drawn(100) >= threshold_of(drawn(images))).mean() for _ in range(600)])


@pytest.mark.parametrize(("rate", "images"), [(0.05, 20), (0.02, 60)])
def test_the_rate_is_kept_where_queries_about_an_image_go_wrong_together(
    rate: float, images: int
) -> None:
    achieved = answered_of_new_images(
        lambda seen: rejection_threshold(list(seen), false_accept=rate), images=images, queries=20
    )
    error = achieved.std() / np.sqrt(len(achieved))
    assert achieved.mean() <= rate + 2 * error
    # as if each query were an image of its own, which promises what it does not keep
    apart = answered_of_new_images(
        lambda seen: rejection_threshold(alone(seen.ravel()), false_accept=rate),
        images=images,
        queries=20,
    )
    assert apart.mean() > rate + 3 * apart.std() / np.sqrt(len(apart))


@pytest.mark.parametrize("rate", [0.02, 0.1, 0.3])
def test_over_many_draws_the_rate_achieved_is_that_asked_for_or_less(rate: float) -> None:
    rng = np.random.default_rng(0)
    draws, count = 2000, 99
    chosen_on = rng.beta(1, 3, (draws, count))
    new = rng.beta(1, 3, (draws, 200))
    thresholds = [rejection_threshold(alone(row), false_accept=rate) for row in chosen_on]
    achieved = (new >= np.array(thresholds)[:, None]).mean(axis=1)
    # each draw's rate has the spread of an order statistic, and 200 trials of its own
    error = achieved.std() / np.sqrt(draws)
    assert achieved.mean() <= rate + 3 * error
    assert achieved.mean() >= rate - 1 / (count + 1) - 3 * error


def test_the_rate_of_one_draw_is_that_of_an_order_statistic() -> None:
    rng = np.random.default_rng(1)
    count, rate = 199, 0.05
    exact = [
        1 - rejection_threshold(alone(rng.random(count)), false_accept=rate) for _ in range(1500)
    ]
    expected = stats.beta(rate * (count + 1), count - rate * (count + 1) + 1)
    assert stats.kstest(exact, expected.cdf).pvalue > 0.001


def test_equal_presences_are_refused_together() -> None:
    presence = alone(np.array([0.5] * 10 + [0.1] * 10))
    threshold = rejection_threshold(presence, false_accept=0.2)
    assert threshold > 0.5
    assert accepted(presence, threshold).hits == 0


def test_too_few_images_are_told_with_how_many_it_takes_however_many_queries_there_are() -> None:
    with pytest.raises(OptionsError, match=r"10 images .*at least 99 .*about 198 .*0\.091 or more"):
        rejection_threshold([np.zeros(50)] * 10, false_accept=0.01)
    rejection_threshold([np.zeros(1)] * 99, false_accept=0.01)


@given(images=st.integers(0, 3000), rate=st.floats(1e-4, 0.5))
def test_the_rate_that_is_offered_and_the_images_that_are_wanted_are_enough(
    images: int, rate: float
) -> None:
    try:
        check_enough_images(images, false_accept=rate)
    except OptionsError as error:
        needed = re.search(r"at least (\d+)", str(error))
        offered = re.search(r"allow a rate of (\S+) or more", str(error))
        assert needed is not None
        check_enough_images(int(needed[1]), false_accept=rate)
        if images:
            assert offered is not None
            check_enough_images(images, false_accept=float(offered[1]))


def test_without_any_empty_chip_nothing_can_be_told() -> None:
    with pytest.raises(OptionsError, match=r"from 0 images"):
        rejection_threshold([], false_accept=0.1)


def test_the_threshold_can_be_told_from_the_surest_refused_in_float32() -> None:
    sure = np.float32(0.99995)
    threshold = rejection_threshold(alone(np.full(30, sure, float)), false_accept=0.1)
    assert np.float32(threshold) > sure


@pytest.mark.parametrize("rate", [0, 1, -1, float("nan")])
def test_a_rate_that_is_none_is_refused(rate: float) -> None:
    with pytest.raises(OptionsError, match="between 0 and 1"):
        rejection_threshold(alone(np.zeros(10)), false_accept=rate)


@given(hits=st.integers(0, 30), more=st.integers(0, 30))
def test_the_interval_holds_the_share_and_matches_the_exact_binomial_test(
    hits: int, more: int
) -> None:
    rate = rate_of([1] * hits + [0] * more, [1] * (hits + more))
    if not rate.of:
        assert np.isnan(rate.value)
        return
    exact = stats.binomtest(hits, rate.of).proportion_ci(method="exact")
    assert (rate.low, rate.high) == pytest.approx((exact.low, exact.high))
    assert rate.low <= rate.value <= rate.high


def test_each_image_counts_the_same_however_much_is_asked_of_it() -> None:
    rate = rate_of([9, 0], [9, 1])
    assert (rate.value, rate.hits, rate.of, rate.images) == (0.5, 9, 10, 2)


def test_the_interval_is_about_images_not_queries() -> None:
    alike = rate_of([0, 20] * 10, [20] * 20)
    exact = stats.binomtest(10, 20).proportion_ci(method="exact")
    assert (alike.low, alike.high) == pytest.approx((exact.low, exact.high))
    mixed = rate_of([4, 16] * 10, [20] * 20)
    assert (mixed.low, mixed.high) == pytest.approx((0.37, 0.63), abs=0.02)  # 0.3 / sqrt(20) * 1.96


def test_one_image_alone_tells_nothing_of_others() -> None:
    rate = rate_of([1], [4])
    assert (rate.value, rate.low, rate.high) == (0.25, 0, 1)


@pytest.mark.parametrize(
    ("reached", "says"),
    [
        (rate_of([], []), "other half of the data has no empty chips, so nothing tells"),
        (rate_of([1], [1]), "100.00% .* accepted, and 50.00% was asked for; 1 image with"),
        (rate_of([0] * 4, [1] * 4), "0.00% .* and 50.00% was asked for; 4 images with empty"),
        (rate_of([1] * 9, [1] * 9), "100.00% .* not 50.00% as asked for, and chance hardly"),
    ],
)
def test_a_rate_that_the_other_half_does_not_bear_out_is_doubted(reached: Rate, says: str) -> None:
    (told,) = doubts(reached, asked=0.5)
    assert re.search(says, told)
    assert "give more data" in told


@pytest.mark.parametrize("hits", [0, 4, 5])
def test_a_rate_that_chance_explains_is_not_doubted(hits: int) -> None:
    reached = rate_of([1] * hits + [0] * (8 - hits), [1] * 8)
    assert list(doubts(reached, asked=0.5)) == []
