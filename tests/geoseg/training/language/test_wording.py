import re
from dataclasses import replace

import numpy as np
import pytest

from geoseg.training.language.balance import Habits
from geoseg.training.language.referring import Asker, Referring, plain
from geoseg.training.language.wording import noun_phrase, sentence, worded, written
from geoseg.training.scenes import SceneObject
from tests.geoseg.training.language.said import ask, chip

CAR = SceneObject("car", "red", "car")
TWO = chip(32, (CAR, np.s_[2:8, 2:8]), (CAR, np.s_[20:26, 20:26]))


def said(asker: Asker, referring: Referring, *, framed: bool) -> set[str]:
    return {sentence(asker, referring, framed=framed) for _ in range(400)}


@pytest.fixture
def asker() -> Asker:
    return ask(*TWO)


def test_several_things_are_spoken_of_in_the_plural(asker: Asker) -> None:
    texts = said(asker, replace(plain(asker, "car")), framed=False)
    assert all("cars" in text or "automobiles" in text for text in texts if "every" not in text)


def test_adjectives_stand_in_their_usual_order(asker: Asker) -> None:
    car = replace(plain(asker, "car"), before=((2, "red"), (0, "large"), (1, "L-shaped")))
    assert noun_phrase(car, many=False).startswith("large L-shaped red ")


def test_a_single_one_is_always_the_one(asker: Asker) -> None:
    largest = replace(plain(asker, "car"), before=((0, "largest"),), is_single=True)
    for framed in (False, True):
        texts = said(asker, largest, framed=framed)
        assert all("the largest" in text and "cars" not in text for text in texts)
        assert not any(re.search(r"\b(all|every|a|which) the\b", text) for text in texts)


def test_verbs_agree(asker: Asker) -> None:
    for text in said(asker, plain(asker, "car"), framed=True):
        assert "is all" not in text
        assert "are every" not in text
        assert "is there any" not in text
    for text in said(asker, plain(asker, "grass"), framed=True):
        if "areas" not in text:
            assert "are there" not in text
            assert "where are" not in text


def test_an_adjective_can_become_a_question(asker: Asker) -> None:
    red = replace(plain(asker, "bus"), before=((2, "red"),), adjective="red")
    assert {"which buses are red?"} <= said(asker, red, framed=True)


def test_the_image_is_named_only_where_that_makes_sense(asker: Asker) -> None:
    placed = replace(plain(asker, "car"), after=(("in the northern half",) * 2,))
    texts = said(asker, placed, framed=False)
    assert any(text.endswith("half of the image") for text in texts)
    assert not any(" here" in text or "in this" in text for text in texts)


def test_half_of_the_writers_are_american(asker: Asker) -> None:
    grey = replace(plain(asker, "car"), before=((2, "grey"),))
    texts = [worded(asker, grey) for _ in range(200)]
    assert 0.3 < np.mean(["gray" in text for text in texts]) < 0.7


def test_plain_habits_leave_the_text_alone() -> None:
    rng = np.random.default_rng(0)
    assert written("the cars", rng, Habits(restyled=0)) == "the cars"
    assert any(written("the cars", rng, Habits(restyled=1)) != "the cars" for _ in range(5))
