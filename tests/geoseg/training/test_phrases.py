import re

import numpy as np
import pytest
from numpy.typing import NDArray

from geoseg.training.phrases import (
    FAMILIES,
    NEVER,
    Phrase,
    Speaker,
    View,
    absent_class,
    absent_colour,
    absent_place,
    class_phrase,
    colour_phrase,
    foreign,
    phrases,
    place_phrase,
    road_phrase,
    size_phrase,
    vocabulary,
)
from geoseg.training.scenes import SceneObject, render_scene

OBJECTS = (
    SceneObject("", "", ""),
    SceneObject("building", "red", "flat"),
    SceneObject("building", "blue", "flat"),
    SceneObject("road", "", "dirt"),
    SceneObject("tree", "", "round"),
)
RED, BLUE, DIRT, TREE = 1, 2, 3, 4


@pytest.fixture
def ids() -> NDArray[np.int64]:
    """A red house in the north-west, a larger blue one in the south-east, a tree beside it."""
    ids = np.zeros((60, 60), np.int64)
    ids[5:15, 5:15] = RED
    ids[35:55, 35:55] = BLUE
    ids[28:31, :] = DIRT
    ids[50:56, 5:12] = TREE
    return ids


@pytest.fixture
def view(ids: NDArray[np.int64]) -> View:
    return View(ids, OBJECTS)


def many(speaker: Speaker, view: View, count: int = 60) -> list[Phrase]:
    rng = np.random.default_rng(0)
    said = [speaker(view, rng) for _ in range(count)]
    return [phrase for phrase in said if phrase is not None]


def means(phrase: Phrase, view: View, *labels: int) -> bool:
    return bool((phrase.mask == np.isin(view.ids, labels)).all())


def test_a_class_means_all_of_it(view: View) -> None:
    for phrase in many(class_phrase, view):
        expected = {"building|house|roof": (RED, BLUE), "road|street": (DIRT,), "tree": (TREE,)}
        labels = next(found for words, found in expected.items() if re.search(words, phrase.text))
        assert means(phrase, view, *labels)
        assert phrase.present


def test_a_colour_means_only_what_has_it(view: View) -> None:
    for phrase in many(colour_phrase, view):
        assert means(phrase, view, RED if "red" in phrase.text.replace("-roofed", "") else BLUE)


def test_places_mean_what_lies_there(view: View) -> None:
    nw = {"north-west", "top left", "upper left", "northernmost", "topmost", "uppermost"}
    se = {"south-east", "bottom right", "lower right", "southernmost"}
    houses = [
        phrase
        for phrase in many(place_phrase, view, 400)
        if re.search("building|house|roof", phrase.text)
    ]
    assert houses
    for phrase in houses:
        if any(word in phrase.text for word in nw):
            assert means(phrase, view, RED)
        if any(word in phrase.text for word in se):
            assert means(phrase, view, BLUE)


def test_direction_words_follow_a_mirrored_chip(ids: NDArray[np.int64]) -> None:
    view = View(ids[:, ::-1], OBJECTS)
    for phrase in many(place_phrase, view, 400):
        if "building" in phrase.text and "north-east" in phrase.text:
            assert means(phrase, view, RED)
        assert "north-west" not in phrase.text


def test_the_largest_is_the_one_with_most_pixels(view: View) -> None:
    said = many(size_phrase, view)
    assert said
    for phrase in said:
        small = "smallest" in phrase.text
        assert means(phrase, view, RED if small else BLUE)


@pytest.mark.parametrize("speaker", [absent_class, absent_colour, absent_place, foreign])
def test_the_absent_has_an_empty_mask(speaker: Speaker, view: View) -> None:
    said = many(speaker, view)
    assert said
    assert not any(phrase.present for phrase in said)
    assert {phrase.family for phrase in said} == {"absent"}


def test_an_absent_class_is_not_there(view: View) -> None:
    assert not any(
        re.search("building|house|roof|road|street|tree", phrase.text)
        for phrase in many(absent_class, view)
    )


def test_an_absent_colour_is_not_on_any_roof(view: View) -> None:
    houses = [p for p in many(absent_colour, view) if re.search("roof|house|building", p.text)]
    assert houses
    assert not any(re.search(r"\bred\b|\bblue\b", phrase.text) for phrase in houses)


def test_an_absent_place_holds_nothing_of_the_concept(view: View) -> None:
    for phrase in many(absent_place, view):
        if "building" in phrase.text:
            assert not re.search("north-west|south-east|top left|bottom right", phrase.text)


def test_a_few_pixels_are_neither_there_nor_absent() -> None:
    ids = np.zeros((60, 60), np.int64)
    ids[0, :3] = RED
    view = View(ids, OBJECTS)
    assert class_phrase(view, np.random.default_rng(0)) is None
    assert not any("building" in phrase.text for phrase in many(absent_class, view))


def test_road_surfaces_are_told_apart(view: View) -> None:
    for phrase in many(road_phrase, view):
        assert phrase.present == bool(re.search("dirt|unpaved", phrase.text))


def test_a_chip_gets_as_many_phrases_as_asked() -> None:
    scene = render_scene(128, 128, gsd=0.3, seed=1)
    said = phrases(scene.ids, scene.objects, count=12, rng=np.random.default_rng(0))
    assert len(said) == 12
    assert all(phrase.mask.shape == (128, 128) for phrase in said)


def test_the_same_generator_says_the_same() -> None:
    scene = render_scene(128, 128, gsd=0.3, seed=1)
    first, second = (
        [p.text for p in phrases(scene.ids, scene.objects, count=8, rng=np.random.default_rng(5))]
        for _ in range(2)
    )
    assert first == second


def test_about_a_third_of_the_phrases_ask_for_what_is_not_there() -> None:
    rng = np.random.default_rng(0)
    scene = render_scene(160, 160, gsd=0.3, seed=2)
    said = [
        phrase for _ in range(60) for phrase in phrases(scene.ids, scene.objects, count=6, rng=rng)
    ]
    assert 0.2 < np.mean([not phrase.present for phrase in said]) < 0.5


def test_the_vocabulary_holds_every_word_said() -> None:
    known = set(vocabulary())
    rng = np.random.default_rng(0)
    for seed in range(6):
        scene = render_scene(128, 128, gsd=0.4, seed=seed)
        for phrase in phrases(scene.ids, scene.objects, count=30, rng=rng):
            assert set(re.findall(r"[a-z]+", phrase.text)) <= known


def test_what_never_occurs_is_no_concept() -> None:
    assert not set(NEVER) & {form for form in vocabulary() if form in ("building", "road", "tree")}


def test_the_shares_of_the_families_add_up() -> None:
    assert sum(share for _, share in FAMILIES.values()) == pytest.approx(1)
