import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoseg.evaluation.metrics import (
    METRICS,
    PRECISIONS,
    EmptyUnion,
    generalised_iou,
    iou,
    mean_iou,
    no_target_accuracy,
    precision_at,
    target_accuracy,
    total_iou,
)
from geoseg.evaluation.outcomes import Outcomes
from tests.geoseg.evaluation.made_up import outcome, some_outcomes

FOUR = Outcomes.of(
    [
        outcome(3, 4, 5),  # IoU 3/6
        outcome(0, 10, 0),  # missed
        outcome(0, 0, 0),  # rightly refused
        outcome(0, 0, 6),  # wrongly answered
    ]
)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("oIoU", 3 / (6 + 10 + 0 + 6)),
        ("mIoU (empty union 0)", 0.5 / 4),
        ("mIoU (empty union 1)", 1.5 / 4),
        ("gIoU", (0.5 + 0 + 1 + 0) / 4),
        ("Pr@0.5", 1 / 4),
        ("Pr@0.6", 0),
        ("N-acc", 1 / 2),
        ("T-acc", 1 / 2),
    ],
)
def test_four_queries_have_the_figures_counted_by_hand(name: str, value: float) -> None:
    assert METRICS[name](FOUR).value == pytest.approx(value)


@pytest.mark.parametrize("level", PRECISIONS)
def test_an_iou_that_just_reaches_the_level_counts(level: float) -> None:
    table = Outcomes.of([outcome(round(10 * level), 10, round(10 * level))])
    assert precision_at(table, least=level).value == 1


def loop(table: Outcomes, *, empty_union: float) -> tuple[float, float, float]:
    """oIoU, mIoU and gIoU, the way the data sets' own scripts walk over samples."""
    common = either = means = generalised = 0.0
    for place in range(len(table)):
        shared = float(table.intersection[place])
        truth, answer = float(table.truth[place]), float(table.predicted[place])
        union = truth + answer - shared
        common, either = common + shared, either + union
        means += shared / union if union else empty_union
        if truth:
            generalised += shared / union
        elif not answer:
            generalised += 1
    count = len(table)
    return common / either if either else math.nan, means / count, generalised / count


@pytest.mark.parametrize(("empty_union", "counts"), [("zero", 0), ("one", 1)])
@given(table=some_outcomes())
def test_figures_equal_those_of_a_loop_over_samples(
    table: Outcomes, empty_union: EmptyUnion, counts: int
) -> None:
    figures = (total_iou(table), mean_iou(table, empty_union=empty_union), generalised_iou(table))
    expected = loop(table, empty_union=counts)
    assert [one.value for one in figures] == pytest.approx(list(expected), nan_ok=True)


@given(table=some_outcomes(), seed=st.integers(0, 9))
def test_the_order_of_the_queries_does_not_matter(table: Outcomes, seed: int) -> None:
    mixed = table[np.random.default_rng(seed).permutation(len(table))]
    for metric in METRICS.values():
        assert metric(mixed).value == pytest.approx(metric(table).value, nan_ok=True)


@given(table=some_outcomes())
def test_every_figure_lies_between_0_and_1_or_is_none(table: Outcomes) -> None:
    for metric in METRICS.values():
        value = metric(table).value
        assert math.isnan(value) or 0 <= value <= 1


@given(table=some_outcomes())
def test_of_one_query_total_and_mean_iou_are_its_iou(table: Outcomes) -> None:
    one = table[np.array([0])]
    alone = float(iou(one, empty_union="zero")[0])
    assert mean_iou(one, empty_union="zero").value == alone
    if one.union[0]:
        assert total_iou(one).value == alone


@given(table=some_outcomes())
def test_precision_falls_with_the_level_and_mean_iou_bounds_it(table: Outcomes) -> None:
    shares = [precision_at(table, least=level).value for level in PRECISIONS]
    assert shares == sorted(shares, reverse=True)
    assert mean_iou(table, empty_union="zero").value >= shares[0] * PRECISIONS[0] - 1e-12


@given(table=some_outcomes(), strict=st.floats(0, 1), lenient=st.floats(0, 1))
def test_a_higher_threshold_refuses_more(table: Outcomes, strict: float, lenient: float) -> None:
    lenient, strict = sorted((lenient, strict))
    many, few = table.decided(lenient), table.decided(strict)
    for metric, less in ((no_target_accuracy, -1), (target_accuracy, 1)):
        change = less * (metric(many).value - metric(few).value)
        assert math.isnan(change) or change >= 0


@given(table=some_outcomes())
def test_counting_empty_unions_as_1_is_the_giou_of_grefcoco(table: Outcomes) -> None:
    assert mean_iou(table, empty_union="one").value == pytest.approx(generalised_iou(table).value)


def test_nothing_is_said_about_targets_where_there_are_none() -> None:
    empty = Outcomes.of([outcome(0, 0, 0)])
    assert math.isnan(target_accuracy(empty).value)
    assert math.isnan(total_iou(empty).value)
    assert no_target_accuracy(empty).value == 1
