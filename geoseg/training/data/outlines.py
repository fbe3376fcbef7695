"""Outlines that hold ground."""

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geoseg.errors import DataError
from tiles.measuring import Polygons

AREAS = ("Polygon", "MultiPolygon")
"""Kinds of geometry that hold pixels."""


def drawn(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The features that have an outline."""
    outlines = frame.geometry.to_numpy()
    return frame[~(shapely.is_missing(outlines) | shapely.is_empty(outlines))]


def without_area(outlines: Polygons) -> NDArray[np.object_]:
    """The kinds of those that hold no polygon, such as lines: one for each of them."""
    kinds = [outline.geom_type for outline in outlines if not any(_areas(outline))]
    return np.array(kinds, np.object_)


def valid(outlines: Polygons) -> Polygons:
    """Outlines that do not cross themselves, without the lines and points beside their polygons.

    Where nothing of one holds ground, an empty one.
    """
    mended = outlines.copy()
    rest = ~(shapely.is_valid(outlines) & _plain(outlines))
    mended[rest] = [_ground(outline) for outline in shapely.make_valid(outlines[rest])]
    return mended


def check_ground(outlines: Polygons, path: Path) -> None:
    """Refuse outlines of which none holds ground, although they were made valid."""
    if len(outlines) and shapely.is_empty(outlines).all():
        raise DataError(
            f"none of the {len(outlines)} outlines in '{path}' holds ground; mend them in a GIS, "
            "or give another layer"
        )


def _plain(outlines: Polygons) -> NDArray[np.bool_]:
    """Whether each is a polygon, or several."""
    kinds = [shapely.GeometryType[kind.upper()] for kind in AREAS]
    return np.isin(shapely.get_type_id(outlines), kinds)


def _ground(outline: shapely.Geometry) -> shapely.Geometry:
    """An outline without the lines and points in it."""
    if outline.geom_type in AREAS:
        return outline
    return shapely.union_all(list(_areas(outline)))


def _areas(outline: shapely.Geometry) -> Iterator[shapely.Geometry]:
    """The polygons in an outline, which may be a collection of collections."""
    if outline.geom_type in AREAS:
        yield outline
    elif outline.geom_type == "GeometryCollection":
        for part in shapely.get_parts(outline):
            yield from _areas(part)
