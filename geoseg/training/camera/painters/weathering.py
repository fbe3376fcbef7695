"""What years and neighbours do to roofs: rust, moss, dirt, shade."""

from typing import Final

import numpy as np

from geoseg.training.camera.painters.spot import Field, Spot, colour, lit, mixed
from geoseg.training.land.thing import directions

STAINS: Final = {
    "rust": ((150, 86, 54), (126, 80, 58), (104, 66, 50), (166, 108, 72)),
    "moss": ((92, 98, 66), (74, 78, 58), (112, 112, 84)),
}
"""The colours of what grows on roofs and eats them."""

QUANTILES: Final = np.array([
    -3.0, -1.64, -1.28, -1.04, -0.84, -0.67, -0.52, -0.39, -0.25, -0.13, 0.0,
    0.13, 0.25, 0.39, 0.52, 0.67, 0.84, 1.04, 1.28, 1.64, 3.0,
])  # fmt: skip
"""Below which value each twentieth of a normal field lies."""


def weathered(spot: Spot, light: Field, rgb: Field | None = None) -> Field:
    """The roof's colour (or colours) under that light, stained by its years."""
    traits, look = spot.traits, spot.thing.look
    light = light + (0.02 + 0.035 * float(traits[1])) * spot.noise(0.4) + 0.025 * spot.grain()
    dirt = look.get("dirt", 0.0)
    light = light + (0.09 * float(traits[2]) ** 2 + 0.06 * dirt) * spot.noise(2.5)
    if dirt > 0.5:
        light = light - (0.2 * dirt - 0.08) * np.clip(spot.noise(1.5) - 0.5, 0, 1)
    seen = lit(spot.thing.rgb if rgb is None else rgb, light.astype(np.float32))
    for name in STAINS:
        if share := look.get(name, 0.0):
            seen = stained(spot, seen, name, share)
    return shaded(spot, seen)


def stained(spot: Spot, seen: Field, name: str, share: float) -> Field:
    """The roof with about that share of it under rust or moss, in ragged patches."""
    anchors, chance = STAINS[name], float(spot.traits[25])
    field = 0.85 * spot.noise(1.8) + 0.52 * spot.noise(0.4)  # spread 1 again
    limit = float(np.interp(1 - share, np.linspace(0, 1, len(QUANTILES)), QUANTILES))
    soft = 0.3 + 0.9 * float(spot.traits[26])
    cover = np.clip((field - limit) / soft + 0.5, 0, 1) * (0.55 + 0.4 * float(spot.traits[27]))
    stain = colour(*anchors[int(chance * len(anchors))])
    level = seen.mean(axis=1, keepdims=True) / max(float(spot.thing.rgb.mean()), 1.0)
    return mixed(seen, stain * np.clip(level, 0.5, 1.3), cover)


def shaded(spot: Spot, seen: Field) -> Field:
    """The roof, partly in the shadow of a higher neighbour on its sunny side."""
    share = spot.thing.look.get("shaded", 0.0)
    if not share:
        return seen
    u, v = spot.local
    along, across = directions(spot.thing.angle)
    towards_u, towards_v = (spot.facing(way) for way in (along, across))
    lengthwise = abs(towards_u) > abs(towards_v)
    place, half = (u, spot.thing.half[0]) if lengthwise else (v, spot.thing.half[1])
    slant, beside = (towards_v, v) if lengthwise else (towards_u, u)
    sunwards = place * np.float32(np.sign(towards_u if lengthwise else towards_v))
    depth = min(2 * half * share, 6 * spot.sun.length)
    side = np.float32(np.sign(spot.traits[28] - 0.5))
    wide = np.float32(2 * min(spot.thing.half) * spot.traits[29])
    reach = wide + np.float32(slant) * (half - sunwards)
    dark = (sunwards > half - depth) & (beside * side < reach)
    left = spot.sun.dark
    blue = np.array([left * 0.94, left, min(left * 1.1, 1.0)], np.float32)
    return np.where(dark[:, None], seen * blue, seen)
