"""Rasters held by xarray."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray
from numpy.typing import NDArray

from tiles.array_georeference import array_crs, array_transform
from tiles.bands import chosen_bands
from tiles.errors import BandsError, SourceError
from tiles.georeference import georeference
from tiles.grid import Roi
from tiles.held_blocks import HeldBlocks
from tiles.source_names import source_name, without_secrets
from tiles.sources import Raster, ReadingOptions
from tiles.validity import chosen_nodata, opaque

SPATIAL_DIMS = (
    ("y", "x"),
    ("latitude", "longitude"),
    ("lat", "lon"),
    ("northing", "easting"),
)
"""Names of the dimensions of rows and columns."""

NODATA_ATTRIBUTES = ("_FillValue", "missing_value", "fill_value", "nodata")
"""Where xarray's readers write the value that means no data."""

PIXELS_AT_ONCE = 16_000_000
"""Pixels of each band that an overview loads at a time: 50 MB for three bands of bytes."""


@dataclass(frozen=True, slots=True)
class Dims:
    """Which dimension of an array is which."""

    rows: str
    columns: str
    bands: str | None
    """None where there is one band and no dimension for it."""


def open_array(array: xarray.DataArray, options: ReadingOptions) -> Raster:
    """The raster in an array with rows, columns and perhaps bands, in any order."""
    name = "the array" if array.name is None else f"the array {source_name(str(array.name))}"
    source = array.encoding.get("source")
    rows, columns = _spatial_dims(array, name)
    single = [d for d in array.dims if d not in (rows, columns) and array.sizes[d] == 1]
    array = array.squeeze(single)
    dims = Dims(rows, columns, _band_dim(array, rows=rows, columns=columns))
    _check_pixels(array, name)
    roles = _roles(array, dims)
    choice = chosen_bands(options.bands, roles)
    placed = georeference(
        (array.sizes[rows], array.sizes[columns]),
        array_transform(array, rows=rows, columns=columns),
        found=array_crs(array),
        assigned=options.crs,
    )
    masked_as = _masked_value(array)
    nodata = chosen_nodata(
        options.nodata, [_nodata(array, masked_as)] * len(choice.bands), array.dtype
    )
    planes = [*choice.bands, *(b for b, role in enumerate(roles, start=1) if role == "alpha")]
    return Raster(
        name=name,
        geobox=placed.geobox,
        bands=choice.bands,
        count=len(roles),
        dtype=array.dtype,
        nodata=nodata.values,
        colours=None,
        notices=(*placed.notices, *choice.notices, *nodata.notices),
        reader=ArrayReader(
            array.variable, dims, planes=planes, colours=len(choice.bands), masked_as=masked_as
        ),
        files=() if source is None else (str(source),),
    )


class ArrayReader:
    """A PixelReader over the values of an array, loaded window by window where it is lazy."""

    def __init__(
        self,
        values: xarray.Variable,
        dims: Dims,
        *,
        planes: Sequence[int],
        colours: int,
        masked_as: float | None,
    ) -> None:
        """`planes` are the numbers of the bands to read; those after `colours` are alphas.

        `masked_as` is the value that NaN stands for, or None where it stands for itself.
        """
        self._dims = dims
        self._colours = colours
        self._masked_as = masked_as
        order = (dims.bands, dims.rows, dims.columns) if dims.bands else (dims.rows, dims.columns)
        self._order = order
        first, last = planes[0] - 1, planes[-1]
        together = list(planes) == list(range(first + 1, last + 1))
        # a slice is a view of an array in memory, and one step less for a lazy one
        self._planes = slice(first, last) if together else [band - 1 for band in planes]
        self._values = values
        self._held = self._held_blocks(len(planes))

    def _held_blocks(self, planes: int) -> HeldBlocks | None:
        """What keeps the blocks of a dask array; None where the values are at hand."""
        chunks = self._values.chunksizes
        if not chunks:
            return None
        return HeldBlocks(
            self._load,
            (chunks[self._dims.rows], chunks[self._dims.columns]),
            pixel_bytes=planes * self._values.dtype.itemsize,
        )

    def cache_bytes(self, rows: int) -> int:  # noqa: ARG002  the array loads as it was made to
        """Nothing is read through GDAL's cache."""
        return 0

    def close(self) -> None:
        """Nothing was opened."""

    def read(
        self, roi: Roi, shape: tuple[int, int]
    ) -> tuple[NDArray[np.generic], NDArray[np.bool_] | None]:
        """Pixels (bands, *shape) of a window inside the raster, and where its alpha allows them."""
        try:
            planes = self._planes_of(roi, shape)
        except MemoryError:
            raise
        except Exception as error:  # an array is loaded by code of others, which may raise anything
            raise SourceError(_why_not_loaded(roi, error, self._values)) from error
        return planes[: self._colours], opaque(None, planes[self._colours :])

    def _planes_of(self, roi: Roi, shape: tuple[int, int]) -> NDArray[np.generic]:
        """(bands and alphas, *shape)."""
        if (_length(roi[0]), _length(roi[1])) != shape:
            return self._skipping(roi, shape)
        return self._load(*roi) if self._held is None else self._held.read(*roi)

    def _load(
        self, rows: slice | NDArray[np.intp], columns: slice | NDArray[np.intp]
    ) -> NDArray[np.generic]:
        """(bands and alphas, rows, columns) of the array."""
        wanted: dict[str, object] = {self._dims.rows: rows, self._dims.columns: columns}
        if self._dims.bands:
            wanted[self._dims.bands] = self._planes
        loaded = self._values.isel(wanted).transpose(*self._order).to_numpy()
        if self._masked_as is not None:
            loaded = np.where(np.isnan(loaded), loaded.dtype.type(self._masked_as), loaded)
        return loaded if self._dims.bands else np.repeat(loaded[None], self._colours, axis=0)

    def _skipping(self, roi: Roi, shape: tuple[int, int]) -> NDArray[np.generic]:
        """The pixels nearest to an even grid of `shape`, loaded a run of rows at a time."""
        rows, columns = (_even(part, length) for part, length in zip(roi, shape, strict=True))
        runs = math.ceil(_length(roi[0]) * _length(roi[1]) / PIXELS_AT_ONCE)
        parts = [self._load(run, columns) for run in np.array_split(rows, runs) if len(run)]
        return np.concatenate(parts, axis=1)


