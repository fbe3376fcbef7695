"""Roofs: their faces lit by the sun, their covering, what stands on them, their stains."""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geoseg.training.camera.painters.spot import (
    Field,
    Painter,
    Spot,
    colour,
    fades,
    lit,
    mixed,
    wave,
)
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


def gabled(spot: Spot) -> Field:
    """Two slopes from each ridge."""
    return sloping(spot, pitched(spot, hipped=False))


def hipped(spot: Spot) -> Field:
    """Four slopes."""
    return sloping(spot, pitched(spot, hipped=True))


def sloping(spot: Spot, faces: Faces) -> Field:
    """The colours of slopes: light, ridge, covering, chimney, skylights."""
    traits = spot.traits
    light = 1 + (0.16 + 0.2 * float(traits[0])) * faces.light
    light = light + 0.09 * fades(0.4, spot.gsd) * (faces.down < 0.18)
    light -= 0.2 * fades(0.35, spot.gsd) * (faces.rim < 0.16)
    return weathered(spot, light * covering(spot, faces) * roof_windows(spot, faces))


def roof_windows(spot: Spot, faces: Faces) -> Field:
    """Light (n,): a few dark skylights and a chimney, or none."""
    traits = spot.traits
    if traits[9] < 0.4 or fades(0.9, spot.gsd) == 0 or max(spot.thing.half) > 12:
        return np.ones_like(faces.light)
    low = max(min(spot.thing.half) * 0.45, 0.7)
    place = (faces.along + spot.thing.half[0] * float(traits[10])) % (4 + 5 * float(traits[11]))
    window = (np.abs(place - 1.5) < 0.4) & (np.abs(faces.down - low) < 0.6) & (faces.light > 0)
    return np.where(window, np.float32(0.45), np.float32(1))


def covering(spot: Spot, faces: Faces) -> Field:
    """Light (n,) of tiles, sheets or thatch."""
    material = spot.thing.attributes.get("material", "metal")
    return COVERINGS[material](spot, faces)


def tiles(spot: Spot, faces: Faces) -> Field:
    """Courses of tiles and their columns, single ones darker."""
    courses = 0.06 * wave(faces.down, 0.38, spot.gsd) + 0.05 * wave(faces.along, 0.3, spot.gsd)
    return np.asarray(1 + courses + 0.05 * spot.noise(0.4) + 0.04 * spot.noise(2.5))


def sheets(spot: Spot, faces: Faces) -> Field:
    """Metal sheets with seams; some are newer than others."""
    traits = spot.traits
    light = 1 + 0.09 * float(traits[4]) * wave(faces.along, 0.4 + 0.8 * float(traits[3]), spot.gsd)
    if traits[5] > 0.5:
        tones = 0.84 + 0.3 * np.random.default_rng(int(traits[6] * 1e6)).random(64)
        number = (faces.along / (0.9 + float(traits[7]))).astype(np.int64) % 32
        tone = tones[number + 32 * (faces.light > 0)]
        light = light * (1 + (tone - 1) * fades(1.2, spot.gsd) * (0.3 + 0.7 * float(traits[8])))
    return np.asarray(light, np.float32)


def thatch(spot: Spot, faces: Faces) -> Field:
    """Straw: soft, streaky down the slope."""
    return (
        1 + 0.08 * wave(faces.along + 0.2 * spot.noise(0.5), 0.5, spot.gsd) + 0.06 * spot.noise(1)
    )


def smooth(spot: Spot, faces: Faces) -> Field:
    """Concrete or membrane: nothing but stains."""
    del faces
    return 1 + 0.03 * spot.noise(3)


COVERINGS: Final[dict[str, Callable[[Spot, Faces], Field]]] = {
    "tiles": tiles, "slate": tiles, "metal": sheets, "thatch": thatch, "concrete": smooth,
    "membrane": smooth,
}  # fmt: skip


def weathered(spot: Spot, light: Field) -> Field:
    """The roof's colour under that light, with stains; old metal rusts."""
    traits = spot.traits
    light = light + (0.02 + 0.035 * float(traits[1])) * spot.noise(0.4)
    light = light + 0.09 * float(traits[2]) ** 2 * spot.noise(2.5) + 0.025 * spot.grain()
    seen = lit(spot.thing.rgb, light.astype(np.float32))
    if spot.thing.attributes.get("material") != "metal" or traits[12] < 0.6:
        return seen
    if spot.thing.colour not in ("grey", "brown") or max(spot.thing.half) > 14:
        return seen
    share = np.clip(0.15 + 0.3 * spot.noise(1.8) + 0.15 * spot.noise(0.4), 0, 0.7) * np.float32(0.6)
    patch = colour(126, 86, 60) if spot.thing.colour == "grey" else colour(150, 146, 140)
    return mixed(seen, patch, share)


