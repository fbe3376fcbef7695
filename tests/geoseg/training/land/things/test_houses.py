from collections.abc import Callable

import numpy as np
import shapely

from geoseg.training.land.place import Block, Place
from geoseg.training.land.things.houses import boundary, houses, pool

At = Callable[..., Place]
Plot = Callable[..., Block]


def test_every_lot_has_a_house_and_some_have_a_pool(at: At, plot: Plot) -> None:
    things = [thing for seed in range(6) for thing in houses(at(seed), plot(80, 60))]
    homes = [thing for thing in things if thing.attributes.get("use") == "house"]
    pools = [thing for thing in things if thing.concept == "swimming pool"]
    assert len(homes) > 6 * 8
    assert 0 < len(pools) < len(homes)


def test_houses_do_not_stand_in_each_other(at: At, plot: Plot) -> None:
    for seed in range(4):
        homes = [shapely.Polygon(thing.outline) for thing in houses(at(seed), plot(80, 60))
                 if thing.attributes.get("use") == "house"]  # fmt: skip
        overlap = sum(home.area for home in homes) - shapely.union_all(homes).area
        assert overlap < 0.02 * sum(home.area for home in homes)


def test_most_pools_are_blue_and_a_few_are_green(at: At, plot: Plot) -> None:
    place = at()
    colours = []
    for _ in range(200):
        *_, water = pool(place, np.zeros(2), plot(20, 10))
        colours.append(water.colour)
        red, green, blue = water.rgb
        assert (blue > green * 0.95) == (water.colour == "blue") or water.colour == "blue"
        assert green > red
    assert 4 < colours.count("green") < 50


def test_a_hedge_is_asked_for_and_a_wall_is_not(at: At, plot: Plot) -> None:
    place = at()
    hedges = [thing for _ in range(8) for thing in boundary(place, plot(20, 20), "hedge")]
    walls = [thing for _ in range(8) for thing in boundary(place, plot(20, 20), "wall")]
    assert {thing.concept for thing in hedges} == {"hedge"}
    assert {thing.concept for thing in walls} == {""}
    assert list(boundary(place, plot(20, 20), "")) == []
