"""The outlines of a scene's things, gathered block by block and given out when complete."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from geopandas import GeoDataFrame
from shapely.geometry.base import BaseGeometry

from geoseg.training.camera.leaning import Way, seen_outline
from geoseg.training.camera.rendering import BLOCK, Rendered
from geoseg.training.land.coarse import too_small
from geoseg.training.land.groups import Standing

ENDLESS: Final = 1 << 50
"""Numbers from here on belong to what runs through the whole scene: complete only at its end."""


@dataclass(frozen=True, slots=True)
class Frame:
    """How large a scene is."""

    height: int
    """Rows."""

    width: int
    """Columns."""

    gsd: float
    """Metres per pixel."""

    def blocks(self) -> tuple[int, int]:
        """Rows and columns of blocks."""
        return -(-self.height // BLOCK), -(-self.width // BLOCK)

    def box(self) -> BaseGeometry:
        """The scene on the ground: row before column, in metres."""
        return shapely.box(0, 0, self.height * self.gsd, self.width * self.gsd)


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """A thing in one block, where it may be hidden."""

    standing: Standing
    pixels: int
    """How many show it."""

    outline: BaseGeometry
    """What it covers in the picture if nothing hides it: row before column, in metres."""

    blocks: int
    """How many blocks of the scene it touches."""


def sightings(
    block: Rendered, place: tuple[int, int], frame: Frame, way: Way
) -> Iterator[Sighting]:
    """The things that a block of a scene may show."""
    rows, columns = (
        slice(0, min(BLOCK, side - index * BLOCK))
        for side, index in zip((frame.height, frame.width), place, strict=True)
    )
    counts = block.pixels((rows, columns))
    for index, standing in enumerate(block.standing):
        if standing.number and not too_small(standing.thing, frame.gsd):
            outline = seen_outline(standing.thing, way)
            first, last = blocks_touched(outline, frame)
            if all(low <= at <= high for low, at, high in zip(first, place, last, strict=True)):
                count = (last[0] - first[0] + 1) * (last[1] - first[1] + 1)
                yield Sighting(standing, int(counts[index]), outline, count)


def blocks_touched(outline: BaseGeometry, frame: Frame) -> tuple[tuple[int, int], tuple[int, int]]:
    """The first and the last row and column of the scene's blocks that an outline touches."""
    side = BLOCK * frame.gsd
    top, left, bottom, right = outline.bounds
    most = frame.blocks()
    low = (max(int(top // side), 0), max(int(left // side), 0))
    return low, (min(int(bottom // side), most[0] - 1), min(int(right // side), most[1] - 1))


class Known:
    """What is known so far of one thing."""

    def __init__(self, standing: Standing) -> None:
        self.standing = standing
        self.pixels = 0
        self.parts: dict[bytes, BaseGeometry] = {}
        self.left: dict[bytes, int] = {}

    def add(self, sighting: Sighting) -> None:
        """One more block."""
        key = sighting.standing.thing.outline[:3].tobytes()
        if key not in self.parts:
            self.parts[key], self.left[key] = sighting.outline, sighting.blocks
        self.left[key] -= 1
        self.pixels += sighting.pixels

    def complete(self) -> bool:
        """Whether all blocks that it touches have been seen."""
        return not any(self.left.values())


class Truth:
    """Things that are not complete yet; only they take memory."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self._open: dict[int, Known] = {}

    def add(self, seen: Iterable[Sighting]) -> list[Known]:
        """Take in one block; the things that are now complete and seen somewhere."""
        touched: dict[int, Known] = {}
        for sighting in seen:
            number = sighting.standing.number
            thing = self._open.get(number)
            if thing is None:
                thing = self._open[number] = Known(sighting.standing)
            thing.add(sighting)
            touched[number] = thing
        done = [n for n, thing in touched.items() if n < ENDLESS and thing.complete()]
        return [thing for number in done if (thing := self._open.pop(number)).pixels]

    def rest(self) -> list[Known]:
        """What is complete now that all blocks have been seen."""
        left = [thing for thing in self._open.values() if thing.pixels]
        self._open.clear()
        return left


def table(
    things: Iterable[Known], frame: Frame, *, crs: str, corner: tuple[float, float]
) -> GeoDataFrame:
    """Things as rows with their outlines in a CRS; corner: north and east of the scene's first."""
    known = list(things)
    outlines = [shapely.union_all(list(thing.parts.values())) for thing in known]
    cut = shapely.intersection(outlines, frame.box())
    shares = [
        min(thing.pixels * frame.gsd**2 / max(outline.area, 1e-9), 1.0)
        for thing, outline in zip(known, cut, strict=True)
    ]
    north, east = corner
    placed = shapely.transform(
        cut, lambda at: np.stack([east + at[:, 1], north - at[:, 0]], axis=1)
    )
    things_known = [thing.standing for thing in known]
    return GeoDataFrame(
        {
            "number": np.array([s.number for s in things_known], np.int64),
            "concept": [s.thing.concept for s in things_known],
            "colour": [s.thing.colour for s in things_known],
            "kind": [s.thing.kind for s in things_known],
            "attributes": [json.dumps(dict(s.thing.attributes)) for s in things_known],
            "height_m": np.array([s.thing.height for s in things_known], np.float64),
            "seen": np.array(shares, np.float64),
        },
        geometry=[polygons(part) for part in placed],
        crs=crs,
    )


def polygons(geometry: BaseGeometry) -> BaseGeometry:
    """The polygons of a geometry as one multipolygon, without stray lines and points."""
    parts = [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]
    return shapely.MultiPolygon(parts)