def flat(spot: Spot) -> Field:
    """A flat roof: parapet, plant with its own shadow, domes of glass, pools of rain."""
    edge = rim(spot)
    traits = spot.traits
    raised = 0.85 + 0.4 * float(traits[3])
    wide = max(0.3, 0.7 * spot.gsd) if min(spot.thing.half) > 3 else 0.2
    light = np.where(edge < wide, np.float32(raised), np.float32(1))
    if traits[4] > 0.3:  # the parapet on the sunny side shades the roof beside it
        light = light * np.where((edge >= wide) & (edge < wide + 0.5), np.float32(0.93), 1)
    rain = np.clip(spot.noise(5) + 0.4 * spot.noise(1.5) - 1.0, 0, 1)
    light = light - 0.16 * float(traits[5]) * rain
    if traits[6] > 0.6 and min(spot.thing.half) > 5:
        light = light + 0.03 * wave(spot.local[1], 2.0 + 4 * float(traits[7]), spot.gsd)
    if spot.thing.colour != "black" and min(spot.thing.half) > 9 and traits[8] > 0.5:
        light = light * domes(spot, edge)
    return plant(spot, weathered(spot, np.asarray(light, np.float32)), edge)


def domes(spot: Spot, edge: Field) -> Field:
    """Light (n,): rows of rooflights."""
    u, v = spot.local
    gap = 6 + 8 * float(spot.traits[9])
    dome = (np.abs(u % gap - gap / 2) < 0.7) & (np.abs(v % gap - gap / 2) < 1.1) & (edge > 2)
    strength = fades(1.4, spot.gsd)
    bright = 1.25 if spot.thing.rgb.mean() < 150 else 0.72
    return np.where(dome, np.float32(1 + (bright - 1) * strength), np.float32(1))


def plant(spot: Spot, seen: Field, edge: Field) -> Field:
    """Boxes of ventilation on a roof, each with a shadow."""
    size = min(spot.thing.half)
    count = int(min(size / 2.2, 7) * float(spot.traits[13]) + 0.5)
    if not count or spot.gsd > 1.2:
        return seen
    random = np.random.default_rng(int(spot.traits[14] * 1e6))
    reach = np.array(spot.thing.half) * 0.75
    main = parts(spot)[0]
    u, v = part_local(spot, main)
    along, across = directions(main.angle)
    fall = np.array([spot.sun.away @ along, spot.sun.away @ across]) * 0.9 * spot.sun.length
    for _ in range(count):
        at, half = random.uniform(-1, 1, 2) * reach, random.uniform(0.5, 1.0 + 0.09 * size, 2)
        tone = np.float32(random.choice([0.62, 0.85, 1.12, 1.3]))
        own = random.random() < 0.5
        off_u, off_v = u - np.float32(at[0]), v - np.float32(at[1])
        dark = box(off_u - fall[0] * 0.5, off_v - fall[1] * 0.5, half + np.abs(fall) * 0.5)
        seen[dark & (edge > 0.3)] *= np.float32(0.62)
        grey = spot.thing.rgb if own else np.float32(160)
        seen[box(off_u, off_v, half)] = np.clip(grey * tone, 20, 246)
    return seen


