"""Ships and boats from above."""

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
)
from geoseg.training.camera.painters.vehicles import GLASS, shares

BOXES: Final = (
    (176, 62, 52), (58, 92, 158), (196, 192, 184), (84, 120, 92), (190, 120, 62), (112, 84, 66),
    (140, 142, 146), (214, 178, 80),
)  # fmt: skip


def hull(spot: Spot) -> Field:
    """A deck with a darker rim."""
    light = 1 + 0.03 * spot.noise(3) + 0.025 * spot.noise(0.6) + 0.02 * spot.grain()
    _, across = shares(spot)
    return lit(spot.thing.rgb, (light - 0.15 * (np.abs(across) > 0.93)).astype(np.float32))


def bridge_house(spot: Spot, seen: Field, stern: float, bow: float) -> Field:
    """With the white house of bridge and cabins between two shares of the length."""
    along, across = shares(spot)
    house = (along > stern) & (along < bow) & (np.abs(across) < 0.86)
    light = 1 + 0.05 * np.sign(np.sin(spot.local[0] * 1.9)) * fades(1.2, spot.gsd)
    white = lit(colour(228, 228, 224), light.astype(np.float32))
    seen = np.where(house[:, None], white, seen)
    funnel = (np.abs(along - stern - 0.02) < 0.025) & (np.abs(across) < 0.25)
    glass = (np.abs(along - bow) < 0.012) & (np.abs(across) < 0.86)
    return mixed(seen, colour(*GLASS), ((funnel | glass) * 0.8).astype(np.float32))


def container_ship(spot: Spot) -> Field:
    """Stacks of boxes, bay behind bay, the house aft."""
    u, v = spot.local
    along, across = shares(spot)
    seen = hull(spot)
    bay, row = np.floor(u / 13.2).astype(np.int64), np.floor(v / 2.5).astype(np.int64)
    random = np.random.default_rng(int(spot.traits[0] * 1e6))
    hues = np.array(BOXES, np.float32)[random.integers(0, len(BOXES), 1024)]
    code = (bay * 37 + row * 11) % 1024
    full = random.random(1024)[code] < 0.9
    stack = (along > -0.6) & (along < 0.82) & (np.abs(across) < 0.9) & full
    stack &= (u % 13.2 < 12.3) & (np.abs(across) < 1.55 - 0.9 * np.clip(along, 0, 1))
    light = random.uniform(0.82, 1.1, 1024)[code].astype(np.float32)
    light = light - 0.25 * stroke((v % 2.5) - 1.25 + 1.25, 0.2, spot.gsd)
    seen = np.where(stack[:, None], lit(hues[code], light), seen)
    return bridge_house(spot, seen, -0.84, -0.68)


def tanker(spot: Spot) -> Field:
    """A red or green deck, pipes along its middle, the house aft."""
    u, v = spot.local
    along, across = shares(spot)
    seen = hull(spot)
    pipes = stroke(np.abs(v) - 0.7, 0.5, spot.gsd) * (along > -0.6) * (along < 0.85)
    cross = stroke(u, 1.6, spot.gsd) * (np.abs(across) < 0.75)
    ribs = stroke((u % 18) - 9, 0.5, spot.gsd) * (np.abs(across) < 0.85) * 0.35
    seen = mixed(seen, colour(208, 200, 188), np.maximum(np.maximum(pipes, cross), ribs))
    return bridge_house(spot, seen, -0.86, -0.68)


def bulk_carrier(spot: Spot) -> Field:
    """Hatches one behind the other, cranes between them, the house aft."""
    along, across = shares(spot)
    seen = hull(spot)
    place = (along + 0.62) % 0.24
    hatch = (along > -0.62) & (along < 0.8) & (np.abs(across) < 0.58) & (place < 0.19)
    tone = np.where(np.abs(across) < 0.05, np.float32(0.85), np.float32(1.0))
    lid = lit(colour(150, 120, 96) if spot.traits[1] > 0.5 else colour(128, 138, 132), tone)
    seen = np.where(hatch[:, None], lid, seen)
    jib = (place > 0.19) & (np.abs(across) < 0.16) & (along > -0.6) & (along < 0.8)
    seen = mixed(seen, colour(220, 206, 150), jib.astype(np.float32))
    return bridge_house(spot, seen, -0.86, -0.68)


