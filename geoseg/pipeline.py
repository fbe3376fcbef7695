"""The one way from a scene and phrases to masks and polygons."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar

import geopandas as gpd
import numpy as np
import rasterio
import rasterio.env
import xarray as xr

from geoseg.asking import Asked, Asking, ask, views
from geoseg.objects import found_objects
from geoseg.options import RunOptions
from geoseg.progress import Progress
from geoseg.query import Query, as_queries
from geoseg.readahead import ahead
from geoseg.result import QueryReport, RunReport, SceneResult
from geoseg.segmenter import (
    EMBEDDED,
    ChipSegmenter,
    load_segmenter,
    name_of,
    notices_of,
    running_of,
)
from geoseg.targets import Targets, kept, open_sinks, write_outputs
from geoseg.version import __version__
from tiles.blending import MaskBand, ScoredChip, blend, masked
from tiles.colour import stretch_of
from tiles.errors import GeoreferenceError, GridError
from tiles.grid import ChipGrid
from tiles.reading import Raster, open_raster
from tiles.vectorising import trace
from tiles.writing import limited_cache

WRITING_CACHE = 8 * 2**20
"""Bytes of GDAL's cache left for what is written, beside what a row of chips needs for reading."""

WAITING_BYTES = 2**26
"""Answers that may wait to be blended; with many queries they are large."""

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """What is to be done, decided before any pixel is read."""

    raster: Raster
    queries: Sequence[Query]
    segmenter: ChipSegmenter
    model_name: str
    grid: ChipGrid
    options: RunOptions
    notices: tuple[str, ...]
    """What the user should know about the scene and the queries."""
    started: float
    """By the monotonic clock."""


@dataclass(slots=True)
class ChipCount:
    """What has become of the chips so far."""

    with_it: list[int]
    """For each query, the chips that hold it."""
    answered: int = 0
    skipped: int = 0
    failures: list[str] = field(default_factory=list)

    def add(self, asked: Asked) -> None:
        """Count one more chip."""
        self.answered += asked.outcome == "answered"
        self.skipped += asked.outcome == "skipped"
        if asked.outcome == "failed":
            self.failures.append(asked.reason)
        for place in np.flatnonzero(asked.scored.presence):
            self.with_it[place] += 1


