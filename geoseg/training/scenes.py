"""Rendered aerial scenes with exact truth."""

from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import rasterio.features
from numpy.typing import NDArray
from shapely.geometry import Polygon, shape

from geoseg.training.camera.rendering import BLOCK, Renderer
from geoseg.training.camera.scene_options import SceneOptions, random_scene_options
from geoseg.training.land.bend import FOCUS_M
from geoseg.training.land.concepts import CONCEPTS as CONCEPTS
from geoseg.training.land.groups import Standing
from geoseg.training.land.hashing import generator

Window = tuple[slice, slice]

USERS_SEED = 2_000_000_000
"""Where the seeds of the scenes begin that users render: nothing is learned from these places."""


@dataclass(frozen=True, slots=True)
class SceneObject:
    """One thing in a scene; its number in `Scene.ids` is its place in `Scene.objects`."""

    concept: str
    """One of CONCEPTS, or empty for what nobody asks for."""

    colour: str
    """Its colour word, or empty."""

    kind: str
    """How it was painted: gabled, palm, dirt ..."""

    attributes: tuple[tuple[str, str], ...] = ()
    """What more is known of it: (("material", "metal"), ("roof", "flat")) ..."""

    number: int = 0
    """Unique in the whole scene; 0 for what nobody asks for."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A picture and everything in it."""

    rgb: NDArray[np.uint8]
    """(height, width, 3)."""

    ids: NDArray[np.int32]
    """(height, width): which object is seen at each pixel."""

    objects: tuple[SceneObject, ...]
    """What the ids mean."""

    gsd: float
    """Metres per pixel."""

    def mask(self, concept: str, colour: str | None = None) -> NDArray[np.bool_]:
        """Where things of a concept, and of a colour if given, are seen: (height, width)."""
        wanted = [
            thing.concept == concept and colour in (None, thing.colour) for thing in self.objects
        ]
        return np.asarray(wanted)[self.ids]

    def polygons(self, concept: str, colour: str | None = None) -> list[Polygon]:
        """What `mask` shows, as polygons in pixel coordinates (x is the column, y the row)."""
        mask = self.mask(concept, colour)
        traced = rasterio.features.shapes(mask.astype(np.uint8), mask=mask, connectivity=4)
        return [shape(geometry) for geometry, _ in traced]


def render_scene(
    height: int,
    width: int,
    *,
    gsd: float,
    seed: int,
    options: SceneOptions | None = None,
    style: str = "mixed",
) -> Scene:
    """A scene of that size; the same seed gives the same scene.

    Without `options`, light, air and camera are drawn by the seed as well.
    """
    if options is None:
        drawn = random_scene_options(generator(seed, 91), gsd=gsd)
        options = replace(drawn, land=replace(drawn.land, style=style))
    renderer = Renderer(seed, gsd, options, side=block_side(height, width))
    return window(renderer, np.s_[0:height, 0:width])


def random_scene(
    height: int, width: int, *, seed: int, gsd: float | None = None, density: float | None = None
) -> Scene:
    """A scene of some style, mostly at 0.08 to 1 m per pixel, now and then up to 3 m.

    Where `gsd` (metres per pixel) or `density` (0..1) are given, they are not left to chance.
    """
    rng = generator(seed, 92)
    low, high = (1.0, 3.0) if rng.random() < 0.05 else (0.08, 1.0)
    drawn = float(np.exp(rng.uniform(np.log(low), np.log(high))))
    gsd = drawn if gsd is None else gsd
    options = random_scene_options(rng, gsd=gsd)
    if density is not None:
        options = replace(options, land=replace(options.land, density=density))
    side = block_side(height, width)
    start = int(FOCUS_M / gsd) // side * side  # the block that holds what its world has to show
    roi = np.s_[start : start + height, start : start + width]
    return window(Renderer(seed, gsd, options, side=side), roi)


def block_side(height: int, width: int) -> int:
    """How large the blocks of a scene in memory are: a small scene is one block."""
    return min(-(-max(height, width) // 16) * 16, BLOCK)


def window(renderer: Renderer, roi: tuple[slice, slice]) -> Scene:
    """A part of a scene, put together from its blocks; parts agree where they overlap."""
    rows, columns = roi
    rgb = np.zeros((rows.stop - rows.start, columns.stop - columns.start, 3), np.uint8)
    numbers = np.zeros(rgb.shape[:2], np.int64)
    known = {0: SceneObject("", "", "")}
    for place in blocks_of(roi, renderer.side):
        block = renderer.block(*place)
        part, inside = overlap(roi, place, renderer.side)
        rgb[part] = block.rgb[inside]
        numbers[part] = block.numbers[block.labels[inside]]
        for index in block.seen(inside):
            thing = block.standing[index]
            known.setdefault(thing.number, object_of(thing))
    order = np.array(sorted(known), np.int64)
    ids = np.searchsorted(order, numbers).astype(np.int32)
    return Scene(rgb, ids, tuple(known[number] for number in order.tolist()), renderer.gsd)


def object_of(standing: Standing) -> SceneObject:
    """What is known of a thing."""
    thing = standing.thing
    return SceneObject(
        thing.concept, thing.colour, thing.kind, tuple(thing.attributes.items()), standing.number
    )


def blocks_of(roi: Window, side: int) -> list[tuple[int, int]]:
    """Rows and columns of the blocks that a window of a scene touches."""
    rows, columns = (range(part.start // side, -(-part.stop // side)) for part in roi)
    return list(product(rows, columns))


def overlap(roi: Window, place: tuple[int, int], side: int) -> tuple[Window, Window]:
    """Where a block lies in a window, and which part of the block that is."""
    part, inside = [], []
    for wanted, index in zip(roi, place, strict=True):
        start, stop = max(wanted.start, index * side), min(wanted.stop, (index + 1) * side)
        part.append(slice(start - wanted.start, stop - wanted.start))
        inside.append(slice(start - index * side, stop - index * side))
    return (part[0], part[1]), (inside[0], inside[1])
