"""Where things stand: streets, and the blocks between them."""

from collections.abc import Iterator

import numpy as np

from geoseg.training.fillings import FILLINGS
from geoseg.training.palette import GROUND, shade, weighted
from geoseg.training.place import Block, Place, car, cover, surface
from geoseg.training.thing import Points, Thing, beside, directions, strip

STYLES: dict[str, dict[str, float]] = {
    "suburb": {"houses": 8, "park": 1, "bare": 0.5, "large": 0.7, "car_park": 0.4, "lake": 0.3},
    "informal": {"dense": 9, "bare": 1, "houses": 0.6, "park": 0.4},
    "town": {"terrace": 5, "dense": 2, "large": 2, "car_park": 1, "park": 1, "houses": 1},
    "industrial": {"large": 6, "car_park": 3, "bare": 2, "park": 0.6},
    "rural": {"field": 6, "houses": 1.4, "bare": 1, "forest": 2, "lake": 1, "park": 1},
    "nature": {"forest": 4, "park": 2, "lake": 2, "bare": 2, "savanna": 4},
    "mixed": {"houses": 2, "dense": 1, "large": 1, "terrace": 0.7, "field": 1, "forest": 0.8,
              "park": 1, "bare": 0.8, "car_park": 0.8, "lake": 0.8, "savanna": 0.5},
}  # fmt: skip
"""Which block fillings each kind of place has, and how often."""

BLOCK_M = {"suburb": 55, "informal": 40, "town": 50, "industrial": 80, "rural": 80, "nature": 70,
           "mixed": 60}  # fmt: skip
"""About how long a block's side is."""


def plan(place: Place) -> Iterator[Thing]:
    """Everything that stands in the scene, in no particular order."""
    rng = place.rng
    height, width = place.frame
    reach = float(np.hypot(height, width)) / 2 + 40
    angle = rng.uniform(0, np.pi)
    middle = np.array(place.frame) / 2 + rng.uniform(-12, 12, 2)
    ground = Block(middle, (reach, reach), angle)
    yield cover(place, ground, "soil" if rng.random() < 0.5 else "grass", grow=10)
    size = BLOCK_M[place.style] * rng.uniform(0.6, 1.3)
    for block in blocks(place, ground, size):
        if isinstance(block, Thing):
            yield block
        elif place.sees(block.centre, float(np.hypot(*block.half)) + 8):
            yield from FILLINGS[weighted(rng, STYLES[place.style])](place, block)
    yield from crossings(place, ground)


def blocks(place: Place, block: Block, size: float) -> Iterator[Block | Thing]:
    """Cut a block by streets until the pieces are about that large; the streets come along."""
    rng = place.rng
    long = block.half[0] >= block.half[1]
    side = 2 * max(block.half)
    if side < size * rng.uniform(0.9, 1.9) or not place.sees(block.centre, 1.5 * side):
        yield block
        return
    street = weighted(rng, {"wide": 0.5, "usual": 2, "narrow": 1.5 if size < 60 else 0.5})
    wide = {"wide": 13.0, "usual": 7.5, "narrow": 4.0}[street] * rng.uniform(0.8, 1.2)
    cut = rng.uniform(-0.3, 0.3) * side / 2
    yield from road(place, block, cut=cut, wide=wide)
    verge = wide + rng.uniform(0.5, 4)
    for low, high in ((-side / 2, cut - verge / 2), (cut + verge / 2, side / 2)):
        middle, half = (low + high) / 2, max((high - low) / 2, 1.0)
        if long:
            piece = Block(block.at(middle, 0), (half, block.half[1]), block.angle)
        else:
            piece = Block(block.at(0, middle), (block.half[0], half), block.angle)
        yield from blocks(place, piece, size)


def road(place: Place, block: Block, *, cut: float, wide: float) -> Iterator[Thing]:
    """A street across a block, with cars on it."""
    rng = place.rng
    if place.style in ("nature", "rural") and rng.random() < 0.5:
        return
    reach = np.linspace(-1, 1, 24)[:, None]
    if block.half[0] >= block.half[1]:
        first, last = block.at(cut, -block.half[1] - 3), block.at(cut, block.half[1] + 3)
    else:
        first, last = block.at(-block.half[0] - 3, cut), block.at(block.half[0] + 3, cut)
    line = place.bent((first + last) / 2 + reach * (last - first) / 2)
    paved = place.paved_roads and (wide > 5 or rng.random() < 0.7)
    if paved and rng.random() < 0.5:
        yield surface("", "paved", strip(line, wide + 4), shade(rng, GROUND["paved"]), "cover")
    rgb = place.asphalt if paved else place.dirt
    yield surface("road", "asphalt" if paved else "dirt", strip(line, wide), rgb, "road")
    if paved and wide > 6 and rng.random() < 0.6:
        yield from markings(place, line, wide)
    yield from traffic(place, line, wide)


def markings(place: Place, line: Points, wide: float) -> Iterator[Thing]:
    """White or yellow lines along a street."""
    white = np.array([222, 222, 214] if place.rng.random() < 0.75 else [214, 182, 80], np.float32)
    for share in (0.0,) if wide < 10 else (-0.22, 0.0, 0.22):
        lane = beside(line, share * wide)
        for start, end in zip(lane[:-1:2], lane[1::2], strict=False):
            if place.sees(start, 20):
                yield surface("", "line", strip(np.stack([start, end]), 0.25), white, "road")


def traffic(place: Place, line: Points, wide: float) -> Iterator[Thing]:
    """Cars driving or standing along a line."""
    rng = place.rng
    length = float(np.hypot(*(line[-1] - line[0])))
    for _ in range(rng.poisson(length * 0.012 * min(wide / 6, 1.5))):
        index = int(rng.integers(len(line) - 1))
        step = line[index + 1] - line[index]
        angle = float(np.arctan2(step[0], step[1]))
        _, across = directions(angle)
        centre = line[index] + across * rng.choice([-0.25, 0.25, 0.38]) * wide
        if place.sees(centre, 5):
            yield car(rng, centre, angle)


def crossings(place: Place, ground: Block) -> Iterator[Thing]:
    """What does not care about blocks: rivers and footpaths."""
    rng = place.rng
    chances = (("river", 0.08), ("path", 0.35))
    for kind in [kind for kind, chance in chances if rng.random() < chance]:
        turn = rng.uniform(0, np.pi)
        along, across = directions(turn)
        steps = np.linspace(-ground.half[0], ground.half[0], 60)
        swing = rng.uniform(2, 14) * np.sin(steps / rng.uniform(18, 50) + rng.uniform(0, 6.3))
        start = rng.uniform(0.1, 0.9, 2) * np.array(place.frame)
        line = start + np.outer(steps, along) + np.outer(swing, across)
        if kind == "river":
            wide = rng.uniform(5, 35)
            bank = np.clip(place.grass * rng.uniform(0.7, 1.0), 8, 250).astype(np.float32)
            yield surface("", "grass", strip(line, wide * rng.uniform(1.05, 1.4)), bank, "water")
            yield surface("water", "water", strip(line, wide), shade(rng, GROUND["water"]), "water")
        else:
            yield surface("road", "dirt", strip(line, rng.uniform(1.5, 4)), place.dirt, "road")
