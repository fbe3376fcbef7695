"""Small scenes that say in one way or another which of their pixels are no data."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.enums import Resampling

from tests.tiles.small_scenes import UTM, write_tif

DATA, MISSING = (100, 110, 120), (250, 3, 180)
"""Red, green and blue of what is there and of what is not."""

Finish = Callable[[Path], object]
"""Makes the overviews of a scene, or leaves it without."""

Make = Callable[[Path, NDArray[np.bool_], Finish], None]
"""Writes a scene that has data where it is True."""


def coloured(there: NDArray[np.bool_], missing: tuple[int, ...] = MISSING) -> NDArray[np.uint8]:
    """(3, height, width) of the colours of what is there and of what is not."""
    pixels = np.where(there, *(np.array(each)[:, None, None] for each in (DATA, missing)))
    return pixels.astype(np.uint8)


def write_mask(path: Path, there: NDArray[np.bool_], *, internal: bool) -> None:
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=internal), rasterio.open(path, "r+") as dataset:
        dataset.write_mask(there)


def masked_before(path: Path, there: NDArray[np.bool_], finish: Finish, *, internal: bool) -> None:
    write_mask(write_tif(path, coloured(there), **UTM), there, internal=internal)
    finish(path)


def masked_after(path: Path, there: NDArray[np.bool_], finish: Finish, *, internal: bool) -> None:
    finish(write_tif(path, coloured(there), **UTM))
    write_mask(path, there, internal=internal)


def untagged(path: Path, there: NDArray[np.bool_], finish: Finish) -> None:
    finish(write_tif(path, coloured(there, (255,) * 3), **UTM))


def tagged_before(path: Path, there: NDArray[np.bool_], finish: Finish) -> None:
    finish(write_tif(path, coloured(there, (255,) * 3), nodata=255, **UTM))


def tagged_after(path: Path, there: NDArray[np.bool_], finish: Finish) -> None:
    untagged(path, there, finish)
    with rasterio.open(path, "r+") as dataset:
        dataset.nodata = 255


def tagged_by_bands(path: Path, there: NDArray[np.bool_], finish: Finish) -> None:
    write_tif(path, coloured(there), **UTM)
    with rasterio.open(path, "r+") as dataset:
        dataset.update_tags(NODATA_VALUES=" ".join(map(str, MISSING)))
    finish(path)


def with_alpha(path: Path, there: NDArray[np.bool_], finish: Finish) -> None:
    pixels = np.concatenate([coloured(there), there[None] * np.uint8(255)])
    write_tif(path, pixels, photometric="rgb", alpha="yes", **UTM)
    finish(path)


def with_nan(path: Path, there: NDArray[np.bool_], finish: Finish, *, tag: float | None) -> None:
    pixels = np.where(there, coloured(there), np.float32(np.nan))
    finish(write_tif(path, pixels, nodata=tag, **UTM))


MAKES: dict[str, Make] = {
    "nodata only the user knows of": untagged,
    "tag before": tagged_before,
    "tag after": tagged_after,
    "tag of each band": tagged_by_bands,
    "mask before": partial(masked_before, internal=True),
    "mask after": partial(masked_after, internal=True),
    "mask file before": partial(masked_before, internal=False),
    "mask file after": partial(masked_after, internal=False),
    "alpha": with_alpha,
    "NaN": partial(with_nan, tag=None),
    "NaN tagged": partial(with_nan, tag=np.nan),
}


def built(path: Path, *, external: bool = False, how: Resampling = Resampling.average) -> Path:
    """The scene with overviews, in itself or in a file beside it."""
    with rasterio.Env(TIFF_USE_OVR=external), rasterio.open(path, "r+") as dataset:
        dataset.build_overviews([2, 4], how)
    return path


def holding(rows: tuple[int, int], columns: tuple[int, int], *, hole: bool) -> NDArray[np.bool_]:
    """(120, 100) a rectangle of data, or all data but a rectangle."""
    there = np.zeros((120, 100), np.bool_)
    there[slice(*sorted(rows)), slice(*sorted(columns))] = True
    return there ^ hole
