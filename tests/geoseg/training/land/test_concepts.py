import pytest

from geoseg.training.land.concepts import COLOURS, CONCEPTS, GROUPS
from geoseg.training.land.palette import CARS, HULLS, PAINT, ROOFS


@pytest.mark.parametrize("name", CONCEPTS)
def test_a_concept_says_what_its_outline_is_drawn_around(name: str) -> None:
    assert name == name.strip().lower()
    assert CONCEPTS[name].meaning


@pytest.mark.parametrize("name", CONCEPTS)
def test_a_concept_has_only_known_colours_and_names_only_other_concepts(name: str) -> None:
    concept = CONCEPTS[name]
    assert set(concept.colours) <= set(COLOURS)
    others = {*concept.also, *concept.unclear}
    assert others <= set(CONCEPTS) - {name}


@pytest.mark.parametrize("name", GROUPS)
def test_a_group_takes_in_several_concepts_and_is_none_itself(name: str) -> None:
    group = GROUPS[name]
    assert name not in CONCEPTS
    assert len(group.members) > 1
    assert {*group.members, *group.unclear} <= set(CONCEPTS)
    assert not set(group.members) & set(group.unclear)


def test_every_colour_a_thing_can_have_can_be_drawn() -> None:
    assert set(CONCEPTS["building"].colours) <= set(ROOFS)
    assert {*CONCEPTS["car"].colours, *CONCEPTS["bus"].colours} <= set(CARS)
    assert {*CONCEPTS["ship"].colours, *CONCEPTS["boat"].colours} <= set(HULLS)
    assert set(CONCEPTS["shipping container"].colours) <= set(PAINT)
