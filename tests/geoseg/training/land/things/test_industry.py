from collections.abc import Callable

import numpy as np
import pytest
import shapely

from geoseg.training.land.concepts import CONCEPTS
from geoseg.training.land.place import Block, Place
from geoseg.training.land.things.industry import BOXES, box, container_yard, tank, tank_farm, works

At = Callable[..., Place]
Plot = Callable[..., Block]


def test_containers_measure_what_the_standard_says(at: At) -> None:
    for feet, long in ((20, 6.06), (40, 12.19)):
        made = box(at(), np.zeros(2), 0.0, feet=feet, tiers=2)
        assert 2 * made.half[0] == pytest.approx(long, abs=0.02)
        assert 2 * made.half[1] == pytest.approx(2.44, abs=0.02)
        assert made.height == pytest.approx(5.2)
    assert set(BOXES) <= set(CONCEPTS["shipping container"].colours)


def test_containers_stand_apart(at: At, plot: Plot) -> None:
    boxes = [shapely.Polygon(thing.outline) for thing in container_yard(at(2), plot(120, 70))
             if thing.concept == "shipping container"]  # fmt: skip
    assert len(boxes) > 20
    assert shapely.union_all(boxes).area == pytest.approx(sum(one.area for one in boxes))


def test_tanks_of_a_farm_stand_apart(at: At, plot: Plot) -> None:
    for seed in range(8):
        tanks = [shapely.Polygon(thing.outline) for thing in tank_farm(at(seed), plot(140, 100))
                 if thing.concept == "storage tank"]  # fmt: skip
        assert tanks
        assert shapely.union_all(tanks).area == pytest.approx(sum(one.area for one in tanks))


def test_only_large_tanks_float_their_roofs(at: At) -> None:
    small = {tank(at(seed), np.zeros(2), 5.0).attributes["roof"] for seed in range(20)}
    large = {tank(at(seed), np.zeros(2), 15.0).attributes["roof"] for seed in range(20)}
    assert small == {"fixed"}
    assert large == {"fixed", "floating"}


def test_works_have_a_hall_and_more(at: At, plot: Plot) -> None:
    found = {thing.concept for seed in range(4) for thing in works(at(seed), plot(120, 90))}
    assert {"building", "silo", "storage tank", "truck"} <= found
