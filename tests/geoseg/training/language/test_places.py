import re

import numpy as np
import pytest

from geoseg.training.language.places import FARTHEST, REGIONS, Region, farthest, inside, placed
from geoseg.training.language.referring import plain, settled
from geoseg.training.language.view import View
from geoseg.training.scenes import SceneObject
from tests.geoseg.training.language.said import all_said, ask, chip

SHIP = SceneObject("ship", "grey", "ship")
GRASS = SceneObject("grass", "", "grass")


def region(words: str) -> Region:
    return next(known for known in REGIONS if words in known.words)


def test_every_region_surely_holds_less_than_people_may_stretch_it_to() -> None:
    for known in REGIONS:
        (top, bottom, left, right), outer = known.inner, known.outer
        assert outer[0] <= top < bottom <= outer[1]
        assert outer[2] <= left < right <= outer[3]


@pytest.mark.parametrize(
    ("rows", "words", "expected"),
    [
        (np.s_[5:15], "in the northern half", 1),
        (np.s_[60:70], "in the northern half", 0),
        (np.s_[44:54], "in the northern half", None),
        (np.s_[46:52], "in the north", None),
        (np.s_[30:38], "in the north", 1),
        (np.s_[64:70], "in the north", 0),
    ],
)
def test_what_lies_across_the_line_is_doubtful(
    rows: slice, words: str, expected: int | None
) -> None:
    ids, objects = chip(100, (SHIP, (rows, slice(10, 20))))
    share = inside(View(ids, objects), region(words), whole=False)[1]
    assert (share == expected) if expected is not None else (0 < share < 1)


def test_ground_is_in_a_region_only_as_a_whole() -> None:
    ids, objects = chip(100, (GRASS, np.s_[5:55, :]))
    assert 0 < inside(View(ids, objects), region("in the northern half"), whole=True)[1] < 1


def test_ships_in_a_corner_are_said_to_be_there_and_nowhere_else() -> None:
    made = chip(100, (SHIP, np.s_[5:15, 5:15]), (SHIP, np.s_[20:26, 10:30]))
    there = {
        p.text for p in all_said(*made, "place") if re.search(r"\bthe (ship|vessel)s ", p.text)
    }
    assert any("north-west quarter" in text for text in there)
    assert not any(re.search("south|east|right|bottom|lower|middle", text) for text in there)
    missing = {phrase.text for phrase in all_said(*made, "wrong place")}
    assert any("south" in text for text in missing)
    assert not any(re.search(r"north-west|northwest|top left|upper left", t) for t in missing)


def test_a_phrase_of_place_means_what_lies_there() -> None:
    made = chip(100, (SHIP, np.s_[5:15, 5:15]), (SHIP, np.s_[80:90, 80:90]))
    for phrase in all_said(*made, "place"):
        north = re.search("north|top|upper", phrase.text)
        west = re.search("west|left", phrase.text)
        assert phrase.mask[10, 10] == bool(north or west)
        assert phrase.mask[85, 85] != phrase.mask[10, 10]


@pytest.mark.parametrize("side", sorted(FARTHEST))
def test_the_farthest_is_the_one_at_that_side(side: str) -> None:
    where = {"n": (5, 45), "s": (85, 45), "w": (45, 5), "e": (45, 85)}
    made = chip(100, *((SHIP, np.s_[r : r + 8, c : c + 8]) for r, c in where.values()))
    row, column = where[side]
    masks = [p.mask for p in all_said(*made, "place", 300)
             if any(word in p.text for word in FARTHEST[side])]  # fmt: skip
    assert masks
    for mask in masks:
        assert mask[row, column]
        assert mask.sum() == 64


def test_two_at_one_height_have_no_northernmost() -> None:
    made = chip(100, (SHIP, np.s_[5:15, 5:15]), (SHIP, np.s_[6:16, 60:70]))
    assert not any(
        "northernmost" in p.text or "topmost" in p.text for p in all_said(*made, "place")
    )


def test_a_place_in_which_something_may_lie_is_not_said_to_be_empty() -> None:
    asker = ask(*chip(100, (SHIP, np.s_[52:58, 40:60])), present=False)
    for _ in range(100):
        found = placed(asker, plain(asker, "ship"))
        if found and "in the north" in found.after[0]:
            assert settled(asker.view, found) is None


def test_there_is_no_farthest_grass() -> None:
    asker = ask(*chip(60, (GRASS, np.s_[0:20, :])))
    assert farthest(asker, plain(asker, "grass")) is None
