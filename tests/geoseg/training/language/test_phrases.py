import re
from collections import Counter

import numpy as np
import pytest

from geoseg.training.land.concepts import COLOURS
from geoseg.training.language.balance import REFUSED, SAID, Balance, Habits
from geoseg.training.language.names import NAMES, UNHEARD, meanings
from geoseg.training.language.phrases import FAMILIES, phrases, vocabulary
from geoseg.training.scenes import SceneObject
from tests.geoseg.training.language.said import PLAINLY, Ids, all_said, chip

RED = SceneObject("building", "red", "flat")
BLUE = SceneObject("building", "blue", "gabled")
DIRT = SceneObject("road", "", "dirt")
TREE = SceneObject("tree", "", "round")
CAR = SceneObject("car", "white", "car")
POOL = SceneObject("swimming pool", "blue", "pool")

Chip = tuple[Ids, list[SceneObject]]


@pytest.fixture(scope="module")
def yard() -> Chip:
    """A red house in the north-west, a larger blue one in the south-east, a road, a tree, a car."""
    return chip(
        64,
        (DIRT, np.s_[28:34, :]),
        (RED, np.s_[5:15, 5:15]),
        (BLUE, np.s_[40:58, 40:58]),
        (TREE, np.s_[40:46, 5:11]),
        (CAR, np.s_[29:33, 20:26]),
    )


def random_chip(seed: int) -> Chip:
    """Rectangles of anything anywhere."""
    rng = np.random.default_rng(seed)
    kinds = (RED, BLUE, TREE, CAR, POOL, SceneObject("car", "red", "car"),
             SceneObject("ship", "grey", "ship"), SceneObject("pond", "", "water"))  # fmt: skip
    things = []
    for _ in range(rng.integers(1, 12)):
        row, column = rng.integers(0, 56, 2)
        height, width = rng.integers(2, 16, 2)
        kind = kinds[rng.integers(len(kinds))]
        things.append((kind, np.s_[row : row + height, column : column + width]))
    return chip(64, *things)


FORMS = {
    form: concept
    for concept, names in NAMES.items()
    for name in names
    for form in (name.one, name.many)
    if form
}
COLOUR_OF = {**{colour: colour for colour in COLOURS}, "gray": "grey"}


def understood(text: str, ids: Ids, objects: list[SceneObject]) -> np.ndarray | None:
    """What a listener with a list of names and colours makes of "all the red cars"."""
    name = re.sub(r"^(all the|all|the|an?|every) ", "", text)
    colour = ""
    if name not in FORMS and name.partition(" ")[0] in COLOUR_OF:
        colour, _, name = name.partition(" ")
    if name not in FORMS:
        return None
    meant = [
        thing.concept in meanings(FORMS[name]) and (not colour or thing.colour == COLOUR_OF[colour])
        for thing in objects
    ]
    return np.array(meant)[ids]


def test_a_listener_finds_the_very_pixels() -> None:
    compared = Counter[str]()
    for seed in range(25):
        ids, objects = random_chip(seed)
        rng = np.random.default_rng(seed)
        plainly = Balance(habits=PLAINLY, absent=0.4)
        for phrase in phrases(ids, objects, count=20, rng=rng, balance=plainly):
            expected = understood(phrase.text, ids, objects)
            if expected is not None:
                compared[phrase.family] += 1
                np.testing.assert_array_equal(phrase.mask, expected, err_msg=phrase.text)
    assert compared["class"] > 60
    assert compared["colour"] > 10
    assert compared["absent"] > 30


def test_only_absent_phrases_have_empty_masks_and_they_say_why() -> None:
    for seed in range(10):
        ids, objects = random_chip(seed)
        for phrase in phrases(ids, objects, count=20, rng=np.random.default_rng(seed)):
            assert phrase.present == (phrase.family != "absent")
            assert phrase.family in FAMILIES
            assert phrase.kind in (() if phrase.present else REFUSED) or not phrase.kind
            assert bool(phrase.kind) != phrase.present
            assert phrase.mask.shape == ids.shape


