from collections.abc import Callable

import shapely

from geoseg.training.land.place import Block, Place
from geoseg.training.land.things.ground import around
from geoseg.training.land.things.wild import forest, park, scrub

At = Callable[..., Place]
Plot = Callable[..., Block]


def test_a_forest_stays_on_its_block(at: At, plot: Plot) -> None:
    block = shapely.Polygon(around(plot(120, 90))).buffer(1.0)
    for seed in range(10):
        stands = [thing for thing in forest(at(seed, style="nature"), plot(120, 90))
                  if thing.concept == "forest"]  # fmt: skip
        assert len(stands) == 1
        bent = shapely.Polygon(stands[0].outline).buffer(0)
        assert bent.difference(block.buffer(14)).area < 1


def test_a_park_is_grass_with_trees_or_a_pond(at: At, plot: Plot) -> None:
    for seed in range(8):
        concepts = {thing.concept for thing in park(at(seed), plot(90, 70))}
        assert "grass" in concepts
        assert concepts & {"tree", "pond", "lake"}


def test_scrub_is_low(at: At, plot: Plot) -> None:
    bushes = [thing for thing in scrub(at(), plot(60, 60)) if thing.concept == "tree"]
    assert bushes
    assert max(thing.height for thing in bushes) < 3
