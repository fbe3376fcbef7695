"""Rasters that GDAL opens."""

import os
from contextlib import ExitStack, suppress
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from odc.geo.crs import CRS
from rasterio.enums import ColorInterp
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.vrt import WarpedVRT

from tiles.bands import chosen_bands
from tiles.errors import BandsError, SourceError
from tiles.gdal_reader import GdalReader
from tiles.georeference import crs_of, georeference
from tiles.overviews import stands_for
from tiles.silence import silenced
from tiles.source_names import source_name, without_secrets
from tiles.sources import Raster, ReadingOptions
from tiles.validity import chosen_nodata

READABLE_MODES = ("r", "r+", "w+")


def open_file(path: str, options: ReadingOptions) -> Raster:
    """The raster at a path or URL, closed with the `Raster`."""
    with ExitStack() as opened:
        return _raster(opened.enter_context(_dataset(path)), options, opened)


def open_overview(path: str, options: ReadingOptions, most: float) -> Raster | None:
    """The coarsest overview in a file that is at most `most` times coarser, or None.

    None too where it cannot stand for the file.
    """
    with _dataset(path) as file, ExitStack() as opened:
        coarser = file.overviews(1) if file.count and not _only_gcps(file, options) else []
        levels = {factor: level for level, factor in enumerate(coarser) if factor <= most}
        if not levels:
            return None
        try:
            dataset = opened.enter_context(_dataset(path, level=levels[max(levels)]))
        except SourceError:
            return None  # not all bands have it
        if not stands_for(dataset, file, nodata=options.nodata):
            return None
        return _raster(dataset, options, opened)


def open_dataset(dataset: rasterio.DatasetReader, options: ReadingOptions) -> Raster:
    """The raster in a dataset that the user opened; it stays open when the `Raster` is closed."""
    if dataset.closed:
        raise SourceError(f"{source_name(dataset.name)} was closed already; open it again")
    if getattr(dataset, "mode", "r") not in READABLE_MODES:
        raise SourceError(
            f"{source_name(dataset.name)} is open for writing only; close it and give its path"
        )
    with ExitStack() as opened:
        return _raster(dataset, options, opened)


def _raster(dataset: rasterio.DatasetReader, options: ReadingOptions, opened: ExitStack) -> Raster:
    """The raster in a dataset; what was `opened` for it is closed with it."""
    name, count, files = source_name(dataset.name), dataset.count, _files(dataset)
    _check_bands_there(dataset)
    notices = (*_about_pages(dataset), *_about_unused_positions(dataset, options))
    if _only_gcps(dataset, options):
        dataset, notice = _warped(dataset, options, opened)
        notices = (*notices, notice)
    choice = chosen_bands(options.bands, [role.name for role in dataset.colorinterp[:count]])
    dtype = _dtype(dataset, choice.bands)
    placed = georeference(
        dataset.shape, _transform(dataset), found=_crs(dataset), assigned=options.crs
    )
    tags = [dataset.nodatavals[band - 1] for band in choice.bands]
    nodata = chosen_nodata(options.nodata, tags, dtype)
    return Raster(
        name=name,
        geobox=placed.geobox,
        bands=choice.bands,
        count=count,
        dtype=dtype,
        nodata=nodata.values,
        colours=_palette(dataset, choice.bands),
        notices=(*notices, *placed.notices, *choice.notices, *nodata.notices),
        reader=GdalReader(
            dataset,
            choice.bands,
            name=name,
            tags_count=options.nodata is None,
            opened=opened.pop_all(),
        ),
        files=files,
    )


def _files(dataset: rasterio.DatasetReader) -> tuple[str, ...]:
    """The files a dataset is read from; GDAL itself does not look into the VRTs in a VRT."""
    files = dict.fromkeys(dataset.files)
    unseen = [file for file in files if file != dataset.name]
    while unseen:
        file = unseen.pop()
        if not file.lower().endswith(".vrt") or not Path(file).is_file():
            continue
        with (
            suppress(RasterioError, OSError),  # a source that is damaged is told when it is read
            silenced(NotGeoreferencedWarning),
            rasterio.open(file, sharing=False) as inner,
        ):
            unseen += [more for more in inner.files if more not in files]
            files |= dict.fromkeys(inner.files)
    return tuple(files)


def _dataset(path: str, *, level: int | None = None) -> rasterio.DatasetReader:
    """The dataset at `path`, or one level of its overviews."""
    wanted = {} if level is None else {"overview_level": level}
    try:
        with silenced(NotGeoreferencedWarning):
            return rasterio.open(path, sharing=False, **wanted)
    except (RasterioError, OSError, ValueError) as error:
        raise SourceError(_why_not_opened(path, error)) from error


def _why_not_opened(path: str, error: Exception) -> str:
    """What is wrong with a path that GDAL cannot open, and what to do."""
    place, name, reason = Path(path), source_name(path), without_secrets(str(error), path)
    if not path.strip():
        return "the path of the raster is empty; name a file or a URL"
    if os.path.isdir(path):  # noqa: PTH112  Path.is_dir raises where a name is too long
        return f"{path} is a folder; name a raster file inside it"
    if os.path.exists(path):  # noqa: PTH110  likewise
        return _why_not_readable(place, error)
    if "No such file" in reason:
        return f"there is no file {name}; check the path"
    return f"{name} cannot be opened ({reason}); check the address and the access rights"


