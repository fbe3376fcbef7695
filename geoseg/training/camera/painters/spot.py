"""The pixels of one thing: all that its painter may look at."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from geoseg.training.camera.canvas import Canvas, Window, grid_m
from geoseg.training.land.thing import Thing, directions

Field = NDArray[np.float32]
"""(n,): a number for each pixel of a spot, or (n, 3): a colour."""

Numbers = NDArray[np.float32] | NDArray[np.float64]
"""The same before it is rounded."""


@dataclass(frozen=True, slots=True, eq=False)
class Sun:
    """Where the light comes from."""

    away: NDArray[np.float64]
    """(2,) unit vector on the ground, away from the sun: where shadows point."""

    length: float
    """Metres of shadow for each metre of height."""

    dark: float
    """What is left of the light in a shadow, 0..1."""


class Spot:
    """The n pixels where one thing lies, with what a painter needs to know of each."""

    def __init__(
        self, canvas: Canvas, thing: Thing, sun: Sun, *, window: Window, mask: NDArray[np.bool_]
    ) -> None:
        self.thing = thing
        self.sun = sun
        self.gsd = canvas.gsd
        self._canvas = canvas
        self._window = window
        chosen = np.flatnonzero(mask)  # one list of places: masks are searched anew at each use
        self._down = chosen // mask.shape[1]
        self._right = chosen - self._down * mask.shape[1]
        rows, columns = window
        corner = rows.start * canvas.shape[1] + columns.start
        self.places = self._down * canvas.shape[1] + self._right + corner

    def __len__(self) -> int:
        return len(self.places)

    @cached_property
    def offset(self) -> tuple[Field, Field]:
        """Metres below and to the right of the thing's centre, each (n,)."""
        rows, columns = grid_m(self._window, self.gsd)
        centre = self.thing.centre
        return (
            (rows[:, 0] - np.float32(centre[0]))[self._down],
            (columns[0] - np.float32(centre[1]))[self._right],
        )

    @cached_property
    def local(self) -> tuple[Field, Field]:
        """Metres along and across the thing from its centre, each (n,)."""
        along, _ = directions(self.thing.angle)
        sine, cosine = np.float32(along[0]), np.float32(along[1])
        rows, columns = self.offset
        return rows * sine + columns * cosine, rows * cosine - columns * sine

    @cached_property
    def beside(self) -> tuple[Field, Field]:
        """Metres along the thing's line and to the side of it, each (n,)."""
        line = self.thing.line
        if line is None:
            return self.local
        return along_line(line - self.thing.centre, *self.offset)

    @cached_property
    def traits(self) -> NDArray[np.float64]:
        """Thirty-two numbers 0..1 that belong to this thing for good, wherever it is seen."""
        thing = self.thing  # not its place: that is counted from another corner in each picture
        drawn = (*thing.rgb.tolist(), *thing.half)
        seed = [int(abs(number) * 4096) for number in drawn]
        return np.random.default_rng(seed).random(32)

    @property
    def under(self) -> Field:
        """The colours (n, 3) that were there before."""
        return np.asarray(self._canvas.rgb.reshape(-1, 3)[self.places])

    @property
    def plain(self) -> Field:
        """Nothing anywhere: zeros (n,)."""
        return np.zeros(len(self), np.float32)

    def noise(self, size_m: float) -> Field:
        """Smooth noise (n,), blobs of about that size; what is finer than a pixel fades."""
        found = np.asarray(self._canvas.noise(size_m).ravel().take(self.places))
        return found if size_m >= self.gsd else found * np.float32(size_m / self.gsd)

    def grain(self) -> Field:
        """Noise (n,) of its own in each pixel."""
        return np.asarray(self._canvas.noise(0.0).ravel().take(self.places))

    def facing(self, normal: NDArray[np.float64]) -> float:
        """How squarely a slope that falls towards a direction looks at the sun: -1..1."""
        return -float(normal @ self.sun.away)


Painter = Callable[[Spot], Field]
"""The colours (n, 3) of a spot."""


def along_line(line: NDArray[np.float64], rows: Field, columns: Field) -> tuple[Field, Field]:
    """Metres along a line of points and to the side of it, for each place (n,)."""
    steps = np.diff(line, axis=0)
    lengths = np.maximum(np.hypot(steps[:, 0], steps[:, 1]), 1e-6)
    units = (steps / lengths[:, None]).astype(np.float32)
    starts = np.concatenate([[0.0], np.cumsum(lengths)[:-1]]).astype(np.float32)
    nearest = segments(line, rows, columns)
    unit = units[nearest]
    corner = line.astype(np.float32)[nearest]
    down, right = rows - corner[:, 0], columns - corner[:, 1]
    return (
        starts[nearest] + down * unit[:, 0] + right * unit[:, 1],
        down * unit[:, 1] - right * unit[:, 0],
    )


def segments(line: NDArray[np.float64], rows: Field, columns: Field) -> NDArray[np.intp]:
    """Which piece of a line each place (n,) lies beside."""
    chord = line[-1] - line[0]
    chord = chord / max(float(np.hypot(chord[0], chord[1])), 1e-6)
    posts = line @ chord
    if (np.diff(posts) > 0).all():
        along = rows * np.float32(chord[0]) + columns * np.float32(chord[1])
        return np.asarray(np.clip(np.searchsorted(posts, along) - 1, 0, len(line) - 2))
    best = np.zeros(rows.shape, np.intp)
    least = np.full(rows.shape, np.inf, np.float32)
    for index, (start, end) in enumerate(pairwise(line)):
        step = end - start
        share = ((rows - start[0]) * step[0] + (columns - start[1]) * step[1]) / (step @ step)
        share = np.clip(share, 0, 1)
        away = (rows - start[0] - share * step[0]) ** 2
        away += (columns - start[1] - share * step[1]) ** 2
        closer = away < least
        best[closer], least[closer] = index, away[closer]
    return best


def lit(rgb: NDArray[np.float32], light: Numbers) -> Field:
    """A colour (3,) or (n, 3) under light (n,), as (n, 3)."""
    return rgb * np.asarray(light, np.float32)[:, None]


def mixed(first: NDArray[np.float32], second: NDArray[np.float32], share: Numbers) -> Field:
    """From the first colour to the second, as (n, 3); share (n,) is that of the second."""
    return first + (second - first) * np.asarray(share, np.float32)[:, None]


def colour(red: float, green: float, blue: float) -> NDArray[np.float32]:
    """A colour (3,)."""
    return np.array([red, green, blue], np.float32)


def stroke(distance: Numbers, wide: float, gsd: float) -> Field:
    """How much of each pixel a line covers, 0..1, by the distance of its middle."""
    cover = (wide - gsd) / 2 / gsd + 1 - np.abs(distance) / gsd
    return np.asarray(np.clip(cover, 0, min(wide / gsd, 1)), np.float32)


def wave(place: Numbers, period: float, gsd: float) -> Field:
    """Stripes -1..1 along a place in metres; they fade where a pixel holds a whole stripe."""
    sharp = np.clip(period / gsd / 1.5 - 1, 0, 1)
    if sharp == 0:
        return np.zeros(place.shape, np.float32)
    return np.asarray(np.sin(place * (2 * np.pi / period)) * float(sharp), np.float32)


def fades(size_m: float, gsd: float) -> float:
    """1 for what is much larger than a pixel, 0 for what is smaller."""
    return float(np.clip(size_m / gsd - 0.7, 0, 1))


def dashes(along: Numbers, period: float, share: float) -> NDArray[np.bool_]:
    """Where the dashes of a broken line lie."""
    return np.asarray((along % period) < period * share)
