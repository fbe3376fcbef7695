from collections.abc import Callable

import numpy as np
import shapely

from geoseg.training.land.place import Block, Place
from geoseg.training.land.things.water import LAKE_M, away_from, beach, fish_ponds, standing

At = Callable[..., Place]
Plot = Callable[..., Block]


def test_small_water_is_a_pond_and_large_water_a_lake(at: At, plot: Plot) -> None:
    for seed in range(12):
        for side in (30, 200):
            *_, water = standing(at(seed), plot(side, side), 0.7)
            wide = float(np.ptp(water.outline, axis=0).mean())
            assert water.concept == ("lake" if wide > LAKE_M else "pond")


def test_the_beach_lies_between_land_and_sea(at: At, plot: Plot) -> None:
    for seed in range(6):
        things = list(beach(at(seed), plot(160, 110)))
        sand = next(t for t in things if t.concept == "beach" and t.kind == "sand")
        sea = next(t for t in things if t.kind == "sea")
        shore = shapely.Polygon(sand.outline).intersection(shapely.Polygon(sea.outline))
        assert shore.area < 1.0
        assert shapely.Polygon(sand.outline).distance(shapely.Polygon(sea.outline)) < 0.01


def test_a_moved_shore_never_crosses_itself() -> None:
    along = np.linspace(0, 100, 60)
    line = np.stack([6 * np.sin(along / 4), along], axis=1)
    for distance in (-40.0, 15.0, 80.0):
        ring = np.concatenate([line, away_from(line, distance)[::-1]])
        assert shapely.Polygon(ring).is_valid


def test_fish_ponds_have_banks_between(at: At, plot: Plot) -> None:
    ponds = [shapely.Polygon(thing.outline) for thing in fish_ponds(at(), plot(120, 40))
             if thing.concept == "pond"]  # fmt: skip
    assert len(ponds) >= 3
    assert min(a.distance(b) for a in ponds for b in ponds if a is not b) > 1.5
