"""Outlines of what is not a plain rectangle: circles, ships, aircraft, buildings with wings."""

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geoseg.training.land.thing import Part, Points, directions, rectangle

Vector = NDArray[np.float64]


def placed(shape: NDArray[np.float64], centre: Vector, angle: float) -> Points:
    """A shape drawn along and across (n, 2), turned and set down at a place."""
    along, across = directions(angle)
    return np.asarray(centre + shape[:, :1] * along + shape[:, 1:] * across)


def circle(centre: Vector, radius: float, corners: int = 28) -> Points:
    """A circle with so many corners, as large in area."""
    turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    radius *= float(np.sqrt(2 * np.pi / corners / np.sin(2 * np.pi / corners)))
    return np.asarray(centre + radius * np.stack([np.sin(turn), np.cos(turn)], axis=1))


def lobed(centre: Vector, radius: float, turns: float, depth: float = 0.11) -> Points:
    """A round with lobes, as tree crowns have."""
    turn = np.linspace(0, 2 * np.pi, 22, endpoint=False)
    lobes = depth * np.sin(3 * turn + turns) + 0.7 * depth * np.sin(5 * turn + 2 * turns)
    lobes += 0.5 * depth * np.sin(9 * turn + 3 * turns)
    far = radius * (0.96 + lobes)
    return np.asarray(centre + np.stack([np.sin(turn) * far, np.cos(turn) * far], axis=1))


def scrap(
    rng: np.random.Generator,
    centre: Vector,
    half: NDArray[np.float64],
    turn: float,
    *,
    corners: int,
) -> Points:
    """Something small: four corners make a rectangle, more a rough round."""
    way = turn + np.pi / 4 + np.arange(corners) * (2 * np.pi / corners)
    far = half * (np.sqrt(2) if corners == 4 else rng.uniform(0.7, 1.2, (corners, 1)))
    sides = np.stack([np.cos(way - turn), np.sin(way - turn)], axis=1) * far
    return placed(sides, centre, turn)


def star(centre: Vector, radius: float, turns: float, *, rays: int, inner: float) -> Points:
    """A star: palm leaves, the branches of a conifer."""
    turn = turns + np.arange(2 * rays) * np.pi / rays
    far = radius * np.where(np.arange(2 * rays) % 2, inner, 1.05)
    return np.asarray(centre + np.stack([np.sin(turn) * far, np.cos(turn) * far], axis=1))


def oval(centre: Vector, half: tuple[float, float], angle: float) -> Points:
    """Straight sides and round ends, as a running track has."""
    turn = np.linspace(-np.pi / 2, np.pi / 2, 17)
    straight = max(half[0] - half[1], 0.0)
    right = np.stack([straight + half[1] * np.cos(turn), half[1] * np.sin(turn)], axis=1)
    return placed(np.concatenate([right, -right]), centre, angle)


def rounded(centre: Vector, half: tuple[float, float], angle: float) -> Points:
    """A rectangle with its corners cut off, as a car has."""
    long, wide = half
    cut = 0.28 * min(half)
    corners = [(long - cut, -wide), (long, cut - wide), (long, wide - cut), (long - cut, wide)]
    shape = np.array(corners)
    return placed(np.concatenate([shape, -shape]), centre, angle)


def sector(home: Vector, reach: float, angle: float) -> Points:
    """A quarter of a disc that opens from its corner in a direction."""
    turn = np.linspace(-np.pi / 4, np.pi / 4, 15)
    arc = reach * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    back = np.array([[-0.03 * reach, 0.05 * reach], [-0.03 * reach, -0.05 * reach]])
    return placed(np.concatenate([arc, back]), home, angle)