def box(u: Field, v: Field, half: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Where an upright rectangle about the origin lies."""
    return np.asarray((np.abs(u) < half[0]) & (np.abs(v) < half[1]))


def shed(spot: Spot) -> Field:
    """One slope."""
    u, v = spot.local
    _, across = directions(spot.thing.angle)
    light = np.full(u.shape, spot.facing(across), np.float32)
    faces = Faces(light, u, v + np.float32(spot.thing.half[1]), rim(spot))
    return weathered(spot, (1 + 0.1 * light) * covering(spot, faces))


def sawtooth(spot: Spot) -> Field:
    """A factory roof: slopes one behind the other, a band of glass at each step."""
    u, v = spot.local
    along, _ = directions(spot.thing.angle)
    period = 6 + 5 * float(spot.traits[15])
    share = (u / period) % 1
    facing = spot.facing(along)
    light = np.where(share < 0.22, 0.55 - 0.25 * facing, 1 + 0.14 * facing)
    ridge = 0.15 * fades(0.5, spot.gsd) * (np.abs(share - 0.22) < 0.4 / period)
    seen = weathered(spot, (light + ridge + 0.02 * wave(v, 1.2, spot.gsd)).astype(np.float32))
    glass = ((share < 0.22) & (rim(spot) > 0.4)).astype(np.float32)
    return mixed(seen, colour(96, 116, 128), 0.6 * glass)


def arched(spot: Spot) -> Field:
    """A barrel: from the lit side round to the dark one."""
    u, v = spot.local
    _, across = directions(spot.thing.angle)
    bow = np.clip(v / np.float32(spot.thing.half[1]), -1, 1)
    light = 1 + 0.32 * bow * spot.facing(across) - 0.1 * bow**2
    light += 0.12 * np.exp(-((bow + 0.35 * np.sign(spot.facing(across)) * -1) ** 2) / 0.02)
    ribs = 0.05 * wave(u, 4.5, spot.gsd) + 0.03 * wave(u, 0.9, spot.gsd)
    return weathered(spot, (light + ribs).astype(np.float32))


def round_roof(spot: Spot) -> Field:
    """A cone or a dome."""
    rows, columns = spot.offset
    radius = np.hypot(rows, columns)
    share = radius / np.float32(max(spot.thing.half))
    away = spot.sun.away.astype(np.float32)
    facing = -(rows * away[0] + columns * away[1]) / np.maximum(radius, 0.05)
    bulge = share if spot.traits[3] > 0.5 else np.ones_like(share)
    turn = np.arctan2(rows, columns)
    ribs = 0.04 * np.cos(turn * (8 + 2 * int(8 * spot.traits[4]))) * share
    light = 1 + 0.28 * facing * bulge + ribs + 0.1 * (share < 0.08)
    return weathered(spot, light.astype(np.float32))


def stands(spot: Spot) -> Field:
    """The stands of a stadium: rows of seats round the pitch under a ring of roof."""
    edge = rim_of_ring(spot)
    depth = spot.thing.look["depth_m"]
    roofed = edge < depth * (0.35 + 0.4 * float(spot.traits[0]))
    seats = mixed(
        colour(*SEATS[int(spot.traits[1] * len(SEATS))]),
        colour(196, 196, 192),
        (0.5 + 0.5 * np.sign(wave(edge, 1.6, spot.gsd))) * np.float32(0.4),
    )
    u, v = spot.local
    turn = np.arctan2(v, u)
    gangway = np.abs((turn * 24 / np.pi) % 1 - 0.5) > 0.46
    seats = np.where(gangway[:, None], np.float32(176), seats)
    ribs = 1 + 0.06 * np.sign(np.sin(turn * 36)) * fades(3.0, spot.gsd)
    rows, columns = spot.offset
    away = spot.sun.away.astype(np.float32)
    facing = (rows * away[0] + columns * away[1]) / np.maximum(np.hypot(rows, columns), 0.1)
    roof = weathered(spot, (ribs + 0.1 * facing).astype(np.float32))
    return np.where(roofed[:, None], roof, lit(seats.astype(np.float32), 0.95 - 0.16 * facing))


SEATS: Final = ((70, 92, 150), (168, 60, 56), (92, 128, 92), (150, 150, 156), (206, 176, 84))


def rim_of_ring(spot: Spot) -> Field:
    """Metres from the outer edge of a shape with straight sides and round ends."""
    u, v = spot.local
    half = spot.thing.half
    over = np.maximum(np.abs(u) - np.float32(half[0] - half[1]), 0)
    return np.asarray(np.float32(half[1]) - np.hypot(over, v), np.float32)


def unfinished(spot: Spot) -> Field:
    """A building that is going up: beams, columns, dark gaps, planks."""
    u, v = spot.local
    bay = 5.0 + 2 * float(spot.traits[0])
    beam = np.minimum(np.abs(u % bay - bay / 2), np.abs(v % bay - bay / 2)) < 0.35
    slab = spot.noise(9) > -0.5 + float(spot.traits[1])
    light = np.where(slab, 1.0, 0.45) + 0.06 * spot.noise(1) + 0.03 * spot.grain()
    light = np.where(beam, 1.08, light) - 0.1 * (rim(spot) < 0.4)
    seen = lit(spot.thing.rgb, light.astype(np.float32))
    planks = ((spot.noise(1.5) > 1.5) & slab).astype(np.float32)
    return mixed(seen, colour(190, 150, 96), 0.7 * planks)


ROOFS: Final[dict[str, Painter]] = {
    "flat": flat, "gabled": gabled, "hipped": hipped, "shed": shed, "sawtooth": sawtooth,
    "arched": arched, "round roof": round_roof, "stands": stands, "unfinished": unfinished,
}  # fmt: skip
