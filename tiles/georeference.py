"""Where on the earth a raster lies."""

from dataclasses import dataclass

from affine import Affine
from odc.geo.crs import CRS
from odc.geo.geobox import GeoBox
from pyproj.exceptions import CRSError

from tiles.errors import GeoreferenceError


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
        crs = CRS(text)
        listed = CRS(f"EPSG:{crs.epsg}") if crs.epsg else crs
    except (CRSError, ValueError, TypeError) as error:
        raise GeoreferenceError(
            f"{text!r} is not a CRS that PROJ knows; write e.g. EPSG:32633 or a whole WKT"
        ) from error
    return listed if listed == crs else crs


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
        return Georeference(GeoBox(shape, transform, assigned), (notice,) if differs else ())
    if found is None:
        notice = "the raster has coordinates but no CRS; results keep them, without metres"
        return Georeference(GeoBox(shape, transform, None), (notice,))
    return Georeference(GeoBox(shape, transform, found))


def _in_pixels(shape: tuple[int, int], *, found: CRS | None, assigned: CRS | None) -> Georeference:
    """The georeference of a raster that has no transform: pixel numbers."""
    if assigned is not None:
        notice = (
            "the raster has no transform; its columns and rows are taken as coordinates in "
            f"{_name(assigned)}"
        )
    elif found is not None:
        notice = (
            f"the raster says {_name(found)} but has no transform; "
            "it is not georeferenced and results are in pixels"
        )
    else:
        notice = "the raster is not georeferenced; results are in pixels"
    return Georeference(GeoBox(shape, Affine.identity(), assigned), (notice,))


def _name(crs: CRS | None) -> str:
    """What to call a CRS in a sentence."""
    if crs is None:
        return "no CRS"
    return f"EPSG:{crs.epsg}" if crs.epsg else f"the CRS {crs.proj.name!r}"
