"""Tank farms, container yards, works."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from geoseg.training.land.outlines import circle, lobed
from geoseg.training.land.palette import GROUND, PAINT, shade, weighted
from geoseg.training.land.place import Block, Place, Vector, surface
from geoseg.training.land.thing import Thing, rectangle, strip
from geoseg.training.land.things.buildings import building
from geoseg.training.land.things.farming import silos
from geoseg.training.land.things.ground import ground, litter
from geoseg.training.land.things.lots import cells, inner, lengthwise, piece
from geoseg.training.land.things.plants import trees
from geoseg.training.land.things.vehicles import busy_with_trucks

BOX_M: Final = {20: (3.03, 1.22), 40: (6.1, 1.22)}
"""Half the length and width of containers of 20 and 40 feet."""

BOXES: Final = {"red": 3, "blue": 3, "grey": 2, "white": 2, "green": 1.5, "brown": 2, "yellow": 0.8}


def tank(place: Place, centre: Vector, radius: float, *, colour: str = "white") -> Thing:
    """A storage tank."""
    rng = place.rng
    roof = "floating" if radius > 9 and rng.random() < 0.4 else "fixed"
    return Thing(
        concept="storage tank", kind="tank", layer="building", colour=colour,
        rgb=shade(rng, PAINT[colour]), outline=circle(centre, radius, 40), centre=centre,
        half=(radius, radius), height=min(rng.uniform(8, 16), 2.2 * radius),
        attributes={"roof": roof},
    )  # fmt: skip


def tank_farm(place: Place, block: Block) -> Iterator[Thing]:
    """Tanks in a grid, each within a bank, with pipes along."""
    rng = place.rng
    yield ground(place, block, weighted(rng, {"soil": 2, "concrete": 2, "grass": 2, "gravel": 2}))
    radius = float(np.exp(rng.uniform(np.log(4), np.log(22))))
    radius = min(radius, 0.75 * min(block.half))
    usual = weighted(rng, {"white": 6, "grey": 2, "brown": 1, "green": 0.7})
    pipe = np.array([176, 174, 168], np.float32)
    side = 2.9 * radius
    for cell in cells(inner(block, 2.0), (side, side), rng=rng):
        if rng.random() < 0.12:
            continue
        rim = rectangle(cell.centre, (cell.half[0] * 0.93, cell.half[1] * 0.93), cell.angle)
        floor = shade(rng, GROUND[weighted(rng, {"gravel": 2, "concrete": 1, "soil": 1})])
        yield surface(
            "", "line", cell.centre + (rim - cell.centre) * 1.02, floor * np.float32(0.8), "lot"
        )
        yield surface("", "gravel", rim, floor, "lot")
        line = np.stack([cell.at(0, radius), cell.at(0, cell.half[1])])
        yield surface("", "line", strip(line, 0.8), pipe, "lot")
        size = radius * rng.choice([1.0, 1.0, 0.85, 0.6])
        colour = (
            usual if rng.random() < 0.85 else weighted(rng, {"white": 2, "grey": 2, "brown": 1})
        )
        yield tank(place, cell.centre, min(size, 0.86 * min(cell.half)), colour=colour)
    yield from trees(place, block, rng.uniform(0, 0.03))


def box(place: Place, centre: Vector, angle: float, *, feet: int, tiers: int) -> Thing:
    """A container, or a stack of them."""
    rng = place.rng
    colour = weighted(rng, BOXES)
    half = BOX_M[feet]
    return Thing(
        concept="shipping container", kind="container", layer="building", colour=colour,
        rgb=shade(rng, PAINT[colour]), outline=rectangle(centre, half, angle), centre=centre,
        half=half, angle=angle, height=2.6 * tiers,
    )  # fmt: skip


def stacks(place: Place, block: Block, *, fill: float) -> Iterator[Thing]:
    """Containers in rows over a piece of ground; some places are empty."""
    rng = place.rng
    feet = int(rng.choice([20, 40, 40]))
    long, wide = (2 * side + gap for side, gap in zip(BOX_M[feet], (0.5, 0.35), strict=True))
    for u in np.arange(-block.half[0] + long / 2, block.half[0] - long / 2 + 0.1, long):
        for v in np.arange(-block.half[1] + wide / 2, block.half[1] - wide / 2 + 0.1, wide):
            spot = block.at(u, v)
            if rng.random() < fill and place.sees(spot, 12):
                yield box(place, spot, block.angle, feet=feet, tiers=int(rng.integers(1, 4)))


def container_yard(place: Place, block: Block) -> Iterator[Thing]:
    """Stacks of containers with lanes between."""
    rng = place.rng
    yield ground(place, block, weighted(rng, {"concrete": 3, "asphalt": 2, "gravel": 1}))
    yard = lengthwise(inner(block, 4.0))
    fill = rng.uniform(0.35, 0.98)
    rows = int(rng.integers(3, 7))
    every = rows * 2.8 + rng.uniform(7, 13)
    for v in np.arange(-yard.half[1] + rows * 1.4, yard.half[1] - rows * 1.3, every):
        lane = Block(yard.at(0, float(v)), (yard.half[0], rows * 1.4), yard.angle)
        yield from stacks(place, lane, fill=fill)
    gap = Block(yard.at(0, yard.half[1] - 4), (yard.half[0], 3.0), yard.angle)
    yield from busy_with_trucks(place, gap, 0.4)


def works(place: Place, block: Block) -> Iterator[Thing]:
    """A plant: halls, silos, tanks, heaps, lorries."""
    rng = place.rng
    yield ground(place, block, weighted(rng, {"concrete": 3, "gravel": 2, "asphalt": 1, "soil": 1}))
    long = lengthwise(block)
    hall = piece(long, (-0.9, rng.uniform(-0.1, 0.4)), (-0.8, rng.uniform(0.0, 0.6)))
    yield from building(place, hall.centre, hall.half, angle=hall.angle, use="factory")
    east = piece(long, (0.5, 0.95), (-0.9, -0.1))
    radius = min(rng.uniform(3, 6), 0.4 * min(east.half))
    for cell in cells(east, (2.5 * radius, 2.5 * radius), rng=rng):
        yield tank(
            place, cell.centre, max(radius, 1.5), colour=weighted(rng, {"white": 2, "grey": 3})
        )
    yield from silos(place, long.at(0.55 * long.half[0], 0.3 * long.half[1]), long.angle)
    yield from heaps(place, piece(long, (-0.8, 0.4), (0.75, 0.95)))
    yield from busy_with_trucks(place, piece(long, (-0.9, 0.9), (0.6, 0.8)), 0.5)
    yield from litter(place, block, 0.4)


def heaps(place: Place, block: Block) -> Iterator[Thing]:
    """Heaps of sand, gravel, coal or scrap."""
    rng = place.rng
    for _ in range(int(rng.integers(0, 5))):
        spot = block.at(*(rng.uniform(-0.9, 0.9, 2) * block.half))
        size = rng.uniform(1.5, 5)
        rgb = shade(rng, GROUND[weighted(rng, {"sand": 2, "gravel": 2, "burnt": 1, "dirt": 2})])
        outline = lobed(spot, size, rng.uniform(0, 6.3), 0.14)
        yield Thing(concept="", kind="boulder", layer="building", rgb=rgb, centre=spot,
                    outline=outline, half=(size, size), height=0.4 * size)  # fmt: skip
