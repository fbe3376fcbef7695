"""Rasters that GDAL reads."""

import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import numpy as np
import rasterio
from numpy.typing import NDArray
from odc.geo.crs import CRS
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window

from tiles.bands import chosen_bands
from tiles.errors import BandsError, SourceError, TilesError
from tiles.georeference import crs_of, georeference
from tiles.grid import Roi
from tiles.rasters import Raster, ReadingOptions
from tiles.validity import nodata_values

READABLE_MODES = ("r", "r+", "w+")

_opening = threading.Lock()


def open_file(path: str, options: ReadingOptions) -> Raster:
    """The raster at a path or URL, closed with the `Raster`."""
    with ExitStack() as opened:
        dataset = opened.enter_context(_opened(path))
        raster = _raster(dataset, options, opened)
        opened.pop_all()
    return raster


def open_dataset(dataset: rasterio.DatasetReader, options: ReadingOptions) -> Raster:
    """The raster in a dataset that the user opened; it stays open when the `Raster` is closed."""
    if dataset.closed:
        raise SourceError(f"{dataset.name} was closed already; open it again")
    if getattr(dataset, "mode", "r") not in READABLE_MODES:
        raise SourceError(f"{dataset.name} is open for writing only; close it and give its path")
    with ExitStack() as opened:
        raster = _raster(dataset, options, opened)
        opened.pop_all()
    return raster


def _opened(path: str) -> rasterio.DatasetReader:
    """The dataset at `path`."""
    try:
        with _without_georeference_warnings():
            return rasterio.open(path, sharing=False)
    except (RasterioError, OSError, ValueError) as error:
        raise SourceError(_why_not_opened(path, error)) from error


@contextmanager
def _without_georeference_warnings() -> Iterator[None]:
    """Python's filters belong to the whole process, so one thread at a time changes them."""
    with _opening, warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        yield


def _why_not_opened(path: str, error: Exception) -> str:
    """What is wrong with a path that GDAL cannot open, and what to do."""
    if not path.strip():
        return "the path of the raster is empty; name a file or a URL"
    if os.path.isdir(path):
        return f"{path} is a folder; name a raster file inside it"
    if os.path.exists(path):
        if not os.access(path, os.R_OK):
            return f"{path} may not be read by this user; change its permissions"
        if os.path.getsize(path) == 0:
            return f"{path} is empty (0 bytes); copy or download it again"
        return f"{path} is not a raster that GDAL can read, or it is damaged ({error})"
    if "No such file" in str(error):
        return f"there is no file {path}; check the path"
    return f"{path} cannot be opened; check the address and the access rights ({error})"
