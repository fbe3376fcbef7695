from collections.abc import Callable

import numpy as np
import pytest
import shapely

from geoseg.training.land.place import Block, Place
from geoseg.training.land.things.ground import (
    CONCEPT,
    around,
    boulders,
    burnt,
    ground,
    ground_state,
    litter,
    patch,
    rocks,
    snowfield,
)

At = Callable[..., Place]
Plot = Callable[..., Block]


@pytest.mark.parametrize("kind", CONCEPT)
def test_ground_is_called_what_it_is(at: At, plot: Plot, kind: str) -> None:
    assert ground(at(), plot(40, 30), kind).concept == CONCEPT[kind]
    assert patch(at(), plot(40, 30), kind).concept == CONCEPT[kind]


def test_paving_is_not_asked_for(at: At, plot: Plot) -> None:
    assert ground(at(), plot(40, 30), "paved").concept == ""


def test_the_rim_of_a_block_can_be_bent(plot: Plot) -> None:
    rim = around(plot(40, 20))
    assert len(rim) == 32
    assert shapely.Polygon(rim).area == pytest.approx(800)


@pytest.mark.parametrize("season", ["snow"])
def test_snow_covers_grass_and_earth(at: At, plot: Plot, season: str) -> None:
    for kind in ("grass", "soil"):
        assert ground(at(season=season), plot(40, 30), kind).concept == "snow"
    assert ground(at(season=season), plot(40, 30), "asphalt").kind == "asphalt"


def test_grass_is_dry_where_it_is_more_red_than_green(at: At) -> None:
    states = {season: ground_state(at(3, season=season), "grass").get("state")
              for season in ("spring", "dry")}  # fmt: skip
    assert states == {"spring": "green", "dry": "dry"}


def test_a_fire_leaves_islands_and_burnt_ground(at: At, plot: Plot) -> None:
    things = [thing for seed in range(5) for thing in burnt(at(seed), plot(120, 90))]
    assert sum(thing.concept == "burnt area" for thing in things) == 5
    assert {thing.kind for thing in things if thing.concept == "tree"} <= {"leafless"}


def test_stones_are_rock_and_throw_shadows(at: At, plot: Plot) -> None:
    stones = list(boulders(at(), plot(60, 60), 0.5))
    assert {thing.concept for thing in stones} == {"rock"}
    assert all(thing.height > 0 for thing in stones)


@pytest.mark.parametrize(("fill", "concept"), [(rocks, "rock"), (snowfield, "snow")])
def test_wild_ground_holds_its_concept(
    at: At, plot: Plot, fill: Callable[..., object], concept: str
) -> None:
    for seed in range(6):
        assert concept in {thing.concept for thing in fill(at(seed), plot(80, 80))}


def test_litter_lies_within_its_yard(at: At, plot: Plot) -> None:
    yard = shapely.Polygon(around(plot(20, 15))).buffer(3)
    for thing in litter(at(), plot(20, 15), 8):
        assert thing.concept == ""
        assert yard.contains(shapely.Polygon(thing.outline).buffer(0))
        assert np.isfinite(thing.rgb).all()
