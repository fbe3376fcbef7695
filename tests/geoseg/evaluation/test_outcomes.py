from dataclasses import replace

import numpy as np
import pytest

from geoseg.evaluation.outcomes import Outcomes
from tests.geoseg.evaluation.made_up import outcome


def test_more_pixels_in_common_than_in_the_truth_are_refused() -> None:
    with pytest.raises(ValueError, match="5 pixels in common of 4"):
        outcome(5, 4, 9)


@pytest.mark.parametrize("presence", [-0.1, 1.1, float("nan")])
def test_a_presence_outside_of_0_to_1_is_refused(presence: float) -> None:
    with pytest.raises(ValueError, match="presence"):
        outcome(1, 1, 1, presence=presence)


def test_the_union_counts_what_is_in_common_once() -> None:
    assert outcome(2, 5, 4).union == 7
    assert Outcomes.of([outcome(2, 5, 4)]).union.tolist() == [7]


def test_an_answer_below_the_threshold_becomes_empty_and_its_truth_stays() -> None:
    table = Outcomes.of([outcome(2, 5, 4, presence=0.5), outcome(2, 5, 4, presence=0.49)])
    decided = table.decided(0.5)
    assert decided.predicted.tolist() == [4, 0]
    assert decided.intersection.tolist() == [2, 0]
    assert decided.truth.tolist() == [5, 5]
    assert table.predicted.tolist() == [4, 4]


def test_queries_without_a_group_belong_to_their_image() -> None:
    one = outcome(0, 1, 1)
    table = Outcomes.of([one, replace(one, name="b", group="town")])
    assert table.groups.tolist() == ["a", "town"]
    assert table.decided().groups.tolist() == ["a", "town"]
    assert table[np.array([1])].groups.tolist() == ["town"]


def test_rows_can_be_chosen() -> None:
    table = Outcomes.of([outcome(0, 1, 1, family="x"), outcome(1, 1, 1, family="y")])
    assert table[table.families == "y"].intersection.tolist() == [1]
    assert table[np.array([1, 1, 0])].families.tolist() == ["y", "y", "x"]
