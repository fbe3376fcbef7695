import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from geoseg.evaluation.bootstrap import estimates, interval
from geoseg.evaluation.metrics import METRICS, mean_iou
from geoseg.evaluation.outcomes import Outcomes
from tests.geoseg.evaluation.made_up import outcome, some_outcomes


def halves(images: int, queries: int) -> Outcomes:
    """Every second image is answered rightly, the others wrongly, all queries of one alike."""
    return Outcomes.of(
        outcome(4 * (image % 2), 4, 4, name=str(image))
        for image in range(images)
        for _ in range(queries)
    )


def miou(table: Outcomes) -> float:
    return mean_iou(table, empty_union="zero").value


def test_the_interval_is_that_of_the_binomial_mean_over_images() -> None:
    found = estimates(halves(100, 1), METRICS)["Pr@0.5"]
    assert found.value == 0.5
    assert (found.low, found.high) == pytest.approx((0.4, 0.6), abs=0.02)


def test_queries_of_one_image_stay_together() -> None:
    one, many = (estimates(halves(60, count), METRICS)["gIoU"] for count in (1, 20))
    assert many.high - many.low == pytest.approx(one.high - one.low, abs=0.03)


def test_images_of_one_group_stay_together_however_the_interval_is_drawn() -> None:
    alone = halves(60, 1)
    groups = np.array([str(place // 10) for place in range(60)], object)
    grouped = replace(alone, groups=groups, intersection=4 * (groups.astype(int) % 2))
    for draw in (lambda table: estimates(table, METRICS)["gIoU"], lambda t: interval(t, miou)):
        narrow, wide = draw(alone), draw(grouped)
        assert wide.value == narrow.value == 0.5
        assert wide.high - wide.low > 2 * (narrow.high - narrow.low)


def test_the_same_seed_gives_the_same_interval() -> None:
    table = halves(30, 2)
    gious = [estimates(table, METRICS, seed=seed)["gIoU"] for seed in (3, 3, 4)]
    assert gious[0] == gious[1] != gious[2]


def test_both_ways_to_resample_agree() -> None:
    table = halves(80, 3)
    quick = estimates(table, METRICS)["mIoU (empty union 0)"]
    slow = interval(table, miou, draws=600)
    assert slow.value == quick.value
    assert (slow.low, slow.high) == pytest.approx((quick.low, quick.high), abs=0.03)


@settings(max_examples=20)
@given(table=some_outcomes())
def test_intervals_are_in_order_and_within_0_and_1(table: Outcomes) -> None:
    for found in estimates(table, METRICS).values():
        assert math.isnan(found.low) or 0 <= found.low <= found.high <= 1


def test_one_image_alone_has_a_figure_but_no_interval() -> None:
    one = Outcomes.of([outcome(1, 2, 1), outcome(1, 2, 1)])
    for found in (estimates(one, METRICS)["oIoU"], interval(one, miou)):
        assert found.value == 0.5
        assert math.isnan(found.low)
        assert math.isnan(found.high)


def test_without_queries_nothing_is_known() -> None:
    nothing = Outcomes.of([])
    assert np.isnan(estimates(nothing, METRICS)["gIoU"].value)
    assert np.isnan(interval(nothing, miou).value)
