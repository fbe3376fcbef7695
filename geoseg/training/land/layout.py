"""Where things stand in one cell of a world: streets, and the blocks between them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geoseg.training.land.coarse import as_seen
from geoseg.training.land.fillings import FILLINGS, fitting
from geoseg.training.land.landscape import BLOCK_M, COASTAL, LARGE, STYLES, WHOLE
from geoseg.training.land.palette import weighted
from geoseg.training.land.place import Block, Place, Vector, cover
from geoseg.training.land.streets import Street, Way, dense, new_way
from geoseg.training.land.thing import Points, Thing, rectangle
from geoseg.training.land.things.lots import lengthwise

SLIVER_M2 = 60.0
"""Ground that nothing is put on."""

CUT_LAYERS = ("cover", "water", "road", "lot", "bridge")
"""Layers whose things are cut at the border of their ground."""


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """A cell of the plan before it is laid out."""

    corners: Points
    """(4, 2) in order around it."""

    open: BaseGeometry
    """What streets may cross: the cell without rivers, railways, sea."""

    land: BaseGeometry
    """What can be built on: the same without the ways along its border."""

    sea: Vector | None = None
    """A place in the sea, if the cell has any."""


@dataclass(frozen=True, slots=True, eq=False)
class Plot:
    """A block between streets and what is to fill it."""

    block: Block
    filling: str


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """A plot in its cell."""

    block: Block
    """It may reach beyond its ground."""

    ground: BaseGeometry
    """What of it can be built on."""

    filling: str
    """One of FILLINGS."""


def laid_out(place: Place, cell: Ground) -> Iterator[Street | Leaf]:
    """The streets of a cell, and the leaves between them."""
    whole = whole_of(cell)
    if place.rng.random() < 0.5:
        whole = Block(whole.centre, whole.half[::-1], whole.angle + np.pi / 2)
    size = BLOCK_M[place.style] * place.rng.uniform(0.6, 1.3)
    for found in cut(place, whole, size, coastal=cell.sea is not None):
        if isinstance(found, Plot):
            yield from leaf(found, cell)
        else:
            line, way = found
            for part in parts_of(shapely.intersection(shapely.LineString(line), cell.open)):
                yield Street(dense(part), way, place)


def whole_of(cell: Ground) -> Block:
    """The block around all the land of a cell."""
    top, left, bottom, right = cell.land.bounds
    edge = cell.corners[1] - cell.corners[0] + cell.corners[2] - cell.corners[3]
    angle = float(np.arctan2(edge[0], edge[1]))
    middle = np.array([(top + bottom) / 2, (left + right) / 2])
    return bounding(middle, angle, shapely.get_coordinates(cell.land))


def bounding(middle: np.ndarray, angle: float, points: Points) -> Block:
    """The smallest block of that direction around points."""
    frame = Block(middle, (0.0, 0.0), angle)
    axes = np.stack([frame.at(1, 0) - middle, frame.at(0, 1) - middle])
    places = (points - middle) @ axes.T
    low, high = places.min(axis=0), places.max(axis=0)
    half = tuple(((high - low) / 2).tolist())
    return Block(frame.at(*(low + high) / 2), (half[0], half[1]), angle)


def leaf(plot: Plot, cell: Ground) -> Iterator[Leaf]:
    """A plot with its filling, if any ground is left of it."""
    block = plot.block
    if plot.filling in COASTAL and cell.sea is not None:
        block = facing(block, cell.sea)
    corners = shapely.Polygon(rectangle(block.centre, block.half, block.angle))
    ground = shapely.intersection(corners, cell.land)
    if ground.area >= SLIVER_M2:
        shapely.prepare(ground)
        yield Leaf(block, ground, plot.filling)


def facing(block: Block, sea: Vector) -> Block:
    """The block, turned so that what is across its long side lies towards the sea."""
    long = lengthwise(block)
    across = long.at(0, 1) - long.centre
    turn = np.pi if across @ (sea - long.centre) < 0 else 0.0
    return Block(long.centre, long.half, long.angle + turn)


def cut(
    place: Place, block: Block, size: float, *, coastal: bool = False
) -> Iterator[Plot | tuple[Points, Way]]:
    """Cut a block by streets until the pieces are about that large; the streets come along."""
    rng = place.rng
    side = 2 * max(block.half)
    if side < size * rng.uniform(0.9, 1.9):
        yield Plot(block, chosen(place, block, STYLES[place.style]))
        return
    left = COASTAL if coastal else LARGE[place.style]
    if rng.random() < (0.3 if coastal else WHOLE[place.style]) and left.keys() & fitting(block):
        yield Plot(block, chosen(place, block, left))
        return
    way = inner_way(place, size)
    at = rng.uniform(-0.3, 0.3) * side / 2
    if way is not None:
        yield middle_line(block, at), way
    verge = rng.uniform(0.5, 4) + (2 * way.reach if way else 0.0)
    for low, high in ((-side / 2, at - verge / 2), (at + verge / 2, side / 2)):
        middle, half = (low + high) / 2, max((high - low) / 2, 1.0)
        if block.half[0] >= block.half[1]:
            piece = Block(block.at(middle, 0), (half, block.half[1]), block.angle)
        else:
            piece = Block(block.at(0, middle), (block.half[0], half), block.angle)
        yield from cut(place, piece, size, coastal=coastal)


def chosen(place: Place, block: Block, table: Mapping[str, float]) -> str:
    """One of the fillings that fit a block, or any where none fits."""
    shares = {**table}
    if place.season not in ("winter", "snow"):
        shares.pop("snow", None)
    fit = {name: shares[name] for name in fitting(block) if name in shares}
    return weighted(place.rng, fit or shares)


def inner_way(place: Place, size: float) -> Way | None:
    """What runs between two blocks of a cell."""
    kinds = {"avenue": 0.3, "street": 2.5, "lane": 1.5 if size < 60 else 0.4, "none": 0.4}
    if place.style in ("nature", "rural"):
        kinds = {"track": 1, "none": 2}
    kind = weighted(place.rng, kinds)
    return None if kind == "none" else new_way(place, kind)


def middle_line(block: Block, at: float) -> Points:
    """The line across the longer side of a block, so many metres from its middle."""
    if block.half[0] >= block.half[1]:
        return np.stack([block.at(at, -block.half[1] - 3.5), block.at(at, block.half[1] + 3.5)])
    return np.stack([block.at(-block.half[0] - 3.5, at), block.at(block.half[0] + 3.5, at)])


def parts_of(geometry: BaseGeometry) -> list[Points]:
    """The corners of each line or polygon of a geometry (of polygons, the outer ring)."""
    found = []
    for part in shapely.get_parts(geometry):
        if part.geom_type == "LineString" and part.length > 1:
            found.append(shapely.get_coordinates(part))
        elif part.geom_type == "Polygon" and not part.is_empty:
            found.append(shapely.get_coordinates(part.exterior)[:-1])
    return found


def filled(place: Place, leaf: Leaf, *, gsd: float = 0.1) -> list[Thing]:
    """What is seen of what stands in a leaf; nothing reaches beyond its ground."""
    things = as_seen(list(FILLINGS[leaf.filling](place, leaf.block)), gsd, leaf.ground.area)
    if not things:
        return [cover(place, leaf.block, "grass")]
    inside = all_inside(things, leaf.ground)
    middle_in = shapely.contains_xy(leaf.ground, np.array([thing.centre for thing in things]))
    kept: list[Thing] = []
    gone: list[Thing] = []
    for thing, whole, middle in zip(things, inside, middle_in, strict=True):
        if thing.layer == "roof" and any(stands_on(thing, building) for building in gone):
            continue
        found = [thing] if whole else list(fitted(thing, leaf.ground, middle=bool(middle)))
        kept.extend(found)
        if thing.layer == "building" and (not found or found[0] is not thing):
            gone.append(thing)
    return kept


def all_inside(things: Sequence[Thing], ground: BaseGeometry) -> NDArray[np.bool_]:
    """Which things lie wholly on the ground."""
    points = np.concatenate([thing.outline for thing in things])
    starts = np.cumsum([0, *(len(thing.outline) for thing in things[:-1])])
    inside = np.logical_and.reduceat(shapely.contains_xy(ground, points), starts)
    if ground.area < 0.999 * ground.convex_hull.area:  # corners inside are not enough
        for index in np.flatnonzero(inside):
            inside[index] = ground.covers(shapely.LinearRing(things[int(index)].outline))
    return np.asarray(inside)


def stands_on(thing: Thing, building: Thing) -> bool:
    """Whether the middle of a thing lies on a building."""
    return bool(shapely.contains_xy(shapely.Polygon(building.outline), *thing.centre))


def fitted(thing: Thing, ground: BaseGeometry, *, middle: bool) -> Iterator[Thing]:
    """What remains of a thing that reaches beyond its ground; `middle`: its middle is on it."""
    if thing.layer in CUT_LAYERS:
        yield from trimmed(thing, ground)
    elif middle and thing.layer == "tree":
        yield thing
    elif middle and thing.layer == "building":
        yield from shrunk(thing, ground)


def trimmed(thing: Thing, ground: BaseGeometry) -> Iterator[Thing]:
    """What of a flat thing lies on the ground."""
    outline = shapely.make_valid(shapely.Polygon(thing.outline))
    for part in parts_of(shapely.intersection(outline, ground)):
        ring = shapely.segmentize(shapely.LinearRing(part), 12.0)
        yield replace(thing, outline=shapely.get_coordinates(ring)[:-1])


def shrunk(thing: Thing, ground: BaseGeometry) -> Iterator[Thing]:
    """A plain rectangular building that stands over the border, made smaller to fit."""
    if thing.parts or len(thing.outline) != 4:
        return
    for share in (0.85, 0.7):
        half = (thing.half[0] * share, thing.half[1] * share)
        outline = rectangle(thing.centre, half, thing.angle)
        if shapely.contains_xy(ground, outline).all():
            yield replace(thing, outline=outline, half=half)
            return
