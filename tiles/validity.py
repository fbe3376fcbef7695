"""Which pixels hold data."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class NodataChoice:
    """The values that mean no data, and what a user should know about them."""

    values: NDArray[np.generic] | None
    """(bands,), or None where no value means no data."""

    notices: tuple[str, ...] = ()
    """Sentences; empty where the values are as expected."""


def chosen_nodata(
    wanted: float | None, tags: Sequence[float | None], dtype: np.dtype[np.generic]
) -> NodataChoice:
    """The value of each band that means no data: the user's, or else the raster's `tags`.

    A pixel is without data only where all bands hold their value (see `valid_pixels`), so one band
    without such a value is enough for None; so is a value that the type cannot hold. NaN is never
    data and needs no value.

    >>> chosen_nodata(None, [255.0, 255.0], np.dtype("uint8")).values
    array([255, 255], dtype=uint8)
    >>> chosen_nodata(None, [-9999.0], np.dtype("uint8"))
    NodataChoice(values=None, notices=('no pixel can be -9999 (nodata) in uint8; ignored',))
    """
    said = [wanted] * len(tags) if wanted is not None else tags
    numbers = [value for value in said if value is not None and not np.isnan(value)]
    if len(numbers) < len(tags):
        return NodataChoice(None)
    values = [_in_type(number, dtype) for number in numbers]
    fitting = [value for value in values if value is not None]
    if len(fitting) == len(values):
        return NodataChoice(np.array(fitting, dtype))
    notice = f"no pixel can be {numbers[0]:g} (nodata) in {dtype}; ignored"
    return NodataChoice(None, (notice,))


def _in_type(value: float, dtype: np.dtype[np.generic]) -> float | int | None:
    """The value as the type holds it, or None where it cannot."""
    if dtype.kind == "f":
        with np.errstate(over="ignore"):
            return float(np.float64(value).astype(dtype))
    lowest, highest = _limits(dtype)
    fits = float(value).is_integer() and lowest <= value <= highest
    return int(value) if fits else None


def _limits(dtype: np.dtype[np.generic]) -> tuple[int, int]:
    """The lowest and highest whole number of a type; truth values are 0 and 1."""
    if dtype.kind == "b":
        return 0, 1
    limits = np.iinfo(dtype.str)
    return int(limits.min), int(limits.max)


def valid_pixels(
    pixels: NDArray[np.generic],
    mask: NDArray[np.bool_] | None,
    *,
    nodata: NDArray[np.generic] | None,
    colours: NDArray[np.uint8] | None,
) -> NDArray[np.bool_]:
    """(height, width): True where `pixels` (bands, height, width) hold data.

    A pixel holds data where the raster's own mask says so (None: everywhere), where at least one
    band differs from its nodata value (a single saturated band is a bright pixel, not a hole),
    where every band is a finite number, and where its palette colour is not fully transparent.
    """
    valid = np.ones(pixels.shape[1:], np.bool_) if mask is None else mask.copy()
    if nodata is not None:
        valid &= _differs(pixels, nodata)
    if np.issubdtype(pixels.dtype, np.floating):
        for band in pixels:
            valid &= np.isfinite(band)
    if colours is not None and not colours[:, 3].all():
        valid &= colours[:, 3].astype(np.bool_).take(pixels[0])
    return valid


def _differs(pixels: NDArray[np.generic], nodata: NDArray[np.generic]) -> NDArray[np.bool_]:
    """(height, width): True where at least one band is not its nodata value."""
    differs: NDArray[np.bool_] = pixels[0] != nodata[0]
    for band, value in zip(pixels[1:], nodata[1:], strict=True):
        differs |= band != value
    return differs


def opaque(mask: NDArray[np.bool_] | None, alphas: NDArray[np.generic]) -> NDArray[np.bool_] | None:
    """(height, width) True where a mask and all of `alphas` (bands, height, width) allow a pixel.

    None allows all. Half transparent counts as data.
    """
    for alpha in alphas:
        seen = alpha.astype(np.bool_)
        mask = seen if mask is None else mask & seen
    return mask
