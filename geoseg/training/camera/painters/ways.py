"""Ways: roads with their markings, railways, bridges, runways, parking rows, crossings."""

from typing import Final

import numpy as np

from geoseg.training.camera.painters.spot import (
    Field,
    Painter,
    Spot,
    colour,
    dashes,
    fades,
    lit,
    mixed,
    stroke,
    wave,
)

WHITE: Final = (224, 224, 218)
YELLOW: Final = (216, 182, 82)


def carriageway(spot: Spot) -> Field:
    """Asphalt or concrete: worn wheel tracks, patches, cracks, lane lines."""
    along, side = spot.beside
    wide = 2 * spot.thing.half[1]
    lanes = max(int(spot.thing.look.get("lanes", 2)), 1)
    lane = wide / lanes
    tracks = np.cos(side * np.float32(4 * np.pi / lane)) * np.float32(fades(1.5, spot.gsd))
    light = 1 - 0.035 * tracks + 0.03 * spot.noise(9) + 0.025 * spot.noise(0.5)
    light -= 0.09 * patches(spot, along) + 0.1 * fades(0.35, spot.gsd) * cracked(spot)
    light -= 0.07 * np.clip(np.abs(side) / (wide / 2) - 0.86, 0, 0.14) / 0.14
    seen = lit(spot.thing.rgb, (light + 0.022 * spot.grain()).astype(np.float32))
    return marked(spot, seen, along, side)


def patches(spot: Spot, along: Field) -> Field:
    """Stretches that were mended: 0 or 1, or in between for the newest."""
    stretch = (np.floor(along / 17) % 16).astype(np.int64)
    random = np.random.default_rng(int(spot.traits[0] * 1e6))
    tone = random.choice([0, 0, 0, 0, 0.5, -0.5, 1], 16)
    return np.asarray(tone[stretch], np.float32) * np.float32(spot.traits[1])


def cracked(spot: Spot) -> Field:
    """Cracks: thin wandering lines, on old roads only."""
    if spot.traits[2] < 0.5:
        return spot.plain
    return np.asarray(np.abs(spot.noise(2.5)) < 0.035, np.float32)


def marked(spot: Spot, seen: Field, along: Field, side: Field) -> Field:
    """With the lines of its lanes, if it has any."""
    look = spot.thing.look
    lanes = int(look.get("lanes", 0))
    if not look.get("marked", 0.0) or lanes < 2:
        return seen
    wide = 2 * spot.thing.half[1]
    worn = np.float32(0.35 + 0.55 * float(spot.traits[3]))
    for index in range(1, lanes):
        off = side - np.float32(wide * (index / lanes - 0.5))
        middle = 2 * index == lanes
        line = stroke(off, 0.15, spot.gsd)
        if not (middle and spot.traits[4] > 0.6):
            line = line * dashes(along, 9.0, 0.4 if lanes > 2 else 0.5)
        tint = YELLOW if middle and spot.traits[5] > 0.6 else WHITE
        seen = mixed(seen, colour(*tint), line * worn)
    if lanes > 2 or spot.traits[6] > 0.6:
        edge = stroke(np.abs(side) - np.float32(wide / 2 - 0.35), 0.15, spot.gsd)
        seen = mixed(seen, colour(*WHITE), edge * worn)
    return seen


def track(spot: Spot) -> Field:
    """A dirt or gravel way: two wheel ruts, perhaps grass between."""
    _, side = spot.beside
    wide = 2 * spot.thing.half[1]
    rut = np.clip(1 - np.abs(np.abs(side) - 0.8) / 0.5, 0, 1) * np.float32(fades(1.2, spot.gsd))
    light = 1 + 0.08 * rut + 0.05 * spot.noise(6) + 0.05 * spot.noise(0.6) + 0.035 * spot.grain()
    seen = lit(spot.thing.rgb, light.astype(np.float32))
    if wide > 4.5 or spot.thing.look.get("grassy", 0.0) == 0:
        return seen
    grass = np.clip(1 - np.abs(side) / 0.5, 0, 1) * np.clip(0.6 + 0.5 * spot.noise(2), 0, 1)
    return mixed(seen, colour(120, 130, 80), (0.6 * grass).astype(np.float32))


def railway(spot: Spot) -> Field:
    """Ballast, sleepers, two bright rails for each track."""
    along, side = spot.beside
    count = max(int(spot.thing.look.get("tracks", 1)), 1)
    gap = spot.thing.look.get("gap_m", 4.5)
    off = side + np.float32(gap * (count - 1) / 2)
    nearest = np.clip(np.round(off / gap), 0, count - 1)
    off = off - nearest.astype(np.float32) * np.float32(gap)
    bed = 1 + 0.05 * spot.noise(5) + 0.05 * spot.noise(0.5) + 0.05 * spot.grain()
    between = np.abs(off) < 1.3
    bed -= 0.1 * np.clip(1 - np.abs(off) / 1.4, 0, 1)
    sleeper = between * (0.5 + 0.5 * wave(along, 0.62, spot.gsd)) * np.float32(fades(0.5, spot.gsd))
    seen = lit(spot.thing.rgb, bed.astype(np.float32))
    seen = mixed(seen, colour(150, 144, 134), (0.4 * sleeper).astype(np.float32))
    shadow = stroke(np.abs(off) - 0.9, 0.22, spot.gsd) * np.float32(0.35)
    rail = stroke(np.abs(off) - 0.72, 0.16, spot.gsd)
    seen = mixed(seen, colour(52, 46, 42), shadow)
    return mixed(seen, colour(196, 190, 182), rail * np.float32(0.85))


