"""Polygons in longitude and latitude, as GeoJSON wants them."""

import numpy as np
import shapely
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError

from tiles.errors import GeoreferenceError
from tiles.measuring import Polygons, densified, is_lonlat, proj_crs

DIGITS = 7
"""After the point, in degrees: a centimetre."""

STEP = 10.0**-DIGITS

POLE = 90 - 1e-9
"""From here on the longitude means nothing."""

BEYOND_POLE = 1e-5
"""Degrees that a latitude may be off: a metre, as single precision adds up to."""

LOOKS = 9
"""Points along each side of a scene, at which it is tried whether it has longitude and latitude."""

EAST = 180.0

FULL_TURN = 360.0

WRAPPED = 179.0
"""No edge is this wide: where the longitude jumps by more, it wrapped."""


WAY_OUT = "write a GeoPackage (.gpkg) instead, or say the scene's CRS with --assign-crs"


def check_lonlat(geobox: GeoBox) -> None:
    """Refuse, before any work, a scene whose polygons could not be GeoJSON.

    Its corners need a longitude and a latitude up to 90 degrees. Corners off the earth, as those of
    a geostationary disc, may pass as long as some of the scene is on it.
    """
    crs = proj_crs(geobox.crs)
    if crs is None:
        raise GeoreferenceError(f"the scene has no CRS, but GeoJSON is lon/lat; {WAY_OUT}")
    height, width = geobox.shape
    columns, rows = np.meshgrid(np.linspace(0, width, LOOKS), np.linspace(0, height, LOOKS))
    affine = geobox.affine
    x = affine.a * columns + affine.b * rows + affine.c
    y = affine.d * columns + affine.e * rows + affine.f
    lon, lat = _to_wgs84(crs).transform(x, y)
    known = np.isfinite(lon) & np.isfinite(lat)
    if not known.any():
        raise GeoreferenceError(
            f"the scene lies where '{crs.name}' has no longitude and latitude, which GeoJSON "
            f"needs; {WAY_OUT}"
        )
    if np.abs(lat[known]).max() > 90 + BEYOND_POLE:
        raise GeoreferenceError(
            f"the scene reaches latitudes from {lat[known].min():.6g} to {lat[known].max():.6g} "
            f"in '{crs.name}', but GeoJSON ends at the poles; {WAY_OUT}"
        )


def _to_wgs84(crs: CRS) -> Transformer:
    """From x, y to longitude, latitude; refused where the CRS does not lie on the earth."""
    refusal = (
        f"'{crs.name}' has no longitude and latitude on the earth, which GeoJSON needs; {WAY_OUT}"
    )
    if crs.geodetic_crs is None or crs.is_geocentric:
        raise GeoreferenceError(refusal)
    try:
        return Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    except ProjError as error:
        raise GeoreferenceError(refusal) from error


def to_lonlat(polygons: Polygons, crs: CRS) -> Polygons:
    """Polygons and MultiPolygons by RFC 7946: WGS 84, cut at the antimeridian, rounded to 7 digits.

    Exterior rings run counter-clockwise. Nothing is lost: what would vanish in the rounding
    becomes the smallest rectangle around it.
    """
    transformer = _to_wgs84(crs)
    if is_lonlat(crs):
        cut = _cut_where_beyond(_on_globe(polygons, crs, transformer))
    else:
        cut = _cut_where_wrapped(_on_globe(densified(polygons, crs), crs, transformer))
    # normal rings run clockwise, so their reverse is right-handed
    right_handed: Polygons = shapely.reverse(shapely.normalize(rounded(cut)))
    return right_handed


