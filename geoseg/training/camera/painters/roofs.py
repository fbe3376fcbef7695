"""Roofs of every form, lit by the sun."""

from typing import Final

import numpy as np

from geoseg.training.camera.painters.coverings import covering, patched
from geoseg.training.camera.painters.rooftops import chimneys, domes, furnished
from geoseg.training.camera.painters.slopes import Faces, parts, pitched, rim
from geoseg.training.camera.painters.spot import (
    Field,
    Painter,
    Spot,
    colour,
    fades,
    lit,
    mixed,
    stroke,
    wave,
)
from geoseg.training.camera.painters.weathering import weathered
from geoseg.training.land.thing import directions


def gabled(spot: Spot) -> Field:
    """Two slopes from each ridge."""
    return sloping(spot, pitched(spot, hipped=False))


def hipped(spot: Spot) -> Field:
    """Four slopes."""
    return sloping(spot, pitched(spot, hipped=True))


def sloping(spot: Spot, faces: Faces) -> Field:
    """The colours of slopes: light, ridge, covering, dirty eaves, chimneys, skylights."""
    traits = spot.traits
    light = 1 + (0.16 + 0.2 * float(traits[0])) * faces.light
    light = light + (0.28 * float(traits[13]) - 0.08) * fades(0.4, spot.gsd) * (faces.down < 0.18)
    light -= 0.2 * fades(0.35, spot.gsd) * (faces.rim < 0.16)
    deep = float(min(part.half[1] for part in parts(spot)))
    light += np.float32(0.24 * traits[15] - 0.15) * (faces.down / np.float32(deep) - 0.5)
    light = light * covering(spot, faces) * roof_windows(spot, faces)
    return chimneys(spot, weathered(spot, light, patched(spot, faces)), faces.rim)


def roof_windows(spot: Spot, faces: Faces) -> Field:
    """Light (n,): a few dark skylights, or none."""
    traits = spot.traits
    if traits[9] < 0.4 or fades(0.9, spot.gsd) == 0 or max(spot.thing.half) > 12:
        return np.ones_like(faces.light)
    low = max(min(spot.thing.half) * 0.45, 0.7)
    place = (faces.along + spot.thing.half[0] * float(traits[10])) % (4 + 5 * float(traits[11]))
    window = (np.abs(place - 1.5) < 0.4) & (np.abs(faces.down - low) < 0.6) & (faces.light > 0)
    return np.where(window, np.float32(0.45), np.float32(1))


def flat(spot: Spot) -> Field:
    """A flat roof: parapet, mottled screed, pools of rain, and what stands on it."""
    edge = rim(spot)
    traits, size = spot.traits, min(spot.thing.half)
    light = parapet(spot, edge) * extended(spot)
    rain = np.clip(spot.noise(5) + 0.4 * spot.noise(1.5) - 1.0, 0, 1)
    light = light - 0.16 * float(traits[5]) * rain
    light = light + float(0.08 * traits[16] ** 2) * spot.noise(1.5)
    if traits[6] > 0.6 and size > 5:
        light = light + 0.03 * wave(spot.local[1], 2.0 + 4 * float(traits[7]), spot.gsd)
    if spot.thing.colour != "black" and size > 9 and traits[8] > 0.5:
        light = light * domes(spot, edge)
    return furnished(spot, weathered(spot, np.asarray(light, np.float32)), edge)


def parapet(spot: Spot, edge: Field) -> Field:
    """Light (n,): the rim of a roof, with its shadow on the sunny side."""
    traits = spot.traits
    wide = max(0.3, 0.7 * spot.gsd) if min(spot.thing.half) > 3 else 0.2
    strength = fades(0.5, spot.gsd) * 0.4 + 0.6
    light = np.where(edge < wide, np.float32(1 + (0.55 * float(traits[3]) - 0.2) * strength), 1)
    if traits[4] < 0.3:
        return np.asarray(light, np.float32)
    high = 0.3 + 0.7 * float(traits[10])
    u, v = spot.local
    along, across = directions(spot.thing.angle)
    fall = -high * min(spot.sun.length, 2.0) * np.array([spot.facing(along), spot.facing(across)])
    half = spot.thing.half
    lee = (np.abs(u - np.float32(fall[0])) > half[0] - wide) | (
        np.abs(v - np.float32(fall[1])) > half[1] - wide
    )
    dark = lee & (edge >= wide)
    return np.where(dark, light * np.float32(0.4 + 0.6 * spot.sun.dark), light).astype(np.float32)


def extended(spot: Spot) -> Field:
    """Light (n,): a roof built in two steps, with a low wall between them."""
    traits = spot.traits
    if traits[17] < 0.6 or max(spot.thing.half) < 3:
        return np.ones_like(spot.plain)
    u, _ = spot.local
    cut = u - np.float32((float(traits[18]) - 0.5) * spot.thing.half[0])
    light = np.where(cut > 0, np.float32(0.84 + 0.3 * float(traits[19])), np.float32(1))
    wall = stroke(cut, 0.25, spot.gsd) * np.float32(0.5 * float(traits[20]) - 0.2)
    return np.asarray(light + wall, np.float32)


def shed(spot: Spot) -> Field:
    """One slope."""
    u, v = spot.local
    _, across = directions(spot.thing.angle)
    light = np.full(u.shape, spot.facing(across), np.float32)
    faces = Faces(light, u, v + np.float32(spot.thing.half[1]), rim(spot))
    return weathered(spot, (1 + 0.1 * light) * covering(spot, faces), patched(spot, faces))


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
