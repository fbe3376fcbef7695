"""Masks and scores as rasters: written in bands of rows, kept as COGs, read back lazily."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import product
from math import ceil
from pathlib import Path
from typing import Any, Literal

import numpy as np
import rasterio
import rasterio.shutil
import rioxarray as rioxarray  # gives arrays their .rio
import xarray
from numpy.typing import NDArray
from odc.geo import xr as xr  # gives arrays their .odc
from odc.geo.geobox import GeoBox
from rasterio.enums import Interleaving
from rasterio.errors import NotGeoreferencedWarning
from rasterio.windows import Window

from tiles.gdal_cache import limited_cache
from tiles.grid import Roi
from tiles.outputs import FAILURES, PathLike, told
from tiles.silence import silenced

COG_CACHE = 16 * 2**20
"""Bytes of GDAL's cache while a COG is made: with the next, 82 MB in place of 446 MB for
16384 x 16384, and no slower."""

COG_ENVIRONMENT = {"GDAL_OVR_CHUNK_MAX_SIZE": 2_000_000}

COG_BLOCK = 512

SCRATCH_BLOCK = (128, 1024)
"""Rows, columns. Flat, so that few rows wait in memory for their block to fill."""


@dataclass(frozen=True, slots=True)
class Content:
    """What the numbers in a raster mean, as far as files care."""

    dtype: Literal["uint8", "float32"]

    nodata: float

    overviews: Literal["mode", "average"]
    """How many pixels become one in the overviews."""

    colours: Mapping[int, tuple[int, int, int, int]] | None = None
    """Red, green, blue, opacity of each value, where a raster of one band can have them."""


MASK = Content(
    "uint8", 255, "mode", {0: (0, 0, 0, 0), 1: (230, 25, 140, 255), 255: (128, 128, 128, 0)}
)
"""1 object, 0 not, 255 no data."""

SCORES = Content("float32", float("nan"), "average")
"""0 to 1; NaN where there is no data."""


def _open(path: PathLike, mode: str = "r", **options: Any) -> Any:  # noqa: ANN401  of rasterio
    """The dataset at `path`; that it lies nowhere is nothing to warn of."""
    with silenced(NotGeoreferencedWarning):
        return rasterio.open(path, mode, **options)


class Scratch:
    """A raster that is being written, one band per query, best from top to bottom."""

    def __init__(self, dataset: rasterio.io.DatasetWriter) -> None:
        self._dataset = dataset
        shape = (dataset.count, SCRATCH_BLOCK[0], dataset.width)
        self._waiting = np.empty(shape, dataset.dtypes[0])
        self._waiting_rows = slice(0, 0)

    def write(self, roi: Roi, values: NDArray[np.generic]) -> None:
        """Put (queries, rows, width) where `roi`, full-width rows, says."""
        first, stop = roi[0].start, roi[0].stop
        if values.shape != (self._dataset.count, stop - first, self._dataset.width):
            raise ValueError(
                f"rows {first}..{stop} of {self._dataset.count} bands, {self._dataset.width} wide, "
                f"were to be written, but the values are {values.shape}"
            )
        for rows in _by_block(first, stop):
            part = values[:, rows.start - first : rows.stop - first]
            if rows.stop - rows.start == SCRATCH_BLOCK[0]:
                self._put(rows, part)
            else:
                self._hold(rows, part)

    def flush(self) -> None:
        """Write the rows that wait for their block to fill."""
        rows = self._waiting_rows
        if rows.stop > rows.start:
            first = rows.start % SCRATCH_BLOCK[0]
            self._put(rows, self._waiting[:, first : first + rows.stop - rows.start])
        self._waiting_rows = slice(0, 0)

    def _hold(self, rows: slice, values: NDArray[np.generic]) -> None:
        """Keep rows of one block back until the block is full: packed blocks are written once."""
        if rows.start != self._waiting_rows.stop or rows.start % SCRATCH_BLOCK[0] == 0:
            self.flush()
            self._waiting_rows = slice(rows.start, rows.start)
        first = rows.start % SCRATCH_BLOCK[0]
        self._waiting[:, first : first + values.shape[1]] = values
        self._waiting_rows = slice(self._waiting_rows.start, rows.stop)
        if rows.stop % SCRATCH_BLOCK[0] == 0:
            self.flush()

    def _put(self, rows: slice, values: NDArray[np.generic]) -> None:
        window = Window(0, rows.start, self._dataset.width, rows.stop - rows.start)
        with told(self._dataset.name):
            for band, plane in enumerate(values, start=1):
                self._dataset.write(plane, band, window=window)


def _by_block(first: int, stop: int) -> Iterator[slice]:
    """The rows `first` up to `stop`, cut where the blocks of the scratch raster end.

    >>> list(_by_block(100, 300))
    [slice(100, 128, None), slice(128, 256, None), slice(256, 300, None)]
    """
    while first < stop:
        end = min(stop, (first // SCRATCH_BLOCK[0] + 1) * SCRATCH_BLOCK[0])
        yield slice(first, end)
        first = end


@contextmanager
def open_scratch(
    path: PathLike, geobox: GeoBox, *, queries: Sequence[str], content: Content = MASK
) -> Iterator[Scratch]:
    """A raster to write in bands of rows; rows never written are no data.

    Not a COG yet: `write_cog` makes one of it when it is complete.
    """
    with told(path):
        dataset = _open(path, "w", **_scratch_profile(geobox, len(queries), content))
        for band, query in enumerate(queries, start=1):
            dataset.set_band_description(band, query)
        if content.colours and len(queries) == 1:
            dataset.write_colormap(1, dict(content.colours))
    scratch = Scratch(dataset)
    try:
        yield scratch
        scratch.flush()
    except BaseException:
        with suppress(*FAILURES):  # what went wrong first is what is told
            dataset.close()
        raise
    with told(path):
        dataset.close()
        _check_whole(path)


def _scratch_profile(geobox: GeoBox, count: int, content: Content) -> dict[str, Any]:
    """How the scratch raster is stored.

    Packed by zstd 1: 16384 x 16384 in 0.2 s and 3 MB, where plain blocks took 0.3 s and 268 MB.
    """
    height, width = geobox.shape
    several = {"photometric": "minisblack", "alpha": "unspecified"}  # 3 bands are not red, green..
    return {
        "driver": "GTiff",
        "height": height,
        "width": width,
        "count": count,
        "dtype": content.dtype,
        "nodata": content.nodata,
        "crs": None if geobox.crs is None else rasterio.CRS.from_wkt(geobox.crs.to_wkt()),
        "transform": geobox.affine,
        "tiled": True,
        "blockysize": SCRATCH_BLOCK[0],
        "blockxsize": SCRATCH_BLOCK[1],
        "interleave": "band",
        "compress": "zstd",
        "zstd_level": 1,
        "bigtiff": "if_safer",
        **(several if count > 1 else {}),
    }


def write_cog(path: PathLike, scratch: PathLike, *, tags: Mapping[str, str] | None = None) -> None:
    """Make a Cloud Optimized GeoTIFF of a complete scratch raster; `tags` tell where it is from.

    Deflate, because every reader knows it; zstd was 13 % faster and not everywhere.
    """
    environment = {name: value for name, value in COG_ENVIRONMENT.items() if name not in os.environ}
    with told(path), limited_cache(COG_CACHE), rasterio.Env(**environment):
        with _open(scratch, "r+") as source:
            source.update_tags(**(tags or {}))
            content = MASK if source.dtypes[0] == MASK.dtype else SCORES
        rasterio.shutil.copy(
            scratch,
            path,
            driver="COG",
            blocksize=COG_BLOCK,
            compress="DEFLATE",
            predictor="YES",
            overview_resampling=content.overviews,
            num_threads="ALL_CPUS",
            bigtiff="IF_SAFER",
        )
        _check_whole(path)


def _check_whole(path: PathLike) -> None:
    """Refuse a TIFF that lost blocks: GDAL says nothing of those it writes while it closes."""
    size = Path(path).stat().st_size
    with _open(path) as dataset:
        levels = len(dataset.overviews(1))
    for options in ({}, *({"overview_level": level} for level in range(levels))):
        with _open(path, "r", **options) as dataset:
            if any(end is None or end > size for end in _block_ends(dataset)):
                raise OSError("the disk did not take all of it")


def _block_ends(dataset: rasterio.DatasetReader) -> Iterator[int | None]:
    """Where each block of a TIFF ends in the file; None for a block that is not there."""
    planes = dataset.indexes if dataset.interleaving is Interleaving.band else dataset.indexes[:1]
    height, width = dataset.block_shapes[0]
    for row, column in product(
        range(ceil(dataset.height / height)), range(ceil(dataset.width / width))
    ):
        for band in planes:
            start, length = (
                dataset.get_tag_item(f"BLOCK_{what}_{column}_{row}", "TIFF", bidx=band)
                for what in ("OFFSET", "SIZE")
            )
            yield None if start is None or length is None else int(start) + int(length)


def open_mask(path: PathLike) -> xarray.DataArray:
    """The mask in a file as (query, y, x), read when it is looked at."""
    return _opened(path).rename("mask")


def open_scores(path: PathLike) -> xarray.DataArray:
    """The scores in a file as (query, y, x), read when they are looked at."""
    return _opened(path).rename("scores")


def _opened(path: PathLike) -> xarray.DataArray:
    """A raster of one band per query, georeferenced as rioxarray and odc-geo do it."""
    with _open(path) as dataset:
        queries = list(dataset.descriptions)
        straight = dataset.transform.is_rectilinear
    with (
        silenced(NotGeoreferencedWarning),
        # CF cannot say all of a Swiss CRS; its WKT, kept beside, does
        silenced(UserWarning, ".* lost in conversion to CF"),
    ):
        array = xarray.open_dataarray(
            Path(path),
            engine="rasterio",
            mask_and_scale=False,
            parse_coordinates=straight,  # rotated ones would fill two arrays as large as the scene
        )
    for name in ("long_name", "scale_factor", "add_offset"):
        array.attrs.pop(name, None)
    return array.rename(band="query").assign_coords(query=queries)
