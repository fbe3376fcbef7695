"""The shadows that things throw on what is painted already."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from geoseg.training.camera.canvas import Canvas
from geoseg.training.camera.painting import Sun
from geoseg.training.land.thing import Points, Thing

LONGEST_M = 30.0
"""Where shadows end, however high the thing: only towers throw longer ones."""

TALL_M = 40.0
"""From which height a thing is a tower."""

CONVEX, THIN = 0.93, 0.45
"""Shares of its hull that an outline fills: above the one it is simple, below the other it is
blades, arms or jibs."""

POST_M = np.array([0.0, 0.6])
"""Half the width of the post that carries blades, arms or jibs."""


def shadow_m(thing: Thing, sun: Sun) -> float:
    """How long the shadow of a thing is, in metres."""
    long = sun.length * thing.height
    return min(long, LONGEST_M) if thing.height < TALL_M else min(long, 180.0)


def cast_shadows(canvas: Canvas, things: Iterable[Thing], sun: Sun) -> None:
    """Darken what lies in the shadow of the things."""
    image = Image.new("L", canvas.shape[::-1])
    draw = ImageDraw.Draw(image)
    throwing = [thing for thing in things if thing.height * sun.length > 0.4 * canvas.gsd]
    for corners in shadows(throwing, sun):
        draw.polygon((canvas.pixels(corners)[:, ::-1] - 0.5).ravel().tolist(), fill=255)
    if (extent := image.getbbox()) is None:
        return
    left, top, right, bottom = extent
    window = (slice(top, bottom), slice(left, right))
    depth = np.asarray(image, np.float32)[window][..., None] / 255
    blue = np.array([sun.dark * 0.94, sun.dark, min(sun.dark * 1.1, 1.0)], np.float32)
    canvas.rgb[window] *= 1 - depth * (1 - blue)


def shadows(things: Sequence[Thing], sun: Sun) -> Iterator[Points]:
    """Polygons in metres that together are the shadows of the things."""
    if not things:
        return
    starts = [sun.away * min(sun.length * thing.clear, LONGEST_M) for thing in things]
    ends = [sun.away * shadow_m(thing, sun) for thing in things]
    bases = [thing.outline for thing in things]
    filled = areas(bases) / np.maximum(shapely.area(hulls_of(bases)), 1e-9)
    swept = hulls_of(
        [
            np.concatenate([base + start, base + end])
            for base, start, end in zip(bases, starts, ends, strict=True)
        ]
    )
    for index, thing in enumerate(things):
        if filled[index] > CONVEX:
            yield shapely.get_coordinates(swept[index])
        else:
            yield from bent_shadow(thing, starts[index], ends[index], blades=filled[index] < THIN)


def bent_shadow(
    thing: Thing, start: NDArray[np.float64], end: NDArray[np.float64], *, blades: bool
) -> Iterator[Points]:
    """The shadow of a thing that is no simple block."""
    base = thing.outline
    yield base + end
    if blades:
        foot = thing.centre
        yield np.stack([foot - POST_M, foot + POST_M, foot + end + POST_M, foot + end - POST_M])
        return
    for first, second in zip(base, np.roll(base, -1, 0), strict=True):
        yield np.stack([first + start, second + start, second + end, first + end])


def hulls_of(outlines: Sequence[Points]) -> NDArray[np.object_]:
    """The convex hull of each of many sets of points."""
    offsets = np.cumsum([0, *(len(outline) for outline in outlines)])
    points = shapely.from_ragged_array(
        shapely.GeometryType.MULTIPOINT, np.concatenate(outlines), (offsets,)
    )
    hulls: NDArray[np.object_] = shapely.convex_hull(points)
    return hulls


def areas(outlines: Sequence[Points]) -> NDArray[np.float64]:
    """Square metres within each of many outlines."""
    return (
        np.abs(
            [
                np.dot(outline[:, 0], np.roll(outline[:, 1], -1))
                - np.dot(outline[:, 1], np.roll(outline[:, 0], -1))
                for outline in outlines
            ]
        )
        / 2
    )
