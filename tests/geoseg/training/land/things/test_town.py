from collections.abc import Callable

import numpy as np
import pytest
import shapely

from geoseg.training.land.place import Block, Place
from geoseg.training.land.things.lots import area_m2
from geoseg.training.land.things.town import (
    dense,
    ends,
    flats,
    footpaths,
    large,
    packed,
    shops,
    split,
    terrace,
    village,
)

At = Callable[..., Place]
Plot = Callable[..., Block]


@pytest.mark.parametrize(
    ("fill", "uses"),
    [
        (dense, {"hut", "house"}),
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


def test_what_is_split_is_neither_lost_nor_doubled(plot: Plot) -> None:
    whole = plot(60, 40)
    pieces = list(split(np.random.default_rng(3), whole, 80.0))
    assert len(pieces) > 15
    assert sum(area_m2(piece) for piece in pieces) == pytest.approx(area_m2(whole))


def test_packed_houses_stand_close_but_not_in_each_other(at: At, plot: Plot) -> None:
    for seed in range(6):
        homes = [shapely.Polygon(thing.outline) for thing in packed(at(seed), plot(60, 40))
                 if thing.concept == "building"]  # fmt: skip
        area = sum(home.area for home in homes)
        assert area - shapely.union_all(homes).area < 0.005 * area
        near = [min(home.distance(other) for other in homes if other is not home)
                for home in homes]  # fmt: skip
        assert np.median(near) < 1.6


def test_the_ends_of_two_rows_close_a_courtyard(at: At, plot: Plot) -> None:
    row = plot(80, 40)
    homes = [shapely.Polygon(thing.outline) for thing in ends(at(), row, 5.0)]
    assert len(homes) == 2
    assert not any(home.contains(shapely.Point(*row.centre)) for home in homes)
