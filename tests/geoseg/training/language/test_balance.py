from collections import Counter

import numpy as np
import pytest

from geoseg.training.land.concepts import CONCEPTS
from geoseg.training.language.balance import UNSEEN_PAIRS, Balance, rarity, shows_colours


def test_the_pairs_held_back_could_be_seen() -> None:
    assert all(colour in CONCEPTS[concept].colours for concept, colour in UNSEEN_PAIRS)


def test_every_concept_and_colour_held_back_is_said_with_others() -> None:
    for concept, colour in UNSEEN_PAIRS:
        others = set(CONCEPTS[concept].colours) - {c for k, c in UNSEEN_PAIRS if k == concept}
        assert others
        assert any(
            colour in known.colours and (name, colour) not in UNSEEN_PAIRS
            for name, known in CONCEPTS.items()
        )


def test_a_group_keeps_back_what_its_members_do() -> None:
    assert not Balance().allows("vehicle", "green")
    assert Balance().allows("vehicle", "red")
    assert not Balance(unseen="only").allows("vehicle", "green")
    assert Balance(unseen="only").allows("car", "green")
    assert not Balance(unseen="only").allows("car", "red")
    assert Balance(unseen="any").allows("car", "green")


def test_concepts_are_chosen_by_weight() -> None:
    balance = Balance(concepts={"tree": 3.0})
    rng = np.random.default_rng(0)
    chosen = Counter(balance.concept(rng, ("tree", "ship")) for _ in range(2000))
    assert chosen["tree"] / chosen["ship"] == pytest.approx(3, rel=0.15)


def test_a_concept_in_a_quarter_of_the_scenes_weighs_twice_one_in_all() -> None:
    scenes = [{"tree"}, ["tree", "tree"], {"tree", "ship"}, {"tree", ""}]
    assert rarity(scenes) == {"tree": 1.0, "ship": 2.0}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"absent": 1.2}, "share between 0 and 1"),
        ({"said": {"colours": 1.0}}, "no kinds of phrases"),
        ({"refused": {"absent class": 0.0}}, "some above 0"),
    ],
)
def test_a_balance_that_cannot_be_is_refused(wrong: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Balance(**wrong)  # type: ignore[arg-type]


def test_a_grey_picture_shows_no_colours() -> None:
    rng = np.random.default_rng(0)
    grey = np.repeat(rng.integers(0, 256, (20, 20, 1), np.uint8), 3, axis=2)
    assert not shows_colours(grey)
    assert shows_colours(rng.integers(0, 256, (20, 20, 3), np.uint8))
