"""Where on the earth a raster lies."""

import re
from dataclasses import dataclass

import numpy as np
import pyproj
from affine import Affine
from odc.geo.crs import CRS
from odc.geo.geobox import GeoBox
from pyproj.exceptions import CRSError

from tiles.errors import GeoreferenceError
from tiles.measuring import is_flat, is_lonlat

TWO_CODES = re.compile(r"\w+:\d+\+(\w+:)?\d+")
"""A CRS on a map, and the one of heights."""

FARTHEST_DEGREES = (720.0, 100.0)
"""Of longitudes and latitudes; global grids reach a little beyond 360 and 90, nothing so far."""


@dataclass(frozen=True, slots=True)
class Georeference:
    """The pixel grid on the ground, and what a user should know about it."""

    geobox: GeoBox
    """Its CRS is None, and its transform the identity, where the raster lies nowhere."""

    notices: tuple[str, ...] = ()
    """Sentences; empty where the raster says all itself."""


def crs_of(text: object) -> CRS:
    """The CRS that an EPSG code, a WKT or anything else pyproj reads stands for.

    It goes by its EPSG code where it is one, not by the old WKT that GeoTIFFs are described in.

    >>> str(crs_of(crs_of("EPSG:32617").to_wkt()))
    'EPSG:32617'
    """
    try:
        crs = CRS(_written_out(text) if isinstance(text, str) else text)
        listed = CRS(f"EPSG:{crs.epsg}") if crs.epsg else crs
    except (CRSError, ValueError, TypeError) as error:
        raise GeoreferenceError(
            f"{text!r} is not a CRS that PROJ knows; write e.g. EPSG:32633 or a whole WKT"
        ) from error
    return listed if listed == crs else crs


def _written_out(text: str) -> str:
    """Two codes, as in EPSG:25832+7837, as WKT, since odc-geo knows single ones; others as is."""
    return pyproj.CRS(text).to_wkt() if TWO_CODES.fullmatch(text.strip()) else text


def map_crs(text: object) -> CRS:
    """The CRS that something stands for, in which x and y are a place on a map.

    Heights alone, and metres from the middle of the earth, are refused; heights beside are not.
    """
    crs = crs_of(text)
    if not is_flat(crs.proj):
        raise GeoreferenceError(
            f"{_name(crs)} is a {crs.proj.type_name}, which does not say where x and y lie on a "
            "map; write one that does, e.g. EPSG:32633"
        )
    return crs


def georeference(
    shape: tuple[int, int], transform: Affine | None, *, found: CRS | None, assigned: CRS | None
) -> Georeference:
    """The georeference of a raster of `shape` (height, width).

    `transform` is None where the raster has none. `found` is the raster's own CRS, `assigned` the
    user's, which wins; nothing is ever reprojected.
    """
    if transform is None:
        return _in_pixels(shape, found=found, assigned=assigned)
    if assigned is not None:
        differs = found is not None and found != assigned
        notice = f"the raster says {_name(found)}; {_name(assigned)} was assigned and is used"
        return Georeference(_assigned(shape, transform, assigned), (notice,) if differs else ())
    if found is None:
        notice = "the raster has coordinates but no CRS; results keep them, without metres"
        return Georeference(GeoBox(shape, transform, None), (notice,))
    return _found(GeoBox(shape, transform, found), found)


def _assigned(shape: tuple[int, int], transform: Affine, crs: CRS) -> GeoBox:
    """The pixel grid in the user's CRS; refused where the coordinates cannot be in it."""
    geobox = GeoBox(shape, transform, crs)
    if said := _no_degrees(geobox, crs):
        raise GeoreferenceError(
            f"{_name(crs)} was assigned, but {said}; assign the CRS that they are in, such as "
            "EPSG:32633"
        )
    return geobox


def _found(geobox: GeoBox, crs: CRS) -> Georeference:
    """The georeference in the raster's own CRS, with a notice where that makes no sense."""
    if not is_flat(crs.proj):
        notice = (
            f"the raster says {_name(crs)}, a {crs.proj.type_name}, which does not say where x and "
            "y lie on a map; results keep the coordinates, without CRS and metres; say the right "
            "one with --assign-crs"
        )
        return Georeference(GeoBox(geobox.shape, geobox.affine, None), (notice,))
    if said := _no_degrees(geobox, crs):
        notice = f"the raster says {_name(crs)}, but {said}; say their CRS with --assign-crs"
        return Georeference(geobox, (notice,))
    return Georeference(geobox)


def _no_degrees(geobox: GeoBox, crs: CRS) -> str:
    """What to say of coordinates that are no longitudes and latitudes, as they should be."""
    bounds = np.array(geobox.boundingbox.bbox)
    if not is_lonlat(crs.proj):
        return ""
    degrees = np.degrees(bounds * crs.proj.axis_info[0].unit_conversion_factor)
    if (np.abs(degrees.reshape(2, 2)).max(axis=0) <= FARTHEST_DEGREES).all():
        return ""
    left, bottom, right, top = bounds
    return (
        f"its x from {left:.10g} to {right:.10g} and y from {bottom:.10g} to {top:.10g} are no "
        "longitudes and latitudes"
    )


def _in_pixels(shape: tuple[int, int], *, found: CRS | None, assigned: CRS | None) -> Georeference:
    """The georeference of a raster that has no transform: pixel numbers."""
    if assigned is not None:
        notice = (
            "the raster has no transform; its columns and rows are taken as coordinates in "
            f"{_name(assigned)}"
        )
        return Georeference(_assigned(shape, Affine.identity(), assigned), (notice,))
    if found is not None:
        notice = (
            f"the raster says {_name(found)} but has no transform; "
            "it is not georeferenced and results are in pixels"
        )
    else:
        notice = "the raster is not georeferenced; results are in pixels"
    return Georeference(GeoBox(shape, Affine.identity(), None), (notice,))


def _name(crs: CRS | None) -> str:
    """What to call a CRS in a sentence."""
    if crs is None:
        return "no CRS"
    return f"EPSG:{crs.epsg}" if crs.epsg else f"the CRS {crs.proj.name!r}"
