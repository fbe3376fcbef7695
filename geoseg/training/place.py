"""The character of a scene and what all its blocks share."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoseg.training.palette import CARS, COLOURS, GROUND, shade, weighted
from geoseg.training.thing import Points, Thing, directions, rectangle

Vector = NDArray[np.float64]


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
    frame: tuple[float, float]
    """Height and width in metres of what will be seen."""

    wave: tuple[float, float, float, float]
    """How streets bend: height of the waves, their length, two phases."""

    def sees(self, centre: Vector, reach: float) -> bool:
        """Whether something that large, there, can be in the picture."""
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


def new_place(rng: np.random.Generator, frame: tuple[float, float], style: str) -> Place:
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
        soil=shade(rng, GROUND["soil"]),
        grass=shade(rng, GROUND["grass"]),
        leaf=tuple(shade(rng, GROUND["leaf"]) for _ in range(3)),
        roofs=roofs,
        asphalt=shade(rng, GROUND["asphalt"]),
        dirt=shade(rng, GROUND["dirt"]),
        paved_roads=rng.random() < {"informal": 0.4, "rural": 0.4, "nature": 0.3}.get(style, 0.9),
        frame=frame,
        wave=(high, max(high * rng.uniform(7, 14), 40.0), *rng.uniform(0, 6.3, 2)),
    )


def car(rng: np.random.Generator, centre: Vector, angle: float) -> Thing:
    """A car, van or small lorry."""
    lorry = rng.random() < 0.08
    half = (rng.uniform(3, 4.5), 1.2) if lorry else (rng.uniform(1.9, 2.5), rng.uniform(0.85, 1.0))
    colour = weighted(rng, {"white": 5, "grey": 4, "black": 3, "red": 2, "blue": 2,
                            "yellow": 0.7, "green": 0.5, "brown": 0.5})  # fmt: skip
    angle += rng.normal(0, 0.04)
    return Thing(
        concept="car", kind="lorry" if lorry else "car", layer="car", colour=colour,
        rgb=shade(rng, CARS[colour]), outline=rectangle(centre, half, angle), centre=centre,
        half=half, angle=angle, height=2.6 if lorry else 1.4,
    )  # fmt: skip


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
