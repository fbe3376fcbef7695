"""A raster read at another ground sampling distance (GSD)."""

import math
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import product
from typing import Self

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from tiles.errors import GeoreferenceError, GridError
from tiles.grid import Roi
from tiles.held_blocks import HeldBlocks
from tiles.measuring import gsd_m
from tiles.sources import Raster

FINEST_M, COARSEST_M = 0.01, 1000.0
"""Metres per pixel that a raster can be read at."""

MOST_FINER, MOST_COARSER = 16, 1000
"""How many times finer or coarser than it is a raster can be read."""

MOST_PIXELS = 10**11
"""A scene of 316,000 x 316,000; beyond, masks and scores no longer fit on usual disks."""

SAME = 1e-3
"""A GSD that is met this closely is met: 4.0003 pixels are read as 4, without blurring them."""

HALF = 0.5 - 1e-5
"""The share of data that a pixel needs, less what float32 may lose."""

BLOCK = 256
"""Side of the blocks that are kept for the chips that share them."""

OLD_SIDE = 1024
"""Side of what is resampled at once, in pixels of the source."""


FINER_OVERVIEW = 2
"""How much finer than what is wanted an overview must be: some are made by leaving pixels out."""

Overview = Callable[[float], Raster | None]
"""Opens the coarsest overview of a raster that is at most so many times coarser; None: no such."""


@dataclass(frozen=True, slots=True, eq=False)
class Taps:
    """What each of some new pixels along one axis is made of."""

    under: slice
    """The old pixels that they lie on."""

    places: NDArray[np.intp]
    """(taps, new pixels) old pixels, counted from the first of `under`."""

    shares: NDArray[np.float64]
    """(taps, new pixels) how much each counts; together 1 for every new pixel."""

    def applied(self, planes: NDArray[np.floating], axis: int) -> NDArray[np.floating]:
        """Planes (planes, rows, columns) with this axis resampled.

        Tap after tap, not by a matrix product: only so does a pixel come out the same to the last
        bit, whatever other pixels are made with it.
        """
        across = (None, slice(None), None) if axis == 1 else (None, None, slice(None))
        shares = self.shares.astype(planes.dtype)
        made: NDArray[np.floating] = planes.take(self.places[0], axis) * shares[0][across]
        for place, share in zip(self.places[1:], shares[1:], strict=True):
            made += planes.take(place, axis) * share[across]
        return made


