"""Polygons as GeoJSON, GeoPackage, FlatGeobuf or GeoParquet."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path

import pyogrio
import shapely
from geopandas import GeoDataFrame

from tiles.errors import GeoreferenceError, OutputError
from tiles.lonlat import to_lonlat
from tiles.outputs import PathLike, format_of, told
from tiles.silence import silenced
from tiles.styles import style_table

LAYER = "polygons"
"""The name of the layer in formats that have layers."""

GEOMETRY = "geom"
"""The name of the geometry in a GeoPackage."""

AT_ONCE = 20_000
"""Features that are turned into GeoJSON together: about 10 MB of text."""

Tags = Mapping[str, str]


def write_polygons(path: PathLike, frame: GeoDataFrame, *, tags: Tags | None = None) -> None:
    """Write polygons in the format that the extension of `path` says.

    GeoJSON is lon/lat by its standard; the others keep the CRS of the frame. `tags` tell where
    the polygons are from; GeoJSON and GeoPackage keep them.
    """
    made = format_of(path)
    if made.driver not in WRITERS:
        raise OutputError(f"'{path}' is a {made.name}, which holds no polygons")
    with told(path):
        WRITERS[made.driver](Path(path), frame, tags or {})


def write_style(path: PathLike, queries: Sequence[str]) -> None:
    """Give a GeoPackage of polygons a style for QGIS, with one colour per query.

    Its table `layer_styles` is a second layer for other readers: geopandas warns of it unless the
    layer is named.
    """
    with told(path):
        pyogrio.write_dataframe(
            style_table(LAYER, GEOMETRY, queries),
            path,
            layer="layer_styles",
            driver="GPKG",
            append=True,
            layer_options={"FID": "id"},
        )


def _write_geojson(path: Path, frame: GeoDataFrame, tags: Tags) -> None:
    """By RFC 7946; written as text, which takes half the time that GDAL's writer takes."""
    if frame.crs is None:
        raise GeoreferenceError(
            f"'{path}' would be GeoJSON, which is lon/lat, but the polygons have no CRS; "
            "write a GeoPackage (.gpkg) instead, or say the scene's CRS with --assign-crs"
        )
    head = {
        "type": "FeatureCollection",
        "name": LAYER,
        **({"provenance": {**tags}} if tags else {}),
    }
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(json.dumps(head, ensure_ascii=False)[:-1] + ', "features": [\n')
        separator = ""
        for start in range(0, len(frame), AT_ONCE):
            file.write(separator + ",\n".join(_features(frame.iloc[start : start + AT_ONCE])))
            separator = ",\n"
        file.write("\n]}\n")


def _features(frame: GeoDataFrame) -> Iterator[str]:
    """The features of a frame as GeoJSON text."""
    geometries = shapely.to_geojson(to_lonlat(frame.geometry.to_numpy(), frame.crs))
    columns = frame.drop(columns=frame.geometry.name)
    rows = columns.to_json(
        orient="records", lines=True, double_precision=15, force_ascii=False, date_format="iso"
    )
    for properties, geometry in zip(_lines(rows), geometries, strict=True):
        yield f'{{"type": "Feature", "properties": {properties}, "geometry": {geometry}}}'


def _lines(text: str) -> list[str]:
    """The lines of JSON Lines; splitlines would break at U+2028 inside a value as well."""
    return text.removesuffix("\n").split("\n") if text else []


def _write_geopackage(path: Path, frame: GeoDataFrame, tags: Tags) -> None:
    _write_layer(
        path,
        frame,
        {
            "driver": "GPKG",
            "layer_options": {"GEOMETRY_NAME": GEOMETRY, **_undefined_srs(frame)},
            "dataset_metadata": dict(tags),
        },
    )


def _undefined_srs(frame: GeoDataFrame) -> dict[str, str]:
    """What GeoPackage calls pixel coordinates: -1, an undefined Cartesian system."""
    return {} if frame.crs is not None else {"SRID": "-1"}


def _write_flatgeobuf(path: Path, frame: GeoDataFrame, _tags: Tags) -> None:
    """With its spatial index, which GDAL makes by itself."""
    _write_layer(path, frame, {"driver": "FlatGeobuf"})


def _write_layer(path: Path, frame: GeoDataFrame, options: Mapping[str, object]) -> None:
    """Hand the frame to GDAL as one Arrow table, without an object per polygon."""
    single = (shapely.get_type_id(frame.geometry.to_numpy()) == shapely.GeometryType.POLYGON).all()
    # pixel coordinates have no CRS, and the user knows
    known = frame.crs is None
    with silenced(UserWarning, "'crs' was not provided") if known else nullcontext():
        pyogrio.write_dataframe(
            frame,
            path,
            layer=LAYER,
            use_arrow=True,
            geometry_type="Polygon" if single else "MultiPolygon",
            promote_to_multi=not single,
            **options,
        )


def _write_geoparquet(path: Path, frame: GeoDataFrame, _tags: Tags) -> None:
    """GeoParquet 1.1 with the bounds of each polygon beside it, so that readers can skip."""
    frame.to_parquet(
        path,
        index=False,
        compression="zstd",
        schema_version="1.1.0",
        write_covering_bbox=True,
        row_group_size=65_536,
    )


WRITERS: dict[str, Callable[[Path, GeoDataFrame, Tags], None]] = {
    "GeoJSON": _write_geojson,
    "GPKG": _write_geopackage,
    "FlatGeobuf": _write_flatgeobuf,
    "Parquet": _write_geoparquet,
}
"""How each format of polygons is written, by GDAL's name of it."""
