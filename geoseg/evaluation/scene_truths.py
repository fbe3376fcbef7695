"""What is asked of a whole scene, and what it means on the ground."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from odc.geo.geobox import GeoBox

from geoseg.errors import DataError, OptionsError, QueryError
from geoseg.options import ImageOptions
from geoseg.query import Query
from geoseg.training.data.meanings import texts_of
from geoseg.training.data.outlines import check_ground, drawn, valid, without_area
from geoseg.training.data.own_scene import open_own_raster
from geoseg.training.data.placing import laid
from geoseg.training.data.vector_file import open_table

POLYGONS, EMPTY = "polygons", "empty"
"""Kinds of truth: outlines of objects, and none."""


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """A phrase about a scene, and what it means on the ground."""

    phrase: str

    truth: gpd.GeoSeries
    """Polygons in the scene's CRS; in pixels (x column, y row) where the scene has none."""

    kind: str = POLYGONS
    """What the truth is: polygons, mask, boxes, hand, derived or empty."""


@dataclass(frozen=True, slots=True, eq=False)
class SceneTruth:
    """A scene and everything that is asked of it."""

    scene: Path
    expressions: tuple[Expression, ...]

    notices: tuple[str, ...] = ()
    """What a user should know about the truth, in sentences."""

    image: ImageOptions | None = None
    """How to read the scene; None: as the caller says."""


def open_truth(
    scene: Path,
    layer: Path,
    *,
    column: str = "query",
    name: str | None = None,
    image: ImageOptions | None = None,
) -> SceneTruth:
    """A scene with a layer of polygons, whose `column` holds the phrase each one answers.

    `name` chooses one of several layers, `image` says how the scene is read. A phrase is the same
    whatever its case.
    """
    setting = "layer=, as in ?truth=truth.gpkg&layer=NAME"
    table = open_table(layer, "the truth", name=name, setting=setting)
    attributes = table.columns.drop(table.geometry.name)
    if column not in attributes:
        raise OptionsError(
            f"'{layer}' has no column {column!r} with the phrase of each polygon; it has "
            f"{', '.join(map(repr, attributes))}"
        )
    polygons = areas(table, layer)
    there = placed(polygons, geobox_of(scene, image), scene)
    if len(polygons) and there.empty:
        raise OptionsError(elsewhere(polygons, scene, layer))
    lost = flat(table, polygons)
    asking = table[column].drop(lost)
    said = _phrases(asking, layer)
    silent = len(asking) - sum(map(len, said.values()))
    return SceneTruth(
        scene,
        tuple(_expression(phrase, _among(there, rows)) for phrase, rows in said.items()),
        (*without_ground(len(lost), layer), *_without_phrase(silent, asking, layer)),
        image,
    )


def _phrases(column: "pd.Series[object]", layer: Path) -> dict[str, list[object]]:
    """The phrases in a column, and the rows of each; blank ones are none."""
    found: dict[str, tuple[str, list[object]]] = {}
    for row, phrase in texts_of(column, f"the column '{column.name}' of '{layer}'").items():
        if phrase:
            found.setdefault(phrase.casefold(), (phrase, []))[1].append(row)
    if not found:
        raise DataError(
            f"none of the {len(column)} rows of '{layer}' has a phrase in the column "
            f"'{column.name}'; fill it in, or name another one with column="
        )
    for phrase, rows in found.values():
        try:
            Query(phrase)
        except QueryError as error:
            raise DataError(
                f"the column '{column.name}' of '{layer}' has {len(rows)} of {len(column)} rows "
                f"with {phrase!r:.60}, which cannot be asked: {error}"
            ) from error
    return dict(found.values())


def _without_phrase(count: int, column: "pd.Series[object]", layer: Path) -> Iterator[str]:
    """What to say of rows that ask for nothing, if there are any."""
    if count:
        yield (
            f"{count} of {len(column)} rows of '{layer}' have no phrase in the column "
            f"'{column.name}'; they are left out"
        )


def without_ground(count: int, layer: Path) -> Iterator[str]:
    """What to say of rows whose outlines hold no ground, if there are any."""
    if count:
        yield (
            f"{count} of the outlines of '{layer}' hold no ground, however they are mended; their "
            "rows are left out"
        )


def _expression(phrase: str, polygons: gpd.GeoSeries) -> Expression:
    """A phrase with the polygons that answer it; where the scene shows none, it is absent."""
    return Expression(phrase, polygons, EMPTY if polygons.empty else POLYGONS)


def _among(there: gpd.GeoSeries, rows: Sequence[object]) -> gpd.GeoSeries:
    """Those of the outlines on a scene that are among some rows of the layer, in order."""
    places = there.index.get_indexer(rows)
    return there.iloc[np.sort(places[places >= 0])]


def areas(table: gpd.GeoDataFrame, path: Path) -> gpd.GeoDataFrame:
    """The rows whose outline holds ground, made valid; other kinds than polygons are refused."""
    some = drawn(table)
    if kinds := sorted(set(without_area(some.geometry.to_numpy()))):
        raise OptionsError(
            f"the truth '{path}' holds {', '.join(kinds)}; truth is drawn as polygons"
        )
    outlines = valid(some.geometry.to_numpy())
    check_ground(outlines, path)
    return some.set_geometry(outlines, crs=table.crs)[~shapely.is_empty(outlines)]


def flat(table: gpd.GeoDataFrame, polygons: gpd.GeoDataFrame) -> "pd.Index[object]":
    """The rows whose outline holds no ground: something is meant there, nobody knows where."""
    return drawn(table).index.difference(polygons.index)


def geobox_of(scene: Path, image: ImageOptions | None) -> GeoBox:
    """Where a scene lies, read as the settings say."""
    with open_own_raster(scene, image or ImageOptions()) as raster:
        return raster.geobox


def placed(layer: gpd.GeoDataFrame, geobox: GeoBox, scene: Path) -> gpd.GeoSeries:
    """The polygons that lie on a scene, in its CRS; where it has none, as they are."""
    if layer.empty:
        return layer.geometry
    if layer.crs is None and geobox.crs is not None:
        raise OptionsError(
            f"the layer has no CRS but the other has one: image '{scene}'; write the layer with "
            "its CRS, such as with ogr2ogr -a_srs EPSG:32636"
        )
    moved = laid(layer, geobox, path=scene).geometry
    return moved[shapely.intersects(moved.to_numpy(), geobox.extent.geom)]


def elsewhere(polygons: gpd.GeoDataFrame, scene: Path, layer: Path) -> str:
    """What to say of a layer beside its scene: refusing everything would be counted as right."""
    bounds = ", ".join(f"{bound:g}" for bound in polygons.total_bounds)
    known = polygons.crs.name if polygons.crs else "no CRS"
    return (
        f"none of the {len(polygons)} polygons of '{layer}' lies on '{scene}': they span {bounds} "
        f"in {known}; check the CRS of both; where the scene has none, polygons lie in its "
        "own coordinates or pixels (x is the column, y the row)"
    )
