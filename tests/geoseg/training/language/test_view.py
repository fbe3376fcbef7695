import numpy as np
import pytest
from numpy.typing import NDArray

from geoseg.training.language.view import FEWEST, View
from geoseg.training.scenes import SceneObject

OBJECTS = (
    SceneObject("", "", ""),
    SceneObject("building", "red", "flat"),
    SceneObject("building", "", "gabled", (("roof", "hipped"), ("use", "barn"))),
    SceneObject("greenhouse", "", "glass"),
    SceneObject("tree", "", "palm"),
    SceneObject("", "", "soil"),
)
RED, BARN, GLASS, PALM, HEAP = range(1, 6)


@pytest.fixture
def ids() -> NDArray[np.int64]:
    ids = np.zeros((40, 60), np.int64)
    ids[0:10, 0:20] = RED
    ids[25:30, 30:50] = BARN
    ids[35:39, 2:4] = GLASS
    ids[20:26, 5:11] = PALM
    ids[12:14, 0:30] = HEAP
    return ids


@pytest.fixture
def view(ids: NDArray[np.int64]) -> View:
    return View(ids, OBJECTS)


def test_objects_that_are_hidden_are_not_counted(ids: NDArray[np.int64]) -> None:
    view = View(np.where(ids == RED, 0, ids), OBJECTS)
    assert not view.of("building")[RED]
    assert view.of("building")[BARN]


def test_what_people_disagree_about_is_between_yes_and_no(view: View) -> None:
    called = view.called("building")
    assert called[RED] == called[BARN] == 1
    assert 0 < called[GLASS] < 0.5
    assert called[PALM] == 0


def test_ground_without_a_concept_can_be_taken_for_one(view: View) -> None:
    assert view.called("bare soil")[HEAP] > 0
    assert view.taken_for("sand")[HEAP]
    assert not view.lacks("beach")
    assert view.lacks("snow")


def test_few_pixels_are_neither_shown_nor_lacked(view: View) -> None:
    assert view.area(view.of("greenhouse")) < FEWEST
    assert not view.shows("greenhouse")
    assert not view.lacks("greenhouse")


def test_attributes_come_from_the_record_or_from_the_kind_painted(view: View) -> None:
    assert view.attribute(RED, "roof") == "flat"
    assert view.attribute(BARN, "roof") == "hipped"
    assert view.attribute(BARN, "use") == "barn"
    assert view.attribute(RED, "material") == ""
    assert view.attribute(PALM, "type") == "palm"


def test_shares_of_the_two_halves_add_up(view: View) -> None:
    north, south = view.share((0, 0.5, 0, 1)), view.share((0.5, 1, 0, 1))
    np.testing.assert_allclose((north + south)[view.seen], 1)


def test_boxes_and_middles_are_shares_of_the_chip(view: View) -> None:
    np.testing.assert_allclose(view.boxes[BARN], (25 / 40, 30 / 40, 30 / 60, 50 / 60))
    np.testing.assert_allclose(view.middles[BARN], (27 / 40, 39.5 / 60))


def test_only_what_reaches_the_edge_may_be_cut_off(view: View) -> None:
    assert view.cut[RED]
    assert not view.cut[[BARN, GLASS, PALM]].any()


@pytest.mark.parametrize("turn", [0.0, 0.4, 1.1])
def test_the_length_of_a_turned_rectangle_is_its_own(turn: float) -> None:
    rows, columns = np.mgrid[0:100, 0:100] - 50
    along = rows * np.sin(turn) + columns * np.cos(turn)
    across = rows * np.cos(turn) - columns * np.sin(turn)
    view = View(((abs(along) <= 30) & (abs(across) <= 6)).astype(np.int64), OBJECTS)
    np.testing.assert_allclose(view.lengths[RED], (60, 12), atol=1.1)
