"""Where the polygons of a layer lie on an image."""

from functools import lru_cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from pyproj import CRS, Transformer

from geoseg.errors import DataError
from geoseg.training.data.antimeridian import full_turn, joined, pole, turned
from geoseg.training.data.outlines import valid
from tiles.measuring import Polygons, densified, proj_crs

MARGIN = 0.1
"""Of the longer side of an image: so far around it a layer is kept, as its outline may be bent."""


def on_grid(frame: gpd.GeoDataFrame, geobox: GeoBox, *, path: Path) -> gpd.GeoDataFrame:
    """The polygons in the CRS of an image; both without one are taken to agree."""
    known = proj_crs(geobox.crs)
    if (known is None) != (frame.crs is None):
        without, way_out = ("image", "assign_crs") if known is None else ("layer", "layer_crs")
        raise DataError(
            f"the {without} has no CRS but the other has one: image '{path}'; say it with {way_out}"
        )
    return laid(frame, geobox, path=path)


def near(frame: gpd.GeoDataFrame, geobox: GeoBox) -> NDArray[np.intp]:
    """The rows, sorted, of the polygons that may lie on an image; all, where nobody can tell.

    Laid alone they come out the same, and far sooner than with all others of a large layer.
    """
    known = proj_crs(geobox.crs)
    if known is None or frame.crs is None or (around := _around(geobox, known, frame.crs)) is None:
        return np.arange(len(frame))
    # part by part: a box around parts on both sides of the earth would hold all polygons
    return np.unique(frame.sindex.query(shapely.get_parts(around))[1])


def laid(frame: gpd.GeoDataFrame, geobox: GeoBox, *, path: Path) -> gpd.GeoDataFrame:
    """The polygons in the CRS of an image, where both have one.

    In another CRS than their own they are empty far from the image, and cut off around it: what
    is far away may have no coordinates there. Where x goes around the earth they lie where the
    image counts it: 180.5 is -179.5.
    """
    known = proj_crs(geobox.crs)
    if known is None or frame.crs is None:
        return frame
    moved = frame if frame.crs == known else _moved(frame, geobox, known, path)
    if not (turn := full_turn(known)):
        return moved
    outlines = moved.geometry.to_numpy()
    there = turned(outlines, turn, _boxed(*geobox.boundingbox.bbox))
    return moved if there is outlines else moved.set_geometry(valid(there), crs=known)


def _moved(frame: gpd.GeoDataFrame, geobox: GeoBox, known: CRS, path: Path) -> gpd.GeoDataFrame:
    """The polygons around an image, in its CRS."""
    around = _cut(frame.geometry.to_numpy(), _around(geobox, known, frame.crs))
    some = ~shapely.is_empty(around)
    around[some] = densified(around[some], frame.crs)
    moved: gpd.GeoDataFrame = frame.set_geometry(around, crs=frame.crs).to_crs(known)
    outlines = moved.geometry.to_numpy()
    lost = some & ~np.isfinite(shapely.bounds(outlines)).all(axis=1)
    if lost.any():
        raise DataError(
            f"feature {frame.index[lost][0]} of the layer has no place in {known.name}, the CRS of "
            f"'{path}'; cut it to the surroundings of the image, or give the layer in that CRS"
        )
    if turn := full_turn(known):
        outlines = joined(outlines, turn, end=pole(known))
    return moved.set_geometry(valid(outlines), crs=known)


def _around(geobox: GeoBox, known: CRS, wanted: CRS) -> shapely.Geometry | None:
    """The surroundings of an image in another CRS; None where they have no bounds there."""
    left, bottom, right, top = geobox.boundingbox.bbox
    if known != wanted:
        there = transformer(known, wanted)
        left, bottom, right, top = there.transform_bounds(left, bottom, right, top)
    if not np.isfinite([left, bottom, right, top]).all():
        return None
    turn = full_turn(wanted)
    if right < left:  # across the antimeridian
        right += turn
    # layers count longitudes from -180 or from 0
    return shapely.union_all([
        _boxed(left + by, bottom, right + by, top)
        for by in ((-turn, 0.0, turn) if turn else (0.0,))
    ])  # fmt: skip


@lru_cache(maxsize=32)
def transformer(known: CRS, wanted: CRS) -> Transformer:
    """From one CRS to another, x before y; many images share a few, and each takes a moment."""
    return Transformer.from_crs(known, wanted, always_xy=True)


def _boxed(left: float, bottom: float, right: float, top: float) -> shapely.Polygon:
    """A rectangle with a margin around it."""
    reach = MARGIN * max(right - left, top - bottom)
    return shapely.box(left - reach, bottom - reach, right + reach, top + reach)


def _cut(outlines: Polygons, around: shapely.Geometry | None) -> Polygons:
    """What lies in the surroundings, if they are known."""
    cut = outlines.copy()
    if around is not None:
        shapely.prepare(around)
        beyond = ~shapely.covers(around, outlines)
        cut[beyond] = shapely.intersection(outlines[beyond], around)
    return cut
