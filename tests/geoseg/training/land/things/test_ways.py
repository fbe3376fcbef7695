from collections.abc import Callable

import numpy as np
import pytest
import shapely

from geoseg.training.land.place import Block, Place
from geoseg.training.land.thing import strip
from geoseg.training.land.things.ways import (
    bridge,
    bridges,
    carriageway,
    crosswalk,
    length_of,
    pavements,
    rail_yard,
    railway,
    train,
)

At = Callable[..., Place]

LINE = np.stack([np.full(21, 50.0), np.linspace(0, 200, 21)], axis=1)


def test_a_road_is_as_wide_as_asked_all_along(at: At) -> None:
    road = carriageway(at(), LINE, 8.0)
    assert shapely.Polygon(road.outline).area == pytest.approx(200 * 8)
    assert road.half == (100.0, 4.0)
    assert road.line is LINE


def test_a_dirt_road_has_no_marks(at: At) -> None:
    assert {carriageway(at(seed), LINE, 8.0, paved="dirt").look["marked"] for seed in range(8)} == {
        0.0
    }


def test_pavements_lie_beside_the_road_not_on_it(at: At) -> None:
    road = shapely.Polygon(carriageway(at(), LINE, 8.0).outline)
    walks = [shapely.Polygon(walk.outline) for walk in pavements(at(), LINE, 8.0, walk=2.0)]
    assert len(walks) == 2
    assert all(road.intersection(walk).area < 1e-6 for walk in walks)
    assert all(road.distance(walk) < 1e-6 for walk in walks)


def test_a_bridge_stands_only_where_the_road_crosses_water(at: At) -> None:
    water = strip(np.array([(0.0, 80.0), (100.0, 80.0)]), 30.0)
    (made,) = bridges(at(), LINE, 8.0, water=water)
    assert made.concept == "bridge"
    assert 30 < 2 * made.half[0] < 40
    assert list(bridges(at(), LINE + 500.0, 8.0, water=water)) == []


def test_a_bridge_is_wider_than_what_it_carries(at: At) -> None:
    for carries in ("road", "railway", "path"):
        made = bridge(at(), LINE[:4], 6.0, carries=carries)
        assert made.half[1] > 3.0
        assert made.attributes == {"carries": carries}


def test_a_crossing_leads_from_kerb_to_kerb(at: At) -> None:
    made = crosswalk(at(), np.array([50.0, 100.0]), 0.0, 8.0)
    rows = np.ptp(made.outline[:, 0])
    assert 7 < rows <= 8


@pytest.mark.parametrize("tracks", [1, 2, 6])
def test_a_railway_is_as_wide_as_its_tracks(at: At, tracks: int) -> None:
    made = railway(at(), LINE, tracks=tracks)
    assert 2 * made.half[1] == pytest.approx(4.6 * (tracks - 1) + 4.2)


def test_a_train_stays_on_its_track(at: At) -> None:
    curve = np.stack([20 * np.sin(LINE[:, 1] / 60), LINE[:, 1]], axis=1)
    bed = shapely.LineString(curve).buffer(2.6)
    found = [made for seed in range(12) for made in train(at(seed), curve, start=10, longest=150)]
    assert found
    assert all(bed.contains(shapely.Polygon(made.outline)) for made in found)


def test_there_is_no_train_where_there_is_no_room(at: At) -> None:
    assert list(train(at(), LINE, start=195, longest=100)) == []


def test_trains_of_a_yard_stand_on_its_tracks(at: At, plot: Callable[..., Block]) -> None:
    for seed in range(6):
        things = list(rail_yard(at(seed), plot(160, 60)))
        beds = shapely.union_all([shapely.Polygon(t.outline) for t in things
                                  if t.concept == "railway"])  # fmt: skip
        trains = [shapely.Polygon(t.outline) for t in things if t.concept == "train"]
        assert all(beds.buffer(0.1).contains(one) for one in trains)


def test_a_line_is_as_long_as_its_pieces() -> None:
    assert length_of(LINE) == pytest.approx(200)
