"""Areas and lengths on the ground in metres, whatever the CRS."""

from collections.abc import Callable, Iterator
from contextlib import suppress

import numpy as np
import shapely
from numpy.typing import NDArray
from odc.geo import crs as odc_crs
from odc.geo.geobox import GeoBox
from pyproj import CRS, Geod, Proj, Transformer
from pyproj.exceptions import GeodError, ProjError

from tiles.errors import GeoreferenceError

Polygons = NDArray[np.object_]
"""shapely Polygons, or MultiPolygons."""

GROUP_DEGREES = 20
"""Polygons are measured in groups of this size, each in a projection of its own."""

STRAIGHT_M = 1000.0
"""Edges up to this long bend by 0.1 m at most between two projections (at 80 degrees north)."""

MAP_SCALE = 2e-3
"""How far the scale of a map made for measuring is off: up to 0.001 in UTM."""

EARTH_RADIUS_M = 6_371_007.0

NOT_MEASURED = (ProjError, GeodError, GeoreferenceError, IndexError)
"""What is raised where PROJ can name a CRS but not compute in it; IndexError for one without axes.
"""

RECTANGLE = 5
"""Coordinates of a closed ring with four corners."""


def proj_crs(crs: CRS | odc_crs.CRS | None) -> CRS | None:
    """The CRS as pyproj knows it."""
    return crs.proj if isinstance(crs, odc_crs.CRS) else crs


def is_lonlat(crs: CRS) -> bool:
    """True where x and y are longitude and latitude themselves, not those of a rotated pole."""
    return bool(crs.is_geographic and not crs.is_derived)


def area_m2(polygons: Polygons, crs: CRS | odc_crs.CRS | None) -> NDArray[np.float64]:
    """Square metres of ground that each polygon covers; NaN where the CRS does not tell."""
    known = proj_crs(crs)
    if known is not None and is_flat(known) and len(polygons):
        # far off the map, coordinates are infinite
        with suppress(*NOT_MEASURED), np.errstate(invalid="ignore"):
            return _areas(polygons, known)
    return np.full(len(polygons), np.nan)


def is_flat(crs: CRS) -> bool:
    """False where x and y are no position on the ground: geocentric, or heights alone."""
    ground = crs.sub_crs_list[0] if crs.sub_crs_list else crs  # without the heights beside it
    return not (ground.is_geocentric or ground.is_vertical)


def _areas(polygons: Polygons, crs: CRS) -> NDArray[np.float64]:
    if crs.geodetic_crs is None:  # a building site's own grid
        return np.asarray(shapely.area(polygons) * _unit_m(crs) ** 2)
    measure = _areas_on_cylinder if is_lonlat(crs) else _areas_by_group
    return measure(densified(polygons, crs), crs)


def gsd_m(geobox: GeoBox) -> tuple[float, float]:
    """Metres of ground from row to row and from column to column, at the centre of the scene.

    Where the map's own metres are the ground's but for `MAP_SCALE`, they are taken: a pixel of
    0.3 in UTM is 0.3 m. NaN where the CRS does not tell.
    """
    per_y, per_x = metres_per_unit(geobox)
    crs = proj_crs(geobox.crs)
    if crs is not None and crs.is_projected:
        unit_m = _unit_m(crs)
        if max(abs(per_y / unit_m - 1), abs(per_x / unit_m - 1)) <= MAP_SCALE:
            per_y = per_x = unit_m
    pixel = geobox.affine
    return (
        float(np.hypot(pixel.b * per_x, pixel.e * per_y)),
        float(np.hypot(pixel.a * per_x, pixel.d * per_y)),
    )


def metres_per_unit(geobox: GeoBox) -> tuple[float, float]:
    """Metres of ground per unit of the CRS's y and of its x, at the centre of the scene.

    In EPSG:3857 at 60 degrees north both are 0.5; NaN without a CRS.
    """
    crs = proj_crs(geobox.crs)
    if crs is not None and is_flat(crs):
        with suppress(*NOT_MEASURED):
            return _metres_at_centre(geobox, crs)
    return float("nan"), float("nan")


def _metres_at_centre(geobox: GeoBox, crs: CRS) -> tuple[float, float]:
    """Metres per unit of y and of x in the middle of the scene."""
    if crs.geodetic_crs is None:
        return _unit_m(crs), _unit_m(crs)
    height, width = geobox.shape
    x, y = geobox.affine * (width / 2, height / 2)
    step = abs(geobox.affine.determinant) ** 0.5  # about a pixel
    around = np.array([(x, y - step), (x, y + step), (x - step, y), (x + step, y)])
    (south, north, west, east) = _to_degrees(crs)(around)
    per_y, per_x = (
        _geod(crs).inv(*a, *b)[2] / (2 * step) for a, b in ((south, north), (west, east))
    )
    return float(per_y), float(per_x)


