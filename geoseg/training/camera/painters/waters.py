"""Water: rivers, lakes, the sea with its surf, swimming pools."""

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
    wave,
)


def still(spot: Spot) -> Field:
    """A pond, lake or slow river: smooth, with slow changes of colour, some glint and weed."""
    depth = spot.noise(14) + np.float32(0.5) * spot.noise(4)
    light = 1 + 0.06 * depth + 0.02 * spot.noise(1.5) + 0.012 * spot.grain()
    seen = lit(spot.thing.rgb, light)
    if spot.traits[0] > 0.7:
        weed = np.clip(spot.noise(6) + 0.5 * spot.noise(1.5) - 1.3, 0, 1) * np.float32(0.6)
        seen = mixed(seen, colour(84, 108, 58), weed)
    return glinting(spot, seen, 0.5)


def glinting(spot: Spot, seen: Field, strength: float) -> Field:
    """With sparks of sunlight, if the sun stands so that they show."""
    if spot.traits[1] < 0.8:
        return seen
    where = np.clip(0.6 + spot.noise(24), 0, 1)
    sparks = np.clip(0.5 * spot.noise(0.5) + spot.grain() - 1.9, 0, 1.2) * where
    share = np.clip(sparks * np.float32(strength * fades(0.6, spot.gsd)), 0, 0.55)
    return mixed(seen, colour(206, 214, 218), share)


def flowing(spot: Spot) -> Field:
    """A river: lighter shallows at its banks, streaks with the current."""
    if spot.thing.line is None:
        return still(spot)
    along, side = spot.beside
    wide = max(spot.thing.half[1], 1.0)
    bank = np.clip(np.abs(side) / np.float32(wide) - 0.72, 0, 0.28) / np.float32(0.28)
    bed = colour(150, 134, 104) if spot.traits[2] > 0.5 else colour(104, 116, 84)
    seen = mixed(spot.thing.rgb, bed, (0.4 * bank * (1 + 0.4 * spot.noise(4))).astype(np.float32))
    streak = 0.025 * wave(side + 0.6 * spot.noise(6) + 0.02 * along, 3.1, spot.gsd)
    light = 1 + 0.05 * spot.noise(14) + streak + 0.012 * spot.grain()
    return glinting(spot, lit(seen, light), 0.4)


def sea(spot: Spot) -> Field:
    """Open water: waves in one direction, deeper patches, a few white caps."""
    u, v = spot.local
    bent = v + 1.5 * spot.noise(14)
    swell = 0.035 * wave(bent, 7.0 + 6 * float(spot.traits[0]), spot.gsd)
    chop = 0.03 * wave(bent * 0.9 + u * 0.35 + spot.noise(2), 1.9, spot.gsd)
    light = 1 + 0.05 * spot.noise(40) + swell + chop + 0.025 * spot.noise(0.8)
    seen = lit(spot.thing.rgb, light + 0.015 * spot.grain())
    calm = spot.thing.look.get("calm", 0.5)
    caps = np.clip(spot.noise(1.2) + swell * 12 - 2.3 - calm, 0, 0.7)
    return glinting(spot, mixed(seen, colour(226, 232, 234), caps.astype(np.float32)), 0.5)


def shallows(spot: Spot) -> Field:
    """Water over sand, seen through: turquoise or brown towards the beach."""
    away = spot.thing.look.get("reach_m", 15.0)
    share = np.clip(0.55 - spot.local[1] / np.float32(away) * 0.55, 0, 0.85)
    seen = mixed(spot.under, spot.thing.rgb, share + 0.08 * spot.noise(5))
    return lit(seen, 1 + 0.03 * spot.noise(1.2) + 0.02 * wave(spot.local[1], 3.2, spot.gsd))


def surf(spot: Spot) -> Field:
    """Lines of foam that break along the beach."""
    _, side = spot.beside
    bent = side + 1.2 * spot.noise(5)
    crest = np.clip(1.3 - np.abs(bent) / 0.9, 0, 1) * np.clip(0.6 + 0.7 * spot.noise(4), 0, 1)
    lace = np.clip(0.5 * spot.noise(0.8) + 0.2, 0, 0.55) * (np.abs(bent) < 3.2)
    share = np.clip(np.maximum(crest, lace), 0, 0.95)
    return mixed(spot.under, spot.thing.rgb, share.astype(np.float32))


def wake(spot: Spot) -> Field:
    """The white trail of a moving vessel, widening and fading."""
    u, v = spot.local
    long, wide = spot.thing.half
    share = np.clip((long - u) / (2 * long), 0, 1)
    edge = np.abs(np.abs(v) - share * wide * 0.9)
    foam = np.clip(1 - edge / (0.5 + 0.1 * wide), 0, 1) + 0.5 * (np.abs(v) < 0.25 * wide)
    fade = (1 - share) ** 1.2 * np.clip(0.7 + 0.4 * spot.noise(1), 0, 1)
    share = np.clip(foam * fade, 0, 0.85).astype(np.float32)
    return mixed(spot.under, spot.thing.rgb, share)


def pool(spot: Spot) -> Field:
    """A swimming pool: a darker deep end, ripples of light, lanes in long ones."""
    u, v = spot.local
    long = max(spot.thing.half[0], 1.0)
    deep = 0.1 * np.clip(u / np.float32(long), -1, 1)
    caustic = 0.07 * np.clip(spot.noise(0.4), -1, 1.5) * fades(0.4, spot.gsd)
    light = 1 - deep + caustic + 0.03 * spot.noise(1.5)
    if long > 11:
        light -= 0.16 * fades(0.5, spot.gsd) * (np.abs(v % 2.5 - 1.25) < 0.13)
    return lit(spot.thing.rgb, light.astype(np.float32))


WATERS: Final[dict[str, Painter]] = {
    "water": still, "river": flowing, "sea": sea, "shallows": shallows, "surf": surf,
    "wake": wake, "pool": pool,
}  # fmt: skip