def deck(spot: Spot) -> Field:
    """A bridge: carriageway between light parapets, joints at both ends."""
    along, side = spot.beside
    wide = 2 * spot.thing.half[1]
    inner = wide / 2 - (0.9 if wide > 5 else 0.35)
    light = 1 + 0.025 * spot.noise(6) + 0.03 * spot.noise(0.5) + 0.02 * spot.grain()
    seen = lit(spot.thing.rgb, light)
    if spot.thing.look.get("tracks", 0.0):
        seen = railway(spot)
    elif spot.thing.look.get("lanes", 0.0):
        seen = marked(spot, seen, along, side)
    walk = np.clip((np.abs(side) - inner) / max(spot.gsd, 0.2) + 0.5, 0, 1)
    seen = mixed(seen, colour(186, 184, 178), walk)
    rail = stroke(np.abs(side) - np.float32(wide / 2 - 0.2), 0.3, spot.gsd)
    seen = mixed(seen, colour(216, 214, 208), rail)
    joint = stroke((along % 24) - 12, 0.3, spot.gsd)
    return mixed(seen, colour(70, 70, 72), joint * np.float32(0.5))


def runway(spot: Spot) -> Field:
    """Asphalt with the dark of tyres, centre line, edge lines, the bars at both ends."""
    u, v = spot.local
    long, half = spot.thing.half
    to_end = np.float32(long) - np.abs(u)
    rubber = np.exp(-((to_end - 230) ** 2) / 120**2) * np.clip(1 - np.abs(v) / 8, 0, 1)
    light = 1 - 0.4 * rubber + 0.04 * spot.noise(14) + 0.02 * spot.noise(0.5)
    light += 0.03 * np.sign(wave(u, 90, spot.gsd)) + 0.02 * spot.grain()
    seen = lit(spot.thing.rgb, light.astype(np.float32))
    if not spot.thing.look.get("marked", 1.0):
        return seen
    lines = stroke(v, 0.7, spot.gsd) * dashes(u, 50, 0.6) * (to_end > 60)
    lines = np.maximum(lines, stroke(np.abs(v) - np.float32(half - 0.8), 0.8, spot.gsd))
    bars = (np.abs(v) > 1.5) & (np.abs(v) < half - 2.5) & (np.abs(v) % 3.6 < 1.8)
    lines = np.maximum(lines, bars * (to_end > 6) * (to_end < 36))
    aiming = (np.abs(np.abs(v) - half * 0.42) < half * 0.12) * (np.abs(to_end - 300) < 25)
    lines = np.maximum(lines, aiming * (long > 400))
    return mixed(seen, colour(*WHITE), (lines * 0.85).astype(np.float32))


def taxiway(spot: Spot) -> Field:
    """Asphalt with one yellow line."""
    along, side = spot.beside
    light = 1 + 0.04 * spot.noise(12) + 0.02 * spot.noise(0.5) + 0.02 * spot.grain()
    light += 0.02 * np.sign(wave(along, 60, spot.gsd))
    line = stroke(side, 0.3, spot.gsd) * np.float32(0.8)
    return mixed(lit(spot.thing.rgb, light), colour(214, 180, 70), line)


def stalls(spot: Spot) -> Field:
    """A car park: rows of stalls with white lines, lanes between, oil stains."""
    u, v = spot.local
    look = spot.thing.look
    light = 1 + 0.04 * spot.noise(10) + 0.03 * spot.noise(0.5) + 0.025 * spot.grain()
    light -= 0.1 * np.clip(spot.noise(1.2) - 1.5, 0, 1)
    seen = lit(spot.thing.rgb, light)
    if not look.get("marked", 0.0):
        return seen
    off = (v - np.float32(look["first_m"]) + look["every_m"] / 2) % look["every_m"]
    off = np.abs(off - np.float32(look["every_m"] / 2))
    inside = np.abs(u) < look["reach_m"]
    side = (u + np.float32(look["reach_m"])) % 2.6
    line = stroke(np.minimum(side, 2.6 - side), 0.12, spot.gsd) * (off < look["deep_m"])
    if look["deep_m"] > 4:
        line = np.maximum(line, stroke(off, 0.12, spot.gsd))
    return mixed(seen, colour(*WHITE), line * inside * np.float32(0.75))


def zebra(spot: Spot) -> Field:
    """White bars across a road."""
    u, _ = spot.local
    bar = 0.5 + 0.5 * np.clip(4 * wave(u, 1.0, spot.gsd), -1, 1)
    worn = np.clip(0.75 + 0.15 * spot.noise(0.6), 0, 1)
    return mixed(spot.under, colour(*WHITE), (bar * worn).astype(np.float32))


def slabs(spot: Spot) -> Field:
    """A walk of slabs, with its kerb."""
    along, side = spot.beside
    light = 1 + 0.05 * wave(along, 1.5, spot.gsd) + 0.03 * spot.noise(4) + 0.03 * spot.noise(0.5)
    light += 0.08 * stroke(np.abs(side) - np.float32(spot.thing.half[1]), 0.3, spot.gsd)
    return lit(spot.thing.rgb, (light + 0.02 * spot.grain()).astype(np.float32))


def boards(spot: Spot) -> Field:
    """A jetty of planks or of concrete."""
    along, side = spot.beside
    plank = 0.1 * wave(along, 0.5, spot.gsd) + 0.05 * wave(along, 6.0, spot.gsd)
    edge = 0.15 * (np.abs(side) > spot.thing.half[1] - 0.25)
    return lit(spot.thing.rgb, (1 + plank - edge + 0.04 * spot.noise(0.8)).astype(np.float32))


WAYS: Final[dict[str, Painter]] = {
    "carriageway": carriageway, "track": track, "railway": railway, "deck": deck,
    "runway": runway, "taxiway": taxiway, "stalls": stalls, "zebra": zebra, "slabs": slabs,
    "boards": boards,
}  # fmt: skip
