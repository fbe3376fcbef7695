"""What stands on roofs: stairs' heads, tanks, boxes of ventilation, chimneys, washing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoseg.training.camera.painters.slopes import part_local, parts
from geoseg.training.camera.painters.spot import Field, Spot, colour, fades
from geoseg.training.land.thing import directions

Pair = NDArray[np.float64]

FINEST: Final = 0.8
"""Share of a pixel that a fitting must be wide to be painted."""

LONGEST: Final = 2.5
"""Metres of shadow for each metre of height, at most: a roof ends."""

CLOTHS: Final = ((196, 60, 70), (60, 96, 170), (226, 222, 214), (222, 176, 70), (90, 150, 110))
TANKS: Final = ((40, 40, 42), (46, 46, 50), (52, 90, 150), (226, 226, 222), (110, 112, 112))
CANOPIES: Final = ((70, 112, 176), (128, 88, 66), (150, 148, 142), (176, 176, 172), (96, 140, 116))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Fitting:
    """Something that stands on a roof."""

    at: Pair
    """(2,) metres along and across the main wing from its middle."""

    half: Pair
    """(2,) half its length and width."""

    rgb: Field
    """(3,)."""

    height: float
    """Metres above the roof."""

    is_round: bool = False


def furnished(spot: Spot, seen: Field, edge: Field) -> Field:
    """A flat roof with what stands on it, each thing with its shadow."""
    size, clutter = min(spot.thing.half), spot.thing.look.get("clutter", 0.5)
    if spot.gsd > 1.2 or size < 1.2:
        return seen
    random = np.random.default_rng(int(spot.traits[14] * 1e6))
    home = spot.thing.attributes.get("use", "") in ("house", "hut", "terrace")
    chosen = homely(spot, random, clutter) if home else technical(spot, random, clutter)
    return stood_on(spot, seen, chosen, edge)


def homely(spot: Spot, random: np.random.Generator, clutter: float) -> Iterator[Fitting]:
    """What stands on the flat roofs of houses."""
    half = np.array(parts(spot)[0].half)
    own = spot.thing.rgb
    if min(half) > 3 and random.random() < 0.15 + 0.6 * clutter:
        size = random.uniform((1.0, 1.0), (1.6, 2.2))
        corner = np.sign(random.uniform(-1, 1, 2)) * np.maximum(half - size - 0.3, 0)
        yield Fitting(at=corner, half=size, rgb=own * np.float32(random.uniform(0.85, 1.15)),
                      height=2.3)  # fmt: skip
    if min(half) > 2 and random.random() < 0.35 * clutter:
        share = random.uniform(0.15, 0.32)  # of the length: less than a sixth of the roof
        size = np.array([share, random.uniform(0.3, 0.5)]) * half
        corner = np.sign(random.uniform(-1, 1, 2)) * (half - size)
        yield Fitting(at=corner, half=size, rgb=one_of(random, CANOPIES), height=1.0)
    for _ in range(int(random.random() * 3.4 * clutter)):
        wide = random.uniform(0.4, 0.75)
        yield Fitting(at=random.uniform(-0.8, 0.8, 2) * half, half=np.full(2, wide),
                      rgb=one_of(random, TANKS), height=1.2, is_round=True)  # fmt: skip
    for _ in range(int(random.random() * 6 * clutter)):
        tone = own * np.float32(random.uniform(0.5, 1.3))
        yield Fitting(at=random.uniform(-0.85, 0.85, 2) * half, height=0.4,
                      half=random.uniform(0.15, 0.55, 2),
                      rgb=one_of(random, CLOTHS) if random.random() < 0.4 else tone)  # fmt: skip


def technical(spot: Spot, random: np.random.Generator, clutter: float) -> Iterator[Fitting]:
    """What stands on the flat roofs of halls, shops and blocks of flats."""
    half, own = np.array(parts(spot)[0].half), spot.thing.rgb
    size = float(min(half))
    for _ in range(int(min(size / 2.0, 8) * clutter + random.random())):
        tone = np.float32(random.choice([0.62, 0.85, 1.12, 1.3]))
        grey = own if random.random() < 0.5 else colour(160, 160, 160)
        yield Fitting(at=random.uniform(-0.75, 0.75, 2) * half, height=random.uniform(0.6, 1.6),
                      half=random.uniform(0.5, 1.0 + 0.09 * size, 2), rgb=grey * tone)  # fmt: skip
    if size > 4 and random.random() < 0.5 * clutter:
        long = np.array([random.uniform(0.2, 0.6) * half[0], random.uniform(0.2, 0.4)])
        yield Fitting(at=random.uniform(-0.4, 0.4, 2) * half, half=long, height=0.7,
                      rgb=colour(176, 178, 178))  # fmt: skip
    if size > 4 and random.random() < 0.6:
        yield Fitting(at=random.uniform(-0.6, 0.6, 2) * half, height=2.8,
                      half=random.uniform((1.2, 1.2), (2.6, 2.0)),
                      rgb=own * np.float32(random.uniform(0.8, 1.15)))  # fmt: skip
    if size > 3:  # units side by side in a row
        start, gap = random.uniform(-0.6, 0.2, 2) * half, random.uniform(1.3, 2.2)
        for place in range(int(random.random() * 7 * clutter)):
            yield Fitting(at=start + np.array([place * gap, 0.0]), height=0.8,
                          half=np.array([0.45, 0.45]), rgb=colour(198, 200, 198))  # fmt: skip


def chimneys(spot: Spot, seen: Field, edge: Field) -> Field:
    """A pitched roof with a chimney or two beside its ridge, or none."""
    traits = spot.traits
    if traits[30] < 0.6 or spot.gsd > 0.6 or not 2.5 < min(spot.thing.half) < 9:
        return seen
    if spot.thing.attributes.get("use") not in ("house", "terrace", "school", "station"):
        return seen
    random = np.random.default_rng(int(traits[31] * 1e6))
    half = np.array(parts(spot)[0].half)
    tall = [
        Fitting(at=random.uniform((-0.8, -0.3), (0.8, 0.3)) * half, height=1.1,
                half=random.uniform(0.25, 0.5, 2),
                rgb=one_of(random, ((128, 78, 62), (120, 116, 112), (176, 170, 160))))
        for _ in range(int(random.integers(1, 3)))
    ]  # fmt: skip
    return stood_on(spot, seen, tall, edge)


def stood_on(spot: Spot, seen: Field, fittings: Iterable[Fitting], edge: Field) -> Field:
    """The roof with the fittings on it, one after the other."""
    painted = seen.copy()
    rows = spot.offset[0]
    main = parts(spot)[0]
    u, v = part_local(spot, main)
    along, across = directions(main.angle)
    middle = main.centre - spot.thing.centre
    away = np.array([spot.sun.away @ along, spot.sun.away @ across])
    for fitting in fittings:
        if 2 * min(fitting.half) < FINEST * spot.gsd:
            continue
        fall = away * fitting.height * min(spot.sun.length, LONGEST)
        row = float((middle + fitting.at[0] * along + fitting.at[1] * across)[0])
        reach = float(np.hypot(*fitting.half) + np.hypot(*fall))
        ends = np.array([row - reach, row + reach], np.float32)
        near = slice(*np.searchsorted(rows, ends).tolist())  # rows come in order
        off_u, off_v = u[near] - np.float32(fitting.at[0]), v[near] - np.float32(fitting.at[1])
        on_roof = edge[near] > 0.15
        dark = box(off_u - fall[0] * 0.5, off_v - fall[1] * 0.5, fitting.half + np.abs(fall) * 0.5)
        painted[near][dark & on_roof] *= np.float32(spot.sun.dark)
        body = on_roof & (
            disc(off_u, off_v, fitting.half) if fitting.is_round
            else box(off_u, off_v, fitting.half)
        )  # fmt: skip
        painted[near][body] = np.clip(fitting.rgb, 20, 246)
    return painted


def domes(spot: Spot, edge: Field) -> Field:
    """Light (n,): rows of rooflights."""
    u, v = spot.local
    gap = 6 + 8 * float(spot.traits[9])
    dome = (np.abs(u % gap - gap / 2) < 0.7) & (np.abs(v % gap - gap / 2) < 1.1) & (edge > 2)
    strength = fades(1.4, spot.gsd)
    bright = 1.25 if spot.thing.rgb.mean() < 150 else 0.72
    return np.where(dome, np.float32(1 + (bright - 1) * strength), np.float32(1))


def one_of(random: np.random.Generator, anchors: tuple[tuple[int, int, int], ...]) -> Field:
    """One of the colours, a little lighter or darker."""
    return colour(*anchors[int(random.random() * len(anchors))]) * np.float32(
        random.uniform(0.85, 1.12)
    )


def box(u: Field, v: Field, half: Pair) -> NDArray[np.bool_]:
    """Where an upright rectangle about the origin lies."""
    return np.asarray((np.abs(u) < half[0]) & (np.abs(v) < half[1]))


def disc(u: Field, v: Field, half: Pair) -> NDArray[np.bool_]:
    """Where a disc about the origin lies."""
    return np.asarray(u * u + v * v < half[0] ** 2)
