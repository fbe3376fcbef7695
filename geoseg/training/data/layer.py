"""The polygons to learn, from a vector file."""

from pathlib import Path

import geopandas as gpd
import pyogrio
import shapely
from odc.geo.crs import CRS
from pyogrio.errors import DataLayerError, DataSourceError

from geoseg.errors import DataError
from geoseg.training.data.folders import existing_file
from tiles.georeference import crs_of
from tiles.measuring import densified, proj_crs

UNREADABLE = (DataSourceError, DataLayerError, OSError, ValueError)


def open_layer(path: Path, *, name: str | None = None, crs: str | None = None) -> gpd.GeoDataFrame:
    """The polygons in a vector file, with their attributes and valid outlines.

    `name` chooses one of several layers; `crs` replaces the layer's own.
    """
    existing_file(path, "the vector layer")
    try:
        chosen = _chosen(path, name)
        frame = pyogrio.read_dataframe(path, layer=chosen)
    except UNREADABLE as error:
        raise DataError(
            f"the vector layer '{path}' cannot be read: {error}; give a GeoPackage, GeoJSON, "
            "shapefile or another format of GDAL"
        ) from error
    if not isinstance(frame, gpd.GeoDataFrame):
        raise DataError(f"the layer '{chosen}' of '{path}' has no geometry; name another one")
    frame = frame[frame.geometry.notna() & ~frame.geometry.is_empty].reset_index(drop=True)
    _check_areas(frame, path)
    outlines = shapely.make_valid(frame.geometry.to_numpy())
    known = frame.crs if crs is None else crs_of(crs).proj
    return gpd.GeoDataFrame(frame.drop(columns=frame.geometry.name), geometry=outlines, crs=known)


def _chosen(path: Path, name: str | None) -> str:
    """The name of the layer to read."""
    names = [str(listed) for listed in pyogrio.list_layers(path)[:, 0]]
    listed = ", ".join(f"'{known}'" for known in names)
    if name is None and len(names) > 1:
        raise DataError(f"'{path}' has the layers {listed}; say which one with layer_name")
    if name is not None and name not in names:
        raise DataError(f"'{path}' has no layer '{name}', but {listed}; correct layer_name")
    return names[0] if name is None else name


def _check_areas(frame: gpd.GeoDataFrame, path: Path) -> None:
    """Refuse an empty layer, and lines and points, which cover no pixels."""
    if frame.empty:
        raise DataError(f"the vector layer '{path}' is empty; give one with polygons")
    kinds = frame.geometry.geom_type
    if other := sorted(set(kinds) - {"Polygon", "MultiPolygon"}):
        count = int((~kinds.isin(["Polygon", "MultiPolygon"])).sum())
        raise DataError(
            f"{count} of {len(frame)} features in '{path}' are {', '.join(other)}, which cover no "
            "ground; buffer them to polygons first, or leave them out"
        )


def on_grid(frame: gpd.GeoDataFrame, crs: CRS | None, *, path: Path) -> gpd.GeoDataFrame:
    """The polygons in the CRS of a raster; both without one are taken to agree."""
    known = proj_crs(crs)
    if (known is None) != (frame.crs is None):
        without, way_out = ("image", "assign_crs") if known is None else ("layer", "layer_crs")
        raise DataError(
            f"the {without} has no CRS but the other has one: image '{path}'; say it with {way_out}"
        )
    if known is None or frame.crs == known:
        return frame
    dense = densified(frame.geometry.to_numpy(), frame.crs)
    moved: gpd.GeoDataFrame = frame.set_geometry(dense, crs=frame.crs).to_crs(known)
    return moved
