import numpy as np

from geoseg.evaluation.failures import SIDE, Worst, contact_sheet, drawn_on
from tests.geoseg.evaluation.made_up import outcome

IMAGE = np.zeros((10, 20, 3), np.uint8)
HALF = np.zeros((10, 20), bool)
HALF[:5] = True


def kept(count: int) -> Worst:
    """A miss, a half, a larger miss and a right answer, seen one after another."""
    worst = Worst(count)
    nothing, everything = np.zeros_like(HALF), np.ones_like(HALF)
    for name, truth, answer in (
        ("miss", HALF, nothing),
        ("half", HALF, everything),
        ("larger miss", everything, nothing),
        ("right", HALF, HALF),
    ):
        worst.see(outcome(0, 1, 1, name=name), IMAGE, truth, answer)
    return worst


def test_the_worst_come_first_and_the_larger_mistake_before_the_smaller() -> None:
    names = [failure.outcome.name for failure in kept(9).failures()]
    assert names == ["larger miss", "miss", "half"]


def test_no_more_are_kept_than_asked_for() -> None:
    assert [failure.outcome.name for failure in kept(1).failures()] == ["larger miss"]
    assert kept(0).failures() == ()


def test_a_mask_is_painted_where_it_is() -> None:
    painted = drawn_on(IMAGE, HALF, (200, 0, 0))
    assert (painted[:5, :, 0] == 100).all()
    assert (painted[5:] == 0).all()


def test_the_sheet_holds_all_failures_in_rows() -> None:
    one, four = (contact_sheet(kept(9).failures() * count, columns=3) for count in (1, 2))
    assert one.width == four.width > 3 * 2 * SIDE
    assert four.height == 2 * one.height
    assert np.asarray(one).max() > 200  # words and colours


def test_without_failures_the_sheet_is_empty() -> None:
    assert contact_sheet(()).height > 0
