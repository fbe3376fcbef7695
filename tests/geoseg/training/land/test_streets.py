import numpy as np
import pytest

from geoseg.training.land.place import new_place
from geoseg.training.land.streets import WIDE_M, Street, Way, built, dense, new_way, traffic
from geoseg.training.land.thing import Thing

LINE = dense(np.array([(0.0, 0.0), (40.0, 90.0)]))


def things(way: Way, seed: int = 0) -> list[Thing]:
    rng = np.random.default_rng(seed)
    return list(built(Street(LINE, way, new_place(rng, None, "town")), rng))


@pytest.mark.parametrize("kind", sorted(WIDE_M))
def test_a_way_is_as_wide_as_its_kind(kind: str) -> None:
    low, high = WIDE_M[kind]
    for seed in range(10):
        way = new_way(new_place(np.random.default_rng(seed), None, "suburb"), kind)
        assert low <= way.wide <= high
        assert way.reach >= way.wide / 2


def test_tracks_are_not_paved() -> None:
    place = new_place(np.random.default_rng(0), None, "town")
    assert {new_way(place, "track").surface for _ in range(20)} <= {"dirt", "gravel"}


def test_a_street_has_one_road_and_pavements_where_it_should() -> None:
    made = [thing.concept for thing in things(Way("street", 8.0, "asphalt", 2.0))]
    assert made.count("road") == 1
    assert made.count("pavement") == 2
    assert "pavement" not in {thing.concept for thing in things(Way("street", 8.0, "asphalt"))}


def test_cars_drive_on_the_road() -> None:
    way = Way("avenue", 14.0, "asphalt")
    step = LINE[-1] - LINE[0]
    normal = np.array([step[1], -step[0]]) / np.hypot(*step)
    seen = [t for s in range(30) for t in traffic(np.random.default_rng(s), LINE, way)]
    assert seen
    assert max(abs(float((thing.centre - LINE[0]) @ normal)) for thing in seen) < way.wide / 2


def test_crossings_are_now_and_then_painted_near_the_junctions() -> None:
    way = Way("street", 8.0, "asphalt", 2.0)
    zebras = [t for s in range(30) for t in things(way, s) if t.concept == "crosswalk"]
    assert zebras
    for thing in zebras:
        ends = np.hypot(*(LINE[[0, -1]] - thing.centre).T)
        assert ends.min() == pytest.approx(16, abs=0.5)


def test_a_dense_line_keeps_its_ends_and_has_no_long_steps() -> None:
    steps = np.hypot(*np.diff(LINE, axis=0).T)
    assert steps.max() <= 10
    np.testing.assert_allclose(LINE[[0, -1]], [(0, 0), (40, 90)])
