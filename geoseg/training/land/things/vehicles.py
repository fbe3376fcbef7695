"""Cars, lorries and buses, parked or on their way."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from geoseg.training.land.outlines import rounded
from geoseg.training.land.palette import CARS, GROUND, PAINT, shade, weighted
from geoseg.training.land.place import Block, Place, Vector
from geoseg.training.land.thing import Thing, rectangle
from geoseg.training.land.things.ground import ground
from geoseg.training.land.things.lots import area_m2, inner, lengthwise
from geoseg.training.land.things.plants import trees

BODIES: Final = {"white": 5, "grey": 4.5, "black": 3, "red": 2, "blue": 2, "yellow": 0.6,
                 "green": 0.5, "brown": 0.5}  # fmt: skip
"""How often cars have each colour."""

LOADS: Final = {"white": 5, "grey": 3, "blue": 1.5, "red": 1, "green": 0.7, "yellow": 0.7,
                "brown": 0.7, "black": 0.4}  # fmt: skip
"""How often lorries' boxes have each colour."""

COACHES: Final = {"white": 4, "yellow": 2, "red": 2, "blue": 2, "green": 1}

STALL_M: Final = 2.6
"""How wide a place to park is."""


def car(rng: np.random.Generator, centre: Vector, angle: float) -> Thing:
    """A car or van."""
    van = rng.random() < 0.12
    half = (
        (rng.uniform(2.3, 2.65), 1.0) if van else (rng.uniform(1.9, 2.45), rng.uniform(0.85, 0.97))
    )
    colour = weighted(rng, BODIES if not van else LOADS)
    angle += rng.normal(0, 0.03)
    return Thing(
        concept="car", kind="van" if van else "car", layer="car", colour=colour,
        rgb=shade(rng, CARS[colour]), outline=rounded(centre, half, angle), centre=centre,
        half=half, angle=angle, height=2.2 if van else 1.45,
        attributes={"type": "van" if van else "car"},
    )  # fmt: skip


def truck(rng: np.random.Generator, centre: Vector, angle: float) -> Thing:
    """A lorry of 7 m to an articulated one of 16.5 m."""
    half = (rng.uniform(3.5, 5.0) if rng.random() < 0.5 else rng.uniform(7.0, 8.25), 1.27)
    colour = weighted(rng, LOADS)
    return Thing(
        concept="truck", kind="truck", layer="car", colour=colour, rgb=shade(rng, CARS[colour]),
        outline=rectangle(centre, half, angle), centre=centre, half=half, angle=angle, height=3.7,
    )  # fmt: skip


def bus(rng: np.random.Generator, centre: Vector, angle: float) -> Thing:
    """A bus of 10 to 13 m, or an articulated one."""
    half = (rng.uniform(5.0, 6.6) if rng.random() < 0.85 else 9.0, 1.27)
    colour = weighted(rng, COACHES)
    return Thing(
        concept="bus", kind="bus", layer="car", colour=colour, rgb=shade(rng, CARS[colour]),
        outline=rounded(centre, half, angle), centre=centre, half=half, angle=angle, height=3.2,
    )  # fmt: skip


def vehicle(rng: np.random.Generator, centre: Vector, angle: float) -> Thing:
    """What drives on a road: mostly a car."""
    drawn = rng.random()
    if drawn < 0.86:
        return car(rng, centre, angle)
    return truck(rng, centre, angle) if drawn < 0.96 else bus(rng, centre, angle)


def parked(place: Place, row: Block) -> Iterator[Thing]:
    """Cars side by side along a row."""
    rng = place.rng
    busy = rng.choice([0.0, 0.3, 0.6, 0.9]) * rng.uniform(0.6, 1.0)
    for u in np.arange(-row.half[0], row.half[0] - STALL_M + 0.1, STALL_M):
        spot = row.at(u + STALL_M / 2, rng.normal(0, 0.08))
        if rng.random() < busy and place.sees(spot, 6):
            way = row.angle + (np.pi / 2 if rng.random() < 0.6 else -np.pi / 2)
            yield car(rng, spot, way)


