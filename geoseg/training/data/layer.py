"""The polygons to learn, from a vector file."""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import shapely

from geoseg.errors import DataError
from geoseg.training.data.outlines import check_ground, drawn, valid, without_area
from geoseg.training.data.vector_file import open_table
from tiles.georeference import crs_of


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


def open_layer(path: Path, *, name: str | None = None, crs: str | None = None) -> Layer:
    """The polygons in a vector file, with their attributes and valid outlines.

    `name` chooses one of several layers; `crs` replaces the layer's own.
    """
    read = open_table(path, "the vector layer", name=name, setting="layer_name")
    some = drawn(read)
    _check_areas(some, path)
    outlines = some.geometry.to_numpy()
    crossed = ~shapely.is_valid(outlines)
    outlines = valid(outlines)
    check_ground(outlines, path)
    flat = shapely.is_empty(outlines)
    known = read.crs if crs is None else crs_of(crs).proj
    table = gpd.GeoDataFrame(some.drop(columns=read.geometry.name), geometry=outlines, crs=known)
    return Layer(
        table[~flat],
        features=len(read),
        empty=len(read) - len(some),
        invalid=int(flat.sum()),
        mended=int((crossed & ~flat).sum()),
    )


def _check_areas(frame: gpd.GeoDataFrame, path: Path) -> None:
    """Refuse an empty layer, and lines and points, which cover no pixels."""
    if frame.empty:
        raise DataError(f"the vector layer '{path}' is empty; give one with polygons")
    if len(other := without_area(frame.geometry.to_numpy())):
        raise DataError(
            f"{len(other)} of {len(frame)} features in '{path}' are {', '.join(sorted(set(other)))}"
            ", which cover no ground; buffer them to polygons first, or leave them out"
        )
