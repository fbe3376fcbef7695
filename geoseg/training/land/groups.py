"""Things that stand together on the ground, ready to be looked up by place."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoseg.training.land.thing import LAYERS, Thing, extents

Corner = NDArray[np.float64]
"""(2,) row and column on the ground, in metres."""

LAYER_OF = {name: index for index, name in enumerate(LAYERS)}


@dataclass(frozen=True, slots=True)
class Standing:
    """A thing in its place."""

    thing: Thing

    number: int
    """Unique in the world; parts of one thing share it."""

    rank: int = 1
    """Within a layer, lower ranks are painted first."""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Things that are looked up together."""

    standing: tuple[Standing, ...]

    bounds: NDArray[np.float64]
    """(n, 4) top, left, bottom, right in metres on the ground."""

    height: NDArray[np.float64]
    """(n,) metres."""

    def near(self, low: Corner, high: Corner, throws: Corner) -> Iterator[Standing]:
        """What a rectangle shows: things in it, and those that throw their shadow or top into it.

        `throws`: (n, 2) where on the ground things of 1 m reach, each way.
        """
        far = self.height[:, None, None] * throws
        top_left = self.bounds[:, :2] + np.minimum(far.min(axis=1), 0)
        bottom_right = self.bounds[:, 2:] + np.maximum(far.max(axis=1), 0)
        touching = ((top_left < high) & (bottom_right > low)).all(axis=1)
        return (self.standing[index] for index in np.flatnonzero(touching))


def grouped(standing: Sequence[Standing]) -> Group:
    """A group of things."""
    if not standing:
        return Group((), np.empty((0, 4)), np.empty(0))
    bounds = np.concatenate(extents([known.thing.outline for known in standing]), axis=1)
    height = np.array([known.thing.height for known in standing])
    return Group(tuple(standing), bounds, height)


def in_order(standing: Sequence[Standing]) -> list[Standing]:
    """The things as they are painted: from the ground up, otherwise in the order given."""
    return sorted(standing, key=lambda known: (LAYER_OF[known.thing.layer], known.rank))
