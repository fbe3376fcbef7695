import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from geoseg.training.language.balance import Balance, Habits
from geoseg.training.language.direction import turned
from geoseg.training.language.phrases import phrases
from geoseg.training.scenes import SceneObject

PLAINLY = Habits(framed=0, misspelt=0, restyled=0)

STEADY = (
    "the northernmost roof", "buildings in the north-west quarter of the image", "Southeast",
    "the topmost and the leftmost car", "upper left corner", "in the bottom right", "NW and SE",
    "on the left side of the road", "the car to the left of the bus", "northbound trains",
    "on the right", "at the top of the picture", "north-eastern fields", "IN THE WEST",
    "the trees in the middle", "horizontally parked cars", "a tank to the south of the silo",
)  # fmt: skip
"""Phrases whose words have one counterpart on every side."""

UNSURE = (
    "the plane facing north", "cars driving clockwise", "the sunlit side of the roof",
    "the right-hand lane", "right next to the road", "a shed left behind", "North Street houses",
    "the second row", "the ship at 3 o'clock", "the left wing of the airplane", "左边的房子",
    "the house at 12 N", "the shady side of the hall", "cars turning left",
)  # fmt: skip

PHRASES = st.sampled_from(STEADY)


@pytest.mark.parametrize(
    ("phrase", "once", "mirrored"),
    [
        ("the trees in the north", "the trees in the west", "the trees in the north"),
        ("the car on the left", "the car on the bottom", "the car on the right"),
        ("Upper right corner", "Upper left corner", "Upper left corner"),
        ("the north-western field", "the south-western field", "the north-eastern field"),
        ("the northwest field", "the southwest field", "the northeast field"),
        ("left upper part", "lower left part", "right upper part"),
        ("near the southern edge", "near the eastern edge", "near the southern edge"),
        ("the lower half", "the right half", "the lower half"),
        ("the uppermost roof", "the leftmost roof", "the uppermost roof"),
        ("on the left of the overpass", "on the lower side of the overpass",
         "on the right of the overpass"),
        ("on the left of this image", "on the bottom of this image", "on the right of this image"),
        ("left of the dam", "below the dam", "right of the dam"),
        ("above the other ship", "to the left of the other ship", "above the other ship"),
        ("the road running vertically", "the road running horizontally",
         "the road running vertically"),
        ("ENE of the pier", "ENE of the pier", "ENE of the pier"),
        ("the bright, upright, leftover things", "the bright, upright, leftover things",
         "the bright, upright, leftover things"),
    ],
)  # fmt: skip
def test_words_of_direction_go_along(phrase: str, once: str, mirrored: str) -> None:
    assert turned(phrase, turns=1, mirrored=False) == once
    assert turned(phrase, turns=0, mirrored=True) == mirrored


@given(phrase=PHRASES, turns=st.integers(-8, 8), mirrored=st.booleans())
def test_four_turns_more_change_nothing(phrase: str, turns: int, *, mirrored: bool) -> None:
    assert turned(phrase, turns=turns, mirrored=mirrored) == turned(
        phrase, turns=turns + 4, mirrored=mirrored
    )


@given(PHRASES)
def test_four_single_turns_are_none(phrase: str) -> None:
    now: str | None = phrase
    for _ in range(4):
        assert now is not None
        now = turned(now, turns=1, mirrored=False)
    assert now == phrase


@given(PHRASES, st.integers(0, 3))
def test_mirroring_twice_is_nothing(phrase: str, turns: int) -> None:
    there = turned(phrase, turns=turns, mirrored=False)
    assert there is not None
    once = turned(there, turns=0, mirrored=True)
    assert once is not None
    assert turned(once, turns=0, mirrored=True) == there


@given(PHRASES, st.integers(0, 3), st.integers(0, 3))
def test_turns_add_up(phrase: str, first: int, second: int) -> None:
    halfway = turned(phrase, turns=first, mirrored=False)
    assert halfway is not None
    assert turned(halfway, turns=second, mirrored=False) == turned(
        phrase, turns=first + second, mirrored=False
    )


