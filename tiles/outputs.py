"""The files a run may write, each whole or not at all."""

import errno
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import rasterio
from pyogrio.errors import DataLayerError, DataSourceError
from rasterio.errors import RasterioError

from tiles.errors import GeoreferenceError, OutputError

PathLike = str | os.PathLike[str]

GdalError: type[Exception] = getattr(
    getattr(rasterio, "_err", None), "CPLE_BaseError", RasterioError
)
"""What rasterio.shutil.copy raises; rasterio has no public name for it."""

FAILURES = (OSError, RasterioError, GdalError, DataSourceError, DataLayerError)
"""What the libraries raise when a file cannot be written."""

SIDECARS = (".aux.xml", ".ovr", ".msk", "-wal", "-shm", "-journal")
"""Endings of files that belong to a raster or a GeoPackage and are wrong beside a new one."""


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file that can be written."""

    name: str
    """What users call it."""

    driver: str
    """What GDAL calls it."""

    holds: Literal["raster", "polygons"]
    """Masks or scores, or polygons."""

    needs_crs: bool = False
    """True where the file is lon/lat by its standard."""


_COG = Format("Cloud Optimized GeoTIFF", "COG", "raster")
_GEOJSON = Format("GeoJSON", "GeoJSON", "polygons", needs_crs=True)
_PARQUET = Format("GeoParquet", "Parquet", "polygons")

FORMATS: dict[str, Format] = {
    ".tif": _COG,
    ".tiff": _COG,
    ".geojson": _GEOJSON,
    ".json": _GEOJSON,
    ".gpkg": Format("GeoPackage", "GPKG", "polygons"),
    ".fgb": Format("FlatGeobuf", "FlatGeobuf", "polygons"),
    ".parquet": _PARQUET,
    ".geoparquet": _PARQUET,
}
"""What can be written, by the extension of the file."""


def format_of(path: PathLike) -> Format:
    """What a file of this name holds.

    >>> format_of("roofs.GPKG").name
    'GeoPackage'
    """
    extension = Path(path).suffix.lower()
    if extension not in FORMATS:
        raise OutputError(
            f"'{path}' has {f'the extension {extension!r}' if extension else 'no extension'}, "
            f"which says nothing about what to write; known are {', '.join(FORMATS)}"
        )
    return FORMATS[extension]


def same_file(output: PathLike, source: PathLike) -> bool:
    """True where writing `output` would replace `source`; a URL is never the same."""
    try:
        return Path(output).samefile(source)
    except OSError:
        return Path(output).resolve() == Path(source).resolve()


def check_outputs(
    paths: Sequence[PathLike],
    *,
    has_crs: bool,
    overwrite: bool,
    scores: PathLike | None = None,
) -> None:
    """Refuse, before any work, outputs that could not be written at the end.

    `has_crs`: the scene's CRS is known. `scores`: the output that is to hold the scores, if any.
    """
    for path in paths:
        if format_of(path).needs_crs and not has_crs:
            raise GeoreferenceError(
                f"'{path}' would be GeoJSON, which is lon/lat, but the scene has no CRS; "
                "write a GeoPackage (.gpkg) instead, or say the scene's CRS with --assign-crs"
            )
    if scores is not None and format_of(scores).holds != "raster":
        raise OutputError(f"the scores are a raster, but '{scores}' is none; name a .tif file")
    targets = [Path(path) for path in (*paths, *([] if scores is None else [scores]))]
    _check_distinct(targets)
    for target in targets:
        _check_place(target, overwrite=overwrite)


def _check_distinct(targets: Iterable[Path]) -> None:
    """Refuse two outputs in one place."""
    seen: dict[Path, Path] = {}
    for target in targets:
        place = target.resolve()
        if place in seen:
            raise OutputError(
                f"'{seen[place]}' and '{target}' are the same file; give each output its own name"
            )
        seen[place] = target


def _check_place(target: Path, *, overwrite: bool) -> None:
    """Refuse a place where no file can be put."""
    _check_name(target)
    if target.is_dir():
        raise OutputError(f"'{target}' is a folder; name a file in it")
    if not overwrite:
        _check_nothing_there(target)
    folder = target.resolve().parent
    if not folder.is_dir():
        raise OutputError(f"'{target}' cannot be written: there is no folder '{folder}'; create it")
    try:
        # a trial also finds read-only disks and exhausted quotas, which permissions do not show
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OutputError(
            f"'{target}' cannot be written: {error.strerror}; choose a folder you may write to"
        ) from error


def _check_name(target: Path) -> None:
    """Refuse a name that is too long for its disk."""
    try:
        target.lstat()
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise OutputError(
                f"'{target}' cannot be written: its name is too long; choose a shorter one"
            ) from error


def _check_nothing_there(target: Path) -> None:
    """Refuse to replace a file, or what would be taken for a part of the new one."""
    if target.exists():
        raise OutputError(f"'{target}' exists already; choose another name or give --overwrite")
    for sidecar in _sidecars(target.resolve()):
        raise OutputError(
            f"'{sidecar}' exists already and would be taken for a part of '{target.name}'; "
            "choose another name or give --overwrite"
        )


def _sidecars(place: Path) -> list[Path]:
    """The files beside `place` that readers take for a part of it."""
    paths = [f"{place}{ending}" for ending in SIDECARS]
    # Path.is_file raises where a name is too long
    return [Path(path) for path in paths if os.path.isfile(path)]  # noqa: PTH113


@contextmanager
def told(path: PathLike) -> Iterator[None]:
    """Whatever goes wrong in the block, as an OutputError about `path`."""
    try:
        yield
    except OutputError:
        raise
    except FAILURES as error:
        raise OutputError(
            f"'{path}' could not be written: {_reason(error)}{_room(path)}"
        ) from error


def _reason(error: BaseException) -> str:
    """What went wrong first; the libraries' last words are often only "see above"."""
    while error.__cause__ is not None:
        error = error.__cause__
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _room(path: PathLike) -> str:
    """How much fits on the disk, where that can be the reason."""
    with suppress(OSError):
        free = shutil.disk_usage(Path(path).resolve().parent).free
        return f" (its disk has {free / 1e6:,.0f} MB free)"
    return " (its folder is gone)"


