from collections.abc import Callable

import shapely

from geoseg.training.land.place import Block, Place
from geoseg.training.land.things.building_site import construction

At = Callable[..., Place]
Plot = Callable[..., Block]


def test_a_site_covers_its_block_and_holds_what_is_being_built(at: At, plot: Plot) -> None:
    things = [list(construction(at(seed), plot(90, 70))) for seed in range(8)]
    for site, *_ in things:
        assert site.concept == "construction site"
    found = {thing.concept for one in things for thing in one}
    assert {"building", "crane", "truck"} <= found


def test_a_crane_reaches_far_and_high(at: At, plot: Plot) -> None:
    cranes = [thing for seed in range(8) for thing in construction(at(seed), plot(90, 70))
              if thing.concept == "crane"]  # fmt: skip
    assert cranes
    for crane in cranes:
        assert crane.clear > 20
        assert crane.half[0] > 10 * crane.half[1]
        assert shapely.Polygon(crane.outline).area < 120
