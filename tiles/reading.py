"""The door to a raster: open whatever the user points at, read it chip by chip."""

import os
from collections.abc import Sequence
from functools import partial

import rasterio
import xarray
from rasterio.io import DatasetWriter
from rasterio.vrt import WarpedVRT

from tiles.errors import SourceError
from tiles.georeference import map_crs
from tiles.raster_arrays import open_array
from tiles.raster_files import open_dataset, open_file, open_overview
from tiles.resampling import resampled
from tiles.sources import Chip, Raster, ReadingOptions

__all__ = ["Chip", "Raster", "open_raster"]


def open_raster(
    source: str | os.PathLike[str] | rasterio.DatasetReader | xarray.DataArray,
    *,
    bands: Sequence[int] | None = None,
    nodata: float | None = None,
    crs: str | None = None,
    gsd: float | None = None,
) -> Raster:
    """The raster in a file, at a URL, in an open dataset or in a georeferenced array.

    `bands` are counted from 1; without them the raster's red, green and blue are taken, or its
    grey. `nodata` replaces the raster's own nodata value (NaN: no value means no data; masks and
    alpha bands count all the same). `crs` replaces the raster's own CRS; nothing is reprojected.
    `gsd` is the metres per pixel to read it at, by default its own (see `tiles.resampling`).
    Values are never scaled: what a raster says about scale and offset is left to its users.
    """
    options = ReadingOptions(
        bands=None if bands is None else tuple(bands),
        nodata=nodata,
        crs=None if crs is None else map_crs(crs),
    )
    raster = _opened(source, options)
    if gsd is None:
        return raster
    overview = None
    if isinstance(source, str | os.PathLike):
        overview = partial(open_overview, os.fspath(source), options)
    try:
        return resampled(raster, gsd, overview=overview)
    except BaseException:
        raster.close()
        raise


def _opened(
    source: str | os.PathLike[str] | rasterio.DatasetReader | xarray.DataArray,
    options: ReadingOptions,
) -> Raster:
    """The raster at its own GSD."""
    if isinstance(source, xarray.DataArray):
        return open_array(source, options)
    if isinstance(source, rasterio.DatasetReader | DatasetWriter | WarpedVRT):
        return open_dataset(source, options)
    if isinstance(source, str | os.PathLike):
        return open_file(os.fspath(source), options)
    raise SourceError(
        f"{type(source).__name__} is no kind of raster; give a path, a URL, an open rasterio "
        "dataset or an xarray.DataArray (of a Dataset, choose one variable)"
    )
