from itertools import chain

import pytest

from geoseg.training.land.concepts import CONCEPTS, GROUPS
from geoseg.training.language.names import (
    COMPANY,
    DISPUTED_BY,
    NAMES,
    UNHEARD,
    UNNAMED,
    UNNAMED_LIKE,
    alike,
    is_countable,
    meanings,
    members,
    palette,
    unclear,
)

KNOWN = {*CONCEPTS, *GROUPS}


def test_every_concept_and_every_group_has_a_name() -> None:
    assert NAMES.keys() == KNOWN


def test_no_name_stands_for_two_concepts() -> None:
    said = [(form, concept) for concept, names in NAMES.items() for name in names
            for form in {name.one, name.many} - {""}]  # fmt: skip
    assert len({form for form, _ in said}) == len(set(said))


def test_what_nobody_renders_is_no_name_of_a_concept() -> None:
    named = {form for names in NAMES.values() for name in names for form in (name.one, name.many)}
    assert not {form for name in UNHEARD for form in (name.one, name.many)} & (named - {""})


def test_the_tables_speak_of_known_concepts() -> None:
    said = chain(
        DISPUTED_BY,
        *DISPUTED_BY.values(),
        COMPANY,
        *COMPANY.values(),
        *UNNAMED.values(),
        *UNNAMED_LIKE.values(),
    )
    assert set(said) <= KNOWN


def test_things_that_come_one_by_one_have_a_singular() -> None:
    assert all(
        any(name.one for name in NAMES[concept]) for concept in KNOWN if is_countable(concept)
    )


@pytest.mark.parametrize("concept", sorted(KNOWN))
def test_nothing_is_meant_and_mistaken_at_once(concept: str) -> None:
    assert not alike(concept) & set(meanings(concept))
    assert set(members(concept)) <= set(meanings(concept))
    assert set(unclear(concept)) <= alike(concept)


def test_a_group_has_the_colours_of_its_members() -> None:
    assert set(palette("vehicle")) == set(palette("car")) | set(palette("truck")) | set(
        palette("bus")
    )
