"""Where on the earth an xarray array lies."""

import numpy as np
import rioxarray  # noqa: F401  registers the accessor .rio
import xarray
from affine import Affine
from numpy.typing import NDArray
from odc.geo.crs import CRS

from tiles.errors import GeoreferenceError
from tiles.georeference import crs_of

UNEVEN = 0.25
"""Pixels that a coordinate may lie off the even grid; float32 degrees are off by up to 0.1."""


def array_crs(array: xarray.DataArray) -> CRS | None:
    """The CRS that rioxarray or odc-geo wrote onto the array, or None."""
    found = array.rio.crs
    return crs_of(found) if found else None


def array_transform(array: xarray.DataArray, *, rows: str, columns: str) -> Affine | None:
    """Pixels to coordinates, or None where the array has neither coordinates nor a transform.

    The coordinates are asked first: they stay true when the array is cut, the transform that
    rioxarray and odc-geo keep beside the CRS does not.
    """
    stored = _stored_transform(array)
    if rows in array.coords and columns in array.coords:
        found: Affine | None = _from_axes(array, stored, rows=rows, columns=columns)
    elif "xc" in array.coords and "yc" in array.coords and min(array.xc.shape) > 1:
        found = _from_centres(array.coords["xc"].to_numpy(), array.coords["yc"].to_numpy())
    else:
        found = stored
    only_counts = found == Affine.identity() and (not array.rio.crs or _has_gcps(array))
    return None if only_counts else found


def _from_axes(
    array: xarray.DataArray, stored: Affine | None, *, rows: str, columns: str
) -> Affine:
    """The transform that the coordinates of rows and columns tell."""
    top, step_down = _axis(array, rows, stored.e if stored else None)
    left, step_right = _axis(array, columns, stored.a if stored else None)
    found = Affine(step_right, 0, left, 0, step_down, top)
    counts_pixels = array.coords[columns].attrs.get("units") == "pixel"  # odc-geo, where rotated
    return _composed(stored, found) if stored and counts_pixels else found


def _stored(array: xarray.DataArray) -> dict[str, str]:
    """What is kept beside the CRS."""
    name = array.rio.grid_mapping
    return dict(array.coords[name].attrs) if name in array.coords else {}


def _has_gcps(array: xarray.DataArray) -> bool:
    """Whether the CRS is that of ground control points, so that it says nothing of the pixels."""
    return "gcps" in _stored(array)


def _stored_transform(array: xarray.DataArray) -> Affine | None:
    """The transform kept beside the CRS, or None."""
    text = _stored(array).get("GeoTransform")
    return Affine.from_gdal(*map(float, text.split())) if text else None


def _axis(array: xarray.DataArray, dim: str, stored_step: float | None) -> tuple[float, float]:
    """Where the first pixel of a dimension begins, and the step from pixel to pixel."""
    centres = array.coords[dim].to_numpy().astype(np.float64)
    if len(centres) > 1:
        step = float(centres[-1] - centres[0]) / (len(centres) - 1)
        even = np.linspace(centres[0], centres[-1], len(centres))
        if step == 0 or not np.all(np.abs(centres - even) <= UNEVEN * abs(step)):
            raise GeoreferenceError(
                f"the coordinates along {dim!r} are not evenly spaced, so the array is not a "
                "raster; put it on a regular grid first, e.g. with .interp or .odc.reproject"
            )
    else:
        known = array.coords[dim].attrs.get("resolution", stored_step)
        if known is None:
            raise GeoreferenceError(
                f"the array has a single pixel along {dim!r} and does not say how large it is; "
                "write its transform with .rio.write_transform, or give a larger array"
            )
        step = float(known)
    return float(centres[0]) - step / 2, step


def _composed(outer: Affine, inner: Affine) -> Affine:
    """First `inner`, which has no rotation, then `outer`."""
    return Affine(
        outer.a * inner.a,
        outer.b * inner.e,
        outer.a * inner.c + outer.b * inner.f + outer.c,
        outer.d * inner.a,
        outer.e * inner.e,
        outer.d * inner.c + outer.e * inner.f + outer.f,
    )


def _from_centres(xc: NDArray[np.float64], yc: NDArray[np.float64]) -> Affine:
    """The transform of a rotated grid from the (rows, columns) coordinates of its centres."""
    down, right = xc.shape[0] - 1, xc.shape[1] - 1
    a, d = (float(c[0, -1] - c[0, 0]) / right for c in (xc, yc))
    b, e = (float(c[-1, 0] - c[0, 0]) / down for c in (xc, yc))
    return Affine(a, b, float(xc[0, 0]) - (a + b) / 2, d, e, float(yc[0, 0]) - (d + e) / 2)
