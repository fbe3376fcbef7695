from collections.abc import Callable

import numpy as np
import shapely

from geoseg.training.land.place import Block, Place
from geoseg.training.land.things.energy import solar_farm, turbine, wind_farm

At = Callable[..., Place]
Plot = Callable[..., Block]


def test_rows_of_panels_leave_room_between(at: At, plot: Plot) -> None:
    for seed in range(6):
        rows = [shapely.Polygon(thing.outline) for thing in solar_farm(at(seed), plot(140, 90))
                if thing.concept == "solar panel"]  # fmt: skip
        assert len(rows) > 8
        covered = shapely.union_all(rows).area
        assert (
            covered == sum(row.area for row in rows)
            or abs(covered - sum(row.area for row in rows)) < 1e-6 * covered
        )
        assert 0.25 < covered / (140 * 90) < 0.7


def test_rows_of_one_farm_all_face_one_way(at: At, plot: Plot) -> None:
    rows = [thing for thing in solar_farm(at(), plot(140, 90)) if thing.concept == "solar panel"]
    assert len({thing.angle for thing in rows}) == 1


def test_blades_hang_high_over_the_foot_of_their_tower(at: At) -> None:
    _, foot, blades = turbine(at(), np.zeros(2), hub_m=50.0)
    assert foot.concept == ""
    assert blades.concept == "wind turbine"
    assert blades.clear > 40
    assert shapely.Polygon(blades.outline).intersects(shapely.Polygon(foot.outline))


def test_a_large_block_holds_several_turbines(at: At, plot: Plot) -> None:
    things = list(wind_farm(at(), plot(500, 150)))
    assert sum(thing.concept == "wind turbine" for thing in things) == 3
