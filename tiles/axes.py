"""What each new row or column of a resampled raster is made of."""

import math
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray


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
