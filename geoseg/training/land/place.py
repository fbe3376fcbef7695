"""The character of a scene and what all its blocks share."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoseg.training.land.palette import COLOURS, GROUND, shade
from geoseg.training.land.thing import Points, Thing, directions, rectangle

Vector = NDArray[np.float64]
Colour = NDArray[np.float32]
Tint = tuple[tuple[int, int, int], float]

SEASONS: Final = ("spring", "summer", "autumn", "dry", "winter", "snow")

GRASS_TINT: Final[dict[str, Tint]] = {
    "spring": ((110, 150, 60), 0.35), "summer": ((110, 130, 70), 0.0),
    "autumn": ((136, 128, 78), 0.4), "dry": ((178, 156, 108), 0.75),
    "winter": ((140, 130, 98), 0.6), "snow": ((228, 232, 238), 0.9),
}  # fmt: skip
"""Towards which colour the seasons draw grass, and how far."""

SOIL_TINT: Final[dict[str, Tint]] = {
    "spring": ((130, 104, 80), 0.2), "summer": ((180, 150, 110), 0.0),
    "autumn": ((130, 104, 80), 0.25), "dry": ((204, 176, 136), 0.3),
    "winter": ((124, 106, 88), 0.3), "snow": ((224, 228, 234), 0.85),
}  # fmt: skip

LEAF_TINTS: Final[dict[str, tuple[Tint, Tint, Tint]]] = {
    "spring": (((110, 146, 62), 0.4), ((96, 132, 60), 0.3), ((70, 100, 50), 0.1)),
    "summer": (((70, 100, 50), 0.0),) * 3,
    "autumn": (((176, 112, 48), 0.65), ((156, 62, 40), 0.5), ((186, 160, 66), 0.5)),
    "dry": (((128, 124, 76), 0.4), ((104, 108, 66), 0.3), ((140, 126, 86), 0.5)),
    "winter": (((112, 98, 84), 0.75), ((98, 88, 78), 0.7), ((52, 74, 48), 0.3)),
    "snow": (((120, 112, 106), 0.75), ((106, 100, 96), 0.7), ((50, 70, 52), 0.4)),
}  # fmt: skip
"""The same for the three kinds of leaves of a place; the third are needles in winter."""


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """What all blocks of a scene share."""

    rng: np.random.Generator
    style: str
    soil: NDArray[np.float32]
    grass: NDArray[np.float32]
    leaf: tuple[NDArray[np.float32], ...]
    roofs: dict[str, float]
    asphalt: NDArray[np.float32]
    dirt: NDArray[np.float32]
    paved_roads: bool
    frame: tuple[float, float] | None
    """Height and width in metres of what will be seen; None where all is."""

    wave: tuple[float, float, float, float]
    """How streets bend: height of the waves, their length, two phases."""

    season: str = "summer"
    """One of SEASONS."""

    def sees(self, centre: Vector, reach: float) -> bool:
        """Whether something that large, there, can be in the picture."""
        if self.frame is None:
            return True
        height, width = self.frame
        row, column = centre
        return bool(-reach < row < height + reach and -reach < column < width + reach)

    def bent(self, points: Points) -> Points:
        """The points, moved by the waves of the ground plan."""
        high, long, first, second = self.wave
        shift = np.stack(
            [np.sin(points[:, 1] / long + first), np.sin(points[:, 0] / long + second)], axis=1
        )
        return points + high * shift


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A turned rectangle between streets."""

    centre: Vector
    half: tuple[float, float]
    angle: float

    def at(self, u: float, v: float) -> Vector:
        """The place u metres along and v metres across from the centre."""
        along, across = directions(self.angle)
        return np.asarray(self.centre + u * along + v * across)

    def all_at(self, places: Points) -> Points:
        """The places (n, 2) so many metres along and across from the centre."""
        along, across = directions(self.angle)
        return np.asarray(self.centre + places[:, :1] * along + places[:, 1:] * across)


