import pytest

from geoseg.training.land.concepts import CONCEPTS
from geoseg.training.language.character import CHARACTERS, Character

LABELS = [f"{known.concept} {known.attribute} {'/'.join(known.values)}" for known in CHARACTERS]


@pytest.mark.parametrize("character", CHARACTERS, ids=LABELS)
def test_it_speaks_of_values_that_a_concept_can_have(character: Character) -> None:
    known = CONCEPTS[character.concept].attributes[character.attribute]
    assert {*character.values, *character.unclear, *character.alike} <= set(known)


@pytest.mark.parametrize("character", CHARACTERS, ids=LABELS)
def test_no_value_is_meant_and_doubtful_at_once(character: Character) -> None:
    assert not set(character.values) & {*character.unclear, *character.alike}


@pytest.mark.parametrize("character", CHARACTERS, ids=LABELS)
def test_there_is_a_way_to_say_it(character: Character) -> None:
    assert character.adjectives or character.names or character.after


def test_nothing_is_listed_twice() -> None:
    assert len(set(LABELS)) == len(LABELS)
