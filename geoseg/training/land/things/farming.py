"""Farms: fields and their crops, orchards, vineyards, greenhouses, barns and silos."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

import numpy as np

from geoseg.training.land.outlines import circle
from geoseg.training.land.palette import GROUND, PAINT, RGB, shade, weighted
from geoseg.training.land.place import Block, Place, Vector, surface
from geoseg.training.land.thing import Thing, rectangle, strip
from geoseg.training.land.things.buildings import building
from geoseg.training.land.things.ground import around, ground
from geoseg.training.land.things.lots import cells, inner, lengthwise, piece
from geoseg.training.land.things.plants import leaf_rgb, tree_row, trees


@dataclass(frozen=True, slots=True, kw_only=True)
class Crop:
    """What a field can be."""

    kind: str
    """How it is painted."""

    rgb: tuple[RGB, ...]
    """Its colours."""

    colour: str
    """The word for them, or empty where it is none of the plain ones."""

    state: str

    crop: str = ""
    """Empty where nobody could tell."""

    rows_m: tuple[float, float] = (0.5, 0.9)
    """Nearest and farthest rows, or furrows."""

    closed: float = 0.7
    """How far its leaves hide the earth."""

    seasons: tuple[str, ...] = ("spring", "summer", "autumn", "dry")
    """When it is seen."""

    look: dict[str, float] = field(default_factory=dict)


CROPS: Final = (
    Crop(kind="sown", rgb=((84, 128, 58), (104, 146, 66), (72, 116, 54)), colour="green",
         state="growing", crop="wheat", rows_m=(0.3, 0.5), closed=0.85,
         seasons=("spring", "summer", "winter"), look={"tramlines_m": 24.0}),
    Crop(kind="sown", rgb=((208, 182, 112), (218, 192, 128), (196, 166, 98)), colour="yellow",
         state="ripe", crop="wheat", rows_m=(0.3, 0.5), closed=0.9, seasons=("summer", "dry"),
         look={"tramlines_m": 24.0}),
    Crop(kind="harvested", rgb=((204, 184, 134), (192, 170, 118)), colour="yellow",
         state="harvested", crop="wheat", seasons=("summer", "autumn", "dry")),
    Crop(kind="sown", rgb=((62, 100, 46), (78, 116, 52), (54, 90, 44)), colour="green",
         state="growing", crop="maize", rows_m=(0.75, 1.0), closed=0.62,
         seasons=("summer", "autumn")),
    Crop(kind="harvested", rgb=((158, 132, 98), (146, 122, 92)), colour="brown",
         state="harvested", crop="maize", seasons=("autumn", "winter", "dry")),
    Crop(kind="sown", rgb=((222, 204, 62), (212, 196, 74)), colour="yellow", state="growing",
         crop="rapeseed", rows_m=(0.3, 0.5), closed=0.95, seasons=("spring",),
         look={"tramlines_m": 30.0}),
    Crop(kind="flooded", rgb=((112, 150, 76), (96, 136, 72)), colour="", state="flooded",
         crop="rice", rows_m=(22, 45), seasons=("spring", "summer")),
    Crop(kind="sown", rgb=((122, 164, 66), (134, 172, 78)), colour="green", state="growing",
         crop="rice", rows_m=(0.3, 0.4), closed=0.92, seasons=("summer",)),
    Crop(kind="beds", rgb=((96, 130, 62),), colour="", state="growing", crop="vegetables",
         rows_m=(1.3, 2.0), seasons=("spring", "summer", "autumn")),
    Crop(kind="mown", rgb=((112, 142, 68), (126, 150, 78), (98, 130, 62)), colour="green",
         state="growing", crop="hay", seasons=("spring", "summer", "autumn")),
    Crop(kind="ploughed", rgb=((122, 98, 74), (140, 110, 82), (104, 84, 66), (156, 108, 78)),
         colour="brown", state="ploughed", rows_m=(0.8, 2.4),
         seasons=("spring", "autumn", "winter", "dry", "summer")),
    Crop(kind="sown", rgb=((126, 112, 74), (138, 122, 84)), colour="", state="growing",
         rows_m=(0.5, 0.9), closed=0.25, seasons=("spring", "winter")),
)  # fmt: skip
"""Fields as they are seen through the year."""


def crop_for(place: Place) -> Crop:
    """One that is seen in this season."""
    known = [crop for crop in CROPS if place.season in crop.seasons] or list(CROPS)
    return known[int(place.rng.random() * len(known))]


def field_look(place: Place, crop: Crop) -> dict[str, float]:
    """The numbers that a crop's painter wants."""
    rng = place.rng
    return {
        **crop.look, "rows_m": rng.uniform(*crop.rows_m),
        "closed": float(np.clip(crop.closed + rng.normal(0, 0.06), 0.1, 1)),
        "swath_m": rng.uniform(5.5, 10), "headland_m": rng.uniform(4, 11),
    }  # fmt: skip


