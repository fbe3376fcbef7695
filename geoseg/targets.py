"""Where the results of a run go."""

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
from tiles.sources import Raster
from tiles.writing import (
    check_lonlat,
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
"""Bytes up to which a kept raster is held in memory; a larger one is mapped from disk."""

ROWS_AT_ONCE = 256


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
        cls,
        outputs: str | PathLike[str] | Iterable[str | PathLike[str]] | None,
        options: RunOptions,
    ) -> Self:
        """The targets a user names: one file, several, or none."""
        several = [outputs] if isinstance(outputs, str | PathLike) else outputs or ()
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

    def check(self, raster: Raster, *, overwrite: bool) -> None:
        """Refuse what could not be written at the end, before anything is computed."""
        has_crs = raster.geobox.crs is not None
        check_outputs(self.outputs, has_crs=has_crs, overwrite=overwrite, scores=self.scores)
        for path in self.all:
            if any(same_file(path, part) for part in raster.files):
                raise OutputError(
                    f"'{path}' is the scene itself; give the output a name of its own"
                )
        if any(format_of(path).needs_crs for path in self.outputs):
            check_lonlat(raster.geobox)

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
    """Scratch rasters for what the targets need; gone afterwards."""
    beside = targets.all[0].resolve().parent if targets.all else None
    try:
        folder = Path(tempfile.mkdtemp(prefix=".geoseg-", dir=beside))
    except OSError as error:
        raise OutputError(
            f"there is no place for scratch files in '{beside or tempfile.gettempdir()}': "
            f"{error.strerror}; set TMPDIR to a folder you may write to"
        ) from error
    mask = folder / "mask.tif" if targets.keep or targets.holding("raster") else None
    scores = folder / "scores.tif" if targets.keep or targets.scores else None
    try:
        yield Sinks(mask, scores, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def kept(sinks: Sinks) -> tuple[xr.DataArray | None, xr.DataArray | None]:
    """Mask and scores for the result, in memory where they are small, else on disk."""
    return (
        None if sinks.mask is None else _held(open_mask(sinks.mask), sinks),
        None if sinks.scores is None else _held(open_scores(sinks.scores), sinks),
    )


def _held(array: xr.DataArray, sinks: Sinks) -> xr.DataArray:
    """The array with its values copied out of the scratch raster.

    Values too many for memory go into an unpacked file that is mapped: it lasts as long as any
    array that shows it, and the system frees its space with the last one.
    """
    if array.nbytes <= IN_MEMORY:
        return array.load()
    with tempfile.TemporaryFile(dir=sinks.folder.parent) as file:
        values = np.memmap(file, array.dtype, "w+", shape=array.shape)
    for top in range(0, array.sizes["y"], ROWS_AT_ONCE):
        rows = np.s_[:, top : top + ROWS_AT_ONCE]
        values[rows] = array[rows].values
    return array.copy(data=values)


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