@contextmanager
def whole_or_nothing(paths: Iterable[PathLike]) -> Iterator[dict[Path, Path]]:
    """For each target a path to write to; they take the targets' names when the block ends well.

    The paths lie beside their targets, under hidden names of their own with the same extension.
    Where the block raises, or one of them cannot take its name, they are removed and all targets
    stay as they were.
    """
    partials = {Path(path): _partial(Path(path)) for path in paths}
    try:
        yield dict(partials)
        _check_written(partials)
        _put_in_place(partials)
    except OutputError as error:
        raise OutputError(_by_target(str(error), partials)) from error
    finally:
        for partial in partials.values():
            _remove_all(partial)


def _partial(target: Path) -> Path:
    """A name beside the target that nobody else uses."""
    place = target.resolve()
    return place.with_name(f".geoseg-{secrets.token_hex(8)}{place.suffix}")


def _check_written(partials: Mapping[Path, Path]) -> None:
    """Refuse to end well where an output is missing."""
    for target, partial in partials.items():
        if not partial.is_file():
            raise OutputError(f"'{target}' was not written")


def _by_target(message: str, partials: Mapping[Path, Path]) -> str:
    """A message with the names that the user knows."""
    for target, partial in partials.items():
        message = message.replace(str(partial), str(target)).replace(partial.name, target.name)
    return message


def _put_in_place(partials: Mapping[Path, Path]) -> None:
    """Give the written files their names, or put back what was there before."""
    with ExitStack() as undone:
        before = [
            aside
            for target, partial in partials.items()
            for aside in _replaced(target, partial, undone)
        ]
        undone.pop_all()
    for aside in before:
        with suppress(OSError):
            aside.unlink()


def _replaced(target: Path, partial: Path, undone: ExitStack) -> list[Path]:
    """Where an older file of that name, and what belonged to it, now lie.

    `undone` puts everything back: SQLite would replay an old -wal into the new GeoPackage.
    """
    place, asides = target.resolve(), []
    with told(target):
        for old in (*([place] if place.is_file() else []), *_sidecars(place)):
            aside = old.with_name(f".geoseg-{secrets.token_hex(8)}.old")
            old.replace(aside)
            undone.callback(aside.replace, old)
            asides.append(aside)
        partial.replace(place)
        undone.callback(place.unlink)
    return asides


def _remove_all(partial: Path) -> None:
    """Remove the file and everything that a driver put beside it."""
    if not partial.parent.is_dir():
        return
    for leftover in partial.parent.iterdir():
        if leftover.name.startswith((partial.name, f"{partial.stem}.")):
            with suppress(OSError):
                leftover.unlink()
