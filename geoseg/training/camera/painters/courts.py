"""Sports grounds: the surface, and the lines of the game."""

from typing import Final

import numpy as np

from geoseg.training.camera.painters.spot import (
    Field,
    Painter,
    Spot,
    colour,
    lit,
    mixed,
    stroke,
    wave,
)

CHALK: Final = (232, 232, 226)


def frame(u: Field, v: Field, half: tuple[float, float]) -> Field:
    """Metres from the outline of an upright rectangle about the origin."""
    out_u, out_v = np.abs(u) - np.float32(half[0]), np.abs(v) - np.float32(half[1])
    outside = np.hypot(np.maximum(out_u, 0), np.maximum(out_v, 0))
    return np.asarray(np.abs(outside + np.minimum(np.maximum(out_u, out_v), 0)))


def circle(u: Field, v: Field, radius: float) -> Field:
    """Metres from a circle about the origin."""
    return np.asarray(np.abs(np.hypot(u, v) - np.float32(radius)))


def chalked(seen: Field, distance: Field, spot: Spot, *, wide: float = 0.12) -> Field:
    """With a line of chalk or paint where the distance is 0."""
    return mixed(seen, colour(*CHALK), stroke(distance, wide, spot.gsd) * np.float32(0.9))


def football(spot: Spot) -> Field:
    """Mown stripes and all the lines; goal mouths worn bare."""
    u, v = spot.local
    long, wide = spot.thing.half
    stripes = 0.045 * np.sign(wave(u, long / 5, spot.gsd)) * np.float32(spot.traits[0] > 0.3)
    light = 1 + stripes + 0.04 * spot.noise(6) + 0.035 * spot.noise(0.6) + 0.03 * spot.grain()
    worn = np.exp(-((np.abs(u) - long + 4) ** 2) / 40 - v**2 / 30) + 0.5 * np.exp(
        -(u**2 + v**2) / 60
    )
    worn = np.clip(worn * (0.25 + 1.2 * float(spot.traits[1])) + 0.08 * spot.noise(5), 0, 0.85)
    seen = mixed(lit(spot.thing.rgb, light), colour(176, 150, 112), worn.astype(np.float32))
    size = wide / 34  # the lines keep their shares on smaller pitches
    reach = np.abs(u) - np.float32(long)
    lines = np.minimum(frame(u, v, (long, wide)), np.abs(u))
    lines = np.minimum(lines, circle(u, v, 9.15 * size))
    lines = np.minimum(lines, frame(reach, v, (16.5 * size, 20.15 * size)))
    lines = np.minimum(lines, frame(reach, v, (5.5 * size, 9.16 * size)))
    arc = np.where(reach < -16.5 * size, circle(reach + 11 * size, v, 9.15 * size), np.inf)
    lines = np.where(np.hypot(u, v) < 0.3, 0, np.minimum(lines, arc)).astype(np.float32)
    return chalked(seen, lines, spot, wide=0.14)


def tennis(spot: Spot) -> Field:
    """The court, another colour round it, lines, the net."""
    u, v = spot.local
    around = np.asarray(spot.thing.rgb * colour(0.86, 0.9, 0.82), np.float32)
    if spot.traits[0] > 0.45:
        around = colour(*((120, 74, 58), (76, 112, 84), (92, 104, 120))[int(spot.traits[1] * 3)])
    on_court = (np.abs(u) < 11.9) & (np.abs(v) < 5.5)
    seen = mixed(around, spot.thing.rgb, on_court.astype(np.float32))
    light = 1 + 0.03 * spot.noise(3) + 0.02 * spot.noise(0.6) + 0.015 * spot.grain()
    lines = np.minimum(frame(u, v, (11.885, 5.485)), frame(u, v, (11.885, 4.115)))
    lines = np.minimum(lines, frame(u, v, (6.4, 4.115)))
    lines = np.where((np.abs(u) < 6.4), np.minimum(lines, np.abs(v)), lines)
    seen = chalked(lit(seen, light), lines, spot, wide=0.09)
    net = stroke(u, 0.2, spot.gsd) * (np.abs(v) < 6.2) * np.float32(0.6)
    return mixed(seen, colour(44, 48, 46), net.astype(np.float32))