def new_place(
    rng: np.random.Generator,
    frame: tuple[float, float] | None,
    style: str,
    *,
    season: str = "summer",
) -> Place:
    """The character of a scene: its ground, its greens, its roofs, its streets."""
    favourites = rng.permutation(len(COLOURS))[:3]
    base = {
        "informal": {"grey": 5, "brown": 5, "red": 2, "blue": 2, "white": 2},
        "industrial": {"white": 4, "grey": 4, "blue": 2, "green": 1, "black": 1},
    }.get(style, {"red": 4, "grey": 4, "brown": 3, "white": 1.5, "black": 1, "blue": 1})
    roofs = {name: 0.25 + base.get(name, 0) for name in COLOURS}
    for index in favourites:
        roofs[COLOURS[index]] += 3.0
    wild = rng.random() < 0.6
    high = rng.uniform(0, 6) if wild else 0.0
    return Place(
        rng=rng,
        style=style,
        soil=tinted(shade(rng, GROUND["soil"]), SOIL_TINT[season]),
        grass=tinted(shade(rng, GROUND["grass"]), GRASS_TINT[season]),
        leaf=tuple(tinted(shade(rng, GROUND["leaf"]), tint) for tint in LEAF_TINTS[season]),
        roofs=roofs,
        asphalt=shade(rng, GROUND["asphalt"]),
        dirt=shade(rng, GROUND["dirt"]),
        paved_roads=rng.random() < {"informal": 0.4, "rural": 0.4, "nature": 0.3}.get(style, 0.9),
        frame=frame,
        wave=(high, max(high * rng.uniform(7, 14), 40.0), *rng.uniform(0, 6.3, 2)),
        season=season,
    )


def district(place: Place, rng: np.random.Generator, style: str) -> Place:
    """A part of a place: its ground nearly the same, its roofs and streets its own."""
    own = new_place(rng, None, style, season=place.season)
    share = rng.uniform(0, 0.25)
    return replace(
        own,
        soil=blended(place.soil, own.soil, share),
        grass=blended(place.grass, own.grass, share),
        leaf=place.leaf,
        asphalt=blended(place.asphalt, own.asphalt, share),
        dirt=blended(place.dirt, own.dirt, share),
        wave=(0.0, 40.0, 0.0, 0.0),
    )


def blended(first: Colour, second: Colour, share: float) -> Colour:
    """A colour between two: all of the first at share 0."""
    return np.asarray(first * (1 - share) + second * share, np.float32)


def tinted(rgb: Colour, tint: Tint) -> Colour:
    """A colour drawn towards another by a share."""
    towards, share = tint
    return blended(rgb, np.array(towards, np.float32), share)


def surface(
    concept: str, kind: str, outline: Points, rgb: NDArray[np.float32], layer: str
) -> Thing:
    """Something flat."""
    return Thing(concept=concept, kind=kind, layer=layer, rgb=rgb, outline=outline,
                 centre=outline.mean(axis=0))  # fmt: skip


def cover(place: Place, block: Block, kind: str, *, grow: float = 0.0) -> Thing:
    """The ground of a block."""
    rng = place.rng
    half = (block.half[0] + grow, block.half[1] + grow)
    corners = rectangle(block.centre, half, block.angle)
    sides = zip(corners, np.roll(corners, -1, 0), strict=True)
    around = np.concatenate([np.linspace(a, b, 8, endpoint=False) for a, b in sides])
    rgb = {"soil": place.soil, "grass": place.grass}.get(kind)
    if rgb is None:
        rgb = shade(rng, GROUND[kind])
    else:
        rgb = np.clip(rgb + rng.normal(0, 7) + rng.normal(0, 3, 3), 8, 250).astype(np.float32)
    concept = {"soil": "bare soil", "grass": "grass", "crop": "field"}.get(kind, "")
    return Thing(concept=concept, kind=kind, layer="cover", rgb=rgb, outline=place.bent(around),
                 centre=block.centre, half=block.half,
                 angle=block.angle + rng.choice([0, np.pi / 2]))  # fmt: skip
