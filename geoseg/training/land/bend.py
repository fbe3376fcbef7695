"""How the drawn-up plan of a world is turned and bent into its real shape."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geoseg.training.land.hashing import generator
from geoseg.training.land.thing import Part, Points, Thing

WAVES = 5

STEEPEST = 0.3
"""The strongest bend: metres of shift for each metre of way."""

FOCUS_M = 100.0
"""How far from the first corner of a scene, down and to the right, its focus lies."""

LONG = ("cover", "water", "road", "bridge")
"""Layers whose things are bent; all others are only turned."""


@dataclass(frozen=True, slots=True, eq=False)
class Bend:
    """From the plan to the ground: a turn about the plan's middle, then smooth waves."""

    turn: float
    """Radians from the plan's column axis to the ground's."""

    middle: NDArray[np.float64]
    """(2,) the place of the plan that is the ground's origin."""

    shift: NDArray[np.float64]
    """(waves, 2) metres."""

    wave: NDArray[np.float64]
    """(waves, 2) radians for each metre."""

    phase: NDArray[np.float64]
    """(waves,)."""

    @property
    def reach(self) -> float:
        """The longest shift in metres."""
        return float(np.hypot(*self.shift.T).sum())

    def ground(self, points: Points) -> Points:
        """Where places of the plan (n, 2) lie on the ground."""
        moved = points + np.sin(points @ self.wave.T + self.phase) @ self.shift
        return np.asarray((moved - self.middle) @ rotation(self.turn).T)

    def plan(self, points: Points) -> Points:
        """Which places of the plan lie at places of the ground, but for `reach`."""
        return np.asarray(points @ rotation(self.turn) + self.middle)

    def turned(self, points: Points) -> NDArray[np.float64]:
        """How far directions at places of the plan (n, 2) are turned, in radians."""
        slope = np.cos(points @ self.wave.T + self.phase)  # (n, waves)
        down = slope @ (self.shift[:, 1] * self.wave[:, 0])
        right = slope @ (self.shift[:, 0] * self.wave[:, 1])
        return np.asarray(self.turn + (right - down) / 2)


def rotation(angle: float) -> NDArray[np.float64]:
    """The matrix that turns (row, column) from the column axis towards the row axis."""
    sine, cosine = np.sin(angle), np.cos(angle)
    return np.array([[cosine, sine], [-sine, cosine]])


def new_bend(seed: int, strength: float) -> Bend:
    """The bend of a world; strength 0 keeps straight lines straight."""
    rng = generator(seed, 11)
    length = np.exp(rng.uniform(np.log(170), np.log(1200), WAVES))
    turn = rng.uniform(0, 2 * np.pi, (2, WAVES))
    size = strength * STEEPEST * length / (2 * np.pi * np.sqrt(WAVES))
    return Bend(
        turn=float(rng.uniform(0, 2 * np.pi)),
        middle=rng.uniform(0.9e6, 1.1e6, 2),
        shift=size[:, None] * np.stack([np.sin(turn[0]), np.cos(turn[0])], axis=1),
        wave=(2 * np.pi / length)[:, None] * np.stack([np.sin(turn[1]), np.cos(turn[1])], axis=1),
        phase=rng.uniform(0, 2 * np.pi, WAVES),
    )


def centred(bend: Bend, place: NDArray[np.float64] | None) -> Bend:
    """The bend that puts a place of the plan near the first corner of the scene."""
    if place is None:
        return bend
    moved_to = bend.ground(place[None])[0] - FOCUS_M
    return replace(bend, middle=bend.middle + moved_to @ rotation(bend.turn))


def bent(bend: Bend, things: list[Thing]) -> list[Thing]:
    """The things of a plan as they stand on the ground."""
    if not things:
        return []
    centres = np.array([thing.centre for thing in things])
    places, turns = bend.ground(centres), bend.turned(centres)
    return [
        flowing(thing, bend, place, turn)
        if thing.layer in LONG or thing.line is not None
        else set_down(thing, place, float(turn))
        for thing, place, turn in zip(things, places, turns, strict=True)
    ]


def flowing(thing: Thing, bend: Bend, place: NDArray[np.float64], turn: float) -> Thing:
    """The thing, every corner bent by itself."""
    line = None if thing.line is None else bend.ground(thing.line)
    return replace(
        thing, outline=bend.ground(thing.outline), centre=place, angle=thing.angle + turn, line=line
    )


def set_down(thing: Thing, place: NDArray[np.float64], turn: float) -> Thing:
    """The thing, whole, at a place and turned."""
    matrix = rotation(turn).T
    return replace(
        thing,
        outline=place + (thing.outline - thing.centre) @ matrix,
        centre=place,
        angle=thing.angle + turn,
        parts=tuple(
            Part(place + (part.centre - thing.centre) @ matrix, part.half, part.angle + turn)
            for part in thing.parts
        ),
    )


def moved(thing: Thing, by: NDArray[np.float64]) -> Thing:
    """The thing somewhere else."""
    return replace(
        thing,
        outline=thing.outline + by,
        centre=thing.centre + by,
        line=None if thing.line is None else thing.line + by,
        parts=tuple(replace(part, centre=part.centre + by) for part in thing.parts),
    )
