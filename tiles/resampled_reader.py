"""Windows of pixels made from the finer or coarser ones of another raster."""

import math
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import product

import numpy as np
from numpy.typing import NDArray

from tiles.axes import Axis
from tiles.grid import Roi
from tiles.held_blocks import HeldBlocks
from tiles.sources import Raster

HALF = 0.5 - 1e-5
"""The share of data that a pixel needs, less what float32 may lose."""

BLOCK = 64
"""Side of the blocks that are kept for the chips that share them; twice that is made in vain at
most around a chip that is read alone, as in training."""

OLD_SIDE, NEW_SIDE = 1024, 256
"""Sides of what is resampled at once: in pixels of the source, and at most in new ones."""


class ResampledReader:
    """A PixelReader over another raster; a pixel is the same whichever window it is read in."""

    def __init__(self, source: Raster, rows: Axis, columns: Axis, *, closes: ExitStack) -> None:
        """`closes` is closed with the reader."""
        self._source = source
        self._rows = rows
        self._columns = columns
        self._closes = closes
        self._exact = _exact(source.dtype)
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
        return _stored(made, self._source.dtype)


def _exact(dtype: np.dtype[np.generic]) -> np.dtype[np.generic]:
    """The type that values are summed in: float32 where it keeps a mean of theirs true.

    Summed in float32, 65535 becomes 65535.6 where a pixel has hundreds of old ones in it.
    """
    return np.promote_types(dtype, np.float32 if dtype.itemsize == 1 else np.float64)


def _stored(made: NDArray[np.floating], dtype: np.dtype[np.generic]) -> NDArray[np.generic]:
    """The values in the type of the source, whole ones rounded.

    >>> _stored(np.array([-0.6, 1.5, 255.6]), np.dtype("uint8"))
    array([  0,   2, 255], dtype=uint8)
    """
    if dtype.kind in "iu":
        limits = np.iinfo(dtype.str)
        highest = made.dtype.type(limits.max)
        if int(highest) > limits.max:  # 64 bits; one step on would wrap round to the lowest
            highest = np.nextafter(highest, made.dtype.type(0))
        made = np.floor(made + 0.5).clip(limits.min, highest)
    elif dtype.kind == "b":
        made = np.floor(made + 0.5)
    return made.astype(dtype)


def _lengths(total: int) -> list[int]:
    """The lengths of the blocks along an axis."""
    return [min(BLOCK, total - first) for first in range(0, total, BLOCK)]


def _runs(window: slice, axis: Axis) -> Iterator[slice]:
    """The window in runs that lie on `OLD_SIDE` old pixels or little more."""
    length = min(max(int(OLD_SIDE / axis.step), 1), NEW_SIDE)
    for first in range(window.start, window.stop, length):
        yield slice(first, min(first + length, window.stop))