def test_every_family_and_every_refusal_is_said_sooner_or_later(yard: Chip) -> None:
    parking = chip(
        64,
        (SceneObject("car park", "", "asphalt"), np.s_[0:30, 0:30]),
        (CAR, np.s_[4:9, 4:8]),
        (CAR, np.s_[40:45, 40:44]),
        (CAR, np.s_[40:58, 10:30]),
    )
    there = {
        way for way in (*SAID, *REFUSED) for made in (yard, parking) if all_said(*made, way, 12)
    }
    assert there >= {*SAID, *REFUSED} - {"wrong relation"}


def test_the_same_generator_says_the_same(yard: Chip) -> None:
    first, second = (
        [p.text for p in phrases(*yard, count=12, rng=np.random.default_rng(5))] for _ in range(2)
    )
    assert first == second


def test_a_chip_gets_as_many_phrases_as_asked(yard: Chip) -> None:
    assert len(phrases(*yard, count=17, rng=np.random.default_rng(0))) == 17


def test_an_empty_chip_is_asked_only_for_what_is_not_there() -> None:
    said = phrases(*chip(32), count=20, rng=np.random.default_rng(0))
    assert len(said) == 20
    assert not any(phrase.present for phrase in said)


@pytest.mark.parametrize("absent", [0.0, 0.3, 0.5, 1.0])
def test_the_share_of_absent_phrases_is_that_of_the_balance(yard: Chip, absent: float) -> None:
    balance = Balance(absent=absent, all_empty=0)
    said = phrases(*yard, count=400, rng=np.random.default_rng(0), balance=balance)
    assert np.mean([not phrase.present for phrase in said]) == pytest.approx(absent, abs=0.08)


def test_some_chips_are_asked_only_for_what_they_do_not_hold(yard: Chip) -> None:
    balance = Balance(absent=0, all_empty=0.5)
    rng = np.random.default_rng(0)
    present = [
        {phrase.present for phrase in phrases(*yard, count=3, rng=rng, balance=balance)}
        for _ in range(60)
    ]
    assert {frozenset(seen) for seen in present} == {frozenset({True}), frozenset({False})}


def test_concepts_are_asked_for_by_their_weights(yard: Chip) -> None:
    balance = Balance(absent=0, all_empty=0, said={"class": 1}, concepts={"car": 0, "road": 0})
    said = phrases(*yard, count=80, rng=np.random.default_rng(0), balance=balance)
    assert not any(re.search(r"\bcars?\b|automobile|road", phrase.text) for phrase in said)


def test_a_few_pixels_are_neither_there_nor_absent() -> None:
    ids, objects = chip(60, (RED, np.s_[0:1, 0:3]))
    said = [*all_said(ids, objects, "class"), *all_said(ids, objects, "absent class")]
    assert said
    named = re.compile(r"^(the |all |all the |an? |every )?(building|rooftop|roof)s?$")
    assert not any(named.search(phrase.text) for phrase in said)


def test_what_people_dispute_is_not_said() -> None:
    glass = SceneObject("greenhouse", "", "glass")
    ids, objects = chip(60, (RED, np.s_[0:20, 0:20]), (glass, np.s_[30:50, 0:20]))
    assert not any(re.search("building|roof", p.text) for p in all_said(ids, objects, "class"))


def test_trees_take_in_the_forest_but_not_the_other_way_round() -> None:
    forest = SceneObject("forest", "", "forest")
    ids, objects = chip(60, (forest, np.s_[0:30, :]), (TREE, np.s_[40:46, 40:46]))
    for phrase in all_said(ids, objects, "class"):
        assert phrase.mask[42, 42] == ("tree" in phrase.text)
        assert phrase.mask[10, 10]


def test_a_lake_is_not_absent_where_a_pond_is() -> None:
    ids, objects = chip(60, (SceneObject("pond", "", "water"), np.s_[10:30, 10:30]))
    said = all_said(ids, objects, "absent class", 300)
    assert not any(re.search(r"\blakes?\b|\bwater\b|\bsea\b", phrase.text) for phrase in said)


