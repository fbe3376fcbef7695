"""Rendered scenes as files: a GeoTIFF, and a GeoPackage with everything in it."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyogrio
import rasterio
from numpy.typing import NDArray
from rasterio.io import DatasetWriter
from rasterio.transform import from_origin
from rasterio.windows import Window

from geoseg.progress import Progress
from geoseg.training.camera.rendering import BLOCK, Renderer
from geoseg.training.land.hashing import generator
from geoseg.training.truth import Frame, Known, Truth, sightings, table
from tiles.writing import limited_cache, whole_or_nothing

LAYER: Final = "truth"

AT_ONCE: Final = 5_000
"""Outlines that are written together."""

SHEET: Final = 4
"""Blocks are rendered in squares of so many by so many: neighbours share what they show."""

CACHE_BYTES: Final = 64 * 2**20


@dataclass(frozen=True, slots=True)
class ScenePlace:
    """Where on Earth a rendered scene is said to lie."""

    crs: str
    """A UTM zone."""

    north: float
    """Metres of the upper left corner."""

    east: float
    """Metres of the upper left corner."""


def place_of(seed: int) -> ScenePlace:
    """Somewhere from 1 to 54 degrees north of the equator."""
    rng = generator(seed, 85)
    zone = int(rng.integers(1, 61))
    north, east = rng.integers(1_000, 60_000) * 100, rng.integers(2_500, 4_500) * 100
    return ScenePlace(f"EPSG:{32600 + zone}", float(north), float(east))


def write_scene(
    path: Path,
    renderer: Renderer,
    frame: Frame,
    *,
    place: ScenePlace,
    ids: Path | None = None,
    progress: Progress | None = None,
) -> int:
    """Render a scene into a GeoTIFF and a GeoPackage beside it; how many things it shows.

    `ids`: a second GeoTIFF with the number of the thing seen at each pixel. All files are whole
    or not there, and memory does not grow with the scene.
    """
    targets = [path, path.with_suffix(".gpkg"), *([ids] if ids else [])]
    with whole_or_nothing(targets) as partial, limited_cache(CACHE_BYTES), ExitStack() as files:
        picture = files.enter_context(
            rasterio.open(
                partial[path],
                "w",
                **profile(frame, place, "uint8", bands=3),
                photometric="RGB",
                nodata=None if renderer.options.swath is None else 0,
            )
        )
        numbers = ids and files.enter_context(
            rasterio.open(partial[ids], "w", **profile(frame, place, "int64", bands=1))
        )
        outlines = Outlines(partial[targets[1]], frame, place)
        truth = Truth(frame)
        total = frame.blocks()[0] * frame.blocks()[1]
        for done, (row, column) in enumerate(in_sheets(frame), start=1):
            block = renderer.block(row, column)
            put(picture, np.moveaxis(block.rgb, -1, 0), row, column)
            if numbers:
                put(numbers, block.numbers[block.labels][None], row, column)
            outlines.write(truth.add(sightings(block, (row, column), frame, renderer.way)))
            if progress is not None:
                progress(done, total)
        outlines.write(truth.rest())
        return outlines.finish()


def profile(frame: Frame, place: ScenePlace, dtype: str, *, bands: int) -> dict[str, object]:
    """How a raster of a scene is written."""
    return {
        "driver": "GTiff",
        "dtype": dtype,
        "height": frame.height,
        "width": frame.width,
        "count": bands,
        "crs": place.crs,
        "transform": from_origin(place.east, place.north, frame.gsd, frame.gsd),
        "tiled": True,
        "blockxsize": BLOCK,
        "blockysize": BLOCK,
        "compress": "deflate",
        "bigtiff": "if_safer",
        "interleave": "pixel",
    }


def in_sheets(frame: Frame) -> Iterator[tuple[int, int]]:
    """Rows and columns of all blocks, square by square."""
    rows, columns = frame.blocks()
    for top in range(0, rows, SHEET):
        for left in range(0, columns, SHEET):
            for row in range(top, min(top + SHEET, rows)):
                for column in range(left, min(left + SHEET, columns)):
                    yield row, column


def put(file: DatasetWriter, block: NDArray[np.generic], row: int, column: int) -> None:
    """Write a block (bands, rows, columns), or as much of it as lies in the file."""
    top, left = row * BLOCK, column * BLOCK
    height, width = min(BLOCK, file.height - top), min(BLOCK, file.width - left)
    file.write(block[:, :height, :width], window=Window(left, top, width, height))


class Outlines:
    """A GeoPackage that outlines are added to."""

    def __init__(self, path: Path, frame: Frame, place: ScenePlace) -> None:
        self._path, self._frame, self._place = path, frame, place
        self._waiting: list[Known] = []
        self._written = 0

    def write(self, things: Iterable[Known]) -> None:
        """Add things, many at once."""
        self._waiting.extend(things)
        if len(self._waiting) >= AT_ONCE:
            self._put()

    def finish(self) -> int:
        """Add what is waiting; how many things there are in all."""
        if self._waiting or not self._written:
            self._put()
        return self._written

    def _put(self) -> None:
        place = self._place
        rows = table(self._waiting, self._frame, crs=place.crs, corner=(place.north, place.east))
        pyogrio.write_dataframe(
            rows,
            self._path,
            layer=LAYER,
            driver="GPKG",
            geometry_type="MultiPolygon",
            append=bool(self._written),
            layer_options={} if self._written else {"GEOMETRY_NAME": "geom"},
        )
        self._written += len(rows)
        self._waiting.clear()
