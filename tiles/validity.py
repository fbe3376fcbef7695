"""Which pixels hold data."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def nodata_values(
    tags: Sequence[float | None], dtype: np.dtype[np.generic]
) -> NDArray[np.generic] | None:
    """The value of each band that means no data, or None where no pixel can be without data.

    A pixel is without data only where all bands hold their value (see `valid_pixels`), so one band
    without such a value is enough for None; so is a value that the type cannot hold. NaN is never
    data and needs no value.

    >>> nodata_values([255.0, 255.0], np.dtype("uint8"))
    array([255, 255], dtype=uint8)
    >>> nodata_values([-9999.0, -9999.0], np.dtype("uint8")) is None
    True
    """
    values = [_in_type(tag, dtype) for tag in tags if tag is not None and not np.isnan(tag)]
    fitting = [value for value in values if value is not None]
    return np.array(fitting, dtype) if len(fitting) == len(tags) else None


def _in_type(tag: float, dtype: np.dtype[np.generic]) -> np.generic | None:
    """The value as the type holds it, or None where it cannot."""
    if np.issubdtype(dtype, np.floating):
        with np.errstate(over="ignore"):
            return np.asarray(tag).astype(dtype)[()]
    if np.issubdtype(dtype, np.integer):
        limits = np.iinfo(dtype)
        fits = float(tag).is_integer() and limits.min <= tag <= limits.max
        return np.asarray(int(tag)).astype(dtype)[()] if fits else None
    return None


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
        valid &= colours[:, 3].take(pixels[0], mode="clip") > 0
    return valid


def _differs(pixels: NDArray[np.generic], nodata: NDArray[np.generic]) -> NDArray[np.bool_]:
    """(height, width): True where at least one band is not its nodata value."""
    differs: NDArray[np.bool_] = pixels[0] != nodata[0]
    for band, value in zip(pixels[1:], nodata[1:], strict=True):
        differs |= band != value
    return differs
