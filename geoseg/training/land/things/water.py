"""Ponds, lakes and beaches."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from geoseg.training.land.palette import GROUND, shade, weighted
from geoseg.training.land.place import Block, Place, surface
from geoseg.training.land.thing import Points, Thing, blob, directions, strip
from geoseg.training.land.things.ground import ground
from geoseg.training.land.things.lots import lengthwise
from geoseg.training.land.things.plants import trees

LAKE_M: Final = 50.0
"""Standing water wider than this is a lake."""


def standing(place: Place, block: Block, share: float) -> Iterator[Thing]:
    """Standing water with its bank: a pond or a lake by its size."""
    rng = place.rng
    half = (block.half[0] * share, block.half[1] * share)
    shore = blob(rng, block.at(*rng.uniform(-5, 5, 2)), half)
    middle = shore.mean(axis=0)
    kind = weighted(rng, {"soil": 1, "grass": 1})
    bank = np.clip({"soil": place.soil, "grass": place.grass}[kind] * 0.82, 8, 250)
    wide = 1 + min(2.5 / max(min(half), 1.0), 0.2)
    yield surface("", kind, middle + (shore - middle) * wide, bank.astype(np.float32), "water")
    extent = float(np.ptp(shore, axis=0).mean())
    concept = "lake" if extent > LAKE_M else "pond"
    made = surface(concept, "water", shore, shade(rng, GROUND["water"]), "water")
    yield replace(made, half=half, angle=block.angle)


def lake(place: Place, block: Block) -> Iterator[Thing]:
    """Water over most of the block, reeds and trees about it."""
    rng = place.rng
    yield ground(place, block, weighted(rng, {"grass": 2, "soil": 1}))
    yield from standing(place, block, rng.uniform(0.55, 0.85))


def fish_ponds(place: Place, block: Block) -> Iterator[Thing]:
    """Square ponds side by side with banks between."""
    rng = place.rng
    yield ground(place, block, weighted(rng, {"grass": 2, "soil": 2}))
    long = lengthwise(block)
    count = max(int(2 * long.half[0] / rng.uniform(18, 35)), 1)
    size = long.half[0] / count
    for index in range(count):
        middle = long.at((2 * index + 1) * size - long.half[0], 0)
        cut = rng.uniform(1.2, 2.5)
        corners = np.array([(-1, -1), (-1, 1), (1, 1), (1, -1)])
        half = np.array([max(size - cut, 2.0), max(long.half[1] - cut, 2.0)])
        edge = Block(middle, (float(half[0]), float(half[1])), long.angle)
        shape = np.array([edge.at(*(corner * half)) for corner in corners])
        dry = rng.random() < 0.12
        concept, kind = ("bare soil", "soil") if dry else ("pond", "water")
        rgb = shade(rng, GROUND["soil" if dry else "water"])
        yield replace(surface(concept, kind, shape, rgb, "water"), half=edge.half, angle=long.angle)


def beach(place: Place, block: Block) -> Iterator[Thing]:
    """Dunes or a promenade, sand, wet sand, surf and the sea, from one side to the other."""
    rng = place.rng
    yield ground(place, block, weighted(rng, {"grass": 2, "soil": 1, "sand": 2}))
    long = lengthwise(block)
    steps = np.linspace(-1.02, 1.02, 25)
    swing = sum(
        rng.uniform(0, 2.2) * np.sin(k * 2 * steps + rng.uniform(0, 6.3)) for k in (1, 2, 3)
    )
    sea = rng.uniform(-0.15, 0.35) * long.half[1]
    line = np.stack([long.at(u * long.half[0], sea + float(w))
                     for u, w in zip(steps, np.asarray(swing), strict=True)])  # fmt: skip
    yield from shore(place, line, land_m=min(rng.uniform(12, 40), sea + long.half[1]),
                     sea_m=long.half[1] - sea + 4)  # fmt: skip
    yield from visitors(place, long, sea)
    back = Block(long.at(0, -0.85 * long.half[1]), (long.half[0], 0.14 * long.half[1]), long.angle)
    yield from trees(place, back, rng.uniform(0, 1), large=2.0,
                     kind="palm" if rng.random() < 0.3 else "bush")  # fmt: skip


def shore(place: Place, line: Points, *, land_m: float, sea_m: float) -> Iterator[Thing]:
    """A beach along the edge of the sea; the sea lies across from left to right of it."""
    rng = place.rng
    sand = shade(rng, GROUND["sand"])
    water = shade(rng, GROUND["sea"])
    dry = np.concatenate([away_from(line, -land_m), line[::-1]])
    made = surface("beach", "sand", dry, sand, "cover")
    yield replace(made, half=(10.0, land_m), look={"dunes": 0.15}, angle=direction(line))
    deep = np.concatenate([line, away_from(line, sea_m)[::-1]])
    yield replace(surface("sea", "sea", deep, water, "water"), half=(50.0, sea_m),
                  angle=direction(line), look={"calm": rng.uniform(0, 1)})  # fmt: skip
    clear = np.clip(sand * 0.45 + np.array([40, 96, 100]) * 0.6, 8, 250).astype(np.float32)
    near = min(rng.uniform(6, 16), sea_m)
    shallow = np.concatenate([line, away_from(line, near)[::-1]])
    yield replace(surface("sea", "water", shallow, clear, "water"), half=(near, near))
    wet = np.concatenate([away_from(line, -rng.uniform(1.5, 4)), line[::-1]])
    rgb = np.clip(sand * 0.72, 8, 250).astype(np.float32)
    yield surface("beach", "wet sand", wet, rgb, "water")
    white = np.array([236, 238, 236], np.float32)
    for away in (0.6, rng.uniform(4, 8), rng.uniform(9, 16)):
        if away < sea_m - 5:
            crest = away_from(line, away)
            foam = surface("sea", "surf", strip(crest, 7.0), white, "water")
            yield replace(foam, line=crest)


def away_from(line: Points, distance: float) -> Points:
    """The line moved straight across its whole length: it never crosses itself."""
    _, across = directions(direction(line))
    return np.asarray(line + across * distance)


def direction(line: Points) -> float:
    """The angle of a line from its first to its last point."""
    step = line[-1] - line[0]
    return float(np.arctan2(step[0], step[1]))


def visitors(place: Place, beach_block: Block, sea: float) -> Iterator[Thing]:
    """Sunshades in rows on some beaches."""
    rng = place.rng
    if rng.random() < 0.55:
        return
    hues = ((220, 70, 60), (60, 110, 190), (236, 232, 220), (232, 196, 80))
    for v in np.arange(sea - 14, sea - 5, 3.2):
        for u in np.arange(-beach_block.half[0] * 0.7, beach_block.half[0] * 0.7, 3.4):
            if rng.random() < 0.7:
                spot = beach_block.at(u + rng.normal(0, 0.3), v)
                rgb = np.array(hues[int(rng.random() * 4)], np.float32)
                made = surface("", "line", blob(rng, spot, (1.0, 1.0))[::6], rgb, "car")
                yield replace(made, height=2.0)
