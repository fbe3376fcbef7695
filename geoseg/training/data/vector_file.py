"""A vector file as a table of its features."""

import glob
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from shapely.errors import GEOSException

from geoseg.errors import DataError
from geoseg.training.data.folders import existing_file, first_few

UNREADABLE = (
    DataSourceError,
    DataLayerError,
    GEOSException,
    OSError,
    ValueError,
    zipfile.BadZipFile,
)

GEOPARQUET = (".parquet", ".geoparquet")
"""How files end that need no GDAL: few builds of it read them."""

WKT_COLUMNS = ("WKT", "geom", "the_geom", "geometry", "wkt_geom")
"""Columns of a CSV that may hold its outlines."""

NO_WKT = "Ignoring invalid WKT"
"""How GDAL's warning begins about a row of a CSV; it gives none where the column is not 'WKT'."""

BESIDE = (".shx", ".dbf")
"""How the files end that belong to a shapefile."""

ALONE = (".gpkg", ".geojson", ".fgb")
"""How vector files end that are one file; in a zip other files may lie beside them."""

SHOWN = 4
"""Vector files of a zip that are listed."""

PLAIN = "ogr2ogr -nlt MULTIPOLYGON plain.gpkg"
"""What makes polygons of surfaces; CONVERT_TO_LINEAR would leave those of many faces."""


def open_table(path: Path, means: str, *, name: str | None, setting: str) -> gpd.GeoDataFrame:
    """All features of one layer of a vector file, by their numbers in it (FID).

    `means` says what was looked for, `setting` by what users name one of several layers.
    """
    if path.suffix.lower() != ".gdb":  # a folder
        existing_file(path, means)
    if path.suffix.lower() == ".shp":
        _check_beside(path, means)
    try:
        frame = _table(path, name, setting)
    except DataError:
        raise
    except UNREADABLE as error:
        raise DataError(f"{means} '{path}' cannot be read: {_reason(error, path)}") from error
    if not isinstance(frame, gpd.GeoDataFrame):
        raise DataError(
            f"{means} '{path}' is a table without geometry; give one of polygons (in a CSV, as WKT "
            f"in a column such as {' or '.join(WKT_COLUMNS[:2])}), or name another layer with "
            f"{setting}"
        )
    _check_numbers(frame, path)
    return frame


def _check_beside(path: Path, means: str) -> None:
    """Refuse a shapefile without the files that belong to it."""
    found = {one.suffix.lower() for one in path.parent.glob(f"{glob.escape(path.stem)}.*")}
    if lost := [f"'{path.stem}{ending}'" for ending in BESIDE if ending not in found]:
        raise DataError(
            f"{means} '{path}' lacks {' and '.join(lost)}; a shapefile is several files: copy all "
            "that have its name, or give a GeoPackage"
        )


def _table(path: Path, name: str | None, setting: str) -> gpd.GeoDataFrame | pd.DataFrame:
    """The features as they are in the file."""
    ending = path.suffix.lower()
    if ending in GEOPARQUET:
        _check_name(path, name, [path.stem], setting)
        return _parquet(path)
    source = _in_zip(path) if ending == ".zip" else str(path)
    names = _layers(source)
    _check_name(path, name, names, setting)
    chosen = names[0] if name is None else name
    columns = {"GEOM_POSSIBLE_NAMES": ",".join(WKT_COLUMNS)} if ending == ".csv" else {}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", NO_WKT, RuntimeWarning)  # such rows are refused below
        frame = pyogrio.read_dataframe(source, layer=chosen, fid_as_index=True, **columns)
        _check_columns(frame.columns, path)
        known = pyogrio.read_info(source, layer=chosen, **columns)
        some_lost = isinstance(frame, gpd.GeoDataFrame) and frame.geometry.isna().any()
        if some_lost and known["driver"] == "CSV":
            rows = pyogrio.read_dataframe(
                source, layer=chosen, read_geometry=False, fid_as_index=True
            )
            _check_wkt(frame, rows, known["geometry_name"], path)
    return _with_yes_and_no(frame, known)


def _check_columns(names: "pd.Index[str]", path: Path) -> None:
    """Refuse two attributes of one name: nobody knows which is meant."""
    if len(twice := names[names.duplicated()]):
        raise DataError(
            f"'{path}' has {(names == twice[0]).sum()} columns '{twice[0]}'; give each a name of "
            "its own, or take one out"
        )


def _in_zip(path: Path) -> str:
    """What GDAL opens of a zip: the place of its vector files; itself where none is known."""
    with zipfile.ZipFile(path) as packed:
        places = dict(_places(packed.namelist()))
    if len(places) > 1:
        told = [f"'{member}'" for member in places.values()]
        raise DataError(
            f"the zip '{path}' holds vector files that are not read together: "
            f"{first_few(told, SHOWN)}; unpack it and give the one that is meant"
        )
    return f"/vsizip/{{{path}}}/{next(iter(places))}" if places else str(path)