def segment(
    scene: "str | PathLike[str] | rasterio.DatasetReader | xr.DataArray",
    queries: str | Query | Iterable[str | Query],
    *,
    segmenter: str | Path | ChipSegmenter = EMBEDDED,
    outputs: str | PathLike[str] | Iterable[str | PathLike[str]] | None = (),
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
    targets = Targets.of(outputs, settings)
    image = settings.image
    with ExitStack() as stack:
        stack.enter_context(rasterio.Env())
        raster = stack.enter_context(
            open_raster(
                scene,
                bands=image.bands,
                nodata=image.nodata,
                crs=image.assign_crs,
                gsd=image.gsd,
            )
        )
        _check_measures(settings, raster)
        targets.check(raster, overwrite=settings.run.overwrite)
        if segmenter == EMBEDDED and settings.model.name is not None:
            segmenter = settings.model.name
        model = load_segmenter(segmenter, settings.model.running)
        check_chip(raster, model.chip_size)
        grid = ChipGrid(
            raster.height, raster.width, model.chip_size, settings.chips.overlap_of(model.chip_size)
        )
        notices = (*raster.notices, *notices_of(model, asked))
        stack.enter_context(limited_cache(raster.cache_bytes(model.chip_size) + WRITING_CACHE))
        run = Run(raster, asked, model, name_of(model, segmenter), grid, settings, notices, started)
        return _carried_out(run, targets, progress)


def check_chip(raster: Raster, chip_size: int) -> None:
    """Refuse a GSD so coarse that a scene that filled chips does not fill one any more."""
    own = raster.resampled_from
    if own is None or max(raster.height, raster.width) >= chip_size:
        return
    if max(own.height, own.width) >= chip_size:
        raise GridError(
            f"'{raster.name}' has {own.height:,} x {own.width:,} pixels, but read at the GSD asked "
            f"for only {raster.height:,} x {raster.width:,}, less than one chip of {chip_size} "
            "pixels; choose a finer GSD"
        )


def _check_measures(settings: RunOptions, raster: Raster) -> None:
    """Refuse limits in metres for a scene whose place on the ground is not known."""
    polygons = settings.polygons
    if raster.geobox.crs is None and (polygons.min_area_m2 or polygons.simplify_m):
        raise GeoreferenceError(
            f"'{raster.name}' has no CRS, so nothing in it can be measured in metres; leave out "
            "--min-area and --simplify, or say the scene's CRS with --assign-crs"
        )


def _carried_out(run: Run, targets: Targets, progress: Progress | None) -> SceneResult:
    count = ChipCount([0] * len(run.queries))
    options = run.options
    with ExitStack() as stack:
        sinks = stack.enter_context(open_sinks(targets))
        bands = _bands(run, count, stack, progress)
        with sinks.recording(run.raster.geobox, [query.phrase for query in run.queries]) as record:
            traced = list(trace(record.passing(bands)))
        polygons = found_objects(traced, run.queries, run.raster.geobox, options.polygons)
        write_outputs(targets, sinks, polygons, _provenance(run))
        mask, scores = kept(sinks) if targets.keep else (None, None)
    return SceneResult(polygons, mask, scores, _report(run, targets, count, polygons))


def _bands(
    run: Run, count: ChipCount, stack: ExitStack, progress: Progress | None
) -> Iterator[MaskBand]:
    """Finished rows of the mask, top to bottom; `stack` ends the threads that make them."""
    batch = run.options.chips.batch
    asking = Asking(
        run.segmenter,
        run.queries,
        batch=batch,
        presence=run.options.mask.presence,
        keep_going=run.options.run.keep_going,
    )
    stretch = stretch_of(run.raster, run.options.image.stretch)
    looks = views(run.raster, run.grid, stretch, keep_going=asking.keep_going)
    seen = stack.enter_context(
        closing(ahead(_with_gdal_options(gdal_options(), looks), depth=2 * batch))
    )
    answer_bytes = 4 * len(run.queries) * run.grid.size**2
    depth = max(1, min(2 * batch, WAITING_BYTES // answer_bytes))
    asked = stack.enter_context(closing(ahead(ask(seen, asking), depth=depth)))
    blended = blend(run.grid, _tallied(asked, count, len(run.grid), progress))
    return (masked(band, run.options.mask.threshold) for band in blended)


def gdal_options() -> dict[str, Any]:
    """What the caller's own `rasterio.Env` says; its cache is the process's, not the thread's."""
    options = rasterio.env.getenv() if rasterio.env.hasenv() else {}
    return {name: value for name, value in options.items() if name != "GDAL_CACHEMAX"}


def _with_gdal_options(options: Mapping[str, Any], items: Iterator[Item]) -> Iterator[Item]:
    """The same items, made with GDAL options that belong to one thread set in this one."""
    with rasterio.Env(**options):
        yield from items


def _tallied(
    asked: Iterable[Asked], count: ChipCount, chips: int, progress: Progress | None
) -> Iterator[ScoredChip]:
    """The answers to be blended, counted as they pass."""
    for done, one in enumerate(asked, start=1):
        count.add(one)
        if progress is not None:
            progress(done, chips)
        yield one.scored


def _provenance(run: Run) -> dict[str, str]:
    """Where a result comes from, for the tags of its rasters."""
    return {
        "TIFFTAG_SOFTWARE": f"geoseg {__version__}",
        "GEOSEG_MODEL": run.model_name,
        "GEOSEG_RUNNING": running_of(run.segmenter),
        "GEOSEG_NOTICES": "\n".join(run.notices),
        "GEOSEG_SCENE": run.raster.name,
        "GEOSEG_OPTIONS": run.options.model_dump_json(),
    }


def _report(run: Run, targets: Targets, count: ChipCount, polygons: gpd.GeoDataFrame) -> RunReport:
    return RunReport(
        scene=run.raster.name,
        model=run.model_name,
        version=__version__,
        height=run.raster.height,
        width=run.raster.width,
        chips=len(run.grid),
        asked=count.answered,
        skipped=count.skipped,
        failed=len(count.failures),
        seconds=time.monotonic() - run.started,
        queries=tuple(
            _query_report(query.phrase, polygons, chips_with_it)
            for query, chips_with_it in zip(run.queries, count.with_it, strict=True)
        ),
        outputs=tuple(map(str, targets.all)),
        failures=tuple(count.failures),
        notices=run.notices,
        options=run.options.model_dump(),
    )


def _query_report(phrase: str, polygons: gpd.GeoDataFrame, chips_with_it: int) -> QueryReport:
    found = polygons[polygons["query"] == phrase]
    known = polygons.crs is not None and not found["area_m2"].isna().any()
    area = float(found["area_m2"].sum()) if known else None
    return QueryReport(phrase, len(found), area, chips_with_it)