def _even(window: slice, length: int) -> NDArray[np.intp]:
    """`length` positions spread evenly over a window, each in the middle of its share."""
    step = _length(window) / length
    middles: NDArray[np.float64] = window.start + (np.arange(length) + 0.5) * step
    return middles.astype(np.intp)


def _length(window: slice) -> int:
    """How many pixels a window holds."""
    return int(window.stop) - int(window.start)


def _why_not_loaded(roi: Roi, error: Exception, values: xarray.Variable) -> str:
    """What is wrong with a window that an array cannot load, and what to do."""
    rows, columns = roi
    reason = without_secrets(f"{type(error).__name__}: {error}", str(values.encoding.get("source")))
    return (
        f"the array cannot be loaded at rows {rows.start} to {rows.stop - 1}, columns "
        f"{columns.start} to {columns.stop - 1} ({reason}); try to load this window by itself"
    )


def _spatial_dims(array: xarray.DataArray, name: str) -> tuple[str, str]:
    """The dimensions of rows and columns."""
    for rows, columns in SPATIAL_DIMS:
        if rows in array.dims and columns in array.dims:
            return rows, columns
    known = ", ".join(f"({rows}, {columns})" for rows, columns in SPATIAL_DIMS)
    raise SourceError(
        f"{name} has the dimensions {array.dims}, none of them rows and columns; "
        f"rename two of them to one of {known}"
    )


def _band_dim(array: xarray.DataArray, *, rows: str, columns: str) -> str | None:
    """The dimension of bands, or None where there is none."""
    others = [str(dim) for dim in array.dims if dim not in (rows, columns)]
    times = [dim for dim in others if dim == "time" or _is_time(array, dim)]
    if len(others) > 1 or times:
        unwanted = times or others
        raise SourceError(
            f"the array has the dimensions {array.dims} beside rows and columns, but only bands "
            f"can be read; choose one layer, e.g. with .isel({unwanted[0]}=0)"
        )
    return others[0] if others else None


def _is_time(array: xarray.DataArray, dim: str) -> bool:
    """Whether a dimension counts moments rather than bands."""
    return dim in array.coords and array.coords[dim].dtype.kind in "mM"


def _check_pixels(array: xarray.DataArray, name: str) -> None:
    """Refuse pixels that are not real numbers, and arrays without any."""
    if array.dtype.kind not in "biuf":
        raise BandsError(
            f"{name} holds {array.dtype}, which has no brightness; convert it to real numbers"
        )
    if array.size == 0:
        raise SourceError(f"{name} is empty: {dict(array.sizes)}; give at least one pixel")


def _roles(array: xarray.DataArray, dims: Dims) -> tuple[str, ...]:
    """What each band is for, where the labels of the bands tell."""
    if dims.bands is None:
        return ("gray",)
    if dims.bands not in array.coords:
        return ("undefined",) * array.sizes[dims.bands]
    return tuple(str(label).lower() for label in array.coords[dims.bands].to_numpy())


def _masked_value(array: xarray.DataArray) -> float | None:
    """The value that a reader turned into NaN, or None.

    It did so band by band. Only with the value put back can a pixel that lacks all bands be told
    from one that is saturated in one of them. Not so where the values were scaled as well.
    """
    encoding = array.encoding
    scaled = (encoding.get("scale_factor", 1), encoding.get("add_offset", 0)) != (1, 0)
    value = encoding.get("_FillValue")
    return None if array.dtype.kind != "f" or scaled or value is None else float(value)


def _nodata(array: xarray.DataArray, masked_as: float | None) -> float | None:
    """The value that means no data, or None; NaN needs none."""
    for attribute in NODATA_ATTRIBUTES:
        if attribute in array.attrs:
            return float(array.attrs[attribute])
    encoded = masked_as if array.dtype.kind == "f" else array.encoding.get("_FillValue")
    return None if encoded is None else float(encoded)
