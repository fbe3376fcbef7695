"""Airfields: runways, taxiways, aprons with aircraft, hangars, terminals."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from geoseg.training.land.outlines import airplane as jet_outline
from geoseg.training.land.outlines import engine_mouths, light_airplane
from geoseg.training.land.palette import GROUND, shade, weighted
from geoseg.training.land.place import Block, Place, Vector, surface
from geoseg.training.land.thing import Points, Thing, rectangle, strip
from geoseg.training.land.things.buildings import building
from geoseg.training.land.things.ground import ground
from geoseg.training.land.things.lots import lengthwise, piece
from geoseg.training.land.things.vehicles import busy_with_trucks, parked


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What one size of airliner measures, in metres."""

    length_m: float
    span_m: float
    body_m: float
    engines: int


AIRLINERS: Final = (
    Model(length_m=27, span_m=27, body_m=2.9, engines=2),
    Model(length_m=38, span_m=35, body_m=4.0, engines=2),
    Model(length_m=40, span_m=35, body_m=3.8, engines=2),
    Model(length_m=60, span_m=60, body_m=5.7, engines=2),
    Model(length_m=71, span_m=64, body_m=6.3, engines=4),
)
"""From a regional jet to a wide body."""


def airliner(place: Place, centre: Vector, angle: float, *, widest: float = 70.0) -> Thing:
    """An airliner no wider than that."""
    rng = place.rng
    fitting = [model for model in AIRLINERS if model.span_m <= widest] or [AIRLINERS[0]]
    model = fitting[int(rng.random() * len(fitting))]
    half = (model.length_m / 2, model.span_m / 2)
    colour = weighted(rng, {"white": 6, "grey": 1})
    look = {"body_m": model.body_m}
    for index, (away, mouth) in enumerate(engine_mouths(half, model.engines), start=1):
        look |= {f"engine{index}_m": away, f"mouth{index}_m": mouth}
    return Thing(
        concept="airplane", kind="airplane", layer="car", colour=colour, look=look,
        rgb=shade(rng, AIRFRAMES[colour]), centre=centre, half=half, angle=angle,
        outline=jet_outline(centre, half, angle, body=model.body_m, engines=model.engines),
        height=0.13 * model.span_m, clear=0.05 * model.span_m, attributes={"type": "airliner"},
    )  # fmt: skip


AIRFRAMES: Final = {"white": ((238, 238, 238), (228, 230, 232)), "grey": ((150, 154, 160),)}


def light_aircraft(place: Place, centre: Vector, angle: float) -> Thing:
    """A small propeller aircraft."""
    rng = place.rng
    size = rng.uniform(0.9, 1.25)
    half = (3.9 * size, 5.3 * size)
    colour = weighted(rng, {"white": 6, "grey": 1})
    return Thing(
        concept="airplane", kind="airplane", layer="car", colour=colour,
        rgb=shade(rng, AIRFRAMES[colour]), centre=centre, half=half, angle=angle,
        outline=light_airplane(centre, half, angle), height=2.4, clear=0.8,
        look={"body_m": 1.25 * size, "small": 1.0}, attributes={"type": "light aircraft"},
    )  # fmt: skip


def runway(place: Place, line: Points, wide: float, *, paved: str = "asphalt") -> Thing:
    """A runway along a line of two points."""
    step = line[-1] - line[0]
    half = (float(np.hypot(*step)) / 2, wide / 2)
    kind = "track" if paved == "dirt" else "runway"
    return Thing(
        concept="runway", kind=kind, layer="lot", rgb=shade(place.rng, GROUND[paved]),
        outline=strip(np.stack([line[0], line[-1]]), wide), centre=(line[0] + line[-1]) / 2,
        half=half, angle=float(np.arctan2(step[0], step[1])), attributes={"surface": paved},
    )  # fmt: skip


def taxiway(place: Place, line: Points, wide: float) -> Thing:
    """A taxiway along a line."""
    made = surface(
        "taxiway", "taxiway", strip(line, wide), shade(place.rng, GROUND["asphalt"]), "lot"
    )
    return replace(made, half=(10.0, wide / 2), line=line)


def apron(place: Place, block: Block) -> Thing:
    """Concrete where aircraft stand."""
    kind = "concrete" if place.rng.random() < 0.75 else "asphalt"
    made = surface("apron", kind, rectangle(block.centre, block.half, block.angle),
                   shade(place.rng, GROUND[kind]), "lot")  # fmt: skip
    return replace(made, half=block.half, angle=block.angle)


