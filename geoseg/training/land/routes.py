"""Rivers, highways, railways and coasts: lines that run through a world without end."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoseg.training.land.hashing import chance, generator
from geoseg.training.land.thing import Points

STEP_M = 8.0
"""Metres between points of a route; all its pieces share them."""

WAVES = 4

Corner = NDArray[np.float64]
"""(2,) row and column of the plan, in metres."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Routes of one kind, side by side."""

    name: str

    axis: int
    """The plan's axis along which they run: 0 rows, 1 columns."""

    spacing_m: float
    """Metres between neighbours."""

    steep: float
    """How far they turn away from their axis: metres of each metre, for every wave."""

    wave_m: tuple[float, float]
    """Shortest and longest waves."""

    wide_m: tuple[float, float]
    """Narrowest and widest."""

    verge_m: float
    """Metres on either side where nothing is built."""


FAMILIES: Final[dict[str, Family]] = {
    "river": Family(name="river", axis=1, spacing_m=2100, steep=0.3, wave_m=(260, 1800),
                    wide_m=(6, 60), verge_m=5),
    "highway": Family(name="highway", axis=0, spacing_m=3300, steep=0.05, wave_m=(1500, 5000),
                      wide_m=(22, 30), verge_m=6),
    "railway": Family(name="railway", axis=1, spacing_m=3900, steep=0.035, wave_m=(1800, 5000),
                      wide_m=(5, 10), verge_m=4),
    "coast": Family(name="coast", axis=1, spacing_m=7000, steep=0.25, wave_m=(220, 2600),
                    wide_m=(8, 45), verge_m=3),
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """One line without end."""

    family: Family
    index: int
    """Its place among its family."""

    wide: float
    """Metres across."""

    number: int
    """Unique in the world, as are the 15 that follow it."""

    base: float
    """Where it runs, on the other axis."""

    high: NDArray[np.float64]
    """(waves,) metres."""

    wave: NDArray[np.float64]
    """(waves,) radians for each metre."""

    phase: NDArray[np.float64]
    """(waves,)."""

    @property
    def reach(self) -> float:
        """The farthest that it leaves its base."""
        return float(self.high.sum())

    def beside(self, along: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where it is on the other axis, at places along its own."""
        swing = np.sin(along[:, None] * self.wave + self.phase) @ self.high
        return np.asarray(self.base + swing)

    def line(self, start: float, end: float) -> Points:
        """Its points (n, 2) from before `start` to after `end`."""
        along = np.arange(np.floor(start / STEP_M), np.ceil(end / STEP_M) + 1) * STEP_M
        both = (along, self.beside(along)) if self.family.axis == 0 else (self.beside(along), along)
        return np.stack(both, axis=1)


@lru_cache(maxsize=1024)
def route(seed: int, name: str, index: int) -> Route:
    """One route of a family."""
    family = FAMILIES[name]
    kind = sorted(FAMILIES).index(name)
    rng = generator(seed, 31, kind, index)
    shortest, longest = np.log(family.wave_m)
    length = np.exp(rng.uniform(shortest, longest, WAVES))
    low, high = np.log(family.wide_m)
    spread = rng.uniform(-0.25, 0.25) * family.spacing_m
    return Route(
        family=family,
        index=index,
        wide=float(np.exp(rng.uniform(low, high))),
        number=(1 << 50) + (kind << 24) + index % (1 << 20) * 16,
        base=float(index * family.spacing_m + spread),
        high=family.steep * length / (2 * np.pi) * rng.uniform(0.3, 1, WAVES),
        wave=2 * np.pi / length,
        phase=rng.uniform(0, 2 * np.pi, WAVES),
    )


def routes(seed: int, shares: Mapping[str, float], low: Corner, high: Corner) -> Iterator[Route]:
    """The routes that may touch a rectangle of the plan; shares: how many of a family exist."""
    for name, share in shares.items():
        family = FAMILIES[name]
        other = 1 - family.axis
        farthest = (0.25 + family.steep) * family.spacing_m + 100
        first = int(np.floor((low[other] - farthest) / family.spacing_m))
        last = int(np.ceil((high[other] + farthest) / family.spacing_m))
        for index in range(first, last + 1):
            if chance(seed, 32, sorted(FAMILIES).index(name), index) < share:
                found = route(seed, name, index)
                side = found.reach + found.wide + family.verge_m + 40
                if low[other] - side < found.base < high[other] + side:
                    yield found


def nearest(seed: int, name: str, share: float, place: Corner) -> Route:
    """The route of a family that runs nearest to a place of the plan."""
    family = FAMILIES[name]
    kind = sorted(FAMILIES).index(name)
    middle = round(float(place[1 - family.axis]) / family.spacing_m)
    indices = sorted(range(middle - 99, middle + 100), key=lambda index: abs(index - middle))
    there = (index for index in indices if chance(seed, 32, kind, index) < share)
    return route(seed, name, next(there, middle))
