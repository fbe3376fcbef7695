"""The objects of a scene, as a table."""

from collections.abc import Iterable, Sequence

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from geoseg.options import PolygonOptions
from geoseg.query import Query
from tiles.measuring import area_m2, simplified
from tiles.vectorising import Traced


def found_objects(
    traced: Iterable[Traced], queries: Sequence[Query], geobox: GeoBox, options: PolygonOptions
) -> gpd.GeoDataFrame:
    """Columns id, query, score, area_m2, geometry, in the CRS of `geobox`.

    Objects are in the order of the queries and, within one, in reading order of their first pixel,
    so that the table does not depend on how the scene was cut. Areas are those of the geometry as
    it stands in the table.
    """
    batches = list(traced)
    query = np.concatenate(
        [np.full(len(b.polygons), b.query) for b in batches] or [np.empty(0, int)]
    )
    first = np.concatenate([b.first for b in batches] or [np.empty((0, 2), int)])
    order = np.lexsort((first[:, 1], first[:, 0], query))
    score = np.concatenate([b.scores for b in batches] or [np.empty(0)])[order]
    polygons = np.concatenate([b.polygons for b in batches] or [np.empty(0, object)])[order]
    placed = on_the_ground(polygons, geobox)
    if options.simplify_m:
        placed = simplified(placed, options.simplify_m, geobox)
    area = area_m2(placed, geobox.crs)
    keep = ~(area < options.min_area_m2)  # NaN, an unknown area, is kept
    phrases = np.array([str(one) for one in queries], object)
    return gpd.GeoDataFrame(
        {
            "id": np.arange(1, keep.sum() + 1),
            "query": phrases[query[order][keep]],
            "score": score[keep],
            "area_m2": area[keep],
        },
        geometry=placed[keep],
        crs=None if geobox.crs is None else geobox.crs.to_wkt(),
    )


def on_the_ground(polygons: NDArray[np.object_], geobox: GeoBox) -> NDArray[np.object_]:
    """Polygons in pixel coordinates (x column, y row), moved to the CRS of `geobox`."""
    pixel = geobox.affine
    turn = np.array([[pixel.a, pixel.d], [pixel.b, pixel.e]])
    move = np.array([pixel.c, pixel.f])
    placed: NDArray[np.object_] = shapely.transform(polygons, lambda xy: xy @ turn + move)
    return placed