def ferry(spot: Spot) -> Field:
    """White decks one on another, boats along both sides, a funnel, a blue pool or hatch."""
    along, across = shares(spot)
    step = np.maximum(np.abs(along * 1.05), np.abs(across))
    decks = 1 - 0.09 * (step > 0.8) + 0.05 * (step < 0.5)
    decks += 0.03 * spot.noise(0.8) + 0.05 * np.sign(np.sin(spot.local[0] * 1.3)) * (step < 0.62)
    seen = lit(spot.thing.rgb, decks.astype(np.float32))
    boats = (np.abs(np.abs(across) - 0.82) < 0.08) & (np.abs(spot.local[0] % 9 - 4.5) < 2.6)
    seen = mixed(
        seen, colour(214, 120, 54), ((boats & (np.abs(along) < 0.6)) * 0.85).astype(np.float32)
    )
    funnel = (np.abs(along + 0.42) < 0.05) & (np.abs(across) < 0.3)
    seen = mixed(seen, colour(58, 84, 140), funnel.astype(np.float32))
    pool = (np.abs(along + 0.12) < 0.05) & (np.abs(across) < 0.25) & (spot.thing.half[0] > 50)
    return mixed(seen, colour(84, 182, 208), pool.astype(np.float32))


def barge(spot: Spot) -> Field:
    """An open hold with sand, coal or scrap, a small house aft."""
    along, across = shares(spot)
    seen = hull(spot)
    hold = (np.abs(across) < 0.76) & (along < 0.82) & (along > -0.72)
    load = colour(*((58, 56, 54), (196, 176, 136), (130, 96, 74))[int(spot.traits[2] * 3)])
    heap = 1 + 0.12 * spot.noise(2.5) + 0.08 * spot.noise(0.7)
    seen = np.where(hold[:, None], lit(load, heap.astype(np.float32)), seen)
    return bridge_house(spot, seen, -0.93, -0.8)


def motor_boat(spot: Spot) -> Field:
    """White hull, windscreen, dark cockpit."""
    along, across = shares(spot)
    seen = hull(spot)
    cockpit = (along < -0.1) & (along > -0.8) & (np.abs(across) < 0.6)
    inner = colour(150, 118, 86) if spot.traits[0] > 0.5 else colour(120, 126, 134)
    seen = mixed(seen, inner, (cockpit * 0.75).astype(np.float32))
    glass = (np.abs(along - 0.05 + 0.25 * across**2) < 0.11) & (np.abs(across) < 0.72)
    return mixed(seen, colour(*GLASS), (glass * 0.85).astype(np.float32))


def sailing_boat(spot: Spot) -> Field:
    """A slim hull with a cabin, the boom and its blue or white cover."""
    along, across = shares(spot)
    seen = hull(spot)
    cabin = (np.abs(along - 0.1) < 0.35) & (np.abs(across) < 0.45)
    seen = lit(seen, np.where(cabin, np.float32(1.08), np.float32(0.94)))
    boom = stroke(spot.local[1], 0.35, spot.gsd) * (along < 0.2) * (along > -0.75)
    cover = colour(46, 72, 128) if spot.traits[0] > 0.4 else colour(232, 230, 224)
    seen = mixed(seen, cover, boom.astype(np.float32))
    well = (along < -0.4) & (along > -0.85) & (np.abs(across) < 0.42)
    return mixed(seen, colour(168, 138, 100), (well * 0.6).astype(np.float32))


def fishing_boat(spot: Spot) -> Field:
    """A coloured deck, a wheelhouse, nets in a heap."""
    along, across = shares(spot)
    seen = hull(spot)
    house = (np.abs(along - 0.3) < 0.18) & (np.abs(across) < 0.6)
    seen = np.where(house[:, None], np.float32(230), seen)
    nets = (np.abs(along + 0.4) < 0.28) & (np.abs(across) < 0.6) & (spot.noise(0.8) > -0.2)
    return mixed(seen, colour(70, 110, 116), (nets * 0.7).astype(np.float32))


HULLS: Final[dict[str, Callable[[Spot], Field]]] = {
    "container": container_ship, "tanker": tanker, "bulk": bulk_carrier, "ferry": ferry,
    "barge": barge, "motor": motor_boat, "sailing": sailing_boat, "fishing": fishing_boat,
}  # fmt: skip
"""Vessels by the type that their attributes name."""


def vessel(spot: Spot) -> Field:
    """A ship or boat of its type."""
    return HULLS[spot.thing.attributes["type"]](spot)


SHIPS: Final[dict[str, Painter]] = {"vessel": vessel}
