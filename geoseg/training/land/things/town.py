"""Dense quarters, terraces, blocks of flats, shops, schools."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from geoseg.training.land.palette import GROUND, shade, weighted
from geoseg.training.land.place import Block, Place, Vector, surface
from geoseg.training.land.thing import Thing, blob, strip
from geoseg.training.land.things.buildings import building, roof_panels
from geoseg.training.land.things.ground import ground, litter
from geoseg.training.land.things.lots import area_m2, inner, lengthwise, lots, piece, seen
from geoseg.training.land.things.plants import tree_row, trees
from geoseg.training.land.things.vehicles import busy_with_trucks, car, parking


def dense(place: Place, block: Block) -> Iterator[Thing]:
    """Small houses wall to wall, metal and rust, hardly a street between."""
    rng = place.rng
    yield ground(place, block, weighted(rng, {"soil": 5, "paved": 2, "grass": 1}))
    if rng.random() < 0.5:
        yield from packed(place, block)
        return
    fill = rng.uniform(0.7, 1.04)
    loose = rng.uniform(0, 0.2)
    yield from litter(place, block, rng.uniform(0, 7))
    for lot in lots(block, rng.uniform(5.5, 13), rng):
        if not seen(place, lot) or rng.random() < 0.1:
            continue
        shape = rng.uniform(0.65, 1.0, 2) * fill
        half = (max(lot.half[0] * shape[0], 1.3), max(lot.half[1] * shape[1], 1.3))
        angle = lot.angle + rng.normal(0, loose)
        yield from building(place, lot.centre, half, angle=angle, use="hut")
        if rng.random() < 0.12:
            yield from water_tank(place, lot.centre + rng.uniform(-0.6, 0.6, 2) * min(half))
        if rng.random() < 0.06:
            yield car(rng, lot.at(lot.half[0], 0), lot.angle)
    yield from trees(place, block, rng.uniform(0, 0.4), large=rng.uniform(1.5, 3.5))


def packed(place: Place, block: Block) -> Iterator[Thing]:
    """Huts and houses of all sizes, wall to wall or with narrow gaps between."""
    rng = place.rng
    yield from litter(place, block, rng.uniform(0, 4))
    gap, stone = 1.5 * rng.random() ** 1.5, rng.random() ** 2
    for lot in split(rng, inner(block, 0.5), float(np.exp(rng.uniform(np.log(45), np.log(170))))):
        if not seen(place, lot) or rng.random() < 0.08:
            continue
        room = [gap * rng.random() / 2 + 0.03 for _ in range(2)]
        half = (max(lot.half[0] - room[0], 1.2), max(lot.half[1] - room[1], 1.2))
        turn = rng.uniform(-0.5, 0.5) * min(room) / max(half)  # its corners stay on its lot
        use = "town house" if rng.random() < stone and min(half) > 2 else "hut"
        yield from building(place, lot.centre, half, angle=lot.angle + turn, use=use)
        if rng.random() < 0.06:
            yield from water_tank(place, lot.centre + rng.uniform(-0.6, 0.6, 2) * min(half))
    yield from trees(place, block, rng.uniform(0, 0.3), large=rng.uniform(1.5, 3.5))


def split(rng: np.random.Generator, block: Block, most_m2: float) -> Iterator[Block]:
    """A block cut in two, and each piece again, until none is larger than about that."""
    long = lengthwise(block)
    if area_m2(long) < most_m2 * rng.uniform(0.4, 1.6) or long.half[0] < 3.0:
        yield long
        return
    cut = rng.uniform(-0.35, 0.35)
    yield from split(rng, piece(long, (-1, cut), (-1, 1)), most_m2)
    yield from split(rng, piece(long, (cut, 1), (-1, 1)), most_m2)


def village(place: Place, block: Block) -> Iterator[Thing]:
    """Huts, many of them round, in swept yards."""
    rng = place.rng
    yield ground(place, block, weighted(rng, {"soil": 4, "grass": 1}))
    round_ones = rng.uniform(0.2, 1.0)
    for lot in lots(block, rng.uniform(9, 16), rng):
        if rng.random() < 0.25:
            continue
        spot = lot.centre + rng.normal(0, 1.2, 2)
        if rng.random() < round_ones:
            radius = rng.uniform(1.6, 3.2)
            yield from building(place, spot, (radius, radius), angle=0.0, use="round hut")
        else:
            half = (rng.uniform(2.5, 4.5), rng.uniform(1.8, 3.0))
            yield from building(place, spot, half, angle=rng.uniform(0, np.pi), use="hut")
        yield from litter(place, lot, 0.8)
    yield from trees(place, block, rng.uniform(0.05, 0.5), large=rng.uniform(2, 4))


def water_tank(place: Place, centre: Vector) -> Iterator[Thing]:
    """A round water tank on a roof."""
    rng = place.rng
    if place.sees(centre, 2):
        dark = weighted(rng, {"black": 4, "blue": 1, "green": 1, "white": 1})
        radius = rng.uniform(0.4, 0.8)
        tones = {"black": (42, 42, 44), "blue": (50, 90, 150), "green": (60, 110, 80),
                 "white": (228, 228, 224)}  # fmt: skip
        rgb = np.array(tones[dark], np.float32)
        top = surface("", "line", blob(rng, centre, (radius, radius)), rgb, "roof")
        yield replace(top, half=(radius, radius))


def terrace(place: Place, block: Block) -> Iterator[Thing]:
    """Rows of houses wall to wall, with narrow gardens or yards behind."""
    rng = place.rng
    yield ground(place, block, weighted(rng, {"grass": 3, "paved": 3, "soil": 1}))
    row = lengthwise(block)
    deep = rng.uniform(4.5, 6.5)
    joined = rng.random() < 0.5
    for v in (-row.half[1] + deep + 1.0, row.half[1] - deep - 1.0):
        if v > 0 and row.half[1] < 2.4 * deep:
            continue
        u = -row.half[0] + 1.0
        while u < row.half[0] - 5:
            wide = rng.uniform(14, 34) if joined else rng.uniform(5.5, 9)
            wide = min(wide, row.half[0] - u)
            spot = row.at(u + wide / 2, v)
            yield from building(
                place, spot, (wide / 2 - 0.05, deep), angle=row.angle, use="terrace"
            )
            u += wide if rng.random() < 0.92 else wide + rng.uniform(2, 8)
    if rng.random() < 0.35 and row.half[1] > 2.4 * deep and row.half[0] > 3 * deep:
        yield from ends(place, row, deep)
    yard = piece(row, (-0.95, 0.95), (-0.25, 0.25))
    yield from litter(place, yard, rng.uniform(0, 2))
    yield from trees(place, yard, rng.uniform(0, 1.2), large=2.2)


def ends(place: Place, row: Block, deep: float) -> Iterator[Thing]:
    """Houses across the ends of two rows, so that these enclose a courtyard."""
    reach = row.half[1] - 2 * deep - 1.05
    for side in (-1, 1):
        spot = row.at(side * (row.half[0] - deep - 1.0), 0)
        if reach > 2.5:
            yield from building(place, spot, (deep, reach), angle=row.angle, use="terrace")


def flats(place: Place, block: Block) -> Iterator[Thing]:
    """Blocks of flats on lawns, with parking and trees."""
    rng = place.rng
    yield ground(place, block, "grass")
    yield from footpaths(place, block)
    for lot in lots(block, rng.uniform(30, 55), rng):
        long = lengthwise(lot)
        half = (long.half[0] * rng.uniform(0.5, 0.85), min(rng.uniform(5.5, 8), long.half[1] * 0.6))
        if rng.random() < 0.35:
            half = (half[0], long.half[1] * 0.62)
        shift = rng.uniform(-0.15, 0.15) * long.half[1]
        for home in building(
            place, long.at(0, shift), half, angle=long.angle, use="apartment block"
        ):
            yield home
            if rng.random() < 0.15:
                yield from roof_panels(place, home)
        if long.half[1] > 13 and rng.random() < 0.6:
            strip_block = Block(
                long.at(0, long.half[1] - 3.4), (long.half[0] * 0.8, 2.7), long.angle
            )
            yield from parking(place, strip_block)
    yield from trees(place, block, rng.uniform(0.15, 0.7), large=rng.uniform(2.2, 4))


def footpaths(place: Place, block: Block) -> Iterator[Thing]:
    """One or two narrow ways across a block."""
    rng = place.rng
    kind = weighted(rng, {"asphalt": 2, "gravel": 2, "dirt": 1})
    rgb = shade(rng, GROUND[kind])
    for _ in range(int(rng.integers(1, 3))):
        ends = rng.uniform(-0.7, 0.7, 2) * block.half[1]
        steps = np.linspace(-1, 1, 9)
        swing = rng.uniform(-0.2, 0.2) * block.half[1] * np.cos(steps * np.pi / 2)
        sides = ends[0] + (ends[1] - ends[0]) * (steps + 1) / 2 + swing
        line = np.stack([block.at(u * block.half[0], v) for u, v in zip(steps, sides, strict=True)])
        wide = rng.uniform(1.4, 3.0)
        made = surface("path", "track", strip(line, wide), rgb, "road")
        yield replace(made, half=(block.half[0], wide / 2), line=line, attributes={"surface": kind})


def large(place: Place, block: Block) -> Iterator[Thing]:
    """Halls, works and shops: few large roofs, with room for cars and lorries."""
    rng = place.rng
    yield ground(place, block, weighted(rng, {"paved": 3, "concrete": 2, "asphalt": 2, "soil": 1,
                                              "grass": 2}))  # fmt: skip
    use = weighted(rng, {"warehouse": 4, "factory": 2, "shop": 2})
    sunny = rng.random() < 0.2
    for lot in lots(block, rng.uniform(28, 60), rng):
        half = (lot.half[0] * rng.uniform(0.45, 0.88), lot.half[1] * rng.uniform(0.35, 0.72))
        shift = -0.12 * lot.half[1]
        for hall in building(place, lot.at(0, shift), half, angle=lot.angle, use=use):
            yield hall
            if sunny:
                yield from roof_panels(place, hall)
        row = Block(lot.at(0, lot.half[1] - 3.2), (lot.half[0] * 0.85, 2.7), lot.angle)
        if rng.random() < 0.5:
            yield from parking(place, row)
        elif rng.random() < 0.5:
            yield from busy_with_trucks(place, row, 1.5)
    yield from trees(place, block, rng.uniform(0, 0.2))


def shops(place: Place, block: Block) -> Iterator[Thing]:
    """A supermarket or mall behind its car park."""
    rng = place.rng
    yield ground(place, block, weighted(rng, {"grass": 2, "paved": 2}))
    plot = lengthwise(inner(block, 1.5))
    share = rng.uniform(-0.15, 0.25)
    hall = piece(plot, (-0.95, 0.95), (share, 0.95))
    half = (hall.half[0] * rng.uniform(0.75, 1.0), hall.half[1])
    for made in building(place, hall.centre, half, angle=hall.angle, use="shop"):
        yield made
        if rng.random() < 0.25:
            yield from roof_panels(place, made)
    yield from parking(place, piece(plot, (-1, 1), (-1, share - 0.06)))
    corner = plot.at(-plot.half[0], -plot.half[1])
    yield from tree_row(place, np.stack([corner, plot.at(plot.half[0], -plot.half[1])]),
                        every=9, large=2.2)  # fmt: skip