def attributes(crop: Crop, shape: str) -> dict[str, str]:
    """What people say about a field."""
    named = {"state": crop.state, "shape": shape}
    return {**named, "crop": crop.crop} if crop.crop else named


def field_of(place: Place, block: Block, *, grow: float = 0.0) -> Thing:
    """One field, over all of a block; under snow it is only white ground."""
    if place.season == "snow":
        return ground(place, block, "snow", grow=grow)
    crop = crop_for(place)
    long = lengthwise(block) if place.rng.random() < 0.8 else block
    return Thing(
        concept="field", kind=crop.kind, layer="cover", colour=crop.colour,
        rgb=shade(place.rng, crop.rgb), outline=place.bent(around(block, grow)),
        centre=block.centre, half=long.half, angle=long.angle,
        attributes=attributes(crop, "rectangular"), look=field_look(place, crop),
    )  # fmt: skip


def fields(place: Place, block: Block) -> Iterator[Thing]:
    """One field or several side by side, with strips of grass and a few trees between."""
    rng = place.rng
    area = 4 * block.half[0] * block.half[1]
    if area < 4500 or rng.random() < 0.5:
        yield field_of(place, block, grow=1.5)
    else:
        yield ground(place, block, "grass", grow=1.5)
        long = lengthwise(block)
        cuts = np.sort(rng.uniform(-0.75, 0.75, int(rng.integers(1, 4))))
        edges = [-1.0, *cuts.tolist(), 1.0]
        for low, high in pairwise(edges):
            part = piece(long, (low, high), (-1, 1))
            if part.half[0] > 5:
                yield field_of(place, inner(part, rng.uniform(0.2, 1.0)))
    if rng.random() < 0.3:
        yield from trees(place, block, 0.03)


def pivot(place: Place, block: Block) -> Iterator[Thing]:
    """A round field that an arm of sprinklers waters."""
    rng = place.rng
    yield ground(place, block, weighted(rng, {"soil": 4, "grass": 1}))
    radius = min(block.half) * rng.uniform(0.92, 0.99)
    crop = crop_for(place)
    plain = crop.kind in ("beds", "flooded", "harvested", "mown")
    look = field_look(place, crop) | {"round": 1.0, "headland_m": 0.0}
    if plain or rng.random() < 0.6:
        look |= {"sector": rng.uniform(0.1, 0.5) if rng.random() < 0.4 else 0.0, "rows_m": 3.0}
    yield Thing(
        concept="field", kind="circled" if "sector" in look else crop.kind, layer="lot",
        colour=crop.colour if look.get("sector", 0.0) == 0 else "", rgb=shade(rng, crop.rgb),
        outline=circle(block.centre, radius, 64), centre=block.centre, half=(radius, radius),
        angle=rng.uniform(0, np.pi), attributes=attributes(crop, "round"), look=look,
    )  # fmt: skip


def orchard(place: Place, block: Block) -> Iterator[Thing]:
    """Fruit trees in a grid."""
    rng = place.rng
    yield ground(place, block, weighted(rng, {"grass": 3, "soil": 2}))
    crown_m = rng.uniform(3.5, 8.0)
    plot = inner(block, 2.0)
    yield Thing(
        concept="orchard", kind="grove", layer="lot", rgb=leaf_rgb(place, "round"),
        outline=rectangle(plot.centre, plot.half, plot.angle), centre=plot.centre,
        half=plot.half, angle=plot.angle,
        look={"crown_m": crown_m, "jitter": 0.1, "radius": rng.uniform(0.3, 0.47),
              "gaps": 0.06 * rng.random(), "variety": 0.06},
    )  # fmt: skip


def vineyard(place: Place, block: Block) -> Iterator[Thing]:
    """Vines in rows."""
    rng = place.rng
    yield ground(place, block, weighted(rng, {"grass": 2, "soil": 3}))
    plot = lengthwise(inner(block, rng.uniform(1.5, 3.0)))
    rgb = np.clip(leaf_rgb(place, "round") * 1.05, 8, 250).astype(np.float32)
    yield Thing(
        concept="vineyard", kind="vines", layer="lot", rgb=rgb,
        outline=rectangle(plot.centre, plot.half, plot.angle), centre=plot.centre,
        half=plot.half, angle=plot.angle, look={"rows_m": rng.uniform(1.7, 3.0)},
    )  # fmt: skip


