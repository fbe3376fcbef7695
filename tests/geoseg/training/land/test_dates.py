from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoseg.training.land.dates import (
    CHANGES,
    LATEST,
    PLACE_BITS,
    new_use,
    occupant,
    since,
    standing_at,
)
from geoseg.training.land.hashing import chance
from geoseg.training.land.thing import Thing, rectangle
from geoseg.training.land.world import Land


def things(count: int, concept: str = "building") -> list[tuple[int, Thing]]:
    centre = np.zeros(2)
    made = Thing(
        concept=concept, kind="flat", layer="building", colour="red",
        rgb=np.full(3, 90, np.float32), outline=rectangle(centre, (2.0, 2.0), 0.0), centre=centre,
    )  # fmt: skip
    return [(number, made) for number in range(1, count + 1)]


def test_most_things_stand_at_both_dates_and_some_come_and_go() -> None:
    first, second = ({n for n, _ in standing_at(1, date, things(2000))} for date in (0, 1))
    share = CHANGES["building"]
    assert 0.5 * share < len(first - second) / 2000 < 1.5 * share
    assert 0.5 * share < len(second - first) / 2000 < 1.5 * share
    assert len(first & second) > 1600


def test_the_same_date_is_always_the_same() -> None:
    assert [n for n, _ in standing_at(1, 1, things(300))] == [
        n for n, _ in standing_at(1, 1, things(300))
    ]


def test_some_roofs_get_another_colour_and_keep_it() -> None:
    colours = [
        {number: thing.colour for number, thing in standing_at(2, date, things(1500))}
        for date in (0, 1, 2)
    ]
    assert set(colours[0].values()) == {"red"}
    repainted = {n for n, colour in colours[1].items() if colour != "red"}
    assert 20 < len(repainted) < 150
    kept = [n for n in repainted & colours[2].keys() if colours[2][n] == colours[1][n]]
    assert len(kept) > 0.7 * len(repainted & colours[2].keys())


def test_what_stands_on_a_roof_comes_and_goes_with_it() -> None:
    roof = things(1)[0][1]
    panel = replace(roof, concept="solar panel", layer="roof", kind="panels")
    for number in range(200):
        both = [(2 * number, roof), (2 * number + 1, panel)]
        layers = [thing.layer for _, thing in standing_at(5, 0, both)]
        assert layers in ([], ["building", "roof"])


DATES = range(7)


@pytest.mark.parametrize("concept", sorted(CHANGES))
@given(seed=st.integers(0, 2**32), first=st.integers(1, 2**48), opened=st.integers(0, 3))
def test_what_is_gone_never_comes_back_under_its_number(
    concept: str, seed: int, first: int, opened: int
) -> None:
    for number in range(first, first + 20):
        seen = [occupant(seed, number, concept, day, opened=opened) for day in DATES[opened:]]
        present = [found for found in seen if found is not None]
        for found in present:
            days = [day for day, other in enumerate(seen) if other == found]
            assert days == list(range(days[0], days[-1] + 1))
        assert present == sorted(present)
        assert present[:1] in ([], [number])


def test_a_new_thing_has_a_number_that_no_place_has_and_tells_its_date() -> None:
    places = range(1, 3000)
    later = {
        found
        for number in places
        for day in DATES
        if (found := occupant(4, number, "car", day)) is not None and found != number
    }
    assert later
    assert not later & set(places)
    assert {since(found) for found in later} == set(DATES[2:])
    assert all(occupant(4, found % 2**PLACE_BITS, "car", since(found)) == found for found in later)


@pytest.mark.parametrize("date", [0, 1])
@pytest.mark.parametrize("concept", ["building", "car", "tree"])
def test_at_the_first_two_dates_places_are_taken_by_chance_alone(concept: str, date: int) -> None:
    found = [occupant(9, number, concept, date) for number in range(500)]
    share = CHANGES[concept]
    assert found == [n if chance(9, 51, n, date) >= share else None for n in range(500)]


def test_places_do_not_run_empty() -> None:
    for concept, least in (("building", 0.7), ("tree", 0.7), ("swimming pool", 0.7), ("car", 0.5)):
        there = [occupant(1, number, concept, 25) is not None for number in range(2000)]
        assert np.mean(there) > least


def test_what_stands_mostly_stays_to_the_next_date() -> None:
    for day in DATES[:-1]:
        now, then = ({n for n, _ in standing_at(3, d, things(1500))} for d in (day, day + 1))
        assert len(now & then) > 0.88 * len(now)


def test_a_house_built_anew_has_another_colour_than_the_one_before() -> None:
    house = dict(standing_at(8, 4, things(2000)))
    anew = [thing for number, thing in house.items() if since(number)]
    assert len(anew) > 20
    assert all(thing.colour != "red" for thing in anew)


def test_what_lies_on_a_house_built_anew_is_new_as_well() -> None:
    roof = things(1)[0][1]
    panel = replace(roof, concept="solar panel", layer="roof", kind="panels")
    new = 0
    for number in range(2, 3000, 2):
        stood = [
            [found for found, _ in standing_at(6, day, [(number, roof), (number + 1, panel)])]
            for day in DATES
        ]
        assert all(len(both) in (0, 2) for both in stood)
        assert all(since(both[0]) == since(both[1]) for both in stood if both)
        new += any(both and since(both[0]) for both in stood)
    assert new > 20


def test_a_block_gets_a_new_use_once_and_none_before_the_first_date() -> None:
    used = np.array([[new_use(1, (row, 3, 0), day) for day in DATES] for row in range(1000)])
    assert not used[:, 0].any()
    assert 0.02 < (used[:, 1] > 0).mean() < 0.09
    assert (used[:, -1] > 0).mean() > 0.2
    for days in used:
        assert len(set(days[days > 0])) <= 1
        assert (np.diff(days) >= 0).all()


def test_a_density_keeps_its_share_of_things_and_all_of_the_ground() -> None:
    few, more = ({n for n, _ in standing_at(1, 0, things(1000), density=d)} for d in (0.4, 0.7))
    assert 0.3 < len(few) / 1000 < 0.45
    assert few <= more
    assert len(list(standing_at(1, 0, things(50, "grass"), density=0.4))) == 50


def test_numbers_of_the_last_date_fit_into_64_bits() -> None:
    late = [
        found
        for number in range(2**PLACE_BITS - 40, 2**PLACE_BITS)
        if (found := occupant(4, number, "car", LATEST)) is not None
    ]
    assert max(since(found) for found in late) > LATEST - 100
    assert max(late) < 2**63
    with pytest.raises(ValueError, match=r"date is 4096; it must be from 0 to 4,095"):
        Land(date=LATEST + 1)
