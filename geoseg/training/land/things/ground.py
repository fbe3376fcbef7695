"""The ground of blocks: grass, earth, sand, rock, snow, burnt land, paving."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoseg.training.land.outlines import lobed, scrap
from geoseg.training.land.palette import GROUND, shade, weighted
from geoseg.training.land.place import Block, Place, surface
from geoseg.training.land.thing import Points, Thing, blob, rectangle
from geoseg.training.land.things.lots import area_m2
from geoseg.training.land.things.plants import trees

CONCEPT: Final = {
    "soil": "bare soil", "grass": "grass", "sand": "sand", "rock": "rock", "snow": "snow",
    "burnt": "burnt area",
}  # fmt: skip
"""What people call each kind of ground."""


def around(block: Block, grow: float = 0.0) -> Points:
    """The rim of a block, eight points a side, so that it can be bent."""
    half = (block.half[0] + grow, block.half[1] + grow)
    corners = rectangle(block.centre, half, block.angle)
    sides = zip(corners, np.roll(corners, -1, 0), strict=True)
    return np.concatenate([np.linspace(a, b, 8, endpoint=False) for a, b in sides])


def ground(place: Place, block: Block, kind: str, *, grow: float = 0.0) -> Thing:
    """The ground of a block; grass and earth lie under snow in a snowy winter."""
    if place.season == "snow" and kind in ("grass", "soil"):
        kind = "snow"
    return Thing(
        concept=CONCEPT.get(kind, ""), kind=kind, layer="cover", rgb=ground_rgb(place, kind),
        outline=place.bent(around(block, grow)), centre=block.centre, half=block.half,
        angle=block.angle, attributes=ground_state(place, kind),
    )  # fmt: skip


def ground_rgb(place: Place, kind: str) -> NDArray[np.float32]:
    """The colour of a kind of ground, near that of the whole place."""
    rng = place.rng
    own = {"soil": place.soil, "grass": place.grass}.get(kind)
    if own is None:
        return shade(rng, GROUND[kind])
    return np.clip(own + rng.normal(0, 7) + rng.normal(0, 3, 3), 8, 250).astype(np.float32)


def ground_state(place: Place, kind: str) -> dict[str, str]:
    """Whether grass is green or dry, where it is plainly one of the two."""
    if kind != "grass":
        return {}
    red, green, _ = place.grass
    return {"state": "green"} if green > red * 1.12 else {"state": "dry"} if red > green else {}


def patch(place: Place, block: Block, kind: str, *, share: float = 1.0) -> Thing:
    """An irregular piece of other ground on a block."""
    half = (block.half[0] * share, block.half[1] * share)
    if place.season == "snow" and kind in ("grass", "soil"):
        kind = "snow"
    shape = blob(place.rng, block.centre, half)
    made = surface(CONCEPT.get(kind, ""), kind, shape, ground_rgb(place, kind), "cover")
    return replace(made, half=half, angle=block.angle, attributes=ground_state(place, kind))


LITTER: Final = {"paved": 3, "soil": 2, "grass": 3, "pool": 0.3, "water": 0.4}
"""How often what lies about is of the colours of which ground."""


def litter(place: Place, block: Block, per_100m2: float) -> Iterator[Thing]:
    """What lies about in yards: heaps, boards, tarpaulins, weeds."""
    rng = place.rng
    count = min(rng.poisson(per_100m2 * area_m2(block) / 100), 500)
    spots = block.all_at(rng.uniform(-1, 1, (count, 2)) * block.half)
    halves = np.exp(rng.uniform(np.log(0.15), np.log(1.1), (count, 2)))
    turns, lights = rng.uniform(0, 3.2, count), rng.uniform(0.4, 1.2, count)
    for centre, half, turn, light in zip(spots, halves, turns, lights, strict=True):
        if place.sees(centre, 2):
            kind = weighted(rng, LITTER)
            rgb = np.minimum(np.maximum(shade(rng, GROUND[kind]) * light, 8), 250)
            rgb = rgb.astype(np.float32)
            corners = 4 if rng.random() < 0.5 else 7
            shape = scrap(rng, centre, half, turn, corners=corners)
            yield Thing(concept="", kind="line", layer="lot", rgb=rgb, outline=shape, centre=centre)


def bare(place: Place, block: Block) -> Iterator[Thing]:
    """Bare soil."""
    rng = place.rng
    yield ground(place, block, "soil")
    yield from litter(place, block, rng.uniform(0, 3) * rng.random())
    yield from trees(place, block, rng.uniform(0, 0.15))


def burnt(place: Place, block: Block) -> Iterator[Thing]:
    """Land after a fire: black, with islands that it spared."""
    rng = place.rng
    yield ground(place, block, weighted(rng, {"grass": 3, "soil": 2}))
    yield patch(place, block, "burnt", share=rng.uniform(0.85, 1.1))
    for _ in range(int(rng.integers(0, 4))):
        spot = block.at(*(rng.uniform(-0.7, 0.7, 2) * block.half))
        reach = rng.uniform(0.06, 0.2) * min(block.half)
        yield patch(place, Block(spot, (reach, reach), 0.0), "grass")
    yield from trees(place, block, rng.uniform(0, 0.12), kind="leafless")


def snowfield(place: Place, block: Block) -> Iterator[Thing]:
    """Snow over all or most of a block, with rocks and conifers."""
    rng = place.rng
    if rng.random() < 0.5:
        yield ground(place, block, "snow", grow=2)
    else:
        yield ground(place, block, weighted(rng, {"rock": 2, "grass": 1, "soil": 1}))
        yield patch(place, block, "snow", share=rng.uniform(0.7, 1.1))
    yield from boulders(place, block, rng.uniform(0, 0.06))
    yield from trees(place, block, rng.uniform(0, 0.5) * rng.random(), kind="spire")


def rocks(place: Place, block: Block) -> Iterator[Thing]:
    """Bare rock with boulders, some earth and grass between."""
    rng = place.rng
    if rng.random() < 0.5:
        yield ground(place, block, "rock", grow=2)
    else:
        yield ground(place, block, weighted(rng, {"grass": 2, "soil": 2}))
        yield patch(place, block, "rock", share=rng.uniform(0.6, 1.0))
    yield from boulders(place, block, rng.uniform(0.05, 0.6))
    yield from trees(place, block, rng.uniform(0, 0.3), large=1.8)


def boulders(place: Place, block: Block, per_100m2: float) -> Iterator[Thing]:
    """Large stones."""
    rng = place.rng
    rgb = 0.5 * shade(rng, GROUND["rock"]) + np.array([68, 65, 62], np.float32)
    for _ in range(min(rng.poisson(per_100m2 * area_m2(block) / 100), 400)):
        spot = block.at(*(rng.uniform(-0.97, 0.97, 2) * block.half))
        size = float(np.exp(rng.uniform(np.log(0.5), np.log(3.0))))
        if place.sees(spot, 3 * size):
            own = np.clip(rgb * rng.uniform(0.85, 1.15), 8, 250).astype(np.float32)
            shape = lobed(spot, size, rng.uniform(0, 6.3), 0.16)
            yield Thing(concept="rock", kind="boulder", layer="lot", rgb=own, outline=shape,
                        centre=spot, half=(size, size), height=size * 0.6)  # fmt: skip


def dunes(place: Place, block: Block) -> Iterator[Thing]:
    """Open sand, in dunes or flat, with a few bushes."""
    rng = place.rng
    made = ground(place, block, "sand", grow=3)
    yield replace(made, look={"dunes": rng.uniform(0, 1.2)}, angle=rng.uniform(0, np.pi))
    yield from trees(place, block, rng.uniform(0, 0.5) * rng.random(), large=1.0, kind="bush")


def savanna(place: Place, block: Block) -> Iterator[Thing]:
    """Bare ground and single trees."""
    rng = place.rng
    yield ground(place, block, weighted(rng, {"soil": 3, "grass": 2}), grow=3)
    yield from trees(place, block, rng.uniform(0.3, 3.0), large=rng.uniform(1.2, 3.2))