def _on_globe(polygons: Polygons, crs: CRS, transformer: Transformer) -> Polygons:
    """Polygons in longitude and latitude; longitudes wrap where those of the scene do."""
    degrees = np.degrees(crs.axis_info[0].unit_conversion_factor) if is_lonlat(crs) else 0.0

    def project(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        lon, lat = transformer.transform(*xy.T)
        if degrees:  # some changes of datum bring 181 back to -179
            lon = lon + FULL_TURN * np.round((xy[:, 0] * degrees - lon) / FULL_TURN)
        lat = np.where(np.abs(lat) > 90 + BEYOND_POLE, np.inf, np.clip(lat, -90, 90))
        return np.column_stack([lon, lat])

    on_globe: Polygons = shapely.transform(polygons, project)
    lost = ~np.isfinite(shapely.bounds(on_globe)).all(axis=1)
    if lost.any():
        raise GeoreferenceError(
            f"{lost.sum()} of {len(polygons)} polygons lie where '{crs.name}' has no longitude and "
            "latitude, which GeoJSON needs; write a GeoPackage (.gpkg) instead"
        )
    return on_globe


def rounded(polygons: Polygons) -> Polygons:
    """Valid polygons with coordinates of 7 digits; slivers go, whole polygons never do."""
    near: Polygons = shapely.transform(polygons, _round)
    bad = np.flatnonzero(~_has_area(near))
    snapped = shapely.transform(shapely.set_precision(polygons[bad], STEP), _round)
    near[bad] = np.where(_has_area(snapped), snapped, _rectangles_around(polygons[bad]))
    return near


def _has_area(polygons: Polygons) -> NDArray[np.bool_]:
    """True for valid areas: not for what collapsed to a line or to nothing."""
    return np.asarray(shapely.is_valid(polygons) & (shapely.area(polygons) > 0))


def _round(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.round(xy, DIGITS)


def _rectangles_around(polygons: Polygons) -> Polygons:
    """The smallest rectangles of 7 digits that hold the polygons."""
    left, bottom, right, top = shapely.bounds(polygons).T
    left, right = _a_step_apart(left, right, limit=EAST)
    bottom, top = _a_step_apart(bottom, top, limit=90)
    return np.asarray(shapely.box(left, bottom, right, top))


def _a_step_apart(
    low: NDArray[np.float64], high: NDArray[np.float64], *, limit: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both rounded outwards, so that they differ; neither beyond the limit."""
    low = np.minimum(np.floor(low / STEP) * STEP, limit - STEP)
    high = np.maximum(np.ceil(high / STEP) * STEP, low + STEP)
    return _round(low), _round(high)


def _cut_where_beyond(polygons: Polygons) -> Polygons:
    """Cut polygons whose longitudes run on beyond 180, as 179 to 181."""
    left, _, right, _ = shapely.bounds(polygons).T
    turns = np.floor((left + EAST) / FULL_TURN)
    polygons = polygons.copy()
    for turn in np.unique(turns[turns != 0]):
        polygons[turns == turn] = _turned(polygons[turns == turn], -turn)
    for index in np.flatnonzero(right - FULL_TURN * turns > EAST):
        polygons[index] = _cut(polygons[index])
    return polygons


def _cut_where_wrapped(polygons: Polygons) -> Polygons:
    """Cut polygons whose longitudes jump from 180 to -180, or that touch a pole."""
    lonlat, owner = shapely.get_coordinates(polygons, return_index=True)
    jumps = np.flatnonzero((np.abs(np.diff(lonlat[:, 0])) > WRAPPED) & (np.diff(owner) == 0))
    at_pole = np.flatnonzero(np.abs(lonlat[:, 1]) > POLE)
    polygons = polygons.copy()
    for index in np.unique(np.concatenate([owner[jumps], owner[at_pole]])):
        polygons[index] = _cut_wrapped(polygons[index])
    return polygons


def _cut_wrapped(shape: shapely.Geometry) -> shapely.Geometry:
    """One polygon with wrapped longitudes, cut at the antimeridian."""
    pieces = []
    for polygon in shapely.get_parts(shape):
        whole, *holes = (_cut(_unwrapped(ring)) for ring in shapely.get_rings(polygon))
        carved = _areas(shapely.difference(whole, shapely.union_all(holes)))
        pieces.append(carved if carved.area else whole)
    return shapely.union_all(pieces)


def _unwrapped(ring: shapely.LinearRing) -> shapely.Polygon:
    """The area in a ring whose longitudes wrap, drawn on a map that runs on beyond 180.

    A ring round a pole, or through it, is closed along the pole.
    """
    lon, lat = shapely.get_coordinates(ring)[:-1].T
    at_pole = np.abs(lat) > POLE
    if at_pole.any():
        start = int(np.argmax(at_pole))
        lon, lat = (np.roll(axis, -start)[np.roll(~at_pole, -start)] for axis in (lon, lat))
    else:
        lon, lat = np.append(lon, lon[0]), np.append(lat, lat[0])
    steps = (np.diff(lon) + 180) % 360 - 180
    lon = lon[0] + np.concatenate([[0.0], np.cumsum(steps)])
    if at_pole.any() or abs(lon[-1] - lon[0]) > WRAPPED:
        pole = np.copysign(90.0, lat.mean())
        lon, lat = np.append(lon, [lon[-1], lon[0]]), np.append(lat, [pole, pole])
    return shapely.Polygon(np.column_stack([lon, lat]))


def _cut(polygon: shapely.Geometry) -> shapely.Geometry:
    """The area of a polygon on a map that runs on beyond 180, brought back to -180..180."""
    valid = shapely.make_valid(polygon)
    left, _, right, _ = shapely.bounds(valid)
    first, last = (int((lon + EAST) // FULL_TURN) for lon in (left, right))
    pieces = [
        _turned(shapely.intersection(valid, _world(turn)), -turn) for turn in range(first, last + 1)
    ]
    areas = shapely.union_all([_areas(piece) for piece in pieces])
    return areas if areas.area else valid


def _turned(polygons: Polygons, turns: float) -> Polygons:
    """Polygons moved east by whole turns."""
    east = np.array([FULL_TURN * turns, 0])
    moved: Polygons = shapely.transform(polygons, lambda xy: xy + east)
    return moved


def _world(turn: int) -> shapely.Polygon:
    """All of the world on a map that runs on beyond 180, so many turns to the east."""
    return shapely.box(FULL_TURN * turn - EAST, -90, FULL_TURN * turn + EAST, 90)


def _areas(shape: shapely.Geometry) -> shapely.Geometry:
    """The areas of a shape, without the lines and points that an overlay may leave."""
    parts = shapely.get_parts(shape)
    return shapely.multipolygons(parts[shapely.area(parts) > 0])
