import numpy as np
import pytest
import shapely

from geoseg.training.land.crossing import CONCEPTS, Crossing, crossing, dry, flowing
from geoseg.training.land.place import new_place

ALL = {"river": 1.0, "highway": 1.0, "railway": 1.0, "coast": 1.0}
PLACE = new_place(np.random.default_rng(0), None, "town")


def cells(count: int = 40) -> list[Crossing]:
    found = []
    for index in range(count):
        low = np.array([1_000_000 + 410 * index, 1_000_000 + 290 * index])
        found.append(crossing(5, ALL, shapely.box(*low, *(low + 330))))
    return found


@pytest.fixture(scope="module")
def crossed() -> list[Crossing]:
    return [cell for cell in cells() if cell.routes or cell.sea]


def test_everything_of_a_route_stays_in_its_cell(crossed: list[Crossing]) -> None:
    assert crossed
    for cell in crossed:
        for _, thing in flowing(5, PLACE, cell):
            outline = shapely.make_valid(shapely.Polygon(thing.outline))
            assert cell.quad.buffer(0.01).covers(outline)


def test_numbers_tell_the_concepts_of_a_route_apart(crossed: list[Crossing]) -> None:
    concepts: dict[int, set[str]] = {}
    for cell in crossed:
        for number, thing in flowing(5, PLACE, cell):
            if number is not None:
                concepts.setdefault(number, set()).add(thing.concept)
    assert all(len(names) == 1 for names in concepts.values())
    assert {name for names in concepts.values() for name in names} <= set(CONCEPTS)


def test_rivers_end_at_the_sea(crossed: list[Crossing]) -> None:
    for cell in crossed:
        for _, thing in flowing(5, PLACE, cell):
            if thing.concept == "river":
                outline = shapely.make_valid(shapely.Polygon(thing.outline))
                assert outline.intersection(cell.open_sea).area < 1


def test_small_ways_stop_at_a_river_and_large_ones_cross_it(crossed: list[Crossing]) -> None:
    cell = next(cell for cell in crossed if not cell.rivers.is_empty and not cell.sea)
    top, left, bottom, right = cell.quad.bounds
    line = np.array([(top, (left + right) / 2), (bottom, (left + right) / 2)])
    narrow, broad = (
        sum(shapely.LineString(part).length for part in dry(line, cell, over=over))
        for over in (False, True)
    )
    assert broad == pytest.approx(330)
    assert narrow <= broad


def test_nothing_is_built_where_a_route_runs(crossed: list[Crossing]) -> None:
    for cell in crossed:
        for known, line in cell.routes:
            way = shapely.LineString(line).buffer(known.wide / 2)
            assert way.difference(cell.kept_free).area < 1e-3