@given(PHRASES, st.integers(0, 3))
def test_a_turn_seen_in_the_mirror_goes_the_other_way(phrase: str, turns: int) -> None:
    mirrored = turned(phrase, turns=0, mirrored=True)
    assert mirrored is not None
    assert turned(mirrored, turns=-turns, mirrored=False) == turned(
        phrase, turns=turns, mirrored=True
    )


@pytest.mark.parametrize("phrase", UNSURE)
def test_what_has_no_safe_word_is_refused_unless_nothing_moves(phrase: str) -> None:
    assert turned(phrase, turns=1, mirrored=False) is None
    assert turned(phrase, turns=0, mirrored=True) is None
    assert turned(phrase, turns=4, mirrored=False) == phrase


@pytest.mark.parametrize(
    "phrase",
    [
        "panels on top of the roof",
        "the top of the tower",
        "cars under the bridge",
        "the upper deck",
    ],
)
def test_words_of_height_stay_where_upright_things_do(phrase: str) -> None:
    assert turned(phrase, turns=1, mirrored=False) is None
    assert turned(phrase, turns=2, mirrored=False) is None
    assert turned(phrase, turns=0, mirrored=True) == phrase
    assert turned(phrase, turns=2, mirrored=False) is None


@pytest.mark.parametrize("phrase", ["the lowest ship", "the highest building in the image"])
def test_highest_and_lowest_stay_where_up_does(phrase: str) -> None:
    for turns in (1, 2, 3):
        assert turned(phrase, turns=turns, mirrored=False) is None
    assert turned(phrase, turns=2, mirrored=True) is None
    assert turned(phrase, turns=0, mirrored=True) == phrase


@pytest.mark.parametrize("phrase", ["the middle row", "a row of cars", "the columns of containers"])
def test_rows_and_columns_survive_all_but_quarter_turns(phrase: str) -> None:
    for mirrored in (False, True):
        assert turned(phrase, turns=1, mirrored=mirrored) is None
        assert turned(phrase, turns=3, mirrored=mirrored) is None
        assert turned(phrase, turns=2, mirrored=mirrored) == phrase
    assert turned(phrase, turns=0, mirrored=True) == phrase


def test_a_phrase_without_direction_stays() -> None:
    assert turned("the red roofs", turns=3, mirrored=True) == "the red roofs"


def yard(seed: int) -> tuple[NDArray[np.int64], list[SceneObject]]:
    """A few roofs, tanks and ships anywhere on bare ground."""
    rng = np.random.default_rng(seed)
    ids = np.zeros((40, 40), np.int64)
    objects = [SceneObject("bare soil", "", "soil")]
    for concept in ("building", "building", "building", "storage tank", "storage tank", "ship"):
        row, column = rng.integers(0, 34, 2)
        ids[row : row + rng.integers(4, 7), column : column + rng.integers(4, 7)] = len(objects)
        objects.append(SceneObject(concept, "white", "flat"))
    return ids, objects


def placed_truths(
    ids: NDArray[np.int64], objects: list[SceneObject], count: int
) -> dict[str, NDArray[np.bool_]]:
    """What phrases of place mean in a yard."""
    balance = Balance(absent=0, all_empty=0, said={"place": 1}, habits=PLAINLY)
    rng = np.random.default_rng(1)
    said = phrases(ids, objects, count=count, rng=rng, balance=balance)
    return {phrase.text: phrase.mask for phrase in said if phrase.family == "place"}


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
@pytest.mark.parametrize("mirrored", [False, True])
def test_what_is_said_of_a_turned_chip_means_the_same_there(turns: int, *, mirrored: bool) -> None:
    compared = 0
    for seed in range(2):
        ids, objects = yard(seed)
        moved = np.rot90(ids, turns)
        moved = moved[:, ::-1] if mirrored else moved
        there = placed_truths(moved, objects, 150)
        for text, mask in placed_truths(ids, objects, 150).items():
            expected = np.rot90(mask, turns)
            expected = expected[:, ::-1] if mirrored else expected
            words = turned(text, turns=turns, mirrored=mirrored)
            assert words is not None
            if words in there:
                compared += 1
                np.testing.assert_array_equal(there[words], expected, err_msg=f"{text} / {words}")
    assert compared > 15
