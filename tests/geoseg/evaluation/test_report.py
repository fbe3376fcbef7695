import math
from dataclasses import replace

import pytest

from geoseg.evaluation.evaluation import Evaluation
from geoseg.evaluation.instances import Found
from geoseg.evaluation.outcomes import Outcomes
from geoseg.evaluation.report import Origin, Report, report_of
from tests.geoseg.evaluation.made_up import outcome

ORIGIN = Origin("a model", "some data", "a machine", "2026-01-02", "9.9", "auto", 1.5)


def report(presence: float = 0.5, found: tuple[Found, ...] = (), *, graded: bool = True) -> Report:
    outcomes = Outcomes.of(
        [
            outcome(4, 4, 4, name="a", family="class", presence=0.9),
            outcome(2, 4, 2, name="b", family="class", presence=0.6),
            outcome(0, 0, 5, name="b", family="absent", presence=0.7),
        ]
    )
    beside = dict.fromkeys(("empty", "full", "largest blob"), outcomes)
    return report_of(
        Evaluation(outcomes, beside, {"whole": 2}, (), found, presence, graded),
        ORIGIN,
    )


def test_there_is_a_row_for_all_for_targets_for_none_and_for_each_family() -> None:
    rows = {row.name: (row.queries, row.images) for row in report().rows}
    assert rows == {
        "all": (3, 2),
        "with target": (2, 2),
        "without target": (1, 1),
        "absent": (1, 1),
        "class": (2, 2),
    }


def test_figures_follow_the_presence_threshold() -> None:
    lenient, strict = (
        {row.name: row.figures for row in report(presence).rows} for presence in (0.5, 0.8)
    )
    assert lenient["all"]["gIoU"].value == pytest.approx(1.5 / 3)
    assert strict["all"]["gIoU"].value == pytest.approx(2 / 3)
    assert strict["without target"]["N-acc"].value == 1
    assert strict["with target"]["T-acc"].value == 0.5


def test_the_risk_of_the_surest_is_told_up_to_all_of_them() -> None:
    risk = report().risk
    assert risk[0.1] == 0
    assert risk[1.0] == pytest.approx((0 + 0.5 + 1) / 3)


def test_objects_are_told_only_where_they_were_counted() -> None:
    assert report().instance_f1 is None
    counted = report(found=(Found(1, 1, 1), Found(0, 1, 0)))
    assert counted.instance_f1 is not None
    assert counted.exact_query_success is not None
    assert counted.instance_f1.value == pytest.approx(2 / 3)
    assert counted.exact_query_success.value == 0.5


def test_objects_have_an_interval_over_scenes_where_there_are_several() -> None:
    half = tuple(Found(place % 2, 1, 1, f"scene {place}") for place in range(40))
    several, single = (
        report(found=found).exact_query_success
        for found in (half, tuple(replace(one, scene="the scene") for one in half))
    )
    assert several is not None
    assert several.value == 0.5
    assert (several.low, several.high) == pytest.approx((0.35, 0.65), abs=0.03)
    assert single is not None
    assert single.value == 0.5
    assert math.isnan(single.low)


def test_where_nothing_was_meant_and_nothing_found_all_of_it_was_found() -> None:
    counted = report(found=(Found(0, 0, 0, "a"), Found(0, 0, 0, "b")))
    assert counted.instance_f1 is not None
    assert counted.instance_f1.value == 1


def test_risk_is_not_told_where_presence_says_only_yes_or_no() -> None:
    plain = report(graded=False)
    assert plain.risk == {}
    assert all("AURC" not in row.figures for row in plain.rows)
    assert all("AURC" in row.figures for row in report().rows)


def test_without_queries_there_are_no_rows() -> None:
    nothing = Evaluation(Outcomes.of([]), {}, {})
    assert report_of(nothing, ORIGIN).rows == ()


def test_a_family_called_like_another_row_has_a_row_of_its_own() -> None:
    outcomes = Outcomes.of([
        outcome(4, 4, 4, name="a", family="roofs"),
        outcome(0, 4, 2, name="b", family="all"),
        outcome(0, 4, 4, name="c", family="without target"),
    ])  # fmt: skip
    told = report_of(Evaluation(outcomes, {}, {"whole": 3}), ORIGIN)
    assert [(row.name, row.queries) for row in told.rows] == [
        ("all", 3),
        ("with target", 3),
        ("family all", 1),
        ("roofs", 1),
        ("family without target", 1),
    ]
