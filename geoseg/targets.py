"""Where the results of a run go."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Self

import geopandas as gpd
import numpy as np
import xarray as xr
from odc.geo.geobox import GeoBox

from geoseg.options import RunOptions
from tiles.blending import NO_DATA, MaskBand
from tiles.errors import OutputError
from tiles.rasters import MASK, SCORES, Scratch, open_scratch
from tiles.writing import (
    check_outputs,
    format_of,
    open_mask,
    open_scores,
    same_file,
    whole_or_nothing,
    write_cog,
    write_polygons,
    write_style,
)

IN_MEMORY = 2**27
"""Bytes up to which a kept raster is held in memory; a larger one stays on disk and is read when it
is looked at."""


@dataclass(frozen=True, slots=True)
class Targets:
    """The files a run is to write, and whether its rasters are kept for the result."""

    outputs: tuple[Path, ...]
    """Masks and polygons, each of the kind its extension says."""

    scores: Path | None
    """A raster of the scores."""

    keep: bool
    """Whether mask and scores stay readable after the run."""

    styled: bool
    """Whether GeoPackages get a style for QGIS."""

    @classmethod
    def of(
        cls, outputs: str | PathLike[str] | Iterable[str | PathLike[str]], options: RunOptions
    ) -> Self:
        """The targets a user names: one file or several."""
        several = [outputs] if isinstance(outputs, str | PathLike) else outputs
        scores = options.mask.scores
        return cls(
            tuple(Path(os.fspath(path)) for path in several),
            None if scores is None else Path(scores),
            keep=options.run.keep_rasters,
            styled=options.polygons.style,
        )

    @property
    def all(self) -> tuple[Path, ...]:
        """Every file to be written."""
        return (*self.outputs, *([] if self.scores is None else [self.scores]))

    def check(self, scene: object, geobox: GeoBox, *, overwrite: bool) -> None:
        """Refuse what could not be written at the end, before anything is computed."""
        source = scene if isinstance(scene, str | PathLike) else getattr(scene, "name", None)
        for path in self.all:
            if isinstance(source, str | PathLike) and path.exists() and same_file(path, source):
                raise OutputError(
                    f"'{path}' is the scene itself; give the output a name of its own"
                )
        check_outputs(
            self.outputs, has_crs=geobox.crs is not None, overwrite=overwrite, scores=self.scores
        )

    def holding(self, what: str) -> list[Path]:
        """The outputs that hold "raster" or "polygons"."""
        return [path for path in self.outputs if format_of(path).holds == what]


@dataclass(frozen=True, slots=True, eq=False)
class Sinks:
    """Rasters that take the finished rows of a run."""

    mask: Path | None
    scores: Path | None
    folder: Path
    """Scratch space beside the outputs, so that a full disk shows before the end."""

    @contextmanager
    def recording(self, geobox: GeoBox, queries: Sequence[str]) -> Iterator["Recorder"]:
        """A recorder that writes rows into the rasters; they are complete when the block ends."""
        with ExitStack() as stack:
            mask, scores = (
                None
                if path is None
                else stack.enter_context(
                    open_scratch(path, geobox, queries=queries, content=content)
                )
                for path, content in ((self.mask, MASK), (self.scores, SCORES))
            )
            yield Recorder(mask, scores)


@dataclass(frozen=True, slots=True, eq=False)
class Recorder:
    """Writes what passes by."""

    mask: Scratch | None
    scores: Scratch | None

    def passing(self, bands: Iterable[MaskBand]) -> Iterator[MaskBand]:
        """The same bands, each written down before it is handed on.

        One pass over the scene feeds the files and the tracer; whoever reads this must read it to
        its end, as the tracer does.
        """
        for band in bands:
            if self.mask is not None:
                self.mask.write(band.roi, band.mask)
            if self.scores is not None:
                scores = np.where(band.mask == NO_DATA, np.float32(np.nan), band.scores)
                self.scores.write(band.roi, scores)
            yield band


@contextmanager
def open_sinks(targets: Targets) -> Iterator[Sinks]:
    """Scratch rasters for what the targets need; gone afterwards unless they are to be kept."""
    beside = targets.all[0].resolve().parent if targets.all else None
    folder = Path(tempfile.mkdtemp(prefix=".geoseg-", dir=beside))
    mask = folder / "mask.tif" if targets.keep or targets.holding("raster") else None
    scores = folder / "scores.tif" if targets.keep or targets.scores else None
    try:
        yield Sinks(mask, scores, folder)
    finally:
        if (folder / "kept").exists():
            atexit.register(shutil.rmtree, folder, ignore_errors=True)
        else:
            shutil.rmtree(folder, ignore_errors=True)


def kept(sinks: Sinks) -> tuple[xr.DataArray | None, xr.DataArray | None]:
    """Mask and scores for the result: in memory where they are small, else read from scratch."""
    mask = None if sinks.mask is None else open_mask(sinks.mask)
    scores = None if sinks.scores is None else open_scores(sinks.scores)
    return _held(mask, sinks), _held(scores, sinks)


def _held(array: xr.DataArray | None, sinks: Sinks) -> xr.DataArray | None:
    if array is None:
        return None
    if array.nbytes > IN_MEMORY:
        (sinks.folder / "kept").touch()
        return array
    with array:
        return array.load()


def write_outputs(
    targets: Targets, sinks: Sinks, polygons: gpd.GeoDataFrame, tags: Mapping[str, str]
) -> None:
    """Write every target, all of them or none."""
    with whole_or_nothing(targets.all) as partial:
        for path in targets.holding("raster"):
            if sinks.mask is not None:
                write_cog(partial[path], sinks.mask, tags=tags)
        if targets.scores is not None and sinks.scores is not None:
            write_cog(partial[targets.scores], sinks.scores, tags=tags)
        for path in targets.holding("polygons"):
            write_polygons(partial[path], polygons, tags=tags)
            if targets.styled and format_of(path).driver == "GPKG":
                write_style(partial[path], list(polygons["query"].unique()))
