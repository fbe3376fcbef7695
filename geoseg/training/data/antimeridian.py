"""Outlines on both sides of where longitudes begin anew."""

import math
from functools import lru_cache

import numpy as np
import shapely
from pyproj import CRS, Transformer

from tiles.measuring import Polygons, is_lonlat

CYLINDERS = (
    "Popular Visualisation Pseudo Mercator",
    "Mercator",
    "Equidistant Cylindrical",
    "Pseudo Plate Carree",
    "Lambert Cylindrical Equal Area",
    "Miller Cylindrical",
)
"""Projections in which x goes with the longitude, as EPSG and PROJ call them."""

ORIGIN = "Longitude of natural origin"
"""The parameter of a projection that says where x begins."""


@lru_cache(maxsize=32)
def full_turn(crs: CRS) -> float:
    """The x after which the earth begins anew; 0 where the CRS has none."""
    if is_lonlat(crs):
        radians: float = crs.axis_info[0].unit_conversion_factor
        return 2 * math.pi / radians
    way = crs.coordinate_operation
    if way is None or crs.geodetic_crs is None or not way.method_name.startswith(CYLINDERS):
        return 0.0
    middle = next((float(one.value) for one in way.params if one.name == ORIGIN), 0.0)
    there = Transformer.from_crs(crs.geodetic_crs, crs, always_xy=True)
    east, west = (there.transform(middle + quarter, 0.0)[0] for quarter in (90.0, -90.0))
    return float(2 * abs(east - west))


def pole(crs: CRS) -> float:
    """A y that no ground lies beyond: 90 degrees, or off the map."""
    turn = full_turn(crs)
    return turn / 4 if is_lonlat(crs) else turn


def turned(outlines: Polygons, turn: float, around: shapely.Polygon) -> Polygons:
    """Outlines with the longitudes of an image, of which `around` are the surroundings.

    Those that a full turn brings there are cut off around it; the others stay as they are.
    """
    left, _, right, _ = around.bounds
    west, _, east, _ = shapely.bounds(outlines).T
    elsewhere = [(west + by < right) & (east + by > left) for by in (-turn, turn)]
    some = np.any(elsewhere, axis=0)
    if not some.any():
        return outlines
    there = [shapely.intersection(_shifted(outlines[some], by), around) for by in (-turn, 0, turn)]
    moved = outlines.copy()
    moved[some] = shapely.union_all(np.stack(there), axis=0)
    return moved


def joined(outlines: Polygons, turn: float, *, end: float) -> Polygons:
    """Outlines put together again that were torn where longitudes end.

    No edge may be as long as half a turn but those that lead back around the earth; what goes
    around a pole reaches to the `end` of y there.
    """
    whole = outlines.copy()
    west, _, east, _ = shapely.bounds(outlines).T
    wide = east - west > turn / 2
    whole[wide] = [_joined(outline, turn, end) for outline in outlines[wide]]
    return whole


def _joined(outline: shapely.Geometry, turn: float, end: float) -> shapely.Geometry:
    """An outline put together, part by part."""
    parts = [
        _unrolled(part, turn, end) if _torn(part, turn) else part
        for part in shapely.get_parts(outline)
        if part.geom_type == "Polygon"
    ]
    pieces = (piece for part in parts for piece in shapely.get_parts(part))
    # where rings are made valid, lines without ground may be left
    return shapely.MultiPolygon([piece for piece in pieces if piece.geom_type == "Polygon"])


def _torn(part: shapely.Polygon, turn: float) -> bool:
    """Whether an edge leads back around the earth."""
    return any(
        (np.abs(np.diff(shapely.get_coordinates(ring)[:, 0])) > turn / 2).any()
        for ring in shapely.get_rings(part)
    )


def _unrolled(part: shapely.Polygon, turn: float, end: float) -> shapely.Geometry:
    """A polygon whose longitudes go on beyond the end."""
    shell, *holes = shapely.make_valid(
        [_closed(ring, turn, end) for ring in shapely.get_rings(part)]
    )
    # the shell and its holes go on from wherever their rings begin, eastwards or westwards
    gaps = [_shifted(holes, turns * turn) for turns in (-2, -1, 0, 1, 2)]
    return shapely.difference(shell, shapely.union_all(gaps))


def _closed(ring: shapely.LinearRing, turn: float, end: float) -> shapely.Polygon:
    """What a ring of longitudes that go on encloses; one around a pole reaches to the pole."""
    places = shapely.get_coordinates(ring)
    places[:, 0] = np.unwrap(places[:, 0], period=turn)
    if abs(places[-1, 0] - places[0, 0]) > turn / 2:
        y = math.copysign(end, places[:, 1].mean())
        places = np.vstack([places, [(places[-1, 0], y), (places[0, 0], y)]])
    return shapely.Polygon(places)


def _shifted(outlines: Polygons | list[shapely.Geometry], by: float) -> Polygons:
    """Outlines that lie further east."""
    step = np.array([by, 0.0])
    return np.asarray(shapely.transform(np.asarray(outlines, np.object_), lambda xy: xy + step))