def greenhouses(place: Place, block: Block) -> Iterator[Thing]:
    """Glass houses of many spans, or tunnels of film side by side."""
    rng = place.rng
    yield ground(place, block, weighted(rng, {"soil": 3, "grass": 2, "concrete": 1}))
    plot = lengthwise(inner(block, 3.0))
    glass = rng.random() < 0.5
    span = rng.uniform(3.2, 6.4) if glass else rng.uniform(6.0, 9.0)
    size = (
        (rng.uniform(40, 90), span * rng.integers(4, 14)) if glass else (rng.uniform(30, 60), span)
    )
    gap = rng.uniform(2, 4) if glass else rng.uniform(0.5, 1.6)
    for cell in cells(plot, (size[0], size[1] + gap), rng=rng):
        half = (cell.half[0] - 2.0, cell.half[1] - gap / 2)
        if rng.random() < 0.08 or min(half) < 1.5:
            continue
        spans = max(round(2 * half[1] / span), 1)
        yield Thing(
            concept="greenhouse", kind="greenhouse", layer="building", height=4.0,
            rgb=shade(rng, GROUND["glass" if glass else "film"]), centre=cell.centre,
            outline=rectangle(cell.centre, half, cell.angle), half=half, angle=cell.angle,
            attributes={"material": "glass" if glass else "plastic"},
            look={"span_m": 2 * half[1] / spans},
        )  # fmt: skip


def farmyard(place: Place, block: Block) -> Iterator[Thing]:
    """A farm: house, barns, silos, a yard, a track to it."""
    rng = place.rng
    yield ground(place, block, "grass")
    yard = piece(block, (-0.6, 0.6), (-0.5, 0.6))
    kind = weighted(rng, {"gravel": 2, "concrete": 2, "soil": 2})
    yield surface("", kind, rectangle(yard.centre, yard.half, yard.angle),
                  shade(rng, GROUND[kind]), "lot")  # fmt: skip
    gate = np.stack([yard.at(0, 0), block.at(0, block.half[1])])
    way = surface("road", "track", strip(gate, 3.5), place.dirt, "road")
    yield replace(
        way, half=(10.0, 1.75), line=gate, attributes={"surface": "dirt", "class": "track"}
    )
    for at in ((-0.75, -0.3), (0.7, -0.35), (0.0, -0.75)):
        if rng.random() < 0.8:
            spot = block.at(at[0] * block.half[0], at[1] * block.half[1])
            half = (rng.uniform(8, 18), rng.uniform(4.5, 8))
            turn = block.angle + (np.pi / 2 if at[0] else 0)
            yield from building(place, spot, half, angle=turn, use="barn")
    home = block.at(rng.uniform(-0.7, 0.7) * block.half[0], 0.72 * block.half[1])
    yield from building(place, home, (7.5, 5.0), angle=block.angle, use="house")
    yield from silos(place, block.at(0.32 * block.half[0], -0.62 * block.half[1]), block.angle)
    yield from tree_row(place, np.stack([block.at(-block.half[0], block.half[1] * 0.95),
                                         block.at(block.half[0], block.half[1] * 0.95)]),
                        every=8, large=3.0)  # fmt: skip
    yield from trees(place, block, 0.08, large=3.5)


def silos(place: Place, centre: Vector, angle: float) -> Iterator[Thing]:
    """One to six silos of one size in a row or two."""
    rng = place.rng
    radius = rng.uniform(2.0, 5.0)
    colour = weighted(rng, {"grey": 3, "white": 2})
    rgb = shade(rng, PAINT[colour])
    across = 2 if rng.random() < 0.3 else 1
    base = Block(centre, (1.0, 1.0), angle)
    for i in range(int(rng.integers(1, 4))):
        for j in range(across):
            spot = base.at(i * 2.15 * radius, j * 2.15 * radius)
            own = np.clip(rgb * rng.uniform(0.96, 1.04), 8, 250).astype(np.float32)
            yield Thing(concept="silo", kind="silo", layer="building", colour=colour, rgb=own,
                        outline=circle(spot, radius), centre=spot, half=(radius, radius),
                        height=rng.uniform(2.2, 3.5) * radius)  # fmt: skip
