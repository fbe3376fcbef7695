"""What runs through a cell from beyond: rivers, highways, railways, the sea."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geoseg.training.land.hashing import generator
from geoseg.training.land.layout import parts_of
from geoseg.training.land.palette import GROUND, shade, weighted
from geoseg.training.land.place import Place, surface
from geoseg.training.land.routes import Route, route, routes
from geoseg.training.land.streets import Way, along, dense, traffic
from geoseg.training.land.thing import Points, Thing, beside
from geoseg.training.land.things.water import shore
from geoseg.training.land.things.ways import (
    TRACK_M,
    bridges,
    carriageway,
    length_of,
    railway,
    train,
)

LONGEST_BRIDGE_M = 130.0
"""Longer ones would run along a river, not over it."""

MARGIN_M = 10.0
"""How far beyond its cell water is known."""

WAVES_M = 4096.0
"""The waves of a sea are counted from places that far apart: float32 counts no farther."""


@dataclass(frozen=True, slots=True, eq=False)
class Crossing:
    """The routes that touch a cell."""

    quad: BaseGeometry
    """The cell."""

    routes: tuple[tuple[Route, Points], ...]
    """Each with its line a little beyond the cell."""

    sea: tuple[tuple[Route, BaseGeometry], ...]
    """Water beyond each coast, a little beyond the cell."""

    @property
    def kept_free(self) -> BaseGeometry:
        """Ground that nothing is built on."""
        ways = [
            shapely.LineString(line).buffer(route.wide / 2 + route.family.verge_m)
            for route, line in self.routes
        ]
        return shapely.union_all([*ways, *(water for _, water in self.sea)])

    @property
    def rivers(self) -> BaseGeometry:
        """Water that bridges cross."""
        return shapely.union_all(
            [
                shapely.LineString(line).buffer(route.wide / 2)
                for route, line in self.routes
                if route.family.name == "river"
            ]
        )

    def at_sea(self) -> Points | None:
        """A place (2,) in the sea, if there is any."""
        if not self.sea:
            return None
        return np.asarray(shapely.get_coordinates(self.open_sea.centroid)[0])

    @property
    def open_sea(self) -> BaseGeometry:
        """Water that nothing crosses."""
        return shapely.union_all([water for _, water in self.sea])


def crossing(seed: int, shares: Mapping[str, float], quad: BaseGeometry) -> Crossing:
    """What crosses a cell of the plan."""
    top, left, bottom, right = quad.bounds
    low, high = np.array([top, left]), np.array([bottom, right])
    found, sea = [], []
    for known in routes(seed, shares, low, high):
        axis = known.family.axis
        line = known.line(low[axis] - 60, high[axis] + 60)
        if quad.distance(shapely.LineString(line)) < known.wide / 2 + known.family.verge_m:
            found.append((known, line))
    if "coast" in shares:
        sea = list(seas(seed, quad))
    return Crossing(quad, tuple(found), tuple(sea))


def seas(seed: int, quad: BaseGeometry) -> Iterator[tuple[Route, BaseGeometry]]:
    """The parts of a cell that lie in the sea: between each even coast and the next."""
    top, left, bottom, right = quad.bounds
    near = route(seed, "coast", 0).family.spacing_m
    around = quad.buffer(MARGIN_M, join_style="mitre")
    first = int(np.floor(top / near)) - 1
    for index in range(first - first % 2, int(np.ceil(bottom / near)) + 2, 2):
        upper, lower = route(seed, "coast", index), route(seed, "coast", index + 1)
        lines = upper.line(left - 40, right + 40), lower.line(left - 40, right + 40)[::-1]
        water = shapely.intersection(shapely.Polygon(np.concatenate(lines)), around)
        if not water.is_empty:
            yield upper, water


def flowing(seed: int, place: Place, crossed: Crossing) -> Iterator[tuple[int | None, Thing]]:
    """The things of all routes in a cell, with the numbers of their routes.

    Bridges, trains and vehicles have no number yet.
    """
    yield from sea(seed, crossed)
    where = [int(bound) for bound in crossed.quad.bounds]
    for known, line in crossed.routes:
        own = replace(place, rng=generator(seed, 33, known.number))
        near = replace(place, rng=generator(seed, 34, known.number, *where))
        for drawn in DRAWN[known.family.name](own, known, line):
            # what is the same in all cells makes painters go on as they began
            thing = replace(drawn, half=(1e3, drawn.half[1]))
            number = known.number + CONCEPTS.index(thing.concept)
            at_sea = known.family.name == "coast"
            area = crossed.quad if at_sea else shapely.difference(crossed.quad, crossed.open_sea)
            yield from ((number, part) for part in within(thing, area))
        for thing in moving(near, known, line, crossed):
            inside = shapely.contains_xy(crossed.quad, thing.outline).all()
            if inside and not shapely.contains_xy(crossed.open_sea, *thing.centre):
                yield None, thing


def sea(seed: int, crossed: Crossing) -> Iterator[tuple[int, Thing]]:
    """Open water."""
    for known, water in crossed.sea:
        rng = generator(seed, 35, known.number)
        rgb, calm = shade(rng, GROUND["sea"]), float(rng.random())
        inside = shapely.intersection(water, crossed.quad)
        if not inside.is_empty:
            middle = shapely.get_coordinates(inside.centroid)[0]
            for ring in parts_of(shapely.segmentize(inside, 12.0)):
                open_water = surface("sea", "sea", ring, rgb, "water")
                middle = np.round(middle / WAVES_M) * WAVES_M
                yield known.number, replace(open_water, centre=middle, look={"calm": calm})


def within(thing: Thing, area: BaseGeometry) -> Iterator[Thing]:
    """What of a thing lies in an area."""
    outline = shapely.make_valid(shapely.Polygon(thing.outline))
    for ring in parts_of(shapely.segmentize(shapely.intersection(outline, area), 12.0)):
        yield replace(thing, outline=ring)


def river(own: Place, known: Route, line: Points) -> Iterator[Thing]:
    """Water between its banks."""
    rng = own.rng
    bank = np.clip(own.grass * rng.uniform(0.7, 1.0), 8, 250).astype(np.float32)
    yield along(line, known.wide + 6, bank, concept="grass", kind="grass", layer="cover")
    rgb = shade(rng, GROUND["water"])
    yield along(line, known.wide, rgb, concept="river", kind="river", layer="water")


def highway(own: Place, known: Route, line: Points) -> Iterator[Thing]:
    """Two carriageways with a green strip between."""
    surface = weighted(own.rng, {"asphalt": 4, "concrete": 1})
    wide, gap = lane_of(known)
    yield along(line, known.wide + 9, own.grass, concept="grass", kind="grass", layer="cover")
    yield along(line, known.wide, own.grass, concept="grass", kind="grass", layer="road")
    for side in (-1, 1):
        lane = beside(line, side * gap)
        yield carriageway(own, lane, wide, paved=surface, named="highway")


def lane_of(known: Route) -> tuple[float, float]:
    """How wide each carriageway of a highway is, and how far from its middle."""
    wide = known.wide * 0.42
    return wide, (known.wide - wide) / 2


def rails(own: Place, known: Route, line: Points) -> Iterator[Thing]:
    """A bed of ballast with rails."""
    yield railway(own, line, tracks=tracks_of(known))


def tracks_of(known: Route) -> int:
    """How many tracks lie side by side."""
    return max(round(known.wide / 4.8), 1)


def coast(own: Place, known: Route, line: Points) -> Iterator[Thing]:
    """The beach, and the water that breaks on it."""
    seaward = line if known.index % 2 == 0 else line[::-1]
    for thing in shore(own, seaward, land_m=known.wide, sea_m=24.0):
        if thing.kind != "sea":
            yield thing


def moving(near: Place, known: Route, line: Points, crossed: Crossing) -> Iterator[Thing]:
    """Bridges, trains and vehicles of a route in one cell."""
    if known.family.name == "highway":
        wide, gap = lane_of(known)
        way = Way("highway", wide, "asphalt")
        for side in (-1, 1):
            lane = beside(line, side * gap)
            yield from spanned(near, lane, wide, crossed)
            yield from traffic(near.rng, lane, way)
    if known.family.name == "railway":
        tracks = tracks_of(known)
        yield from spanned(near, line, 4.6 * tracks, crossed, carries="railway")
        for track in range(tracks):
            if near.rng.random() < 0.35:
                rail = beside(line, (track - (tracks - 1) / 2) * TRACK_M)
                start = near.rng.uniform(60, 0.5 * length_of(rail))
                yield from train(near, rail, start=float(start), longest=200.0)


def spanned(
    near: Place, line: Points, wide: float, crossed: Crossing, *, carries: str = "road"
) -> Iterator[Thing]:
    """The bridges of a way over the rivers of a cell."""
    for ring in parts_of(crossed.rivers):
        for bridge in bridges(near, line, wide, water=ring, carries=carries):
            if 2 * bridge.half[0] < LONGEST_BRIDGE_M:
                yield bridge


DRAWN: Final = {"river": river, "highway": highway, "railway": rails, "coast": coast}

CONCEPTS: Final = ("river", "road", "railway", "sea", "beach", "grass", "")
"""What routes consist of: each concept of a route has a number of its own."""


def dry(line: Points, crossed: Crossing, *, over: bool) -> list[Points]:
    """The parts of a border's way that exist: without bridges, it ends at the water."""
    blocked = crossed.open_sea
    if not over:
        blocked = shapely.union(blocked, crossed.rivers)
    return [dense(part) for part in parts_of(shapely.difference(shapely.LineString(line), blocked))]
