"""Parks and woods."""

from collections.abc import Iterator

import numpy as np

from geoseg.training.land.place import Block, Place
from geoseg.training.land.thing import Thing
from geoseg.training.land.things.ground import around, ground
from geoseg.training.land.things.lots import inner
from geoseg.training.land.things.plants import stand, trees, wood
from geoseg.training.land.things.town import footpaths
from geoseg.training.land.things.water import standing


def park(place: Place, block: Block) -> Iterator[Thing]:
    """Grass with trees and paths, perhaps a pond."""
    rng = place.rng
    yield ground(place, block, "grass")
    if rng.random() < 0.25:
        yield from standing(place, block, rng.uniform(0.3, 0.6))
    else:
        if rng.random() < 0.6:
            yield from footpaths(place, block)
        yield from trees(place, block, rng.uniform(0.05, 1.2), large=rng.uniform(2, 5))


def forest(place: Place, block: Block) -> Iterator[Thing]:
    """Trees crown to crown over the whole block, or a wood with a free edge."""
    rng = place.rng
    yield ground(place, block, "grass", grow=3)
    if rng.random() < 0.6:
        rim = around(inner(block, 1.5))
        fine = np.concatenate([np.linspace(a, b, 3, endpoint=False)
                               for a, b in zip(rim, np.roll(rim, -1, 0), strict=True)])  # fmt: skip
        away = fine - block.centre
        out = away / np.maximum(np.hypot(away[:, 0], away[:, 1]), 1e-6)[:, None]
        bumps = np.clip(rng.normal(0, 1.2, len(fine)), -4, 1.4)[:, None]
        yield stand(place, place.bent(fine + out * bumps), block.centre)
    else:
        half = (block.half[0] * rng.uniform(0.55, 0.85), block.half[1] * rng.uniform(0.55, 0.85))
        yield wood(place, block.centre, half)
        yield from trees(place, block, rng.uniform(0.05, 0.4), large=3.0)


def scrub(place: Place, block: Block) -> Iterator[Thing]:
    """Grass or earth dotted with bushes."""
    rng = place.rng
    yield ground(place, block, "grass" if rng.random() < 0.5 else "soil", grow=2)
    yield from trees(place, block, rng.uniform(0.5, 4), large=rng.uniform(0.8, 1.6), kind="bush")