def stand_row(place: Place, block: Block, *, light: bool) -> Iterator[Thing]:
    """Aircraft side by side along a block, noses across it; some places are empty."""
    rng = place.rng
    widest = min(66.0, 1.7 * block.half[1])
    every = rng.uniform(13, 16) if light else max(40.0, min(rng.choice([40.0, 42.0, 66.0]), widest))
    nose = np.pi / 2 if rng.random() < 0.8 else -np.pi / 2
    for u in np.arange(-block.half[0] + every / 2, block.half[0] - every / 2 + 0.1, every):
        if rng.random() < 0.25:
            continue
        spot, turn = (
            block.at(float(u), rng.normal(0, 0.8)),
            block.angle + nose + rng.normal(0, 0.02),
        )
        if light:
            yield light_aircraft(place, spot, turn)
        else:
            yield airliner(place, spot, turn, widest=every - 4)


def aircraft_stands(place: Place, block: Block) -> Iterator[Thing]:
    """An apron with its aircraft before a terminal or hangars; no runway."""
    rng = place.rng
    long = lengthwise(block)
    yield ground(place, block, weighted(rng, {"grass": 2, "concrete": 1}))
    light = long.half[1] < 38 or rng.random() < 0.2
    yield apron(place, piece(long, (-1, 1), (-0.85, 0.45)))
    yield from stand_row(place, piece(long, (-0.95, 0.95), (-0.55, 0.3)), light=light)
    yield from sheds(place, piece(long, (-0.95, 0.95), (0.55, 0.95)), light=light)
    yield from busy_with_trucks(place, piece(long, (-0.9, 0.9), (0.36, 0.42)), 1.0)


def sheds(place: Place, block: Block, *, light: bool) -> Iterator[Thing]:
    """A terminal, or hangars side by side."""
    rng = place.rng
    if not light and rng.random() < 0.5:
        yield from building(place, block.centre, (block.half[0] * 0.9, block.half[1] * 0.9),
                            angle=block.angle, use="terminal")  # fmt: skip
        return
    wide = rng.uniform(12, 18) if light else rng.uniform(35, 60)
    for u in np.arange(-block.half[0] + wide / 2, block.half[0] - wide / 2 + 0.1, wide * 1.15):
        if rng.random() < 0.85:
            half = (min(block.half[1], wide * 0.5) * 0.95, wide / 2)
            yield from building(place, block.at(float(u), 0), half,
                                angle=block.angle + np.pi / 2, use="hangar")  # fmt: skip


def airfield(place: Place, block: Block) -> Iterator[Thing]:
    """A runway with taxiway, apron and hangars, as far as the block reaches."""
    rng = place.rng
    long = lengthwise(block)
    yield ground(place, block, "grass", grow=1)
    small = long.half[0] < 350
    wide = rng.uniform(18, 30) if small else rng.uniform(40, 60)
    paved = weighted(rng, {"asphalt": 5, "concrete": 2})
    v = -long.half[1] * 0.55
    side = v + wide / 2 + (30 if small else 90)
    if side > 0.35 * long.half[1]:
        side = v + wide / 2 + 12
    yield from taxiways(place, long, v, side)
    whole = np.stack([long.at(-0.98 * long.half[0], v), long.at(0.98 * long.half[0], v)])
    yield runway(place, whole, wide, paved=paved)
    start = min(side + 12, 0.6 * long.half[1])
    light = small or long.half[1] - start < 90
    end = min(start + (rng.uniform(22, 34) if light else rng.uniform(66, 90)), 0.72 * long.half[1])
    reach = rng.uniform(0.4, 0.8)
    stands = piece(long, (-reach, reach), (start / long.half[1], end / long.half[1]))
    if stands.half[1] > 6:
        yield apron(place, stands)
        yield from stand_row(place, stands, light=light)
        far = min(end + (24 if light else 70), 0.97 * long.half[1]) / long.half[1]
        behind = piece(long, (-reach, reach), (end / long.half[1] + 0.02, far))
        yield from sheds(place, behind, light=light)
    rest = piece(long, (reach + 0.03, 0.97), (0.8, 0.9))
    if rest.half[0] > 6:
        yield from parked(place, rest)


def taxiways(place: Place, long: Block, runway_v: float, side: float) -> Iterator[Thing]:
    """A taxiway beside the runway, and the ways that join them."""
    wide = place.rng.uniform(10, 20)
    reach = 0.95 * long.half[0]
    yield taxiway(place, np.stack([long.at(-reach, side), long.at(reach, side)]), wide)
    for u in (-reach + wide / 2, place.rng.uniform(-0.3, 0.3) * reach, reach - wide / 2):
        yield taxiway(place, np.stack([long.at(u, runway_v), long.at(u, side)]), wide)
