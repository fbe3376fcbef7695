"""The one way from a scene and phrases to masks and polygons."""

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

import geopandas as gpd
import rasterio
import xarray as xr

from geoseg.asking import Asked, Asking, ask, views
from geoseg.objects import found_objects
from geoseg.options import RunOptions
from geoseg.query import Query, as_queries
from geoseg.readahead import ahead
from geoseg.result import QueryReport, RunReport, SceneResult
from geoseg.segmenter import EMBEDDED, ChipSegmenter, load_segmenter
from geoseg.targets import Sinks, Targets
from geoseg.version import __version__
from tiles.blending import MaskBand, ScoredChip, blend, masked
from tiles.colour import stretch_of
from tiles.grid import ChipGrid
from tiles.reading import Raster, open_raster
from tiles.vectorising import trace
from tiles.writing import gdal_environment

Progress = Callable[[int, int], None]
"""Called with the chips done and the chips of the scene, in the thread that called `segment`."""


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """What is to be done, decided before any pixel is read."""

    raster: Raster
    queries: Sequence[Query]
    segmenter: ChipSegmenter
    grid: ChipGrid
    options: RunOptions


@dataclass(slots=True)
class Tally:
    """What has become of the chips so far."""

    answered: int = 0
    skipped: int = 0
    failed: int = 0
    failures: list[str] = field(default_factory=list)
    with_it: dict[int, int] = field(default_factory=dict)
    """Chips that hold each query, by the query's place."""


def segment(  # noqa: PLR0913 the public door
    scene: "str | PathLike[str] | rasterio.DatasetReader | xr.DataArray",
    queries: str | Query | Iterable[str | Query],
    *,
    segmenter: str | Path | ChipSegmenter = EMBEDDED,
    outputs: str | PathLike[str] | Iterable[str | PathLike[str]] = (),
    options: RunOptions | Mapping[str, Any] | str | Path | None = None,
    progress: Progress | None = None,
) -> SceneResult:
    """Find what the queries ask for in a whole scene.

    `scene` is a path, a URL, an open rasterio dataset, or a georeferenced `xarray.DataArray`;
    `segmenter` a model's name, the folder of a checkpoint, a hub id, or any `ChipSegmenter`;
    `outputs` are files to write, each of the kind its extension says; `options` are `RunOptions`, a
    nested mapping such as ``{"mask": {"threshold": 0.6}}``, or the path of a YAML file. The model
    named in the options is used where `segmenter` is left at its default.

    Outputs are written whole or not at all. Everything raised on purpose derives from
    `geoseg.errors.GeosegError` or `tiles.errors.TilesError`.
    """
    started = time.monotonic()
    settings = RunOptions.of(options)
    asked = as_queries(queries)
    targets = Targets.of(outputs, scores=settings.mask.scores)
    image = settings.image
    with ExitStack() as stack:
        stack.enter_context(rasterio.Env(**gdal_environment()))
        raster = stack.enter_context(
            open_raster(scene, bands=image.bands, nodata=image.nodata, crs=image.assign_crs)
        )
        targets.check(scene, raster.geobox, overwrite=settings.run.overwrite)
        if segmenter == EMBEDDED and settings.model.name is not None:
            segmenter = settings.model.name
        model = load_segmenter(segmenter, device=settings.model.device)
        grid = ChipGrid(raster.height, raster.width, model.chip_size, settings.chips.overlap)
        run = Run(raster, asked, model, grid, settings)
        return _carried_out(run, targets, started=started, progress=progress)


def _carried_out(
    run: Run, targets: Targets, *, started: float, progress: Progress | None
) -> SceneResult:
    tally = Tally()
    with ExitStack() as stack:
        scratch = stack.enter_context(
            tempfile.TemporaryDirectory(prefix=".geoseg-", dir=targets.folder)
        )
        sinks = targets.sinks(Path(scratch), run)
        bands = _bands(run, tally, stack, progress)
        polygons = found_objects(
            trace(sinks.recorded(bands)), run.queries, run.raster.geobox, run.options.polygons
        )
        sinks.finish(polygons)
        mask, scores = sinks.arrays()
    report = _report(run, targets, tally, polygons, seconds=time.monotonic() - started)
    return SceneResult(polygons, mask, scores, report)
