from typing import get_args

import pytest

from geoseg.errors import DataError
from geoseg.training.data.problems import KINDS, Kind, Problem, ProblemError


def test_every_kind_is_told_with_its_way_out() -> None:
    assert set(KINDS) == set(get_args(Kind))
    assert all(means and way_out for means, way_out in KINDS.values())


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_says_what_where_and_the_way_out(kind: Kind) -> None:
    text = str(ProblemError(Problem(kind, "a.tif", "at the end")))
    assert text == f"{KINDS[kind][0]}: a.tif (at the end); {KINDS[kind][1]}"
    assert isinstance(ProblemError(Problem(kind, "a.tif")), DataError)


def test_a_problem_without_detail_is_its_place() -> None:
    assert str(Problem("missing", "a.tif")) == "a.tif"