def parking(place: Place, block: Block, surface: str = "asphalt") -> Iterator[Thing]:
    """A piece of ground laid out for parking, with rows of cars."""
    rng = place.rng
    block = lengthwise(block)
    half = block.half
    marked = surface != "gravel" and rng.random() < 0.85
    double = half[1] > 11
    deep = 5.0 if double else 2.5
    every = rng.uniform(16.0, 17.5) if double else 30.0
    first = -half[1] + (deep + 6.5 if double and rng.random() < 0.5 else deep + 0.4)
    reach = half[0] - (4.0 if half[0] > 15 else 0.5)
    rows = [float(v) for v in np.arange(first, half[1] - deep + 0.2, every)]
    yield Thing(
        concept="car park", kind="stalls", layer="lot", rgb=shade(rng, GROUND[surface]),
        outline=rectangle(block.centre, half, block.angle), centre=block.centre, half=half,
        angle=block.angle, attributes={"surface": surface},
        look={"marked": float(marked), "first_m": first, "every_m": every, "deep_m": deep,
              "reach_m": reach},
    )  # fmt: skip
    for v in rows:
        for side in (-1, 1) if double else (0,):
            middle = block.at(0, v + side * 2.6)
            yield from parked(place, Block(middle, (reach, 2.5), block.angle))


def car_park(place: Place, block: Block) -> Iterator[Thing]:
    """A whole block of parking, with a green rim and a few trees."""
    rng = place.rng
    yield ground(place, block, weighted(rng, {"grass": 3, "concrete": 1, "soil": 1}))
    surface = weighted(rng, {"asphalt": 6, "concrete": 2, "gravel": 1})
    lot = lengthwise(inner(block, rng.uniform(1.0, 4.0)))
    yield from parking(place, lot, surface)
    yield from trees(place, block, rng.uniform(0, 0.25), large=2.2)


def bus_depot(place: Place, block: Block) -> Iterator[Thing]:
    """A yard of buses or lorries."""
    rng = place.rng
    yield ground(place, block, weighted(rng, {"concrete": 2, "asphalt": 3, "gravel": 1}))
    yard = lengthwise(inner(block, 4.0))
    buses = rng.random() < 0.5
    for v in np.arange(-yard.half[1] + 7, yard.half[1] - 6, 19.0):
        if rng.random() < 0.15:
            continue
        for u in np.arange(-yard.half[0] + 3, yard.half[0] - 3, 3.9):
            if rng.random() < 0.65:
                spot, way = yard.at(u, v), yard.angle + np.pi / 2
                yield bus(rng, spot, way) if buses else truck(rng, spot, way)


def digger(rng: np.random.Generator, centre: Vector) -> Iterator[Thing]:
    """An excavator: yellow house, dark tracks, an arm; nobody asks for it."""
    angle = rng.uniform(0, 2 * np.pi)
    rgb = shade(rng, PAINT["yellow"])
    dark = np.array([60, 58, 56], np.float32)
    body = Thing(
        concept="",
        kind="line",
        layer="car",
        rgb=dark,
        centre=centre,
        angle=angle,
        outline=rectangle(centre, (2.2, 1.5), angle),
        half=(2.2, 1.5),
        height=1.0,
    )
    yield body
    turn = angle + rng.normal(0, 0.7)
    house = rectangle(centre, (1.7, 1.2), turn)
    yield Thing(
        concept="",
        kind="line",
        layer="car",
        rgb=rgb,
        centre=centre,
        angle=turn,
        outline=house,
        half=(1.7, 1.2),
        height=2.8,
    )
    along = np.array([np.sin(turn), np.cos(turn)])
    yield Thing(
        concept="",
        kind="line",
        layer="car",
        rgb=rgb * np.float32(0.92),
        centre=centre + 3.6 * along,
        outline=rectangle(centre + 3.6 * along, (2.6, 0.3), turn),
        half=(2.6, 0.3),
        angle=turn,
        height=2.0,
    )


def busy_with_trucks(place: Place, block: Block, per_100m2: float) -> Iterator[Thing]:
    """Lorries here and there on a yard."""
    rng = place.rng
    for _ in range(min(rng.poisson(per_100m2 * area_m2(block) / 100), 40)):
        spot = block.at(*(rng.uniform(-0.85, 0.85, 2) * block.half))
        yield truck(rng, spot, block.angle + rng.choice([0, np.pi / 2, np.pi]))
