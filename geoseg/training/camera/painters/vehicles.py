"""Cars, lorries, buses and trains from above."""

from typing import Final

import numpy as np

from geoseg.training.camera.painters.spot import Field, Painter, Spot, colour, fades, lit, mixed

GLASS: Final = (38, 44, 52)


def shares(spot: Spot) -> tuple[Field, Field]:
    """Places along and across, -1..1 from the rear to the front and from side to side."""
    u, v = spot.local
    long, wide = spot.thing.half
    return u / np.float32(long), v / np.float32(wide)


def polished(spot: Spot, light: Field) -> Field:
    """Painted sheet metal: lit from one side, with a shine."""
    _, across = shares(spot)
    rows, columns = spot.offset
    away = spot.sun.away.astype(np.float32)
    facing = -(rows * away[0] + columns * away[1]) / np.float32(spot.thing.half[0])
    light = light + 0.1 * facing - 0.1 * np.clip(np.abs(across) - 0.7, 0, 0.3) / 0.3
    return lit(spot.thing.rgb, light.astype(np.float32))


def car(spot: Spot) -> Field:
    """Bonnet, windscreen, roof, rear window, side windows."""
    along, across = shares(spot)
    van = spot.thing.kind == "van"
    front, back = (0.72, 0.5) if van else (0.42, 0.14)
    screen = (along < front) & (along > back) & (np.abs(across) < 0.85 - 0.2 * (along - back))
    rear = (along < -0.62) & (along > -0.86) & (np.abs(across) < 0.74) & (not van)
    sides = (np.abs(across) > 0.7) & (np.abs(across) < 0.9) & (along < back) & (along > -0.6)
    seen = polished(spot, 1 + 0.05 * (np.abs(along + 0.2) < 0.35))
    glass = (screen | rear | (sides & (not van) & (spot.gsd < 0.35))).astype(np.float32)
    return mixed(seen, colour(*GLASS), glass * np.float32(0.9))


def truck(spot: Spot) -> Field:
    """A cab of one colour, a gap, a box, tarpaulin or flat bed of another."""
    u, _ = spot.local
    _, across = shares(spot)
    cab_m = np.float32(spot.thing.half[0] - spot.thing.look.get("cab_m", 2.2))
    in_cab = u > cab_m
    gap = (u <= cab_m) & (u > cab_m - 0.6)
    ribs = 0.06 * np.sign(np.sin(u * 5)) * fades(0.6, spot.gsd)
    seen = polished(spot, 1 + np.where(in_cab, 0, ribs))
    cab = colour(*CABS[int(spot.traits[0] * len(CABS))])
    seen = np.where(in_cab[:, None], lit(cab, np.ones_like(u)), seen)
    screen = (u > spot.thing.half[0] - 0.8) & (u < spot.thing.half[0] - 0.25)
    seen = mixed(
        seen, colour(*GLASS), ((screen & (np.abs(across) < 0.85)) * 0.9).astype(np.float32)
    )
    return mixed(seen, colour(44, 44, 46), gap.astype(np.float32) * np.float32(0.85))


CABS: Final = ((236, 236, 234), (186, 44, 40), (52, 84, 160), (210, 210, 210), (70, 70, 76))


def bus(spot: Spot) -> Field:
    """A long roof with hatches, a cooling box, a dark rim of windows."""
    u, v = spot.local
    along, across = shares(spot)
    seen = polished(spot, 1 + 0.03 * spot.noise(0.6))
    hatch = (np.abs(v) < 0.45) & (np.abs((u % 3.6) - 1.8) < 0.4)
    box = (np.abs(v) < 0.8) & (np.abs(along - 0.35 + 0.8 * float(spot.traits[0])) < 0.12)
    light = 1 - 0.16 * hatch - 0.1 * box
    seen = lit(seen, light.astype(np.float32))
    rim = ((along > 0.94) | (np.abs(across) > 0.9)).astype(np.float32) * fades(0.4, spot.gsd)
    return mixed(seen, colour(*GLASS), (rim * 0.7).astype(np.float32))


def train(spot: Spot) -> Field:
    """Wagon behind wagon, with gaps; a passenger train is of one colour, goods are of many."""
    along, side = spot.beside
    wagon_m = np.float32(spot.thing.look["wagon_m"])
    number = np.floor(along / wagon_m).astype(np.int64)
    place = along - number * wagon_m
    share = side / np.float32(spot.thing.half[1])
    random = np.random.default_rng(int(spot.traits[0] * 1e6))
    hues = np.broadcast_to(spot.thing.rgb, (64, 3))
    if spot.thing.attributes.get("type") == "freight":
        hues = np.array(WAGONS, np.float32)[random.integers(0, len(WAGONS), 64)]
    seen = np.asarray(hues * random.uniform(0.9, 1.1, (64, 1)), np.float32)[number % 64]
    loco = number == 0
    seen = np.where(loco[:, None], spot.thing.rgb, seen)
    light = 1.06 - 0.18 * share**2 + 0.05 * (np.abs(share) < 0.12)
    ribs = 0.05 * np.sign(np.sin(place * 4)) * fades(0.7, spot.gsd)
    hatch = (np.abs(share) < 0.35) & (np.abs(place % 5.2 - 2.6) < 0.7)
    load = random.random(64)[number % 64] < 0.3
    hollow = load & (np.abs(share) < 0.75) & (place > 0.9) & (place < wagon_m - 1.5) & ~loco
    light = light + ribs - 0.13 * hatch - 0.4 * hollow + 0.08 * hollow * spot.noise(0.6)
    seen = lit(seen, (light + 0.02 * spot.grain()).astype(np.float32))
    gap = np.clip(1 - np.minimum(place, wagon_m - place) / max(0.45, spot.gsd), 0, 1)
    return mixed(seen, colour(48, 46, 46), (0.85 * gap).astype(np.float32))


WAGONS: Final = (
    (126, 78, 56), (92, 88, 86), (150, 60, 50), (70, 98, 140), (176, 172, 164), (96, 116, 92),
    (60, 58, 60), (184, 140, 70),
)  # fmt: skip

VEHICLES: Final[dict[str, Painter]] = {
    "car": car, "van": car, "truck": truck, "bus": bus, "train": train,
}  # fmt: skip
