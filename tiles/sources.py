"""A raster that is read chip by chip."""

from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray
from odc.geo.crs import CRS
from odc.geo.geobox import GeoBox

from tiles.errors import GridError
from tiles.grid import Roi
from tiles.validity import valid_pixels


@dataclass(frozen=True, slots=True, eq=False)
class Chip:
    """Pixels cut from a raster."""

    roi: Roi
    """Rows and columns of the raster; they may reach beyond it."""

    pixels: NDArray[np.generic]
    """(bands, height, width), in the raster's own type; 0 beyond the raster."""

    valid: NDArray[np.bool_]
    """(height, width): False where the raster has no data or does not reach."""


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """What the user says about a raster, against what the raster says itself."""

    bands: tuple[int, ...] | None = None
    """Band numbers, counted from 1; None takes the raster's colours."""

    nodata: float | None = None
    """The value that means no data; None takes the raster's own."""

    crs: CRS | None = None
    """The CRS its coordinates are in; None takes the raster's own."""


class PixelReader(Protocol):
    """Where the pixels of a raster come from; several threads may ask at once."""

    def read(
        self, roi: Roi, shape: tuple[int, int]
    ) -> tuple[NDArray[np.generic], NDArray[np.bool_] | None]:
        """Pixels (bands, *shape) of a window inside the raster, and where its masks allow them.

        A `shape` smaller than the window skips pixels evenly. None instead of a mask (*shape)
        allows all.
        """

    def cache_bytes(self, rows: int) -> int:
        """Bytes of decoded blocks that a run of `rows` rows touches at most."""

    def close(self) -> None:
        """Let go of what was opened for reading."""


@dataclass(frozen=True, slots=True, eq=False)
class Raster:
    """An open raster; close it, or use it in a `with` block."""

    name: str
    """What to call it: the path without passwords and signatures, or the array's name."""

    geobox: GeoBox
    """Its pixel grid on the ground; the CRS is None where it is not known."""

    bands: tuple[int, ...]
    """The bands looked at, counted from 1."""

    count: int
    """How many bands the raster has."""

    dtype: np.dtype[np.generic]
    """Type of the pixels."""

    nodata: NDArray[np.generic] | None
    """(bands,) the value that means no data, or None."""

    colours: NDArray[np.uint8] | None
    """(values, 4) red, green, blue, alpha of each value of a palette, or None."""

    notices: tuple[str, ...]
    """What a user should know about how it is read, in sentences."""

    reader: PixelReader = field(repr=False)
    """Where the pixels come from."""

    files: tuple[str, ...] = ()
    """The files it is read from, sidecars and the sources of a VRT too; empty if not known."""

    resampled_from: "Raster | None" = field(default=None, repr=False)
    """The raster it shows at another GSD, or None; what a whole scene is judged by is read there.
    """

    @property
    def height(self) -> int:
        """How many rows it has."""
        return int(self.geobox.shape[0])

    @property
    def width(self) -> int:
        """How many columns it has."""
        return int(self.geobox.shape[1])

    def read(self, roi: Roi) -> Chip:
        """The chip at `roi`, always of its full size; several threads may read at once."""
        top, bottom = _ends(roi[0], self.height)
        left, right = _ends(roi[1], self.width)
        inside = (
            slice(max(top, 0), min(bottom, self.height)),
            slice(max(left, 0), min(right, self.width)),
        )
        shape = (_length(inside[0]), _length(inside[1]))
        if shape == (bottom - top, right - left):
            return self._chip(inside, shape)
        pixels = np.zeros((len(self.bands), bottom - top, right - left), self.dtype)
        valid = np.zeros(pixels.shape[1:], np.bool_)
        if min(shape) > 0:
            within = self._chip(inside, shape)
            there = (_moved(inside[0], -top), _moved(inside[1], -left))
            pixels[:, *there] = within.pixels
            valid[there] = within.valid
        return Chip(roi, pixels, valid)

    def overview(self, max_side: int) -> Chip:
        """The whole raster, its longer side at most `max_side` pixels; overviews are used.

        Of a raster that is read at another GSD, the look at what is in its files.
        """
        if max_side < 1:
            raise GridError(f"an overview of {max_side} pixels was asked for; at least 1 is needed")
        if self.resampled_from is not None:
            return self.resampled_from.overview(max_side)
        scale = min(max_side / max(self.height, self.width), 1.0)
        shape = (max(int(self.height * scale), 1), max(int(self.width * scale), 1))
        return self._chip(np.s_[0 : self.height, 0 : self.width], shape)

    def _chip(self, roi: Roi, shape: tuple[int, int]) -> Chip:
        """The pixels of a window inside the raster, decimated to `shape`."""
        pixels, mask = self.reader.read(roi, shape)
        valid = valid_pixels(pixels, mask, nodata=self.nodata, colours=self.colours)
        return Chip(roi, pixels, valid)

    def cache_bytes(self, rows: int) -> int:
        """What GDAL's cache must hold so that a row of chips of `rows` rows decodes blocks once.

        With less, reading takes two to three times as long. 0 where GDAL does not read.
        """
        return self.reader.cache_bytes(rows)

    def close(self) -> None:
        """Close what was opened for it; a dataset that the user opened stays open."""
        self.reader.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _ends(window: slice, length: int) -> tuple[int, int]:
    """First and one-past-last pixel of a window; negative means before the raster."""
    start = 0 if window.start is None else int(window.start)
    stop = length if window.stop is None else int(window.stop)
    if stop <= start or window.step not in (None, 1):
        raise GridError(f"the window {window} has no pixels in it; give slice(first, last + 1)")
    return start, stop


def _length(window: slice) -> int:
    """How many pixels a window holds."""
    return max(int(window.stop) - int(window.start), 0)


def _moved(window: slice, by: int) -> slice:
    """The same window counted from another first pixel."""
    return slice(window.start + by, window.stop + by)
