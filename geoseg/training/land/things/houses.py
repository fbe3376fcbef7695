"""Family houses on their lots: drives, gardens, pools, hedges."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from geoseg.training.land.palette import GROUND, shade, weighted
from geoseg.training.land.place import Block, Place, Vector, surface
from geoseg.training.land.thing import Thing, blob, rectangle, strip
from geoseg.training.land.things.buildings import building, roof_panels
from geoseg.training.land.things.ground import ground, litter
from geoseg.training.land.things.lots import cells, inner, lots, piece, seen
from geoseg.training.land.things.plants import hedge, trees
from geoseg.training.land.things.vehicles import car


def houses(place: Place, block: Block) -> Iterator[Thing]:
    """Houses each on a lot, with drives, pools, cars and trees."""
    rng = place.rng
    yield ground(place, block, weighted(rng, {"grass": 4, "soil": 2}))
    greenery = rng.uniform(0.1, 1.4)
    fence, mess = weighted(rng, {"": 4, "wall": 3, "hedge": 2}), rng.uniform(0, 1.5) * rng.random()
    wealth, sunny = rng.random(), rng.random() ** 2
    for lot in lots(block, rng.uniform(14, 22), rng):
        if not seen(place, lot) or rng.random() < 0.06:
            continue
        if rng.random() < 0.35:
            own = inner(lot, 0.5)
            yield ground(place, own, weighted(rng, {"grass": 3, "soil": 2, "paved": 1}))
        yield from boundary(place, lot, fence)
        yield from litter(place, lot, mess)
        yield from homestead(place, lot, wealth=wealth, sunny=sunny)
        yield from trees(place, lot, greenery, large=rng.uniform(1.5, 3.5))


def homestead(place: Place, lot: Block, *, wealth: float, sunny: float) -> Iterator[Thing]:
    """House, drive and garden; the front looks to one side of the lot, the garden to the other."""
    rng = place.rng
    front = rng.choice([-1, 1])
    half = (
        max(lot.half[0] * rng.uniform(0.42, 0.72), 3.2),
        max(lot.half[1] * rng.uniform(0.34, 0.6), 3.0),
    )
    back = front * rng.uniform(0.0, 0.22) * lot.half[1]
    angle = lot.angle + rng.normal(0, 0.02)
    for home in building(place, lot.at(0, back), half, angle=angle, use="house"):
        yield home
        if rng.random() < 0.5 * sunny:
            yield from roof_panels(place, home)
    side = rng.choice([-1, 1])
    yield from drive(place, lot, front=front, side=side)
    garden = piece(lot, (-0.85, 0.85), (0.5, 0.9) if front < 0 else (-0.9, -0.5))
    yield from garden_things(place, garden, wealth)


def drive(place: Place, lot: Block, *, front: float, side: float) -> Iterator[Thing]:
    """A drive from the front of the lot past the house, perhaps with a car."""
    rng = place.rng
    if rng.random() < 0.3:
        return
    kind = weighted(rng, {"concrete": 4, "asphalt": 2, "gravel": 2})
    wide = rng.uniform(1.3, 2.6)
    u = side * (lot.half[0] - wide - 0.4)
    far = front * lot.half[1]
    centre, half = lot.at(u, far * 0.55), (wide, lot.half[1] * 0.47)
    made = surface("driveway", kind, rectangle(centre, half, lot.angle),
                   shade(rng, GROUND[kind]), "lot")  # fmt: skip
    yield replace(made, half=half, angle=lot.angle, attributes={"surface": kind})
    if rng.random() < 0.55 and wide > 1.2:
        spot = lot.at(u, far * rng.uniform(0.45, 0.75))
        yield car(rng, spot, lot.angle + np.pi / 2)


def garden_things(place: Place, garden: Block, wealth: float) -> Iterator[Thing]:
    """A pool, a shed, beds, a terrace: some of them."""
    rng = place.rng
    if rng.random() < 0.45 * wealth and min(garden.half) > 1.8:
        yield from pool(place, garden.at(rng.uniform(-0.3, 0.3) * garden.half[0], 0), garden)
    elif rng.random() < 0.3:
        spot = garden.at(rng.choice([-0.8, 0.8]) * garden.half[0], 0)
        yield from building(place, spot, (rng.uniform(1.2, 2.2), rng.uniform(1.0, 1.6)),
                            angle=garden.angle, use="shed")  # fmt: skip
    if rng.random() < 0.2:
        yield from beds(place, piece(garden, (0.2, 0.9), (-0.6, 0.6)))
    if rng.random() < 0.3:
        spot = garden.at(rng.uniform(-0.5, 0.5) * garden.half[0], -0.9 * garden.half[1])
        made = rectangle(spot, (rng.uniform(1.5, 3), rng.uniform(1, 2)), garden.angle)
        yield surface("", "paved", made, shade(rng, GROUND["paved"]), "lot")


def beds(place: Place, garden: Block) -> Iterator[Thing]:
    """Vegetable beds."""
    rng = place.rng
    for bed in cells(garden, (2.6, 1.5), rng=rng):
        kind = "soil" if rng.random() < 0.5 else "grass"
        made = surface("", kind, rectangle(bed.centre, (bed.half[0] * 0.85, bed.half[1] * 0.75),
                                           bed.angle), shade(rng, GROUND[kind]), "lot")  # fmt: skip
        yield made


def pool(place: Place, centre: Vector, garden: Block) -> Iterator[Thing]:
    """A swimming pool with a light rim; one in twelve is neglected and green."""
    rng = place.rng
    shape = weighted(rng, {"rectangular": 6, "irregular": 2.5, "round": 1.0})
    half = (min(rng.uniform(3, 6), garden.half[0] * 0.7), min(rng.uniform(1.5, 2.8), 4.0))
    if shape == "round":
        half = (half[1], half[1])
    green = rng.random() < 0.09
    if shape == "rectangular":
        water = rectangle(centre, half, garden.angle)
        rim = rectangle(centre, (half[0] + 0.8, half[1] + 0.8), garden.angle)
    else:
        water = blob(rng, centre, half) if shape == "irregular" else disc(centre, half[1])
        rim = centre + (water - centre) * 1.25
    yield surface("", "paved", rim, shade(rng, GROUND["paved"]), "lot")
    made = surface("swimming pool", "pool", water,
                   shade(rng, GROUND["green pool" if green else "pool"]), "lot")  # fmt: skip
    yield replace(made, half=half, angle=garden.angle, colour="green" if green else "blue",
                  attributes={"shape": shape})  # fmt: skip


def disc(centre: Vector, radius: float) -> np.ndarray:
    """A circle of 24 corners."""
    turn = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    return np.asarray(centre + radius * np.stack([np.sin(turn), np.cos(turn)], axis=1))


def boundary(place: Place, lot: Block, kind: str) -> Iterator[Thing]:
    """A wall or a hedge along two to four sides of a lot."""
    if not kind:
        return
    rng = place.rng
    rgb = shade(rng, GROUND[weighted(rng, {"paved": 3, "soil": 2})])
    corners = rectangle(lot.centre, (lot.half[0] * 0.97, lot.half[1] * 0.97), lot.angle)
    for start, end in zip(corners, np.roll(corners, -1, 0), strict=True):
        if rng.random() > 0.72:
            continue
        line = np.stack([start, end])
        if kind == "hedge":
            yield hedge(place, line, wide=rng.uniform(0.8, 1.6))
        else:
            side = surface("", "line", strip(line, rng.uniform(0.2, 0.35)), rgb, "building")
            yield replace(side, height=rng.uniform(1.5, 2.3))
