from collections.abc import Callable

import numpy as np
import pytest
import shapely

from geoseg.training.land.place import Block, Place
from geoseg.training.land.thing import Thing
from geoseg.training.land.things.harbour import BOATS, SHIPS, harbour, marina, under_way, vessel

At = Callable[..., Place]
Plot = Callable[..., Block]


def outline_of(things: list[Thing], *concepts: str) -> list[shapely.Polygon]:
    return [shapely.Polygon(thing.outline) for thing in things if thing.concept in concepts]


@pytest.mark.parametrize("kind", [*SHIPS, *BOATS])
def test_vessels_are_as_long_and_slender_as_their_type(at: At, kind: str) -> None:
    craft = SHIPS[kind] if kind in SHIPS else BOATS[kind]
    for seed in range(10):
        made = vessel(at(seed), np.zeros(2), 0.2, kind=kind)
        assert craft.length_m[0] - 0.01 <= 2 * made.half[0] <= craft.length_m[1] + 0.01
        assert made.half[0] / made.half[1] == pytest.approx(craft.slender, rel=0.12)
        assert made.concept == ("ship" if kind in SHIPS else "boat")


def test_ships_lie_in_the_water_and_cranes_on_the_quay(at: At, plot: Plot) -> None:
    ships = 0
    for seed in range(8):
        things = list(harbour(at(seed), plot(320, 160)))
        water = shapely.union_all(outline_of(things, "sea")).buffer(0.5)
        for hull in outline_of(things, "ship"):
            ships += 1
            assert water.contains(hull)
    assert ships > 5


def test_ships_do_not_lie_in_each_other(at: At, plot: Plot) -> None:
    for seed in range(6):
        hulls = outline_of(list(harbour(at(seed), plot(320, 160))), "ship")
        assert shapely.union_all(hulls).area == pytest.approx(sum(hull.area for hull in hulls))


def test_boats_lie_beside_piers(at: At, plot: Plot) -> None:
    things = list(marina(at(3), plot(130, 100)))
    piers = shapely.union_all(outline_of(things, "pier"))
    berthed = [hull.distance(piers) for hull in outline_of(things, "boat")]
    assert len(berthed) > 15
    assert np.median(berthed) < 3


def test_a_moving_ship_draws_its_wake_behind_it(at: At) -> None:
    wake, ship = under_way(at(), np.array([0.0, 0.0]), 0.0, kind="motor")
    assert wake.kind == "wake"
    assert wake.centre[1] < ship.centre[1] - ship.half[0]
