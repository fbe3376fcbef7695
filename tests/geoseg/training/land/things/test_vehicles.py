from collections.abc import Callable

import numpy as np
import pytest
import shapely

from geoseg.training.land.concepts import CONCEPTS
from geoseg.training.land.place import Block, Place
from geoseg.training.land.things.vehicles import (
    BODIES,
    COACHES,
    LOADS,
    bus,
    car,
    car_park,
    parking,
    truck,
    vehicle,
)

At = Callable[..., Place]
Plot = Callable[..., Block]


def test_vehicles_have_only_colours_of_their_concept() -> None:
    assert set(BODIES) <= set(CONCEPTS["car"].colours)
    assert set(LOADS) <= set(CONCEPTS["truck"].colours)
    assert set(COACHES) <= set(CONCEPTS["bus"].colours)


@pytest.mark.parametrize(("make", "area"), [(car, (5, 13)), (truck, (15, 45)), (bus, (22, 48))])
def test_vehicles_are_as_large_as_real_ones(make: Callable[..., object], area: tuple) -> None:
    rng = np.random.default_rng(0)
    areas = [shapely.Polygon(make(rng, np.zeros(2), 0.0).outline).area for _ in range(50)]
    assert area[0] < min(areas) <= max(areas) < area[1]


def test_most_of_the_traffic_is_cars() -> None:
    rng = np.random.default_rng(0)
    drawn = [vehicle(rng, np.zeros(2), 0.0).concept for _ in range(300)]
    assert drawn.count("car") > 200
    assert {"truck", "bus"} <= set(drawn)


def test_parked_cars_stand_on_their_car_park_and_not_in_each_other(at: At, plot: Plot) -> None:
    for seed in range(6):
        lot, *cars = parking(at(seed), plot(60, 36))
        ground = shapely.Polygon(lot.outline).buffer(0.6)
        outlines = [shapely.Polygon(one.outline) for one in cars]
        assert all(ground.contains(outline) for outline in outlines)
        tree = shapely.STRtree(outlines)
        pairs = tree.query(outlines, predicate="overlaps")
        assert sum(outlines[a].intersection(outlines[b]).area > 0.7 for a, b in pairs.T) == 0


def test_car_parks_are_full_or_empty_or_between(at: At, plot: Plot) -> None:
    counts = [sum(thing.concept == "car" for thing in car_park(at(seed), plot(60, 40)))
              for seed in range(20)]  # fmt: skip
    assert min(counts) < 12
    assert max(counts) > 30