def simplified(polygons: Polygons, tolerance_m: float, geobox: GeoBox) -> Polygons:
    """Polygons with fewer corners, nowhere more than `tolerance_m` from where they were.

    Each stays valid, keeps its holes and never becomes empty; rectangles stay as they are.
    """
    if tolerance_m <= 0:
        return polygons
    per_y, per_x = metres_per_unit(geobox)
    if not np.isfinite(per_y * per_x):
        raise GeoreferenceError(
            f"outlines cannot be simplified by {tolerance_m} m, because the scene has no CRS "
            "that tells what a metre is; give --assign-crs, or leave --simplify out"
        )
    square = np.array([per_x / per_y, 1.0])  # x and y equally long
    straight = shapely.simplify(
        shapely.transform(polygons, lambda xy: xy * square),
        tolerance_m / per_y,
        preserve_topology=True,
    )
    straight = shapely.transform(straight, lambda xy: xy / square)
    better = (
        shapely.is_valid(straight)
        & ~shapely.is_empty(straight)
        & (shapely.get_num_coordinates(polygons) > RECTANGLE)
    )
    return np.where(better, straight, polygons)


def densified(polygons: Polygons, crs: CRS) -> Polygons:
    """Polygons with corners added to long edges, so that they can follow another projection."""
    if not len(polygons):
        return polygons
    left, bottom, right, top = shapely.bounds(polygons).T
    extent = max(right.max() - left.min(), top.max() - bottom.min())
    step = max(STRAIGHT_M / _unit_m(crs), extent / 1000)
    long = np.maximum(right - left, top - bottom) > step
    dense = polygons.copy()
    dense[long] = shapely.segmentize(polygons[long], step)
    return dense


def _unit_m(crs: CRS) -> float:
    """Metres in one unit of x; for angles, along the equator."""
    factor: float = crs.axis_info[0].unit_conversion_factor
    return factor * EARTH_RADIUS_M if crs.is_geographic else factor


def _to_degrees(crs: CRS) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """From (n, 2) x, y to longitude, latitude on the CRS's own ellipsoid: no change of datum."""
    geodetic = crs.geodetic_crs
    if geodetic is None:
        raise GeoreferenceError(f"'{crs.name}' has no longitude and latitude")
    transformer = Transformer.from_crs(crs, geodetic, always_xy=True)
    degrees = np.degrees(geodetic.axis_info[0].unit_conversion_factor)  # some count in grads
    return lambda xy: np.column_stack(transformer.transform(*xy.T)) * degrees


def _geod(crs: CRS) -> Geod:
    """The ellipsoid of the CRS."""
    geod = crs.get_geod()
    if geod is None:
        raise GeoreferenceError(f"'{crs.name}' does not tell the shape of the earth")
    return geod


def _ellipsoid(crs: CRS) -> str:
    """The ellipsoid of the CRS in PROJ's words."""
    geod = _geod(crs)
    return f"+a={geod.a} +b={geod.b}"


def _areas_on_cylinder(polygons: Polygons, crs: CRS) -> NDArray[np.float64]:
    """Areas in a cylindrical projection: there the edges of pixels in lon/lat stay straight."""
    to_degrees = _to_degrees(crs)
    # +over: a longitude of 181 lies beside 180, not at -179
    cylinder = Proj(f"+proj=cea +over {_ellipsoid(crs)}")

    def project(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(cylinder(*to_degrees(xy).T))

    return np.asarray(shapely.area(shapely.transform(polygons, project)))


def _areas_by_group(polygons: Polygons, crs: CRS) -> NDArray[np.float64]:
    """Areas in azimuthal projections, each centred near a group of neighbours."""
    to_degrees = _to_degrees(crs)
    areas = np.full(len(polygons), np.nan)
    for members, (lon, lat) in _groups(polygons, to_degrees):
        plane = Proj(f"+proj=laea +lat_0={lat} +lon_0={lon} {_ellipsoid(crs)}")

        def project(xy: NDArray[np.float64], plane: Proj = plane) -> NDArray[np.float64]:
            return np.column_stack(plane(*to_degrees(xy).T))

        areas[members] = shapely.area(shapely.transform(polygons[members], project))
    areas[~np.isfinite(areas)] = np.nan
    return areas


def _groups(
    polygons: Polygons, to_degrees: Callable[[NDArray[np.float64]], NDArray[np.float64]]
) -> Iterator[tuple[NDArray[np.intp], tuple[float, float]]]:
    """Indices of neighbouring polygons, with the longitude and latitude in their middle."""
    left, bottom, right, top = shapely.bounds(polygons).T
    centres = to_degrees(np.column_stack([(left + right) / 2, (bottom + top) / 2]))
    on_earth = np.flatnonzero(np.isfinite(centres).all(axis=1))
    cells = np.floor(centres[on_earth] / GROUP_DEGREES)
    corners, cell_of = np.unique(cells, axis=0, return_inverse=True)
    for cell, corner in enumerate(corners):
        lon, lat = (corner + 0.5) * GROUP_DEGREES
        yield on_earth[cell_of.ravel() == cell], (float(lon), float(np.clip(lat, -90, 90)))