def test_one_thing_can_be_spoken_of_in_the_plural_but_not_two_in_the_singular(yard: Chip) -> None:
    said = [phrase.text for phrase in all_said(*yard, "class")]
    assert {"the tree", "the trees"} <= set(said)
    assert "the building" not in said


def test_what_is_expected_but_missing_is_asked_for() -> None:
    ids, objects = chip(60, (SceneObject("sea", "", "water"), np.s_[:, :]))
    said = all_said(ids, objects, "plausible class")
    assert any(re.search(r"\bships?\b|\bboats?\b|vessel", phrase.text) for phrase in said)


def test_unheard_of_things_are_asked_for_by_name(yard: Chip) -> None:
    words = {form for name in UNHEARD for form in (name.one, name.many) if form}
    said = [phrase.text for phrase in all_said(*yard, "unheard of")]
    known = set(vocabulary())
    named = [any(word in text for word in words) for text in said]
    invented = [bool(set(re.findall("[a-z]+", text.lower())) - known) for text in said]
    assert all(a or b for a, b in zip(named, invented, strict=True))
    assert 0.3 < np.mean(invented) < 0.7


def test_pairs_held_back_are_never_said_but_when_asked_for() -> None:
    green = SceneObject("car", "green", "car")
    made = chip(60, (green, np.s_[4:20, 4:20]), (CAR, np.s_[30:46, 30:46]))
    rng = np.random.default_rng(0)
    for unseen in ("never", "only"):
        balance = Balance(unseen=unseen, said={"colour": 1.0}, refused={"wrong colour": 1.0},
                          habits=PLAINLY)  # fmt: skip
        said = phrases(*made, count=150, rng=rng, balance=balance)
        of_cars = [p.text for p in said if re.search(r"\bcars?\b|automobile", p.text)]
        assert of_cars
        assert all(("green" in text) == (unseen == "only") for text in of_cars)


def test_a_balance_that_allows_nothing_gives_fewer() -> None:
    balance = Balance(refused={"wrong colour": 1.0})
    assert phrases(*chip(32), count=5, rng=np.random.default_rng(0), balance=balance) == []


def test_the_vocabulary_holds_every_word_said() -> None:
    known = set(vocabulary())
    habits = Habits(misspelt=0, framed=0.5)
    for seed in range(25):
        ids, objects = random_chip(seed)
        rng = np.random.default_rng(seed)
        for phrase in phrases(ids, objects, count=30, rng=rng, balance=Balance(habits=habits)):
            if phrase.kind != "unheard of":
                assert set(re.findall(r"[a-z]+", phrase.text.lower())) <= known


def test_about_as_many_phrases_are_misspelt_as_habits_say(yard: Chip) -> None:
    known = set(vocabulary())
    balance = Balance(habits=Habits(misspelt=0.3))
    said = phrases(*yard, count=300, rng=np.random.default_rng(0), balance=balance)
    wrong = [
        set(re.findall("[a-z]+", phrase.text.lower())) - known
        for phrase in said
        if phrase.kind != "unheard of"
    ]
    assert np.mean([bool(words) for words in wrong]) == pytest.approx(0.28, abs=0.07)


def test_a_sliver_at_the_edge_is_neither_there_nor_absent() -> None:
    ids, objects = chip(60, (RED, np.s_[0:2, 5:25]))
    said = [*all_said(ids, objects, "class"), *all_said(ids, objects, "absent class")]
    assert not any(re.search(r"^(the |all )?(building|roof)s?$", phrase.text) for phrase in said)
    assert not any(phrase.present for phrase in said)


def test_no_colour_is_said_of_a_picture_that_shows_none(yard: Chip) -> None:
    rng = np.random.default_rng(0)
    balance = Balance(colours=False, habits=PLAINLY)
    words = {*COLOUR_OF}
    lawn = SceneObject("grass", "", "grass", (("state", "green"),))
    ids, objects = chip(64, (lawn, np.s_[:, :]), (RED, np.s_[5:15, 5:15]))
    said = phrases(*yard, count=200, rng=rng, balance=balance)
    for phrase in [*said, *phrases(ids, objects, count=100, rng=rng, balance=balance)]:
        assert not words & set(re.findall("[a-z]+", phrase.text)), phrase.text
