"""Construction sites: bare ground, half-built houses, cranes, diggers, heaps."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from geoseg.training.land.palette import GROUND, PAINT, shade, weighted
from geoseg.training.land.place import Block, Place, Vector, surface
from geoseg.training.land.thing import Thing, rectangle, strip
from geoseg.training.land.things.ground import around, litter
from geoseg.training.land.things.industry import heaps
from geoseg.training.land.things.lots import inner, lengthwise, lots, piece
from geoseg.training.land.things.vehicles import busy_with_trucks, digger


def construction(place: Place, block: Block) -> Iterator[Thing]:
    """A site with one to several buildings at different stages."""
    rng = place.rng
    rgb = shade(rng, GROUND[weighted(rng, {"soil": 3, "dirt": 3, "gravel": 1})])
    made = surface("construction site", "soil", place.bent(around(block)), rgb, "cover")
    yield replace(made, centre=block.centre, half=block.half, angle=block.angle)
    for track in range(2):
        line = np.stack(
            [
                block.at(-0.95 * block.half[0], (track - 0.5) * block.half[1]),
                block.at(0.9 * block.half[0], rng.uniform(-0.9, 0.9) * block.half[1]),
            ]
        )
        way = surface("", "track", strip(line, 4.0), np.clip(rgb * 0.9, 8, 250), "cover")
        yield replace(way, half=(10.0, 2.0), line=line)
    for lot in lots(lengthwise(inner(block, 4.0)), rng.uniform(26, 48), rng):
        yield from stage(place, lot)
    yield from cabins(place, block)
    yield from heaps(place, piece(block, (-0.9, 0.9), (0.7, 0.95)))
    yield from litter(place, block, rng.uniform(0.6, 3))
    yield from busy_with_trucks(place, block, 0.06)
    for _ in range(int(rng.integers(1, 4))):
        yield from digger(rng, block.at(*(rng.uniform(-0.9, 0.9, 2) * block.half)))


def stage(place: Place, lot: Block) -> Iterator[Thing]:
    """A pit, a slab or a carcass; the higher ones with a crane."""
    rng = place.rng
    half = (lot.half[0] * rng.uniform(0.5, 0.8), lot.half[1] * rng.uniform(0.4, 0.75))
    outline = rectangle(lot.centre, half, lot.angle)
    drawn = rng.random()
    if drawn < 0.25:
        pit = surface("", "soil", outline, np.clip(place.soil * 0.68, 8, 250), "lot")
        yield replace(pit, half=half, angle=lot.angle)
    elif drawn < 0.5:
        slab = surface("", "concrete", outline, shade(rng, GROUND["concrete"]), "lot")
        yield replace(slab, half=half, angle=lot.angle)
    else:
        grey = np.asarray(shade(rng, GROUND["concrete"]) * 0.9, np.float32)
        yield Thing(
            concept="building",
            kind="unfinished",
            layer="building",
            colour="grey",
            rgb=grey,
            outline=outline,
            centre=lot.centre,
            half=half,
            angle=lot.angle,
            height=rng.uniform(3, 12),
            attributes={"roof": "flat", "material": "concrete"},
        )
        if rng.random() < 0.7:
            yield from tower_crane(place, lot.at(0, half[1] + 3))


def tower_crane(place: Place, centre: Vector) -> Iterator[Thing]:
    """A crane with a long jib and a short counter-jib high above."""
    rng = place.rng
    colour = weighted(rng, {"yellow": 4, "red": 1.5, "blue": 0.5})
    rgb = shade(rng, PAINT[colour])
    angle = rng.uniform(0, 2 * np.pi)
    along = np.array([np.sin(angle), np.cos(angle)])
    long, back = rng.uniform(28, 42), rng.uniform(9, 13)
    middle = centre + along * (long - back) / 2
    half = ((long + back) / 2, 0.8)
    foot = rectangle(centre, (1.2, 1.2), angle)
    yield Thing(
        concept="",
        kind="line",
        layer="building",
        rgb=rgb,
        outline=foot,
        centre=centre,
        half=(1.2, 1.2),
        angle=angle,
        height=32.0,
    )
    yield Thing(
        concept="crane",
        kind="lattice",
        layer="tall",
        colour=colour,
        rgb=rgb,
        outline=rectangle(middle, half, angle),
        centre=middle,
        half=half,
        angle=angle,
        height=32.0,
        clear=30.5,
        attributes={"type": "tower"},
    )


def cabins(place: Place, block: Block) -> Iterator[Thing]:
    """A row of site huts."""
    rng = place.rng
    start = block.at(-0.85 * block.half[0], -0.9 * block.half[1])
    row = Block(start, (1.0, 1.0), block.angle)
    colour = weighted(rng, {"white": 2, "blue": 1, "grey": 2})
    rgb = shade(rng, PAINT[colour])
    for index in range(int(rng.integers(0, 5))):
        spot = row.at(index * 6.6, 0)
        yield Thing(
            concept="building",
            kind="flat",
            layer="building",
            colour=colour,
            rgb=rgb,
            outline=rectangle(spot, (3.0, 1.3), block.angle),
            centre=spot,
            half=(3.0, 1.3),
            angle=block.angle,
            height=2.7,
            attributes={"roof": "flat", "shape": "rectangular", "use": "hut", "material": "metal"},
        )