@dataclass(frozen=True, slots=True)
class Axis:
    """Rows or columns, old and new; both begin at the same edge."""

    old: int
    """Pixels of the source."""

    new: int
    """Pixels it is read as."""

    step: float
    """Old pixels in a new one."""

    picks: bool = False
    """Whether the pixel in the middle is taken as it is: colours of a palette have no mean."""

    @classmethod
    def of(cls, old: int, step: float, *, picks: bool) -> Self:
        """An axis that ends within half a new pixel of the source's end, as gdalwarp's does.

        >>> Axis.of(10, 4.0, picks=False).new, Axis.of(9, 4.0, picks=False).new
        (3, 2)
        """
        return cls(old, max(math.floor(old / step + 0.5), 1), step, picks)

    def over(self, old: int) -> Self:
        """The same new pixels over a source of another size that covers the same ground."""
        return replace(self, old=old, step=self.step * old / self.old)

    def taps(self, window: slice) -> Taps:
        """What the new pixels of a window are made of; those beyond the source do not count."""
        first, shares = self._kernel(np.arange(window.start, window.stop, dtype=np.float64))
        places = first.astype(np.intp) + np.arange(len(shares))[:, None]
        shares = shares * ((places >= 0) & (places < self.old))
        places = places.clip(0, self.old - 1)
        under = slice(int(places.min()), int(places.max()) + 1)
        return Taps(under, places - under.start, shares / shares.sum(axis=0))

    def _kernel(
        self, pixels: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The first old pixel under each new one, and the shares of it and of those after it.

        Coarser: the mean of the ground a pixel covers, because picking or interpolating would skip
        what is between. Finer: linear, because it invents no value that is not there.
        """
        if self.picks:
            middle = np.floor((pixels + 0.5) * self.step)
            return np.minimum(middle, self.old - 1), np.ones((1, len(pixels)))
        if self.step < 1:
            middle = (pixels + 0.5) * self.step - 0.5
            first = np.floor(middle)
            return first, np.stack([1 - (middle - first), middle - first])
        start = pixels * self.step
        first = np.floor(start)
        count = math.ceil(self.step) + (not self.step.is_integer())
        edges = first + np.arange(count + 1)[:, None]
        reached = edges.clip(start, start + self.step)
        return first, np.diff(reached, axis=0)


class ResampledReader:
    """A PixelReader over another raster; a pixel is the same whichever window it is read in."""

    def __init__(self, source: Raster, rows: Axis, columns: Axis, *, closes: ExitStack) -> None:
        """`closes` is closed with the reader."""
        self._source = source
        self._rows = rows
        self._columns = columns
        self._closes = closes
        self._exact = np.promote_types(source.dtype, np.float32)
        self._held = HeldBlocks(
            self._load,
            (_lengths(rows.new), _lengths(columns.new)),
            pixel_bytes=(len(source.bands) + 1) * source.dtype.itemsize,
        )

    def cache_bytes(self, rows: int) -> int:
        """Bytes of the source's decoded blocks that a run of `rows` rows touches at most."""
        return self._source.cache_bytes(math.ceil((rows + BLOCK) * self._rows.step) + 2)

    def close(self) -> None:
        """Close the source."""
        self._closes.close()

    def read(
        self,
        roi: Roi,
        shape: tuple[int, int],  # noqa: ARG002  always the window's: a Raster looks at its source
    ) -> tuple[NDArray[np.generic], NDArray[np.bool_] | None]:
        """Pixels (bands, *shape) of a window, and where at least half of their ground has data."""
        planes = self._held.read(*roi)
        return planes[:-1], planes[-1].astype(np.bool_)

    def _load(self, rows: slice, columns: slice) -> NDArray[np.generic]:
        """(bands and validity, rows, columns) of a window, made piece by piece."""
        shape = (rows.stop - rows.start, columns.stop - columns.start)
        made = np.empty((len(self._source.bands) + 1, *shape), self._source.dtype)
        for down, across in product(_runs(rows, self._rows), _runs(columns, self._columns)):
            there = (
                slice(down.start - rows.start, down.stop - rows.start),
                slice(across.start - columns.start, across.stop - columns.start),
            )
            made[:, *there] = self._piece(down, across)
        return made

    def _piece(self, rows: slice, columns: slice) -> NDArray[np.generic]:
        """(bands and validity, rows, columns), resampled at one go."""
        down, across = self._rows.taps(rows), self._columns.taps(columns)
        chip = self._source.read((down.under, across.under))
        planes = np.zeros((len(chip.pixels) + 1, *chip.valid.shape), self._exact)
        np.copyto(planes[:-1], chip.pixels, where=chip.valid, casting="unsafe")
        planes[-1] = chip.valid
        made = across.applied(down.applied(planes, 1), 2)
        valid = made[-1] >= HALF
        made[:-1] /= np.where(valid, made[-1], 1)
        made *= valid
        made[-1] = valid
        if self._source.dtype.kind in "iub":
            made = np.floor(made + 0.5)
        return made.astype(self._source.dtype)


def resampled(raster: Raster, gsd: float, *, overview: Overview | None = None) -> Raster:
    """The raster as if its pixels were `gsd` metres of ground, square in the middle of the scene.

    It begins at the same corner and ends within half a pixel of the same edges. The new raster
    closes the old one. `overview` opens one of its overviews.
    """
    if not FINEST_M <= gsd <= COARSEST_M:
        raise GridError(
            f"a scene can be read at {FINEST_M:g} to {COARSEST_M:g} metres per pixel, "
            f"but {gsd:g} was asked for"
        )
    had = gsd_m(raster.geobox)
    if not np.isfinite(had).all():
        raise GeoreferenceError(
            f"'{raster.name}' has no CRS that tells how many metres its pixels are, so it cannot "
            f"be read at {gsd:g} m per pixel; leave out --gsd, or say the CRS with --assign-crs"
        )
    down, across = (_tidied(gsd / metres) for metres in had)
    if down == across == 1:
        return replace(
            raster,
            notices=(*raster.notices, f"the scene has {gsd:g} m per pixel; read as it is"),
        )
    _check_steps(raster.name, gsd, had)
    picks = raster.colours is not None
    rows = Axis.of(raster.height, down, picks=picks)
    columns = Axis.of(raster.width, across, picks=picks)
    _check_size(raster.name, gsd, rows, columns)
    old = raster.geobox
    notice = f"read at {gsd:g} m per pixel; the scene has {_told(had)}"
    return replace(
        raster,
        geobox=GeoBox((rows.new, columns.new), old.affine * Affine.scale(across, down), old.crs),
        nodata=None,  # the reader says where there is data; a mean may be the value by chance
        notices=(*raster.notices, notice),
        reader=_reader(raster, rows, columns, overview),
        resampled_from=raster,
    )


def _reader(
    raster: Raster, rows: Axis, columns: Axis, overview: Overview | None
) -> ResampledReader:
    """What reads the raster, or an overview of it that is at least twice as fine as is wanted."""
    closes = ExitStack()
    closes.callback(raster.close)
    most = min(rows.step, columns.step) / FINER_OVERVIEW
    coarse = overview(most) if overview is not None and most >= FINER_OVERVIEW else None
    if coarse is None:
        return ResampledReader(raster, rows, columns, closes=closes)
    closes.callback(coarse.close)
    rows, columns = rows.over(coarse.height), columns.over(coarse.width)
    return ResampledReader(coarse, rows, columns, closes=closes)


def _tidied(step: float) -> float:
    """The step, or the whole number (of pixels, or of parts of one) that it all but is.

    >>> _tidied(4.0003), _tidied(0.2499), _tidied(3.7)
    (4.0, 0.25, 3.7)
    """
    whole = round(step) if step >= 1 else 1 / round(1 / step)
    return float(whole) if abs(step / whole - 1) <= SAME else step


def _check_steps(name: str, gsd: float, had: tuple[float, float]) -> None:
    """Refuse a GSD that is too far from what the scene has."""
    finest, coarsest = max(had) / MOST_FINER, min(had) * MOST_COARSER
    if gsd < finest * (1 - SAME):
        raise GridError(
            f"'{name}' has {_told(had)} m per pixel, and reading it at {gsd:g} would show nothing "
            f"new: at most {MOST_FINER} times finer; choose {finest:.3g} m or more"
        )
    if gsd > coarsest * (1 + SAME):
        raise GridError(
            f"'{name}' has {_told(had)} m per pixel, which is too fine to be read at {gsd:g}: at "
            f"most {MOST_COARSER} times coarser; choose {coarsest:.3g} m or less"
        )


def _check_size(name: str, gsd: float, rows: Axis, columns: Axis) -> None:
    """Refuse a raster that nobody could keep."""
    if rows.new * columns.new > MOST_PIXELS:
        raise GridError(
            f"'{name}' would be {rows.new:,} x {columns.new:,} pixels at {gsd:g} m per pixel, more "
            f"than {MOST_PIXELS:,}; choose a coarser GSD, or cut the scene"
        )


def _told(had: tuple[float, float]) -> str:
    """A GSD in words.

    >>> _told((0.075, 0.075)), _told((30.0, 20.5))
    ('0.075', '30 (down) x 20.5 (across)')
    """
    down, across = (f"{metres:.3g}" for metres in had)
    return down if down == across else f"{down} (down) x {across} (across)"


def _lengths(total: int) -> list[int]:
    """The lengths of the blocks along an axis."""
    return [min(BLOCK, total - first) for first in range(0, total, BLOCK)]


def _runs(window: slice, axis: Axis) -> Iterator[slice]:
    """The window in runs that lie on `OLD_SIDE` old pixels or little more."""
    length = min(max(int(OLD_SIDE / axis.step), 1), BLOCK)
    for first in range(window.start, window.stop, length):
        yield slice(first, min(first + length, window.stop))
