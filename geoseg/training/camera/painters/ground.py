"""Ground cover: grass, earth, sand, snow, rock, asphalt, concrete."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from geoseg.training.camera.painters.cells import CELLS, cells, posts_in_cells
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Texture:
    """How uneven a ground is."""

    second: tuple[float, float, float]
    """The colour of its patches, as a share of its own."""

    patch: float
    """How strongly patches of several metres show."""

    fine: float
    """How strongly patches of a metre and less show."""

    grain: float
    """How strongly single pixels differ."""


TEXTURES: Final = {
    "grass": Texture(second=(1.17, 1.05, 1.0), patch=0.25, fine=0.065, grain=0.035),
    "soil": Texture(second=(0.84, 0.87, 0.88), patch=0.24, fine=0.055, grain=0.035),
    "dirt": Texture(second=(0.87, 0.89, 0.89), patch=0.22, fine=0.05, grain=0.04),
    "gravel": Texture(second=(0.92, 0.92, 0.93), patch=0.16, fine=0.06, grain=0.065),
    "paved": Texture(second=(0.9, 0.9, 0.9), patch=0.14, fine=0.04, grain=0.03),
    "asphalt": Texture(second=(1.12, 1.12, 1.1), patch=0.13, fine=0.03, grain=0.025),
    "heap": Texture(second=(0.8, 0.8, 0.8), patch=0.3, fine=0.08, grain=0.05),
}


def cover(spot: Spot) -> Field:
    """The colour in patches of several sizes."""
    texture = TEXTURES[spot.thing.kind]
    own = spot.thing.rgb
    large = spot.noise(14) + np.float32(0.6) * spot.noise(4)
    share = np.clip(0.5 + texture.patch * large, 0, 1)
    light = 1 + texture.fine * (spot.noise(0.5) + np.float32(0.7) * spot.noise(1.5))
    light += texture.grain * spot.grain()
    return lit(mixed(own, own * colour(*texture.second), share), light)


def plain(spot: Spot) -> Field:
    """Paint, boards, walls: one colour."""
    return lit(spot.thing.rgb, 1 + 0.025 * spot.grain())


def concrete(spot: Spot) -> Field:
    """Concrete slabs: joints, slabs a little different, oil stains."""
    u, v = spot.local
    side = 4.0 + 3.5 * spot.traits[0]
    across, down = u / side, v / side
    number = (np.floor(across) * 57 + np.floor(down) * 131).astype(np.int64) % 64
    slabs = np.random.default_rng(int(spot.traits[1] * 1e6)).normal(1, 0.025, 64)
    joint = np.minimum(np.abs(across - np.round(across)), np.abs(down - np.round(down))) * side
    light = slabs[number].astype(np.float32) - 0.13 * fades(0.6, spot.gsd) * (joint < 0.12)
    light -= 0.08 * np.clip(spot.noise(3) + 0.6 * spot.noise(0.9) - 1.3, 0, 1)
    light += 0.03 * spot.noise(8) + 0.025 * spot.grain()
    return lit(spot.thing.rgb, light)


def sand(spot: Spot) -> Field:
    """Sand: ripples and low dunes lit from one side."""
    u, v = spot.local
    bend = spot.noise(9)
    dune = wave(u + 5 * bend, 14 + 18 * float(spot.traits[0]), spot.gsd)
    ripple = wave(u + 0.9 * bend + 0.3 * v, 1.6, spot.gsd)
    steep = spot.thing.look.get("dunes", 0.3)
    light = 1 + 0.13 * steep * dune + 0.03 * ripple + 0.04 * spot.noise(4)
    return lit(spot.thing.rgb, light + 0.03 * spot.grain())


def snow(spot: Spot) -> Field:
    """Snow: white, blue in its hollows, with tracks of wind; earth where it is thin."""
    hollow = spot.noise(12) + np.float32(0.5) * spot.noise(3)
    blue = np.clip(0.3 + 0.25 * hollow, 0, 1)
    seen = mixed(spot.thing.rgb, spot.thing.rgb * colour(0.86, 0.91, 0.98), blue)
    thin = np.clip((spot.noise(5) + 0.5 * spot.noise(1.5) + 0.2 * spot.noise(0.4) - 1.7), 0, 0.8)
    seen = mixed(seen, colour(120, 108, 90), thin.astype(np.float32))
    return lit(seen, 1 + 0.015 * spot.noise(0.8) + 0.012 * spot.grain())


def burnt(spot: Spot) -> Field:
    """Burnt ground: black with ash and scorched brown patches, charred stems."""
    ash = (
        np.clip(0.6 * spot.noise(5) + 0.7 * spot.noise(1.1) + 0.5 * spot.grain() - 1.1, 0, 1) * 0.4
    )
    scorched = np.clip(0.12 + 0.22 * spot.noise(14) + 0.1 * spot.noise(2), 0, 0.55)
    seen = mixed(spot.thing.rgb, colour(92, 70, 50), scorched.astype(np.float32))
    seen = mixed(seen, colour(150, 146, 140), ash.astype(np.float32))
    stems = 1 - 0.5 * (spot.noise(0.6) > 1.5)
    return lit(seen, (stems + 0.08 * spot.noise(0.4) + 0.05 * spot.grain()).astype(np.float32))


def rock(spot: Spot) -> Field:
    """Bare rock: facets at many angles to the sun, dark clefts, lichen."""
    u, v = spot.local
    size = np.float32(2.2 + 3 * float(spot.traits[0]))
    bent_u, bent_v = u / size + 0.35 * spot.noise(4), v / (1.7 * size) + 0.35 * spot.noise(6)
    random = np.random.default_rng(int(spot.traits[1] * 1e6))
    facet = cells(bent_u, bent_v, posts_in_cells(random, jitter=0.9, radius=0.8))
    tilt = random.normal(0, 1, CELLS * CELLS).astype(np.float32)[facet.number]
    cleft = np.clip(0.35 - facet.height, 0, 1) * np.float32(fades(1.5, spot.gsd))
    strata = 0.05 * wave(v + 2 * spot.noise(9), 1.7 * float(size), spot.gsd)
    light = 1 + 0.13 * tilt - 0.45 * cleft + 1.6 * strata + 0.05 * spot.noise(14)
    light += 0.06 * spot.noise(0.6) + 0.04 * spot.grain()
    lichen = np.clip(0.05 + 0.2 * spot.noise(3.5), 0, 0.35)
    return lit(mixed(spot.thing.rgb, colour(116, 118, 92), lichen), light.astype(np.float32))


def boulder(spot: Spot) -> Field:
    """One large stone, lighter on the side of the sun."""
    rows, columns = spot.offset
    size = max(spot.thing.half)
    facing = -(rows * spot.sun.away[0] + columns * spot.sun.away[1]) / size
    light = 1 + 0.22 * np.round(facing * 2 + spot.noise(0.9) * 0.6) / 2 + 0.06 * spot.grain()
    return lit(spot.thing.rgb, light.astype(np.float32))


def wet_sand(spot: Spot) -> Field:
    """The dark rim that waves have just left."""
    light = 1 + 0.04 * spot.noise(2) + 0.015 * spot.grain()
    return lit(spot.thing.rgb, light)


GROUNDS: Final[dict[str, Painter]] = {
    **dict.fromkeys(TEXTURES, cover), "line": plain, "concrete": concrete, "sand": sand,
    "snow": snow, "burnt": burnt, "rock": rock, "boulder": boulder, "wet sand": wet_sand,
}  # fmt: skip
