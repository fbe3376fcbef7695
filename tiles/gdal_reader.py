"""Windows of pixels read through GDAL."""

import math
import threading
from contextlib import ExitStack
from itertools import pairwise

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.enums import ColorInterp, Interleaving, MaskFlags
from rasterio.errors import RasterioError
from rasterio.windows import Window

from tiles.errors import SourceError
from tiles.grid import Roi
from tiles.source_names import without_secrets
from tiles.validity import opaque

RUN_ROWS = 512
"""Rows looked at together where pixels are skipped: the height of the usual block."""

MOST_CACHE_BYTES = 2**30
"""Enough for a row of chips across 300,000 columns of RGB; a raster stored as one block of its own
would ask for all of its bytes, and the machine has to hold the model too."""


class GdalReader:
    """A PixelReader over one dataset, which several threads share behind a lock.

    One handle for all threads is not only safe but fastest: handles of their own decode the
    blocks that neighbouring chips share once each, fill a block cache each, and break GDAL's
    reading ahead over HTTP (11 requests for a scene of 121 chips become 120 with four handles).
    """

    def __init__(
        self,
        dataset: rasterio.DatasetReader,
        bands: tuple[int, ...],
        *,
        name: str,
        tags_count: bool,
        opened: ExitStack,
    ) -> None:
        """`tags_count` is False where the user said which value means no data.

        `opened` is closed with the reader.
        """
        self._dataset = dataset
        self._name = name
        self._alphas = _alphas(dataset)
        self._planes = (*bands, *self._alphas)
        self._masks = _masks(dataset, bands, tags_count=tags_count)
        self._bands = bands
        self._opened = opened
        self._lock = threading.Lock()

    def cache_bytes(self, rows: int) -> int:
        """Bytes of decoded blocks that a run of `rows` rows touches at most."""
        block_height, block_width = self._dataset.block_shapes[0]
        height, width = self._dataset.shape
        blocks_down = min(
            math.ceil((rows - 1) / block_height) + 1, math.ceil(height / block_height)
        )
        pixels = blocks_down * block_height * math.ceil(width / block_width) * block_width
        # GDAL decodes all bands of a block together where they are stored together
        together = self._dataset.interleaving is Interleaving.pixel
        planes = self._dataset.indexes if together else set(self._planes)
        pixel_bytes = sum(np.dtype(self._dataset.dtypes[band - 1]).itemsize for band in planes)
        return min(int(pixels * pixel_bytes), MOST_CACHE_BYTES)

    def close(self) -> None:
        """Close what was opened for reading, once no thread reads any more."""
        with self._lock:
            self._opened.close()

    def read(
        self, roi: Roi, shape: tuple[int, int]
    ) -> tuple[NDArray[np.generic], NDArray[np.bool_] | None]:
        """Pixels (bands, *shape) of a window inside the raster, and where its masks allow them."""
        rows, columns = roi
        window = Window(
            columns.start, rows.start, columns.stop - columns.start, rows.stop - rows.start
        )
        with self._lock:
            if self._dataset.closed:
                raise SourceError(f"{self._name} was closed already; open it again")
            try:
                self._check_whole(window)
                colours, alphas = self._read_colours_and_alphas(window, shape)
                mask = self._read_mask(window, shape)
            except RasterioError as error:
                raise SourceError(self._why_not_read(roi, error)) from error
        return colours, opaque(mask, alphas)

    def _read_colours_and_alphas(
        self, window: Window, shape: tuple[int, int]
    ) -> tuple[NDArray[np.generic], NDArray[np.generic]]:
        """(bands, *shape) and (alphas, *shape), read together where they are of one type."""
        colours = len(self._bands)
        if not self._alphas or self._of_one_type(self._planes):
            planes = self._read_planes(self._planes, window, shape)
            return planes[:colours], planes[colours:]
        return (
            self._read_planes(self._bands, window, shape),
            self._read_planes(self._alphas, window, shape),
        )

    def _of_one_type(self, bands: tuple[int, ...]) -> bool:
        return len({self._dataset.dtypes[band - 1] for band in bands}) == 1

    def _read_planes(
        self, bands: tuple[int, ...], window: Window, shape: tuple[int, int]
    ) -> NDArray[np.generic]:
        """(bands, *shape), in the one type that holds them all.

        A look at many blocks without overviews goes a run of rows at a time: GDAL looks band by
        band, and would decode every block once for each where its cache does not hold them all.
        """
        skips = shape[0] < window.height and not self._dataset.overviews(bands[0])
        runs = min(math.ceil(window.height / RUN_ROWS), shape[0]) if skips else 1
        ends = [shape[0] * run // runs for run in range(runs + 1)]
        parts = []
        for first, last in pairwise(ends):
            top, bottom = (window.height * end // shape[0] for end in (first, last))
            run = Window(window.col_off, window.row_off + top, window.width, bottom - top)
            parts.append(self._read_bands(bands, run, (last - first, shape[1])))
        return parts[0] if runs == 1 else np.concatenate(parts, axis=1)

    def _read_bands(
        self, bands: tuple[int, ...], window: Window, shape: tuple[int, int]
    ) -> NDArray[np.generic]:
        """(bands, *shape) at one go."""
        read = self._dataset.read
        if self._of_one_type(bands):
            planes: NDArray[np.generic] = read(bands, window=window, out_shape=(len(bands), *shape))
            return planes
        return np.stack([read(band, window=window, out_shape=shape) for band in bands])

    def _read_mask(self, window: Window, shape: tuple[int, int]) -> NDArray[np.bool_] | None:
        """(*shape) True where at least one mask of its own allows a pixel; None is everywhere."""
        if not self._masks:
            return None
        if len(self._masks) == 1:
            mask = self._dataset.read_masks(self._masks[0], window=window, out_shape=shape)
        else:
            planes = (len(self._masks), *shape)
            masks = self._dataset.read_masks(self._masks, window=window, out_shape=planes)
            mask = masks.max(axis=0)
        allowed: NDArray[np.bool_] = mask != 0
        return allowed

    def _check_whole(self, window: Window) -> None:
        """Read the last pixel of a PNG first, if all of it is wanted.

        GDAL's short cut for a whole PNG hands out garbage, without a word, where the file is cut
        off; its way for a part of one reports it.
        """
        height, width = self._dataset.shape
        if self._dataset.driver == "PNG" and (window.height, window.width) == (height, width):
            self._dataset.read(1, window=Window(width - 1, height - 1, 1, 1))

    def _why_not_read(self, roi: Roi, error: Exception) -> str:
        """What is wrong with a window that GDAL cannot read, and what to do."""
        rows, columns = roi
        reason = without_secrets(str(error.__cause__ or error), self._dataset.name)
        return (
            f"{self._name} cannot be read at rows {rows.start} to {rows.stop - 1}, "
            f"columns {columns.start} to {columns.stop - 1} ({reason}); "
            "the file may be cut off or damaged: copy or download it again"
        )


def _alphas(dataset: rasterio.DatasetReader) -> tuple[int, ...]:
    """The bands that say where there is data."""
    roles = enumerate(dataset.colorinterp, start=1)
    return tuple(band for band, role in roles if role is ColorInterp.alpha)


def _masks(
    dataset: rasterio.DatasetReader, bands: tuple[int, ...], *, tags_count: bool
) -> tuple[int, ...]:
    """The bands whose own masks must be read; one stands for all where they share it.

    A pixel is masked only where all bands are, so one band without a mask is enough for none.
    """
    flags = [set(dataset.mask_flag_enums[band - 1]) for band in bands]
    if not all(_needs_gdal(each, tags_count=tags_count) for each in flags):
        return ()
    shared = all(MaskFlags.per_dataset in each for each in flags)
    return bands[:1] if shared else bands


def _needs_gdal(flags: set[MaskFlags], *, tags_count: bool) -> bool:
    """Whether a mask cannot be told from the pixels, as alpha and nodata can."""
    if flags & {MaskFlags.all_valid, MaskFlags.alpha}:
        return False
    if MaskFlags.nodata in flags:
        # both flags: the tag NODATA_VALUES, one value per band of the file, also of those not read
        return tags_count and MaskFlags.per_dataset in flags
    return True
