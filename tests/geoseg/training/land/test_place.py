import numpy as np
import pytest

from geoseg.training.land.place import SEASONS, Block, cover, district, new_place
from geoseg.training.land.thing import rectangle


@pytest.mark.parametrize("season", SEASONS)
def test_every_season_has_its_colours(season: str) -> None:
    place = new_place(np.random.default_rng(0), None, "town", season=season)
    assert place.season == season
    assert len(place.leaf) == 3
    for rgb in (place.grass, place.soil, *place.leaf):
        assert rgb.shape == (3,)
        assert 0 < rgb.min() <= rgb.max() < 256


def test_grass_is_brown_in_the_dry_season_and_white_in_snow() -> None:
    grass = {
        season: np.mean(
            [
                new_place(np.random.default_rng(s), None, "town", season=season).grass
                for s in range(20)
            ],
            axis=0,
        )
        for season in SEASONS
    }
    assert grass["summer"][1] > grass["summer"][0]
    assert grass["dry"][0] > grass["dry"][1]
    assert grass["snow"].min() > 200


def test_a_district_has_the_ground_of_its_place_but_roofs_of_its_own() -> None:
    place = new_place(np.random.default_rng(0), None, "town", season="autumn")
    parts = [district(place, np.random.default_rng(seed), "suburb") for seed in range(20)]
    assert max(float(np.abs(part.grass - place.grass).max()) for part in parts) < 40
    assert len({tuple(part.roofs.values()) for part in parts}) > 3
    assert {part.season for part in parts} == {"autumn"}


def test_without_a_frame_everything_is_seen() -> None:
    here = new_place(np.random.default_rng(0), (80.0, 100.0), "town")
    assert here.sees(np.array([-3.0, 50.0]), 5)
    assert not here.sees(np.array([40.0, 130.0]), 5)
    assert new_place(np.random.default_rng(0), None, "town").sees(np.array([-9e6, 9e6]), 1)


def test_places_in_a_block_are_counted_along_and_across() -> None:
    block = Block(np.array([10.0, 20.0]), (4.0, 3.0), 0.7)
    corners = {tuple(np.round(corner, 6)) for corner in rectangle(block.centre, block.half, 0.7)}
    found = {tuple(np.round(block.at(u, v), 6)) for u in (-4, 4) for v in (-3, 3)}
    assert found == corners


def test_the_ground_of_a_block_reaches_around_it() -> None:
    place = new_place(np.random.default_rng(0), None, "town")
    block = Block(np.array([10.0, 20.0]), (4.0, 3.0), 0.0)
    assert cover(place, block, "grass").concept == "grass"
    assert cover(place, block, "soil").concept == "bare soil"
