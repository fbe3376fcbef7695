from collections.abc import Callable

import pytest
import shapely

from geoseg.training.land.place import Block, Place
from geoseg.training.land.things.town import dense, flats, footpaths, large, shops, terrace, village

At = Callable[..., Place]
Plot = Callable[..., Block]


@pytest.mark.parametrize(
    ("fill", "uses"),
    [
        (dense, {"hut"}),
        (village, {"hut"}),
        (terrace, {"terrace"}),
        (flats, {"apartment block"}),
        (large, {"warehouse", "factory", "shop"}),
        (shops, {"shop"}),
    ],
)
def test_quarters_hold_the_buildings_they_are_named_for(
    at: At, plot: Plot, fill: Callable[..., object], uses: set[str]
) -> None:
    for seed in range(5):
        homes = [thing for thing in fill(at(seed), plot(100, 70)) if thing.concept == "building"]
        assert homes
        assert {home.attributes["use"] for home in homes} <= uses


def test_houses_of_a_terrace_touch(at: At, plot: Plot) -> None:
    homes = [shapely.Polygon(thing.outline) for thing in terrace(at(2), plot(90, 40))
             if thing.concept == "building"]  # fmt: skip
    near = [min(home.distance(other) for other in homes if other is not home) for home in homes]
    assert sum(gap < 0.2 for gap in near) > 0.5 * len(near)


def test_some_huts_of_a_village_are_round(at: At, plot: Plot) -> None:
    shapes = [thing.attributes["shape"] for thing in village(at(1), plot(100, 80))
              if thing.concept == "building"]  # fmt: skip
    assert {"round", "rectangular"} == set(shapes)


def test_a_path_crosses_its_block(at: At, plot: Plot) -> None:
    for made in footpaths(at(), plot(80, 50)):
        assert made.concept == "path"
        assert made.line is not None
        assert made.half[1] < 2
