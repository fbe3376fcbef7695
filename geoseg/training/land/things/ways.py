"""Ways along a line: streets, railways, bridges, crossings."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np
import shapely

from geoseg.training.land.palette import GROUND, TRAINS, shade, weighted
from geoseg.training.land.place import Block, Place, Vector, surface
from geoseg.training.land.thing import Points, Thing, beside, rectangle, strip
from geoseg.training.land.things.buildings import building
from geoseg.training.land.things.ground import ground
from geoseg.training.land.things.lots import lengthwise

TRACK_M: Final = 4.6
"""Metres between the middles of two tracks."""


def length_of(line: Points) -> float:
    """Metres along a line."""
    steps = np.diff(line, axis=0)
    return float(np.hypot(steps[:, 0], steps[:, 1]).sum())


def carriageway(
    place: Place, line: Points, wide: float, *, paved: str = "asphalt", named: str = "street"
) -> Thing:
    """A road whose lanes are painted with it: one thing, however long."""
    rng = place.rng
    kind = "carriageway" if paved in ("asphalt", "concrete") else "track"
    rgb = place.asphalt if paved == "asphalt" else place.dirt
    lanes = 1 if wide < 5 else max(round(wide / 3.5), 2)
    marked = kind == "carriageway" and wide > 5.5 and rng.random() < 0.75
    return Thing(
        concept="road", kind=kind, layer="road", line=line, outline=strip(line, wide),
        rgb=rgb if paved in ("asphalt", "dirt") else shade(rng, GROUND[paved]),
        centre=line.mean(axis=0), half=(length_of(line) / 2, wide / 2),
        attributes={"surface": paved, "class": named},
        look={"lanes": float(lanes), "marked": float(marked), "grassy": float(rng.random() < 0.4)},
    )  # fmt: skip


def pavements(place: Place, line: Points, wide: float, *, walk: float) -> Iterator[Thing]:
    """The walks on both sides of a road of that width."""
    rgb = shade(place.rng, GROUND["paved"])
    for side in (-1, 1):
        middle = beside(line, side * (wide + walk) / 2)
        made = surface("pavement", "slabs", strip(middle, walk), rgb, "road")
        yield replace(made, half=(10.0, walk / 2), line=middle)


def crosswalk(place: Place, centre: Vector, angle: float, wide: float) -> Thing:
    """A zebra crossing over a road of that width; `angle` is the way the road runs."""
    half = (wide / 2 - 0.3, place.rng.uniform(1.5, 2.2))
    white = np.array([226, 226, 220], np.float32)
    return Thing(concept="crosswalk", kind="zebra", layer="mark", rgb=white, centre=centre,
                 outline=rectangle(centre, half, angle + np.pi / 2), half=half,
                 angle=angle + np.pi / 2)  # fmt: skip


def bridges(
    place: Place, line: Points, wide: float, *, water: Points, carries: str = "road"
) -> Iterator[Thing]:
    """The bridges on which a way crosses water of that outline, a little beyond its banks."""
    gap = shapely.Polygon(water).buffer(2.0)
    crossed = shapely.intersection(shapely.LineString(line), gap)
    for part in shapely.get_parts(crossed):
        if part.geom_type == "LineString" and part.length > 3:
            yield bridge(place, shapely.get_coordinates(part), wide, carries=carries)


def bridge(place: Place, line: Points, wide: float, *, carries: str = "road") -> Thing:
    """A bridge along a line, a little wider than the way it carries."""
    rng = place.rng
    across = wide + (2.4 if wide > 5 else 0.8)
    look = {"tracks": float(max(round(wide / TRACK_M), 1))} if carries == "railway" else {
        "lanes": float(1 if wide < 5 else max(round(wide / 3.5), 2)),
        "marked": float(wide > 5.5 and rng.random() < 0.7)}  # fmt: skip
    kinds = {"railway": "ballast", "road": "asphalt", "path": "paved"}
    return Thing(
        concept="bridge", kind="deck", layer="bridge", line=line, outline=strip(line, across),
        rgb=shade(rng, GROUND[kinds[carries]]), centre=line.mean(axis=0),
        half=(length_of(line) / 2, across / 2), height=rng.uniform(4, 9), clear=2.5,
        attributes={"carries": carries}, look=look,
    )  # fmt: skip


def railway(place: Place, line: Points, *, tracks: int = 1) -> Thing:
    """A bed of ballast with so many tracks."""
    wide = TRACK_M * (tracks - 1) + 4.2
    return Thing(
        concept="railway", kind="railway", layer="road", line=line, outline=strip(line, wide),
        rgb=shade(place.rng, GROUND["ballast"]), centre=line.mean(axis=0),
        half=(length_of(line) / 2, wide / 2), look={"tracks": float(tracks), "gap_m": TRACK_M},
    )  # fmt: skip


def train(place: Place, line: Points, *, start: float, longest: float) -> Iterator[Thing]:
    """A train on a track of that middle line, from so many metres along it."""
    rng = place.rng
    freight = rng.random() < 0.5
    wagon = rng.uniform(13, 19) if freight else rng.uniform(23, 27)
    room = min(longest, length_of(line) - start - 2)
    wished = int(rng.integers(8, 30) if freight else rng.integers(2, 13))
    count = min(int(room / wagon), wished)
    if count < 2:
        return
    whole = shapely.LineString(line)
    posts = np.linspace(start, start + count * wagon, max(count + 1, 2))
    along = np.array([shapely.get_coordinates(whole.interpolate(post))[0] for post in posts])
    colour = weighted(rng, {"red": 3, "blue": 2, "grey": 2, "white": 2, "green": 1, "yellow": 1})
    yield Thing(
        concept="train", kind="train", layer="car", line=along, outline=strip(along, 2.95),
        colour="" if freight else colour, rgb=shade(rng, TRAINS[colour]),
        centre=along.mean(axis=0), half=(count * wagon / 2, 1.48), height=4.0,
        attributes={"type": "freight" if freight else "passenger"}, look={"wagon_m": wagon},
    )  # fmt: skip


def rail_yard(place: Place, block: Block) -> Iterator[Thing]:
    """Many tracks side by side with trains on some, a station or sheds beside."""
    rng = place.rng
    long = lengthwise(block)
    yield ground(place, block, weighted(rng, {"gravel": 3, "soil": 1, "grass": 1}))
    room = int(2 * long.half[1] * rng.uniform(0.45, 0.8) / TRACK_M)
    tracks = max(min(room, int(rng.integers(3, 16))), 1)
    middle = -long.half[1] + 3 + TRACK_M * tracks / 2
    ends = (-long.half[0], long.half[0])
    line = np.stack([long.at(u, middle) for u in ends])
    yield railway(place, line, tracks=tracks)
    busy = rng.uniform(0.35, 0.95)
    for index in range(tracks):
        v = middle + (index - (tracks - 1) / 2) * TRACK_M
        if rng.random() < busy:
            own = np.stack([long.at(u, v) for u in ends])
            start = rng.uniform(1, max(0.7 * long.half[0], 2))
            yield from train(place, own, start=start, longest=2 * long.half[0])
    edge = middle + TRACK_M * tracks / 2 + 2
    yield from platform(place, long, edge)


def platform(place: Place, long: Block, edge: float) -> Iterator[Thing]:
    """A platform along the last track, and the station behind it."""
    rng = place.rng
    if long.half[1] - edge < 8:
        return
    reach = rng.uniform(0.3, 0.7) * long.half[0]
    slab = rectangle(long.at(0, edge + 2), (reach, 2.2), long.angle)
    made = surface("", "slabs", slab, shade(rng, GROUND["paved"]), "lot")
    yield replace(made, half=(reach, 2.2), angle=long.angle)
    deep = min((long.half[1] - edge - 6) / 2, 7.0)
    if deep > 2.5:
        spot = long.at(rng.uniform(-0.3, 0.3) * long.half[0], edge + 5.5 + deep)
        yield from building(place, spot, (min(reach * 0.8, 25.0), deep), angle=long.angle,
                            use="station")  # fmt: skip
