import re

import numpy as np
import pytest

from geoseg.training.land.concepts import COLOURS
from geoseg.training.language.character import CHARACTERS
from geoseg.training.language.referring import (
    NEAR_COLOURS,
    characterised,
    coloured,
    of_character,
    of_colour,
    plain,
    settled,
)
from geoseg.training.scenes import SceneObject
from tests.geoseg.training.language.said import all_said, ask, chip


def house(colour: str, **attributes: str) -> SceneObject:
    return SceneObject("building", colour, "flat", tuple(attributes.items()))


FLAT = house("red", roof="flat", use="house")
GABLED = house("red", roof="gabled", use="barn")
HIPPED = house("grey", roof="hipped", use="warehouse")
HUT = house("blue", roof="shed", use="hut")

PLACES = (np.s_[4:20, 4:20], np.s_[4:20, 30:46], np.s_[30:46, 4:20], np.s_[30:46, 30:46])


def street(*houses: SceneObject):  # noqa: ANN201
    return chip(60, *zip(houses, PLACES, strict=False))


def test_every_colour_has_its_near_ones() -> None:
    assert NEAR_COLOURS.keys() == set(COLOURS)


def test_a_colour_means_all_that_have_it() -> None:
    said = all_said(*street(FLAT, GABLED, HIPPED), "colour")
    assert {bool(re.search("red", phrase.text)) for phrase in said} == {True, False}
    for phrase in said:
        assert phrase.mask[10, 10] == phrase.mask[10, 40] == ("red" in phrase.text)
        assert phrase.mask[40, 10] == bool(re.search("grey|gray", phrase.text))


def test_a_colour_like_one_that_is_there_is_not_said_to_be_absent() -> None:
    said = {phrase.text for phrase in all_said(*street(FLAT), "wrong colour", 200)}
    said = {text for text in said if not re.search(r"\b(in|on|at|near) the\b", text)}
    assert any("blue" in text for text in said)
    assert not any("brown" in text or "red" in text for text in said)


def test_a_thing_whose_colour_is_unknown_may_have_any() -> None:
    asker = ask(*street(FLAT, house("")))
    found = of_colour(asker.view, plain(asker, "building"), "blue")
    assert 0 < found.members[2] < 1
    assert settled(asker.view, found) is None


def test_roofs_are_told_apart_by_shape() -> None:
    said = all_said(*street(FLAT, GABLED, HIPPED), "attribute", 400)
    flat = [phrase for phrase in said if "flat" in phrase.text]
    pitched = [p for p in said if re.search("pitched|sloping", p.text)]
    assert flat
    assert pitched
    assert all(phrase.mask[10, 10] and not phrase.mask[10, 40] for phrase in flat)
    assert all(phrase.mask[10, 40] and phrase.mask[40, 10] for phrase in pitched)


def test_a_value_people_disagree_about_keeps_a_word_from_being_said() -> None:
    said = all_said(*street(FLAT, HUT), "attribute", 300)
    assert not any(re.search("house", phrase.text) for phrase in said)


def test_a_value_that_looks_alike_is_not_said_to_be_absent() -> None:
    said = {phrase.text for phrase in all_said(*street(GABLED), "wrong attribute", 300)}
    assert not any("hipped" in text for text in said)
    assert any("flat" in text for text in said)


def test_a_thing_without_a_record_may_have_any_value() -> None:
    asker = ask(*street(FLAT, house("grey", roof="flat")))
    character = next(known for known in CHARACTERS if known.values == ("house",))
    found = of_character(asker.view, plain(asker, "building"), character)
    assert found.members[1] == 1
    assert 0 < found.members[2] < 1


@pytest.mark.parametrize("refine", [coloured, characterised])
def test_what_has_neither_colour_nor_character_is_not_refined(refine: object) -> None:
    asker = ask(*chip(60, (SceneObject("snow", "", "snow"), np.s_[0:20, :])))
    assert callable(refine)
    assert refine(asker, plain(asker, "snow")) is None


def test_a_roof_is_not_said_to_have_a_roof() -> None:
    said = all_said(*street(FLAT, GABLED, HIPPED), "combined", 200)
    assert said
    for phrase in said:
        assert len(re.findall("roof", phrase.text)) <= 2
        assert not re.search(r"roofs? with|roofed roof", phrase.text), phrase.text
