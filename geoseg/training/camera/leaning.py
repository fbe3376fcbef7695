"""How high things look from the side: their tops move, their walls show."""

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geoseg.training.camera.canvas import Canvas, Paint, Window
from geoseg.training.camera.painting import Sun
from geoseg.training.land.bend import moved
from geoseg.training.land.thing import Thing

HIGHEST_M: Final = 60.0

Way = NDArray[np.float64]
"""(2,) metres on the ground that the top of a thing of 1 m moves."""


def risen(thing: Thing, way: Way) -> Thing:
    """The thing with its top where the camera sees it."""
    share = 1.0 if thing.layer != "tree" else 0.6  # the middle of a crown is below its top
    return moved(thing, way * (min(thing.height, HIGHEST_M) * share))


def paint_walls(canvas: Canvas, thing: Thing, way: Way, *, label: int, sun: Sun) -> None:
    """Paint the walls of a building that the camera sees, between its foot and its roof."""
    rise = way * min(thing.height, HIGHEST_M)
    if np.hypot(*rise) < canvas.gsd:
        return
    foot = thing.outline
    for start, end in zip(foot, np.roll(foot, -1, axis=0), strict=True):
        normal = outward(thing, start, end)
        if normal @ rise < 0:  # the other walls are behind the roof
            face = np.stack([start, end, end + rise, start + rise])
            canvas.fill(face, label, plaster(thing, normal, sun))


def outward(thing: Thing, start: Way, end: Way) -> Way:
    """The unit vector on the ground that a wall looks towards."""
    step = end - start
    normal = np.array([-step[1], step[0]]) / max(float(np.hypot(*step)), 1e-6)
    return normal if normal @ (start - thing.centre) > 0 else -normal


def plaster(thing: Thing, normal: Way, sun: Sun) -> Paint:
    """The colour of one wall."""
    light = 0.62 - 0.3 * float(normal @ sun.away)
    grey = np.float32(thing.rgb.mean())
    rgb = (0.35 * thing.rgb + 0.25 * grey + 80) * np.float32(light)

    def colours(window: Window) -> NDArray[np.float32]:
        shape = tuple(part.stop - part.start for part in window)
        return np.broadcast_to(rgb, (*shape, 3))

    return colours


def seen_outline(thing: Thing, way: Way) -> shapely.Polygon:
    """What a thing covers in the picture: its roof where it is seen, and its walls."""
    top = shapely.make_valid(shapely.Polygon(risen(thing, way).outline))
    if thing.layer != "building" or not way.any():
        return top
    rise = way * min(thing.height, HIGHEST_M)
    foot = thing.outline
    sides = zip(foot, np.roll(foot, -1, axis=0), strict=True)
    walls = [shapely.MultiPoint([a, b, b + rise, a + rise]).convex_hull for a, b in sides]
    return shapely.union_all([top, *walls])
