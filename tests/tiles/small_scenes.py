"""Small scenes that tests build, and what they are held against."""

import warnings
from pathlib import Path

import numpy as np
import rasterio
import xarray
from affine import Affine
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.errors import NotGeoreferencedWarning
from rasterio.vrt import WarpedVRT

from tiles.sources import Raster

UTM = {"crs": "EPSG:32617", "transform": Affine(0.5, 0, 5e5, 0, -0.5, 4e6)}
"""Where a scene lies whose pixels are half a metre."""


def noise(height: int, width: int, *, count: int = 3, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (count, height, width)).astype(np.uint8)


def array_of(pixels: NDArray[np.generic], nodata: float | None = None) -> xarray.DataArray:
    array = xarray.DataArray(pixels, dims=("band", "y", "x"))
    placed: xarray.DataArray = array.rio.write_crs("EPSG:32617").rio.write_transform(
        UTM["transform"]
    )
    if nodata is not None:
        placed.attrs["nodata"] = nodata
    return placed


def write_tif(path: Path, pixels: NDArray[np.generic], **profile: object) -> Path:
    count, height, width = pixels.shape
    shape = {"count": count, "height": height, "width": width, "dtype": pixels.dtype.name}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with rasterio.open(path, "w", driver="GTiff", **shape, **profile) as dataset:
            dataset.write(pixels)
    return path


def whole(raster: Raster) -> tuple[NDArray[np.generic], NDArray[np.bool_]]:
    chip = raster.read(np.s_[0 : raster.height, 0 : raster.width])
    return chip.pixels, chip.valid


def warped(path: Path, raster: Raster, how: Resampling) -> NDArray[np.generic]:
    """GDAL's own resampling of a whole scene."""
    with (
        rasterio.open(path) as dataset,
        WarpedVRT(
            dataset,
            resampling=how,
            transform=raster.geobox.affine,
            height=raster.height,
            width=raster.width,
            crs=dataset.crs,
        ) as oracle,
    ):
        pixels: NDArray[np.generic] = oracle.read()
    return pixels
