"""A thing on the ground, before it is painted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""(n, 2) corners in metres, row before column."""

LAYERS = (
    "cover", "water", "road", "lot", "bridge", "mark", "car", "building", "roof", "tree", "tall",
)  # fmt: skip
"""What is painted first to what is painted last: cars drive over bridges, panels lie on roofs."""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One rectangular wing of a building."""

    centre: NDArray[np.float64]
    """(2,) row and column in metres."""

    half: tuple[float, float]
    """Half its length along `angle`, half its width across, in metres."""

    angle: float
    """Direction of its ridge."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Thing:
    """One object or piece of ground cover."""

    concept: str
    """What a person would call it; empty for what nobody asks for."""

    kind: str
    """How it is painted: gabled, flat, palm ..."""

    layer: str
    """One of LAYERS."""

    colour: str = ""
    """Its colour word, where it has one."""

    rgb: NDArray[np.float32]
    """(3,) 0..255."""

    outline: Points
    """Its corners."""

    centre: NDArray[np.float64]
    """(2,) row and column in metres."""

    half: tuple[float, float] = (0.0, 0.0)
    """Half its length along `angle`, half its width across, in metres."""

    angle: float = 0.0
    """Direction of its long side, in radians from the column axis towards the row axis."""

    height: float = 0.0
    """Metres from the ground to its top: how long its shadow is; 0 casts none."""

    clear: float = 0.0
    """Metres from the ground to its underside: its shadow starts that far away from it."""

    attributes: Mapping[str, str] = field(default_factory=dict)
    """What more people say about it, as `concepts.CONCEPTS` lists: {"roof": "flat"} ..."""

    look: Mapping[str, float] = field(default_factory=dict)
    """Numbers that only its painter wants: {"rows_m": 0.75} ..."""

    line: Points | None = None
    """Its middle line, for what runs along one: a road, a railway, a bridge."""

    parts: tuple[Part, ...] = ()
    """The wings of a building; together they are its outline."""


def directions(angle: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Unit vectors along and across a direction, row before column."""
    sine, cosine = np.sin(angle), np.cos(angle)
    return np.array([sine, cosine]), np.array([cosine, -sine])


CORNERS = np.array([(-1.0, -1.0), (-1.0, 1.0), (1.0, 1.0), (1.0, -1.0)])
"""Signs along and across, corner by corner around a rectangle."""


def rectangle(centre: NDArray[np.float64], half: tuple[float, float], angle: float) -> Points:
    """The four corners of a turned rectangle."""
    along, across = directions(angle)
    reach = CORNERS * half
    return np.asarray(centre + reach[:, :1] * along + reach[:, 1:] * across)


def extents(outlines: Sequence[Points]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The least and the greatest row and column (n, 2) of each of many outlines."""
    points = np.concatenate(outlines)
    starts = np.cumsum([0, *map(len, outlines[:-1])])
    return np.minimum.reduceat(points, starts), np.maximum.reduceat(points, starts)


def beside(line: Points, distance: float) -> Points:
    """The line moved sideways by so many metres."""
    step = np.gradient(line, axis=0)
    step /= np.maximum(np.hypot(step[:, 0], step[:, 1]), 1e-9)[:, None]
    return np.asarray(line + np.stack([step[:, 1], -step[:, 0]], axis=1) * distance)


def strip(line: Points, width: float) -> Points:
    """The outline of a band of that width along a line of points."""
    return np.concatenate([beside(line, width / 2), beside(line, -width / 2)[::-1]])


def blob(
    rng: np.random.Generator, centre: NDArray[np.float64], half: tuple[float, float]
) -> Points:
    """A smooth irregular closed shape about that large."""
    turn = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    radius = np.ones_like(turn)
    for waves in (2, 3, 4, 5, 7):
        radius += rng.uniform(0, 0.32 / waves**0.8) * np.sin(waves * turn + rng.uniform(0, 6.3))
    along, across = directions(rng.uniform(0, np.pi))
    shape = np.outer(np.cos(turn) * radius * half[0], along)
    return np.asarray(centre + shape + np.outer(np.sin(turn) * radius * half[1], across))