def _places(members: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The files and folders in a zip that GDAL opens, each with what to call it by."""
    for member in map(PurePosixPath, members):
        if member.name.startswith("._"):  # what macOS notes of a file, under the file's own name
            continue
        geodatabases = [str(one) for one in member.parents if one.suffix.lower() == ".gdb"]
        if geodatabases:
            yield geodatabases[0], geodatabases[0]
        elif member.suffix.lower() == ".shp":
            yield "/".join(member.parent.parts), str(member)
        elif member.suffix.lower() in ALONE:
            yield str(member), str(member)


def _check_wkt(frame: gpd.GeoDataFrame, rows: pd.DataFrame, geometry: str, path: Path) -> None:
    """Refuse outlines in the text of a CSV's rows that are no WKT: GDAL takes them for empty."""
    column = _wkt_column(geometry, rows.columns)
    if column is None:
        return
    said = rows[column].fillna("").astype(str).str.strip()
    if len(lost := said[frame.geometry.isna() & (said != "")]):
        rest = f" (so for {len(lost)} rows in all)" if len(lost) > 1 else ""
        raise DataError(
            f"row {lost.index[0]} of '{path}' has '{lost.iloc[0]:.50}' for an outline, in its "
            f"column '{column}', which is no WKT{rest}; correct it, or leave it out"
        )


def _wkt_column(geometry: str, columns: Iterable[str]) -> str | None:
    """The column of a CSV with what GDAL has as its geometry; None where it is of numbers."""
    if not geometry:
        return next((column for column in columns if column.casefold() == "wkt"), None)
    return geometry if geometry in columns else geometry.removeprefix("geom_")


def _with_yes_and_no(
    frame: gpd.GeoDataFrame | pd.DataFrame, known: Mapping[str, Any]
) -> gpd.GeoDataFrame | pd.DataFrame:
    """The features with yes and no where they were read as 1 and 0, as some values are empty."""
    numbers = [
        str(name)
        for name, kind in zip(known["fields"], known["dtypes"], strict=True)
        if kind == "bool" and frame[name].dtype != bool
    ]
    return frame.assign(**{name: frame[name].map({1: True, 0: False}) for name in numbers})


def _parquet(path: Path) -> gpd.GeoDataFrame | pd.DataFrame:
    """The features of a GeoParquet file, numbered from 0."""
    schema = pyarrow.parquet.read_schema(path)
    _check_columns(pd.Index(schema.names), path)
    if b"geo" not in (schema.metadata or {}):
        return pd.read_parquet(path)
    frame = gpd.read_parquet(path)
    return frame.reset_index(drop=frame.index.name is None)


def _layers(source: str) -> list[str]:
    """The names of the layers; tables such as those of styles are none."""
    listed = [(str(known), kind) for known, kind in pyogrio.list_layers(source)]
    return [known for known, kind in listed if kind is not None] or [known for known, _ in listed]


def _check_name(path: Path, name: str | None, names: list[str], setting: str) -> None:
    """Refuse a layer that is not there, and none where there are several or none at all."""
    if not names:
        raise DataError(f"'{path}' holds no layer; give a file with polygons")
    told = ", ".join(f"'{known}'" for known in names)
    if name is None and len(names) > 1:
        raise DataError(f"'{path}' has the layers {told}; say which one with {setting}")
    if name is not None and name not in names:
        raise DataError(f"'{path}' has no layer '{name}', but {told}; correct {setting}")


def _reason(error: Exception, path: Path) -> str:
    """Why a file cannot be read, and the way out."""
    if isinstance(error, UnicodeDecodeError):
        return (
            "its text is not written in UTF-8; save it as UTF-8 (a shapefile names another "
            "encoding in a .cpg file)"
        )
    if isinstance(error, GEOSException) and "Unknown WKB type" in str(error):
        return (
            "it holds a TIN, a polyhedral surface or another kind of geometry that is no plain "
            f"polygon; write it anew, such as with {PLAIN} '{path}'"
        )
    if isinstance(error, GEOSException):
        return (
            f"an outline in it is damaged ({error}); mend it in a GIS, such as with 'Fix "
            "geometries' of QGIS, or leave it out"
        )
    if path.suffix.lower() == ".zip" and isinstance(error, DataSourceError | zipfile.BadZipFile):
        return (
            "it is damaged, or nothing in it is a vector file; zip a GeoPackage, or all files of a "
            "shapefile"
        )
    return f"{error}; give a GeoPackage, GeoJSON, shapefile or another format of GDAL"


def _check_numbers(frame: gpd.GeoDataFrame, path: Path) -> None:
    """Refuse outlines that lead nowhere."""
    places, features = shapely.get_coordinates(frame.geometry.to_numpy(), return_index=True)
    if len(lost := features[~np.isfinite(places).all(axis=1)]):
        raise DataError(
            f"feature {frame.index[lost[0]]} in '{path}' has coordinates that are no numbers; "
            "correct its outline, or leave it out"
        )
