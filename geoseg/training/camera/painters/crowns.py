"""Tree crowns: single trees, forests, orchards, hedges."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoseg.training.camera.painters.cells import CELLS, cells, posts_in_cells
from geoseg.training.camera.painters.spot import Field, Painter, Spot, colour, fades, lit, mixed


def crown(spot: Spot) -> Field:
    """A round crown: lumps of leaves, lighter towards the sun, dark at its far rim."""
    facing, distance = facing_sun(spot)
    light = 1.05 + 0.24 * facing - 0.2 * distance**3 + clumps(spot)
    light += 0.08 * spot.noise(0.8) + 0.1 * spot.noise(0.3) + 0.05 * spot.grain()
    if spot.thing.kind == "loose":
        see_through = np.clip((-0.55 - spot.noise(0.5) - 0.6 * spot.noise(0.3)) * 3, 0, 1)
        return mixed(lit(spot.thing.rgb, light), 0.75 * spot.under, see_through)
    return lit(spot.thing.rgb, light.astype(np.float32))


def clumps(spot: Spot) -> Field:
    """Light (n,) of tufts of leaves, each with a sunny and a shaded side."""
    if spot.gsd > 0.35:
        return 0.1 * spot.noise(0.8)
    u, v = spot.local
    size = np.float32(0.55 + 0.22 * spot.thing.half[0])
    random = np.random.default_rng(int(spot.traits[0] * 1e6))
    found = cells(u / size, v / size, posts_in_cells(random, jitter=0.8, radius=0.7))
    away_u, away_v = sun_along(spot)
    facing = found.off_u * np.float32(-away_u) + found.off_v * np.float32(-away_v)
    return np.asarray(0.3 * facing - 0.3 * np.clip(0.35 - found.height, 0, 1), np.float32)


def sun_along(spot: Spot) -> tuple[float, float]:
    """Where shadows point, along and across the thing."""
    sine, cosine = np.sin(spot.thing.angle), np.cos(spot.thing.angle)
    away = spot.sun.away
    return float(away[0] * sine + away[1] * cosine), float(away[0] * cosine - away[1] * sine)


def facing_sun(spot: Spot) -> tuple[Field, Field]:
    """How far towards the sun, and from the middle, each pixel lies, in crown radii."""
    rows, columns = spot.offset
    radius = np.float32(max(spot.thing.half[0], 0.3))
    away = spot.sun.away.astype(np.float32)
    facing = -(rows * away[0] + columns * away[1]) / radius
    return np.asarray(facing), np.asarray(np.hypot(rows, columns) / radius, np.float32)


def spire(spot: Spot) -> Field:
    """A conifer: branches like spokes, light on the sunny side of the tip."""
    facing, distance = facing_sun(spot)
    rows, columns = spot.offset
    turn = np.arctan2(rows, columns)
    spokes = np.cos(turn * 11 + spot.thing.angle * 5) * distance * fades(1.0, spot.gsd)
    light = 1 + 0.42 * facing / np.maximum(distance, 0.35) * 0.6 - 0.15 * distance
    light += 0.12 * spokes + 0.1 * spot.noise(0.3) + 0.05 * spot.grain()
    return lit(spot.thing.rgb, light.astype(np.float32))


def palm(spot: Spot) -> Field:
    """Palm leaves: a star with bright ribs."""
    facing, distance = facing_sun(spot)
    rows, columns = spot.offset
    turn = np.arctan2(rows, columns)
    ribs = np.cos(8 * turn + 2 * spot.thing.angle)
    light = 1 + 0.18 * facing + 0.2 * ribs * np.clip(distance, 0, 1) * fades(0.8, spot.gsd)
    return lit(spot.thing.rgb, (light + 0.08 * spot.noise(0.3)).astype(np.float32))


def leafless(spot: Spot) -> Field:
    """Bare branches: ground shows through."""
    _, distance = facing_sun(spot)
    rows, columns = spot.offset
    turn = np.arctan2(rows, columns)
    branches = np.abs(np.sin(turn * 6 + 3 * spot.thing.angle + 2 * spot.noise(0.8)))
    share = np.clip(0.85 - 0.6 * branches - 0.25 * distance + 0.2 * spot.noise(0.3), 0.15, 0.85)
    return mixed(spot.under, lit(spot.thing.rgb, 1 + 0.12 * spot.noise(0.3)), share)


def canopy(spot: Spot) -> Field:
    """Crowns side by side over the whole spot, the higher one in front."""
    height, facing, number = crowns(spot)
    tints = tint_table(spot)[number]
    sharp = fades(spot.thing.look["crown_m"], spot.gsd)
    light = 1 + sharp * (0.34 * facing - 0.62 * np.clip(0.45 - height, 0, 1))
    light += 0.13 * spot.noise(0.8) + 0.12 * spot.noise(0.3) + 0.05 * spot.grain()
    light += 0.05 * spot.noise(14) - (1 - sharp) * 0.1
    return lit(tints, light.astype(np.float32))


def tint_table(spot: Spot) -> NDArray[np.float32]:
    """A colour (CELLS², 3) for each crown; mixed forests have dark ones among light ones."""
    random = np.random.default_rng(int(spot.traits[0] * 1e6))
    light = random.normal(1, spot.thing.look.get("variety", 0.1), (CELLS * CELLS, 1))
    hue = random.normal(1, 0.04, (CELLS * CELLS, 3))
    dark = random.random((CELLS * CELLS, 1)) < spot.thing.look.get("conifers", 0.0)
    own = np.where(dark, spot.thing.rgb * np.array([0.62, 0.72, 0.8]), spot.thing.rgb)
    return np.asarray(own * light * hue, np.float32)


def crowns(spot: Spot) -> tuple[Field, Field, NDArray[np.int64]]:
    """Height 0..1 over the ground, facing the sun -1..1, and number of the crown seen."""
    look = spot.thing.look
    size = np.float32(look["crown_m"])
    u, v = spot.local
    random = np.random.default_rng(int(spot.traits[1] * 1e6))
    posts = posts_in_cells(random, jitter=0.5 * look.get("jitter", 1.0),
                           radius=look.get("radius", 0.68), gaps=look.get("gaps", 0.0))  # fmt: skip
    found = cells(u / size, v / size, posts)
    away_u, away_v = sun_along(spot)
    facing = found.off_u * np.float32(away_u) + found.off_v * np.float32(away_v)
    return found.height, np.clip(facing / np.float32(-0.6), -1, 1), found.number


def grove(spot: Spot) -> Field:
    """Trees in a grid with ground and their shadows between."""
    height, facing, number = crowns(spot)
    sharp = fades(spot.thing.look["crown_m"], spot.gsd)
    leaves = np.clip(height * 8 + 0.5 * spot.noise(0.6), 0, 1)
    average = np.float32(0.5)
    leaves = np.asarray(sharp * leaves + (1 - sharp) * average, np.float32)
    ground = colour(144, 140, 88) if spot.traits[2] > 0.45 else colour(168, 138, 104)
    dark = np.clip(0.4 - 0.9 * facing, 0, 1) * (height > -0.28) * 0.5 * sharp
    below = lit(ground, (1 - dark + 0.06 * spot.noise(2) + 0.03 * spot.grain()).astype(np.float32))
    light = 1 + sharp * 0.3 * facing + 0.14 * spot.noise(0.5) + 0.04 * spot.grain()
    above = lit(tint_table(spot)[number], light.astype(np.float32))
    return mixed(below, above, leaves)


def hedge(spot: Spot) -> Field:
    """A cut hedge: a lit and a dark flank, small lumps."""
    _, side = spot.beside
    share = side / np.float32(max(spot.thing.half[1], 0.3))
    light = 1 + 0.18 * np.clip(-share, -1, 1) * spot.thing.look.get("lit", 1.0)
    light += 0.12 * spot.noise(0.6) + 0.1 * spot.noise(0.3) + 0.05 * spot.grain()
    return lit(spot.thing.rgb, light.astype(np.float32))


CROWNS: Final[dict[str, Painter]] = {
    "round": crown, "loose": crown, "dark": crown, "spire": spire, "palm": palm,
    "leafless": leafless, "bush": crown,
}  # fmt: skip
"""Single trees."""

STANDS: Final[dict[str, Painter]] = {"canopy": canopy, "grove": grove, "hedge": hedge}
"""Many trees as one."""
