"""Streets: what they are paved with, what is drawn on them, what drives on them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np

from geoseg.training.land.palette import weighted
from geoseg.training.land.place import Colour, Place
from geoseg.training.land.thing import Points, Thing, directions, strip
from geoseg.training.land.things.vehicles import vehicle
from geoseg.training.land.things.ways import carriageway, crosswalk, length_of, pavements

WIDE_M: Final = {
    "highway": (22.0, 30.0), "avenue": (13.0, 18.0), "street": (6.5, 10.0), "lane": (3.5, 5.0),
    "track": (2.4, 3.8),
}  # fmt: skip
"""Narrowest and widest of each kind of way, in metres."""


ZEBRA_M: Final = 16.0
"""How far from the middle of a junction people cross."""


@dataclass(frozen=True, slots=True)
class Way:
    """What a road is like all along."""

    kind: str
    """One of WIDE_M."""

    wide: float
    """Metres from kerb to kerb."""

    surface: str
    """asphalt, concrete, gravel or dirt."""

    walk: float = 0.0
    """Metres of pavement on either side."""

    @property
    def reach(self) -> float:
        """Metres from the middle to the end of all that belongs to it."""
        return self.wide / 2 + self.walk


@dataclass(frozen=True, slots=True, eq=False)
class Street:
    """A way in its place."""

    line: Points
    """Its middle."""

    way: Way
    """What it is like."""

    place: Place
    """The character of the land about it."""


def new_way(place: Place, kind: str) -> Way:
    """A way of a kind, as they are in a place."""
    rng = place.rng
    wide = float(rng.uniform(*WIDE_M[kind]))
    paved = kind != "track" and place.paved_roads and (wide > 5 or rng.random() < 0.7)
    hard, soft = {"asphalt": 9.0, "concrete": 1.0}, {"dirt": 4.0, "gravel": 1.0}
    city = place.style not in ("rural", "nature")
    walk = float(rng.uniform(1.0, 2.4)) if paved and city and rng.random() < 0.6 else 0.0
    return Way(kind, wide, weighted(rng, hard if paved else soft), walk)


def built(street: Street, rng: np.random.Generator) -> Iterator[Thing]:
    """A street with its pavements, crossings and traffic."""
    place, line, way = replace(street.place, rng=rng), street.line, street.way
    named = way.kind if way.kind in ("highway", "track") else "street"
    paved = way.surface
    if way.walk:
        yield from pavements(place, line, way.wide, walk=way.walk)
    yield carriageway(place, line, way.wide, paved=paved, named=named)
    if way.walk and rng.random() < 0.4:
        yield from (zebra(place, end, way) for end in (line, line[::-1]) if length_of(line) > 60)
    yield from traffic(rng, line, way)


def zebra(place: Place, line: Points, way: Way) -> Thing:
    """A crossing for people on foot, just before the first junction of a line."""
    step = line[min(3, len(line) - 1)] - line[0]
    length = float(np.hypot(*step))
    angle = float(np.arctan2(step[0], step[1]))
    return crosswalk(place, line[0] + step / length * ZEBRA_M, angle, way.wide)


def traffic(rng: np.random.Generator, line: Points, way: Way) -> Iterator[Thing]:
    """Cars driving or standing along a line."""
    steps = np.diff(line, axis=0)
    length = np.hypot(steps[:, 0], steps[:, 1])
    if way.kind == "track" or not length.sum():
        return
    busy = rng.choice([0.3, 1.0, 2.0]) * 0.014 * min(way.wide / 6, 3)
    for _ in range(rng.poisson(float(length.sum()) * busy)):
        index = int(rng.choice(len(steps), p=length / length.sum()))
        angle = float(np.arctan2(steps[index, 0], steps[index, 1]))
        _, across = directions(angle)
        side = rng.choice([-0.36, -0.25, 0.25, 0.36]) * way.wide
        yield vehicle(rng, line[index] + rng.random() * steps[index] + across * side, angle)


def dense(line: Points, step_m: float = 10.0) -> Points:
    """The line with a point at least every so many metres."""
    pieces = [line[:1]]
    for start, end in pairwise(line):
        count = max(int(np.ceil(np.hypot(*(end - start)) / step_m)), 1)
        pieces.append(start + (end - start) * np.arange(1, count + 1)[:, None] / count)
    return np.concatenate(pieces)


def along(line: Points, wide: float, rgb: Colour, *, concept: str, kind: str, layer: str) -> Thing:
    """A band along a line."""
    chord = line[-1] - line[0]
    return Thing(
        concept=concept, kind=kind, layer=layer, rgb=rgb, outline=strip(line, wide),
        centre=line.mean(axis=0), half=(float(np.hypot(*chord)) / 2, wide / 2),
        angle=float(np.arctan2(chord[0], chord[1])), line=line,
    )  # fmt: skip