def basketball(spot: Spot) -> Field:
    """Key, three-point arc and middle circle at both ends."""
    u, v = spot.local
    long, wide = spot.thing.half
    key = (np.abs(u) > long - 5.8) & (np.abs(v) < 2.45)
    other = colour(*((156, 62, 52), (52, 92, 150), (70, 120, 84))[int(spot.traits[0] * 3)])
    painted = key * np.float32(0.8 if spot.traits[1] > 0.4 else 0.0)
    light = 1 + 0.035 * spot.noise(2.5) + 0.02 * spot.noise(0.6) + 0.02 * spot.grain()
    seen = lit(mixed(spot.thing.rgb, other, painted.astype(np.float32)), light)
    reach = np.abs(u) - np.float32(long)
    lines = np.minimum(frame(u, v, (long - 0.06, wide - 0.06)), np.abs(u))
    lines = np.minimum(lines, circle(u, v, 1.8))
    lines = np.minimum(lines, frame(reach, v, (5.8, 2.45)))
    lines = np.minimum(lines, np.where(reach < -5.8, circle(reach + 5.8, v, 1.8), np.inf))
    arc = np.where(reach < -2.9, circle(reach + 1.6, v, 6.75), np.abs(np.abs(v) - 6.6))
    return chalked(seen, np.minimum(lines, arc).astype(np.float32), spot, wide=0.1)


def baseball(spot: Spot) -> Field:
    """A quarter circle: home plate at its corner, the earth of the infield, the outfield mown."""
    u, v = spot.local
    base = np.float32(spot.thing.look["base_m"])
    home_u = u + np.float32(spot.thing.look["home_m"])
    radius = np.hypot(home_u, v)
    # along the two foul lines, which leave home plate at 45 degrees to the axis
    first, third = (home_u + v) / np.sqrt(2), (home_u - v) / np.sqrt(2)
    mound = np.hypot(home_u - base * 0.67, v)
    earth = np.hypot(home_u - base * 0.67, v) < base * 1.05
    inner = (first > 0.08 * base) & (third > 0.08 * base) & (first < base) & (third < base)
    fence = spot.thing.look["reach_m"]
    bare = (earth & ~inner) | (mound < 0.1 * base) | (radius < 0.15 * base) | (radius > fence - 4)
    bare &= (first > -0.15 * base) & (third > -0.15 * base)
    light = 1 + 0.05 * np.sign(wave(first, 9, spot.gsd)) * np.float32(spot.traits[0] > 0.4)
    light = light + 0.04 * spot.noise(6) + 0.03 * spot.noise(0.6) + 0.03 * spot.grain()
    clay = colour(178, 122, 84) if spot.traits[1] > 0.4 else colour(186, 152, 114)
    seen = lit(mixed(spot.thing.rgb, clay, bare.astype(np.float32)), light)
    foul = np.minimum(np.abs(first), np.abs(third))
    seen = chalked(seen, np.where((first > -0.2) & (third > -0.2), foul, np.inf), spot, wide=0.12)
    bases = np.minimum(np.hypot(first - base, third), np.hypot(first, third - base))
    bases = np.minimum(np.minimum(bases, np.hypot(first - base, third - base)), radius)
    return chalked(seen, np.maximum(bases - 0.2, 0).astype(np.float32), spot, wide=0.3)


def running_track(spot: Spot) -> Field:
    """Lanes round a field."""
    u, v = spot.local
    half = spot.thing.half
    over = np.maximum(np.abs(u) - np.float32(half[0] - half[1]), 0)
    inward = np.float32(half[1]) - np.hypot(over, v)
    light = 1 + 0.035 * spot.noise(5) + 0.02 * spot.noise(0.6) + 0.02 * spot.grain()
    seen = lit(spot.thing.rgb, light)
    lane = np.abs((inward % 1.22) - 0.61) - 0.61
    seen = chalked(seen, lane.astype(np.float32), spot, wide=0.07)
    start = np.where(v > 0, np.abs(u - (half[0] - half[1])), np.inf)
    return chalked(seen, start.astype(np.float32), spot, wide=0.2)


COURTS: Final[dict[str, Painter]] = {
    "football": football, "tennis": tennis, "basketball": basketball, "baseball": baseball,
    "running track": running_track,
}  # fmt: skip
