"""Farmland: rows, furrows, wheel tracks, swaths, rings; vines."""

from collections.abc import Callable
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


def working(spot: Spot) -> tuple[Field, Field]:
    """Metres along and across the way the field is worked; the headland is worked round it."""
    u, v = spot.local
    if "round" in spot.thing.look:
        radius = np.hypot(u, v)
        return np.arctan2(v, u) * radius, radius
    turned = np.abs(u) > spot.thing.half[0] - spot.thing.look.get("headland_m", 0.0)
    return np.where(turned, v, u), np.where(turned, u, v)


def unevenness(spot: Spot) -> Field:
    """Light 1 on average: wet hollows, thin patches, old field edges."""
    uneven = 0.055 * spot.noise(24) + 0.045 * spot.noise(7) + 0.03 * spot.noise(1.5)
    return np.asarray(1 + uneven + 0.035 * spot.grain(), np.float32)


def tramlines(spot: Spot, across: Field) -> Field:
    """How much of each pixel is wheel track: two lines every so many metres, 0..1."""
    every = spot.thing.look.get("tramlines_m", 0.0)
    if not every:
        return spot.plain
    off = (across % every) - every / 2
    return np.maximum(stroke(off - 0.95, 0.4, spot.gsd), stroke(off + 0.95, 0.4, spot.gsd))


def sown(spot: Spot) -> Field:
    """A crop in rows, soil between them as far as it does not close."""
    _, across = working(spot)
    rows_m = spot.thing.look.get("rows_m", 0.75)
    closed = spot.thing.look.get("closed", 0.6)
    gap = (0.5 + 0.5 * wave(across, rows_m, spot.gsd)) * (1 - closed)
    gap = np.clip(gap + 0.22 * (1 - closed) * spot.noise(3), 0, 1)
    gap = np.maximum(gap, 0.55 * tramlines(spot, across))
    earth = colour(138, 112, 84)
    return lit(mixed(spot.thing.rgb, earth, gap.astype(np.float32)), unevenness(spot))


def ploughed(spot: Spot) -> Field:
    """Open furrows, lit from the side."""
    _, across = working(spot)
    deep = 0.10 * wave(across, spot.thing.look.get("rows_m", 1.2), spot.gsd)
    passes = 0.035 * wave(across, 6.0, spot.gsd)
    clods = 0.05 * spot.noise(0.5)
    return lit(spot.thing.rgb, unevenness(spot) + deep + passes + clods)


def harvested(spot: Spot) -> Field:
    """Stubble, with lighter swaths of straw where the harvester went."""
    _, across = working(spot)
    wide = spot.thing.look.get("swath_m", 7.0)
    place = across + 0.4 * spot.noise(5)
    straw = np.clip(1.6 * wave(place, wide, spot.gsd) - 0.55, 0, 1)
    seen = mixed(spot.thing.rgb, colour(222, 206, 158), (0.55 * straw).astype(np.float32))
    return lit(seen, unevenness(spot) + 0.04 * wave(across, 0.5, spot.gsd))


def flooded(spot: Spot) -> Field:
    """Rice under water: little terraces with green banks."""
    u, v = working(spot)
    pond = spot.thing.look.get("rows_m", 30.0)
    bent = v + 5 * spot.noise(24)
    bank = np.abs((bent % pond) - pond / 2) > pond / 2 - 0.7
    bank |= np.abs(((u + np.floor(bent / pond) * 17) % (2.5 * pond)) - pond) > 1.25 * pond - 0.6
    seedlings = np.clip(0.35 + 0.3 * spot.noise(9), 0, 1)
    seen = mixed(colour(96, 112, 108), spot.thing.rgb, seedlings.astype(np.float32))
    seen = np.where(bank[:, None], colour(112, 126, 70), seen)
    return lit(seen, 1 + 0.05 * spot.noise(3) + 0.02 * spot.grain())