def _why_not_readable(place: Path, error: Exception) -> str:
    """What is wrong with a file that is there, and what to do."""
    if not os.access(place, os.R_OK):
        return f"{place} may not be read by this user; change its permissions"
    if place.stat().st_size == 0:
        return f"{place} is empty (0 bytes); copy or download it again"
    if place.suffix == ".zip":
        return f"{place} is an archive; name the raster inside it: zip://{place}!name.tif"
    return f"{place} is not a raster that GDAL can read, or it is damaged ({error})"


def _check_bands_there(dataset: rasterio.DatasetReader) -> None:
    """Refuse a dataset without bands; most often it is a container of rasters."""
    if dataset.count:
        return
    if dataset.subdatasets:
        inside = "\n".join(f"  {name}" for name in dataset.subdatasets)
        raise SourceError(
            f"{source_name(dataset.name)} holds several rasters; name one of them:\n{inside}"
        )
    raise SourceError(f"{source_name(dataset.name)} has no bands; name a raster with at least one")


def _about_pages(dataset: rasterio.DatasetReader) -> tuple[str, ...]:
    """A notice where the file holds more rasters than the one that GDAL opens first."""
    if not dataset.subdatasets or dataset.name in dataset.subdatasets:
        return ()
    more = ", ".join(map(source_name, dataset.subdatasets[1:]))
    return (f"the first of {len(dataset.subdatasets)} rasters is read; the others are {more}",)


def _about_unused_positions(
    dataset: rasterio.DatasetReader, options: ReadingOptions
) -> tuple[str, ...]:
    """A notice where the raster says where it lies in a way that is not understood."""
    if _transform(dataset) is not None or _only_gcps(dataset, options):
        return ()
    if dataset.gcps[0]:
        return ("its ground control points have no CRS; assign one to use them",)
    if dataset.rpcs:
        return ("it has a camera model (RPC) only; orthorectify it to know where it lies",)
    return ()


def _dtype(dataset: rasterio.DatasetReader, bands: tuple[int, ...]) -> np.dtype[np.generic]:
    """The type that holds the pixels of all bands looked at; alpha is read in a type of its own."""
    names = [dataset.dtypes[band - 1] for band in bands]
    if any("complex" in name for name in names):
        raise BandsError(
            f"{source_name(dataset.name)} holds complex numbers ({names[0]}), which have no "
            "brightness; write their amplitude to a raster first"
        )
    return np.result_type(*names)


def _only_gcps(dataset: rasterio.DatasetReader, options: ReadingOptions) -> bool:
    """Whether ground control points alone tell where the raster lies."""
    points, crs = dataset.gcps
    return bool(points and (crs or options.crs)) and _transform(dataset) is None


def _warped(
    dataset: rasterio.DatasetReader, options: ReadingOptions, opened: ExitStack
) -> tuple[WarpedVRT, str]:
    """The raster laid onto the ground by its control points, and a notice that says so."""
    points, crs = dataset.gcps
    crs = rasterio.CRS.from_wkt(options.crs.to_wkt()) if options.crs else crs
    has_alpha = ColorInterp.alpha in dataset.colorinterp
    try:
        with silenced(NotGeoreferencedWarning):
            # thin plate splines meet every point; GDAL's default, one polynomial, misses by pixels
            warped = WarpedVRT(
                dataset, src_crs=crs, crs=crs, add_alpha=not has_alpha, SRC_METHOD="GCP_TPS"
            )
    except RasterioError as error:
        raise SourceError(
            f"{source_name(dataset.name)} cannot be laid onto its ground control points ({error}); "
            "warp it first, e.g. with gdalwarp"
        ) from error
    opened.enter_context(warped)
    notice = f"georeferenced by {len(points)} ground control points; warped to {crs} for reading"
    return warped, notice


def _transform(dataset: rasterio.DatasetReader) -> Affine | None:
    """Pixels to coordinates, or None; GDAL hands out the identity where there is none."""
    return None if dataset.transform == Affine.identity() else dataset.transform


def _crs(dataset: rasterio.DatasetReader) -> CRS | None:
    """The raster's own CRS, or None."""
    return crs_of(dataset.crs) if dataset.crs else None


def _palette(dataset: rasterio.DatasetReader, bands: tuple[int, ...]) -> NDArray[np.uint8] | None:
    """(values, 4) colours of the palette, if one band with a palette is all that is read."""
    if len(bands) > 1 or dataset.colorinterp[bands[0] - 1] is not ColorInterp.palette:
        return None
    table = dataset.colormap(bands[0])
    # one entry for every value there can be, so that any pixel finds its own
    colours = np.zeros((np.iinfo(dataset.dtypes[bands[0] - 1]).max + 1, 4), np.uint8)
    colours[list(table)] = list(table.values())
    return colours