def ship(centre: Vector, half: tuple[float, float], angle: float, *, bow: float = 0.3) -> Points:
    """A hull: pointed at the bow over a share of its half length, rounded at the stern."""
    profile = np.array([(1, 0), (1 - 0.2 * bow, 0.42), (1 - 0.55 * bow, 0.78), (1 - bow, 0.96),
                        (0.2, 1), (-0.86, 0.98), (-0.97, 0.82), (-1, 0.45)])  # fmt: skip
    mirrored = profile[:0:-1] * (1, -1)
    return placed(np.concatenate([profile, mirrored]) * half, centre, angle)


ENGINE_M: Final = 1.5
"""Half the length of an engine beside a wing of 17 m."""


def airplane(
    centre: Vector, half: tuple[float, float], angle: float, *, body: float, engines: int
) -> Points:
    """Fuselage, swept wings, tailplane and engines in one outline."""
    long, span = half
    b = body / 2
    nose = [(1.0 * long, 0.0), (0.97 * long, 0.55 * b), (0.9 * long, b)]
    wing = [(0.2 * long, b), (-0.2 * long, span), (-0.29 * long, span), (-0.1 * long, b)]
    tail = [(-0.72 * long, 0.6 * b), (-0.9 * long, 0.37 * span), (-0.97 * long, 0.37 * span),
            (-0.92 * long, 0.3 * b), (-1.0 * long, 0.0)]  # fmt: skip
    side = np.array(nose + wing + tail)
    whole = shapely.Polygon(np.concatenate([side, side[-2:0:-1] * (1, -1)]))
    size = span / 17 * ENGINE_M
    rests = [shapely.box(mouth - 2 * size, at - 0.62 * size, mouth, at + 0.62 * size)
             for away, mouth in engine_mouths(half, engines) for at in (away, -away)]  # fmt: skip
    joined = shapely.union_all([whole, *rests])
    return placed(shapely.get_coordinates(joined.exterior)[:-1], centre, angle)


def engine_mouths(half: tuple[float, float], engines: int) -> list[tuple[float, float]]:
    """How far across the axis each pair of engines hangs, and how far along its mouth lies."""
    long, span = half
    shares = {0: (), 2: (0.34,), 4: (0.32, 0.6)}[engines]
    return [(share * span, (0.2 - 0.4 * share) * long + 0.09 * span) for share in shares]


def light_airplane(centre: Vector, half: tuple[float, float], angle: float) -> Points:
    """Straight wings, a short nose."""
    long, span = half
    b = 0.075 * span
    side = np.array(
        [
            (long, 0.0),
            (0.92 * long, b),
            (0.5 * long, 1.2 * b),
            (0.42 * long, span),
            (0.1 * long, span),
            (0.05 * long, 1.2 * b),
            (-0.75 * long, 0.5 * b),
            (-0.78 * long, 0.36 * span),
            (-0.98 * long, 0.36 * span),
            (-1.0 * long, 0.0),
        ]
    )
    return placed(np.concatenate([side, side[-2:0:-1] * (1, -1)]), centre, angle)


def rotor(centre: Vector, radius: float, turns: float) -> Points:
    """Three slim blades about a hub, as seen from above when they face the viewer."""
    points = []
    for blade in range(3):
        turn = turns + blade * 2 * np.pi / 3
        for share, wide in ((0.05, -0.5), (0.2, -0.13), (1.0, -0.02), (1.0, 0.02), (0.2, 0.13)):
            away = turn + wide * (0.05 / max(share, 0.05)) * 2
            points.append((np.sin(away) * share * radius, np.cos(away) * share * radius))
    return np.asarray(centre + np.array(points))


def outline_of(parts: tuple[Part, ...]) -> Points:
    """The corners around all wings of a building."""
    if len(parts) == 1:
        return rectangle(parts[0].centre, parts[0].half, parts[0].angle)
    joined = shapely.union_all(
        [shapely.Polygon(rectangle(part.centre, part.half, part.angle)) for part in parts]
    )
    if joined.geom_type != "Polygon":
        return rectangle(parts[0].centre, parts[0].half, parts[0].angle)
    return np.asarray(shapely.get_coordinates(joined.exterior)[:-1])
