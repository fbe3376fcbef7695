"""Harbours and marinas: quays, piers, ships, boats, cranes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from geoseg.training.land.outlines import ship as hull_outline
from geoseg.training.land.palette import GROUND, HULLS, PAINT, shade, weighted
from geoseg.training.land.place import Block, Place, Vector, surface
from geoseg.training.land.thing import Thing, rectangle, strip
from geoseg.training.land.things.buildings import building
from geoseg.training.land.things.ground import around, ground
from geoseg.training.land.things.industry import stacks
from geoseg.training.land.things.lots import lengthwise, piece
from geoseg.training.land.things.vehicles import busy_with_trucks, parking


@dataclass(frozen=True, slots=True, kw_only=True)
class Craft:
    """What vessels of one type measure."""

    length_m: tuple[float, float]
    slender: float
    """Length for each metre of width."""

    bow: float
    """Share of the half length over which the bow narrows."""

    colours: dict[str, float]


SHIPS: Final[dict[str, Craft]] = {
    "container": Craft(length_m=(110, 300), slender=6.6, bow=0.34,
                       colours={"blue": 2, "red": 2, "green": 1, "grey": 2, "black": 1}),
    "tanker": Craft(length_m=(80, 240), slender=6.0, bow=0.26,
                    colours={"red": 4, "green": 2, "grey": 1, "brown": 1}),
    "bulk": Craft(length_m=(70, 220), slender=6.3, bow=0.28,
                  colours={"red": 3, "green": 1.5, "grey": 2, "brown": 2}),
    "ferry": Craft(length_m=(35, 170), slender=5.6, bow=0.4, colours={"white": 6, "blue": 0.5}),
    "barge": Craft(length_m=(38, 110), slender=8.5, bow=0.1,
                   colours={"black": 2, "brown": 2, "grey": 2, "blue": 1}),
}  # fmt: skip

BOATS: Final[dict[str, Craft]] = {
    "motor": Craft(length_m=(5, 16), slender=3.1, bow=0.75, colours={"white": 7, "blue": 0.8}),
    "sailing": Craft(length_m=(7, 16), slender=3.4, bow=0.95,
                     colours={"white": 6, "blue": 1, "brown": 0.6}),
    "fishing": Craft(length_m=(6, 20), slender=3.3, bow=0.6,
                     colours={"blue": 2, "white": 2, "red": 1.2, "brown": 1.5}),
}  # fmt: skip


def vessel(place: Place, centre: Vector, angle: float, *, kind: str, longest: float = 1e3) -> Thing:
    """A ship or a boat of a type."""
    rng = place.rng
    is_ship = kind in SHIPS
    craft = SHIPS[kind] if is_ship else BOATS[kind]
    low, high = craft.length_m
    length = min(float(np.exp(rng.uniform(np.log(low), np.log(high)))), longest)
    half = (length / 2, length / craft.slender / 2 * rng.uniform(0.9, 1.1))
    colour = weighted(rng, craft.colours)
    return Thing(
        concept="ship" if is_ship else "boat", kind="vessel", layer="car", colour=colour,
        rgb=shade(rng, HULLS[colour]), outline=hull_outline(centre, half, angle, bow=craft.bow),
        centre=centre, half=half, angle=angle, height=min(0.08 * length + 0.7, 9.0),
        attributes={"type": kind},
    )  # fmt: skip


def under_way(place: Place, centre: Vector, angle: float, *, kind: str) -> Iterator[Thing]:
    """A vessel that moves, with its wake behind it."""
    made = vessel(place, centre, angle, kind=kind)
    long = made.half[0] * place.rng.uniform(1.5, 3.0)
    along = np.array([np.sin(angle), np.cos(angle)])
    middle = centre - along * (made.half[0] * 0.8 + long)
    half = (long, made.half[1] * 1.2 + 0.16 * long)
    white = np.array([228, 234, 236], np.float32)
    foam = surface("sea", "wake", rectangle(middle, half, angle), white, "water")
    yield replace(foam, centre=middle, half=half, angle=angle)
    yield made


def pier(place: Place, line: np.ndarray, wide: float, *, concrete: bool) -> Thing:
    """A jetty along a line of two points."""
    rgb = shade(place.rng, GROUND["concrete"] if concrete else ((150, 122, 92), (168, 148, 122)))
    made = surface("pier", "boards", strip(line, wide), rgb, "lot")
    length = float(np.hypot(*(line[-1] - line[0])))
    return replace(made, half=(length / 2, wide / 2), line=line, height=0.8,
                   attributes={"material": "concrete" if concrete else "wood"})  # fmt: skip


def basin(place: Place, block: Block) -> Thing:
    """The water of a harbour."""
    made = surface("sea", "sea", around(block), shade(place.rng, GROUND["sea"]), "water")
    return replace(
        made, centre=block.centre, half=block.half, angle=block.angle, look={"calm": 2.0}
    )


def harbour(place: Place, block: Block) -> Iterator[Thing]:
    """A quay with cranes, sheds and containers; ships alongside in the basin."""
    rng = place.rng
    long = lengthwise(block)
    yield ground(place, block, "concrete")
    edge = rng.uniform(-0.25, 0.15)
    yield basin(place, piece(long, (-1.02, 1.02), (edge, 1.05)))
    line = np.stack([long.at(-long.half[0], edge * long.half[1]),
                     long.at(long.half[0], edge * long.half[1])])  # fmt: skip
    yield from moored(place, line, water_m=(1 - edge) * long.half[1])
    yard = piece(long, (-0.95, 0.95), (-0.95, edge - 16 / long.half[1]))
    if min(yard.half) > 5:
        yield from quay_yard(place, yard)
    apron = piece(long, (-0.95, 0.95), (edge - 14 / long.half[1], edge - 4 / long.half[1]))
    yield from busy_with_trucks(place, apron, 0.25)


def quay_yard(place: Place, yard: Block) -> Iterator[Thing]:
    """What lies behind a quay: containers, or sheds."""
    rng = place.rng
    split = rng.uniform(-0.4, 0.4)
    if rng.random() < 0.7:
        yield from stacks(
            place, piece(yard, (-1, split - 0.08), (-0.9, 0.9)), fill=rng.uniform(0.4, 0.95)
        )
    hall = piece(yard, (split + 0.08, 1), (-0.8, 0.8))
    if min(hall.half) > 4:
        yield from building(place, hall.centre, (hall.half[0] * 0.9, hall.half[1] * 0.9),
                            angle=hall.angle, use="warehouse")  # fmt: skip


def moored(place: Place, quay: np.ndarray, *, water_m: float) -> Iterator[Thing]:
    """Ships alongside a quay of two points, and its cranes; water on the side of `beside`."""
    rng = place.rng
    step = quay[-1] - quay[0]
    length = float(np.hypot(*step))
    angle = float(np.arctan2(step[0], step[1]))
    along = step / max(length, 1e-6)
    across = np.array([along[1], -along[0]])
    crane_colour = weighted(rng, {"blue": 2, "red": 2, "yellow": 2})
    rim = quay + across * 0.4
    stone = surface("", "line", strip(rim, 1.0), np.array([206, 202, 192], np.float32), "lot")
    yield stone
    at = rng.uniform(2, 25)
    while at < length - 20:
        kind = weighted(rng, {"container": 3, "tanker": 1, "bulk": 2, "ferry": 1.2, "barge": 1.5})
        longest = min(length - at - 5, 6.0 * (water_m - 6))
        if longest < 32:
            break
        made = vessel(place, quay[0], angle + (np.pi if rng.random() < 0.5 else 0), kind=kind,
                      longest=longest)  # fmt: skip
        centre = quay[0] + along * (at + made.half[0]) + across * (made.half[1] + 1.6)
        yield replace(made, outline=made.outline - made.centre + centre, centre=centre)
        if kind in ("container", "bulk") and rng.random() < 0.8:
            yield from gantries(place, quay[0] + along * at, 2 * made.half[0], angle, crane_colour)
        at += 2 * made.half[0] + rng.uniform(8, 60)


def gantries(
    place: Place, start: Vector, length: float, angle: float, colour: str
) -> Iterator[Thing]:
    """Cranes on a quay that reach over a ship."""
    rng = place.rng
    base = Block(start, (1.0, 1.0), angle)
    for at in np.arange(rng.uniform(15, 30), length - 10, rng.uniform(32, 60)):
        spot = base.at(float(at), 4.0)
        half = (26.0, 2.2)
        yield Thing(
            concept="crane", kind="lattice", layer="tall", colour=colour,
            rgb=shade(rng, PAINT[colour]), outline=rectangle(spot, half, angle + np.pi / 2),
            centre=spot, half=half, angle=angle + np.pi / 2, height=14.0, clear=11.0,
            attributes={"type": "gantry"},
        )  # fmt: skip


def marina(place: Place, block: Block) -> Iterator[Thing]:
    """Jetties with boats on both sides."""
    rng = place.rng
    long = lengthwise(block)
    yield ground(place, block, weighted(rng, {"paved": 2, "grass": 2, "concrete": 1}))
    edge = rng.uniform(-0.75, -0.45)
    yield basin(place, piece(long, (-1.02, 1.02), (edge, 1.05)))
    deep = (0.85 - edge) * long.half[1]
    concrete = rng.random() < 0.4
    start = edge * long.half[1]
    for u in np.arange(-long.half[0] + 12, long.half[0] - 10, rng.uniform(30, 42)):
        line = np.stack([long.at(float(u), start - 1), long.at(float(u), start + deep)])
        yield pier(place, line, rng.uniform(2.0, 3.2), concrete=concrete)
        yield from berths(place, Block(long.at(float(u), start + deep / 2), (deep / 2, 2.0),
                                       long.angle + np.pi / 2))  # fmt: skip
    walk = piece(long, (-0.9, 0.9), (-0.97, edge - 0.06))
    if walk.half[1] > 3 and rng.random() < 0.7:
        yield from parking(place, walk)
    if rng.random() < 0.5:
        spot = long.at(rng.uniform(-0.5, 0.5) * long.half[0], rng.uniform(0.88, 1.0) * long.half[1])
        yield from under_way(place, spot, rng.uniform(0, 6.3), kind="motor")


def berths(place: Place, jetty: Block) -> Iterator[Thing]:
    """Boats side by side on both sides of a jetty."""
    rng = place.rng
    size = rng.uniform(6.5, 13)
    kinds = {"motor": 2, "sailing": 3 * rng.random(), "fishing": 0.7 * rng.random()}
    for side in (-1, 1):
        for u in np.arange(-jetty.half[0] + 5, jetty.half[0] - 2, 0.36 * size + 0.9):
            if rng.random() < 0.8:
                made = vessel(place, jetty.centre, 0.0, kind=weighted(rng, kinds), longest=size)
                spot = jetty.at(float(u), side * (made.half[0] + 2.0))
                turn = jetty.angle - side * np.pi / 2 + (np.pi if rng.random() < 0.4 else 0)
                yield replace(made, outline=hull_outline(spot, made.half, turn, bow=0.8),
                              centre=spot, angle=turn)  # fmt: skip
