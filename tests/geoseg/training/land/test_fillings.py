from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import pytest
import shapely

from geoseg.training.camera.painting import PAINTERS
from geoseg.training.land.concepts import CONCEPTS
from geoseg.training.land.fillings import FILLINGS, SIZES, fitting
from geoseg.training.land.place import SEASONS, Block, Place, new_place
from geoseg.training.land.thing import LAYERS, Thing

BY_WAYS = {"bridge", "crosswalk", "pavement", "river"}
"""Concepts that no block holds: they lie along lines."""

EXTENT_M = {
    "car": (3.5, 6.1), "truck": (6.9, 16.7), "bus": (9.9, 18.2), "airplane": (6.0, 76.0),
    "ship": (30.0, 320.0), "boat": (4.5, 21.0), "shipping container": (6.0, 12.5),
    "swimming pool": (2.0, 17.0), "tennis court": (34.0, 35.0), "basketball court": (27.9, 28.1),
    "football pitch": (18.0, 106.0), "running track": (40.0, 190.0), "storage tank": (2.0, 45.0),
    "silo": (3.5, 11.0), "wind turbine": (34.0, 62.0), "tree": (0.6, 15.0), "crane": (35.0, 58.0),
}  # fmt: skip
"""Metres from end to end, from the least to the most that such things measure."""


def place(seed: int = 0, season: str = "summer", style: str = "suburb") -> Place:
    return new_place(np.random.default_rng(seed), None, style, season=season)


def block(name: str, share: float = 1.6) -> Block:
    size = SIZES[name]
    half = (min(size.long_m * share, size.most_m) / 2, size.short_m * share / 2)
    return Block(np.array([500.0, 700.0]), half, 0.4)


@lru_cache(maxsize=256)
def filled(name: str, seed: int = 0) -> tuple[Thing, ...]:
    return tuple(FILLINGS[name](place(seed), block(name, 1.6 if seed % 2 == 0 else 3.0)))


def everything() -> Iterator[Thing]:
    for name in FILLINGS:
        for seed in range(4):
            yield from filled(name, seed)


def long_side(thing: Thing) -> float:
    """The length of the smallest turned rectangle around a thing."""
    corners = shapely.get_coordinates(shapely.MultiPoint(thing.outline).minimum_rotated_rectangle)
    return float(np.hypot(*np.diff(corners, axis=0)[:2].T).max())


def test_every_filling_says_which_blocks_it_suits() -> None:
    assert set(SIZES) == set(FILLINGS)
    assert all(size.short_m <= size.long_m <= size.most_m for size in SIZES.values())


def test_a_block_gets_only_what_fits_into_it() -> None:
    assert "airfield" not in fitting(Block(np.zeros(2), (20.0, 20.0), 0.0))
    assert "airfield" in fitting(Block(np.zeros(2), (90.0, 400.0), 0.0))
    assert fitting(Block(np.zeros(2), (30.0, 30.0), 0.0))


@pytest.mark.parametrize("name", FILLINGS)
def test_a_filling_covers_its_ground_first(name: str) -> None:
    first = filled(name)[0]
    assert first.layer == "cover"
    assert shapely.Polygon(first.outline).contains(shapely.Point(block(name).centre))


@pytest.mark.parametrize("name", FILLINGS)
def test_the_same_place_is_filled_the_same_way(name: str) -> None:
    again = tuple(FILLINGS[name](place(), block(name)))
    assert [thing.kind for thing in again] == [thing.kind for thing in filled(name)]
    for one, other in zip(again, filled(name), strict=True):
        np.testing.assert_array_equal(one.outline, other.outline)
        np.testing.assert_array_equal(one.rgb, other.rgb)


@pytest.mark.parametrize("name", FILLINGS)
def test_all_in_a_filling_can_be_painted_and_named(name: str) -> None:
    for thing in filled(name):
        assert thing.layer in LAYERS
        assert thing.kind in PAINTERS
        assert thing.concept in {"", *CONCEPTS}


@pytest.mark.parametrize("name", FILLINGS)
def test_colours_and_attributes_are_those_of_the_concept(name: str) -> None:
    for thing in filled(name):
        if thing.concept:
            known = CONCEPTS[thing.concept]
            assert thing.colour in {"", *known.colours}
            for attribute, value in thing.attributes.items():
                assert value in known.attributes[attribute]


@pytest.mark.parametrize("name", FILLINGS)
@pytest.mark.parametrize("season", SEASONS)
def test_a_filling_works_in_every_season_and_on_small_ground(name: str, season: str) -> None:
    for share in (0.4, 1.0):
        things = list(FILLINGS[name](place(7, season, "rural"), block(name, share)))
        assert all(np.isfinite(thing.outline).all() for thing in things)


def test_green_ground_is_white_in_a_snowy_winter() -> None:
    for name in ("park", "houses", "farm"):
        concepts = {thing.concept for thing in FILLINGS[name](place(3, "snow"), block(name))
                    if thing.layer == "cover"}  # fmt: skip
        assert "grass" not in concepts


def test_every_concept_is_found_in_some_block() -> None:
    found = {thing.concept for thing in everything()}
    assert found >= set(CONCEPTS) - BY_WAYS


def test_outlines_do_not_cross_themselves() -> None:
    wrong = {
        thing.concept or thing.kind
        for thing in everything()
        if thing.concept and not shapely.Polygon(thing.outline).is_valid
    }
    assert wrong == set()


def test_things_are_as_large_as_real_ones() -> None:
    for thing in everything():
        if thing.concept in EXTENT_M:
            least, most = EXTENT_M[thing.concept]
            assert least <= long_side(thing) <= most, thing.concept
