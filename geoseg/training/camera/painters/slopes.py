"""The slopes of roofs: where each pixel lies on them."""

from typing import NamedTuple

import numpy as np

from geoseg.training.camera.painters.spot import Field, Spot
from geoseg.training.land.thing import Part, directions


class Faces(NamedTuple):
    """What a roof's slopes are at each pixel, each (n,)."""

    light: Field
    """How squarely the slope looks at the sun, about -1..1."""

    along: Field
    """Metres along the ridge."""

    down: Field
    """Metres down the slope from the ridge, seen from above."""

    rim: Field
    """Metres from the edge of the whole roof."""


def parts(spot: Spot) -> tuple[Part, ...]:
    """The wings of a building; one that names none is a single part."""
    thing = spot.thing
    return thing.parts or (Part(thing.centre, thing.half, thing.angle),)


def part_local(spot: Spot, part: Part) -> tuple[Field, Field]:
    """Metres along and across a part from its middle, each (n,)."""
    along, _ = directions(part.angle)
    shift = part.centre - spot.thing.centre
    rows, columns = spot.offset
    rows, columns = rows - np.float32(shift[0]), columns - np.float32(shift[1])
    sine, cosine = np.float32(along[0]), np.float32(along[1])
    return rows * sine + columns * cosine, rows * cosine - columns * sine


def rim(spot: Spot) -> Field:
    """Metres from the edge of the roof inwards."""
    return np.asarray(np.max([inside(spot, part) for part in parts(spot)], axis=0), np.float32)


def inside(spot: Spot, part: Part) -> Field:
    """Metres from the edge of one part inwards; negative outside it."""
    u, v = part_local(spot, part)
    return np.minimum(np.float32(part.half[0]) - np.abs(u), np.float32(part.half[1]) - np.abs(v))


def pitched(spot: Spot, *, hipped: bool) -> Faces:
    """Slopes from the ridges of all parts; where parts meet, the higher one is seen."""
    highest = np.full(spot.offset[0].shape, -1e3, np.float32)
    light, along, down, edge = (np.zeros_like(highest) for _ in range(4))
    for part in parts(spot):
        u, v = part_local(spot, part)
        along_way, across_way = directions(part.angle)
        side = np.float32(part.half[1]) - np.abs(v)
        end = np.float32(part.half[0]) - np.abs(u)
        is_end = (end < side) if hipped else np.zeros(u.shape, bool)
        height = np.where(end < -0.3, -1e3, np.where(is_end, end, side)).astype(np.float32)
        seen = height > highest
        face = np.where(is_end, np.sign(u) * np.float32(spot.facing(along_way)),
                        np.sign(v) * np.float32(spot.facing(across_way)))  # fmt: skip
        highest = np.where(seen, height, highest)
        light = np.where(seen, face, light).astype(np.float32)
        along = np.where(seen, np.where(is_end, v, u), along)
        down = np.where(seen, np.float32(part.half[1]) - height, down)
        edge = np.where(seen, np.minimum(side, end), edge)
    return Faces(light, along, down, edge)
