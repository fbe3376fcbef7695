"""The polygons to learn, from a vector file."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import shapely
from pyproj import CRS

from geoseg.errors import DataError
from geoseg.training.data.outlines import check_ground, drawn, valid, without_area
from geoseg.training.data.vector_file import open_table
from tiles.georeference import map_crs


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """The polygons of a vector file, and what became of the others."""

    table: gpd.GeoDataFrame
    """Attributes with valid outlines; the index holds the numbers of the features (FID)."""

    features: int
    """How many the file holds."""

    empty: int
    """Those left out because they have no outline."""

    invalid: int
    """Those left out because their outline holds no ground, however it is mended."""

    mended: int
    """Those whose outline crossed itself and was mended."""

    notices: tuple[str, ...] = ()
    """What a user should know about where it lies."""


def open_layer(path: Path, *, name: str | None = None, crs: str | None = None) -> Layer:
    """The polygons in a vector file, with their attributes and valid outlines.

    `name` chooses one of several layers; `crs` replaces the layer's own, and a notice tells so.
    """
    read = open_table(path, "the vector layer", name=name, setting="layer_name")
    some = drawn(read)
    _check_areas(some, path)
    outlines = some.geometry.to_numpy()
    crossed = ~shapely.is_valid(outlines)
    outlines = valid(outlines)
    check_ground(outlines, path)
    flat = shapely.is_empty(outlines)
    known = read.crs if crs is None else map_crs(crs).proj
    table = gpd.GeoDataFrame(some.drop(columns=read.geometry.name), geometry=outlines, crs=known)
    return Layer(
        table[~flat],
        features=len(read),
        empty=len(read) - len(some),
        invalid=int(flat.sum()),
        mended=int((crossed & ~flat).sum()),
        notices=tuple(_replaced(read.crs, known)),
    )


def _replaced(found: CRS | None, given: CRS | None) -> Iterator[str]:
    """What to say where a layer has a CRS that is not used."""
    if found is None or given is None or found.equals(given, ignore_axis_order=True):
        return
    yield f"the layer says {_name(found)}; {_name(given)} was given as layer_crs and is used"


def _name(crs: CRS) -> str:
    """What to call a CRS in a sentence."""
    listed = crs.to_authority()
    return ":".join(listed) if listed else f"the CRS {crs.name!r}"


def _check_areas(frame: gpd.GeoDataFrame, path: Path) -> None:
    """Refuse an empty layer, and lines and points, which cover no pixels."""
    if frame.empty:
        raise DataError(f"the vector layer '{path}' is empty; give one with polygons")
    if len(other := without_area(frame.geometry.to_numpy())):
        raise DataError(
            f"{len(other)} of {len(frame)} features in '{path}' are {', '.join(sorted(set(other)))}"
            ", which cover no ground; buffer them to polygons first, or leave them out"
        )
