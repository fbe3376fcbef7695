import numpy as np
import pytest
import shapely

from geoseg.training.camera.painting import PAINTERS
from geoseg.training.land.groups import Standing
from geoseg.training.land.landscape import LANDS
from geoseg.training.land.thing import LAYERS
from geoseg.training.land.world import Land, World, numbered

STILL = np.zeros((1, 2))


def seen(world: World, low: tuple[float, float], high: tuple[float, float]) -> list[Standing]:
    corners = np.array(low), np.array(high)
    return [known for group in world.near(*corners) for known in group.near(*corners, STILL)]


def keys(standing: list[Standing]) -> list[tuple[int, str, bytes]]:
    return [(known.number, known.thing.kind, known.thing.outline.tobytes()) for known in standing]


@pytest.mark.parametrize("style", sorted(LANDS))
def test_everything_in_a_world_can_be_painted(style: str) -> None:
    standing = seen(World(2, Land(style)), (0, 0), (90, 90))
    assert standing
    assert {known.thing.layer for known in standing} <= set(LAYERS)
    assert {known.thing.kind.removeprefix("wing:") for known in standing} <= set(PAINTERS)


def test_a_part_of_the_ground_shows_what_the_whole_shows_there() -> None:
    world = World(4, Land("town"))
    whole = seen(world, (0, 0), (200, 200))
    part = seen(World(4, Land("town")), (60, 80), (110, 130))
    window = shapely.box(60, 80, 110, 130)
    listed = keys(whole)
    assert set(keys(part)) <= set(listed)
    assert [key for key in listed if key in set(keys(part))] == keys(part)  # in the same order
    inside = [
        key
        for key, known in zip(listed, whole, strict=True)
        if shapely.MultiPoint(known.thing.outline).convex_hull.intersects(window)
    ]
    assert set(inside) <= set(keys(part))


def test_numbers_belong_to_one_thing() -> None:
    standing = seen(World(4, Land("suburb")), (0, 0), (150, 150))
    concepts: dict[int, set[str]] = {}
    for known in standing:
        concepts.setdefault(known.number, set()).add(known.thing.concept)
    assert concepts.pop(0) == {""}
    assert all(len(found) == 1 for found in concepts.values())
    outlined = [known.number for known in standing if known.thing.concept in ("car", "tree")]
    assert len(outlined) == len(set(outlined))


def test_another_seed_is_another_world() -> None:
    first, second = (seen(World(seed, Land("suburb")), (0, 0), (60, 60)) for seed in (1, 2))
    assert not set(keys(first)) & set(keys(second))


def test_two_dates_of_one_place_share_most_things() -> None:
    dates = [
        {
            (known.number, known.thing.outline.tobytes())
            for known in seen(World(6, Land("suburb", date=date)), (0, 0), (250, 250))
            if known.thing.concept == "building"
        }
        for date in (0, 1)
    ]
    assert dates[0] - dates[1]
    assert dates[1] - dates[0]
    assert len(dates[0] & dates[1]) > 0.5 * len(dates[0])


@pytest.mark.parametrize("style", ["suburb", "industrial"])
def test_what_is_gone_from_a_place_never_comes_back(style: str) -> None:
    days = range(6)
    found = [
        {
            (known.number, known.thing.concept, known.thing.outline.tobytes()): known.number
            for known in seen(World(6, Land(style, date=day)), (0, 0), (240, 240))
            if known.number
        }
        for day in days
    ]
    gone = 0
    for number in {number for day in found for number in day.values()}:
        there = [day for day in days if number in found[day].values()]
        assert there == list(range(there[0], there[-1] + 1))
        looks = {key for day in there for key in found[day] if key[0] == number}
        assert all({key for key in found[day] if key[0] == number} == looks for day in there)
        gone += there[-1] < days[-1]
    assert gone > 20


def test_things_of_a_new_use_never_bear_the_numbers_of_the_old_one() -> None:
    known = [one.thing for one in seen(World(6, Land("suburb")), (0, 0), (30, 30))]
    before, *after = (
        {number for number, _ in numbered(known, (5, 6), 7, use=use)} for use in range(9)
    )
    assert len(before) == len(known)
    assert not any(before & numbers for numbers in after)


def test_the_coast_has_a_sea_and_a_beach() -> None:
    concepts: set[str] = set()
    for seed in range(3):
        standing = seen(World(seed, Land("coast")), (0, 0), (150, 150))
        concepts |= {known.thing.concept for known in standing}
    assert {"sea", "beach"} <= concepts


def test_nothing_stands_in_the_sea_or_a_river() -> None:
    for seed in range(4):
        standing = seen(World(seed, Land("coast")), (0, 0), (200, 200))
        water = shapely.union_all(
            [
                shapely.make_valid(shapely.Polygon(known.thing.outline))
                for known in standing
                if known.number >= 1 << 50 and known.thing.concept in ("sea", "river")
            ]
        )
        for known in standing:
            if known.thing.concept == "building":
                shared = water.intersection(shapely.Polygon(known.thing.outline).buffer(0))
                assert shared.area < 1


@pytest.mark.parametrize(
    "wrong", [{"style": "moon"}, {"season": "rain"}, {"date": -1}, {"density": 1.5}]
)
def test_a_land_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=str(next(iter(wrong.values())))):
        Land(**wrong)  # type: ignore[arg-type]
