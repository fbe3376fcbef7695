"""Tanks, silos, containers, solar panels, wind turbines, greenhouses, cranes."""

from typing import Final

import numpy as np

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


def polar(spot: Spot) -> tuple[Field, Field]:
    """Distance from the middle as a share of the radius, and how far it faces the sun, -1..1."""
    rows, columns = spot.offset
    radius = np.hypot(rows, columns)
    away = spot.sun.away.astype(np.float32)
    facing = -(rows * away[0] + columns * away[1]) / np.maximum(radius, 0.05)
    share = radius / np.float32(max(spot.thing.half))
    return np.asarray(share, np.float32), np.asarray(facing, np.float32)


def tank(spot: Spot) -> Field:
    """A round tank: a low cone with plates, a rim, a stair; or a floating roof sunk in its wall."""
    share, facing = polar(spot)
    if spot.thing.attributes.get("roof") == "floating":
        sunk = 0.25 + 0.6 * float(spot.traits[0])
        rows, columns = spot.offset
        shift = spot.sun.away * spot.sun.length * sunk * max(spot.thing.half) * 0.35
        inner = np.hypot(rows - shift[0], columns - shift[1]) < max(spot.thing.half) * 0.93
        light = np.where(inner, 0.9, 0.42) + 0.04 * spot.noise(3) + 0.03 * spot.noise(0.7)
        light = np.where(share > 0.94, 1.12, light) - 0.15 * (np.abs(share - 0.84) < 0.03)
    else:
        light = 1 + 0.09 * facing * np.clip(share * 2, 0, 1) + 0.015 * spot.noise(2)
        rows, columns = spot.offset
        turn = np.arctan2(rows, columns)
        seams = np.abs(np.sin(turn * 8)) * share < 0.06
        light = light - 0.06 * seams * fades(0.5, spot.gsd) - 0.1 * (np.abs(share - 0.62) < 0.015)
        light = np.where(share > 0.95, light * 0.84, light) - 0.2 * (share < 0.06)
    stain = 0.1 * float(spot.traits[1]) * np.clip(spot.noise(4), 0, 2)
    return lit(spot.thing.rgb, (light - stain + 0.015 * spot.grain()).astype(np.float32))


def silo(spot: Spot) -> Field:
    """A steep cone of ribbed metal."""
    share, facing = polar(spot)
    rows, columns = spot.offset
    turn = np.arctan2(rows, columns)
    light = 1 + 0.3 * facing + 0.05 * np.cos(turn * 24) * share * fades(0.7, spot.gsd)
    light = np.where(share < 0.12, 0.75, light) + 0.02 * spot.grain()
    return lit(spot.thing.rgb, light.astype(np.float32))


def container(spot: Spot) -> Field:
    """Ribbed sheet steel with corner posts."""
    u, v = spot.local
    long, wide = spot.thing.half
    ribs = 0.07 * wave(u, 0.55, spot.gsd)
    frame = (np.float32(long) - np.abs(u) < 0.2) | (np.float32(wide) - np.abs(v) < 0.14)
    light = 1 + ribs - 0.14 * frame * fades(0.4, spot.gsd) + 0.05 * spot.noise(1.5)
    rust = np.clip(spot.noise(1.2) - 1.2, 0, 1) * np.float32(0.5 * float(spot.traits[0]))
    seen = lit(spot.thing.rgb, (light + 0.03 * spot.grain()).astype(np.float32))
    return mixed(seen, colour(120, 84, 62), rust)


def panels(spot: Spot) -> Field:
    """Dark blue or black modules in light frames, some catching the sky."""
    u, v = spot.local
    wide, deep = spot.thing.look.get("module_m", 1.05), spot.thing.look.get("module_deep_m", 1.7)
    column, row = u / np.float32(wide), (v + np.float32(spot.thing.half[1])) / np.float32(deep)
    random = np.random.default_rng(int(spot.traits[0] * 1e6))
    code = (np.floor(column).astype(np.int64) * 13 + np.floor(row).astype(np.int64) * 29) % 64
    light = random.normal(1, 0.06, 64)[code].astype(np.float32) + 0.03 * spot.noise(6)
    sky = 0.1 * wave(u, 31.0, spot.gsd) * np.float32(spot.traits[1])
    seen = lit(spot.thing.rgb, light + sky + 0.02 * spot.grain())
    edge = np.minimum(np.abs(column - np.round(column)) * wide, np.abs(row - np.round(row)) * deep)
    frame = stroke(edge, 0.08, spot.gsd) * np.float32(0.75)
    return mixed(seen, colour(176, 182, 190), frame)


def turbine(spot: Spot) -> Field:
    """White blades and nacelle."""
    share, facing = polar(spot)
    light = 1 + 0.05 * facing - 0.1 * (share < 0.03)
    return lit(spot.thing.rgb, light.astype(np.float32))


def greenhouse(spot: Spot) -> Field:
    """Spans of glass or film side by side: each with a bright and a dull slope, crops inside."""
    u, v = spot.local
    span = np.float32(spot.thing.look.get("span_m", 6.4))
    place = ((v + np.float32(spot.thing.half[1])) / span) % 1
    across = np.array([np.cos(spot.thing.angle), -np.sin(spot.thing.angle)])
    facing = spot.facing(across)
    slope = np.sign(place - 0.5) * np.float32(facing) * np.float32(fades(1.6, spot.gsd))
    light = 1 + 0.1 * slope - 0.16 * (np.abs(place - 0.5) > 0.47) * fades(0.8, spot.gsd)
    bars = 0.05 * wave(u, 3.0, spot.gsd) + 0.04 * wave(v, 1.0, spot.gsd)
    bay = (np.floor((v + spot.thing.half[1]) / span) * 5 + np.floor(u / 24)).astype(np.int64) % 32
    random = np.random.default_rng(int(spot.traits[0] * 1e6))
    inside = (random.random(32) * 0.4 * float(spot.traits[1]))[bay].astype(np.float32)
    glass = mixed(spot.thing.rgb, colour(94, 120, 92), np.clip(inside + 0.05 * spot.noise(5), 0, 1))
    vents = (np.abs(place - 0.42) < 0.05) & (u % 6 < 2.4) & (spot.traits[2] > 0.5)
    seen = lit(glass, (light + bars + 0.02 * spot.grain()).astype(np.float32))
    return mixed(seen, colour(66, 84, 78), vents.astype(np.float32) * np.float32(0.6))


def lattice(spot: Spot) -> Field:
    """A crane: open steelwork."""
    u, v = spot.local
    gaps = (np.abs((u % 2.4) - 1.2) + np.abs(v)) % 1.2
    light = 1 + 0.1 * wave(u, 2.4, spot.gsd) + 0.03 * spot.grain()
    seen = lit(spot.thing.rgb, light.astype(np.float32))
    open_share = ((gaps < 0.4).astype(np.float32)) * np.float32(0.5 * fades(0.7, spot.gsd))
    return mixed(seen, spot.under * np.float32(0.8), open_share)


WORKS: Final[dict[str, Painter]] = {
    "tank": tank, "silo": silo, "container": container, "panels": panels, "turbine": turbine,
    "greenhouse": greenhouse, "lattice": lattice,
}  # fmt: skip