def beds(spot: Spot) -> Field:
    """Vegetables: beds of several greens, reds and bare earth side by side."""
    _, across = working(spot)
    wide = spot.thing.look.get("rows_m", 1.6)
    strip = np.floor(across / (wide * 6)).astype(np.int64) % 32
    random = np.random.default_rng(int(spot.traits[2] * 1e6))
    hues = np.array([(70, 112, 52), (104, 140, 66), (128, 106, 82), (150, 166, 90), (92, 70, 72)])
    tints = hues[random.integers(0, len(hues), 32)] * random.uniform(0.85, 1.1, (32, 1))
    seen = np.asarray(tints, np.float32)[strip]
    light = unevenness(spot) + 0.18 * wave(across, wide, spot.gsd)
    return lit(seen, light)


def mown(spot: Spot) -> Field:
    """A hay meadow: windrows drying between mown stripes, or uncut."""
    _, across = working(spot)
    place = across + 0.3 * spot.noise(4)
    row = np.clip(2 * wave(place, 4.5, spot.gsd) - 1.2, 0, 1)
    seen = mixed(spot.thing.rgb, colour(168, 166, 104), (0.7 * row).astype(np.float32))
    return lit(seen, unevenness(spot) + 0.04 * wave(across, 9.0, spot.gsd))


def circled(spot: Spot) -> Field:
    """A field watered by a turning arm: rings of wheels, one sector in another state."""
    u, v = spot.local
    radius = np.hypot(u, v)
    ring = stroke((radius % 48) - 24, 0.9, spot.gsd)
    turn = (np.arctan2(v, u) / (2 * np.pi) + float(spot.traits[3])) % 1
    sector = (turn < spot.thing.look.get("sector", 0.0)).astype(np.float32)
    second = colour(150, 128, 92) if spot.traits[4] > 0.5 else spot.thing.rgb * np.float32(1.2)
    seen = mixed(spot.thing.rgb, second.astype(np.float32), sector)
    seen = mixed(seen, colour(160, 136, 104), (0.6 * ring).astype(np.float32))
    rows = 0.08 * wave(radius, spot.thing.look.get("rows_m", 1.5), spot.gsd)
    arm = np.abs(np.sin((turn - 0.37) * 2 * np.pi)) * radius
    light = unevenness(spot) + rows - 0.02
    shown = np.where(((arm < 0.6) & (turn < 0.6))[:, None], colour(206, 206, 204), seen)
    return lit(shown, light)


def vines(spot: Spot) -> Field:
    """Vines on wires: dark rows with a shaded side, grass or earth between."""
    u, v = spot.local
    rows_m = spot.thing.look.get("rows_m", 2.2)
    away = (v % rows_m) - rows_m / 2
    wide = rows_m * (0.22 + 0.12 * float(spot.traits[0]))
    lumps = wide * (1 + 0.35 * spot.noise(0.7))
    sharp = fades(rows_m, spot.gsd)
    row = np.clip((lumps - np.abs(away)) / max(0.3, spot.gsd) + 0.5, 0, 1)
    row = sharp * row + (1 - sharp) * 0.42
    row *= np.abs(u) % 60 < 57.5
    shade_side = float(np.array([np.cos(spot.thing.angle), -np.sin(spot.thing.angle)])
                       @ spot.sun.away)  # fmt: skip
    offset = away - np.sign(shade_side) * wide * 1.1
    dark = sharp * np.clip((wide * 0.8 - np.abs(offset)) / max(0.3, spot.gsd) + 0.5, 0, 1)
    earth = colour(142, 152, 92) if spot.traits[1] > 0.5 else colour(176, 150, 118)
    ground = lit(earth, 1 - 0.4 * abs(shade_side) * dark + 0.05 * spot.noise(2))
    return lit(mixed(ground, spot.thing.rgb, row.astype(np.float32)), unevenness(spot))


FIELDS: Final[dict[str, Callable[[Spot], Field]]] = {
    "sown": sown, "ploughed": ploughed, "harvested": harvested, "flooded": flooded,
    "beds": beds, "mown": mown, "circled": circled,
}  # fmt: skip
"""How fields of each state look."""

FARMLAND: Final[dict[str, Painter]] = {**FIELDS, "vines": vines}
