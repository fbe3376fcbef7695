"""The polygons to learn, from a vector file."""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
from odc.geo.geobox import GeoBox
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS, Transformer

from geoseg.errors import DataError
from geoseg.training.data.folders import existing_file
from tiles.georeference import crs_of
from tiles.measuring import Polygons, densified, is_lonlat, proj_crs

UNREADABLE = (DataSourceError, DataLayerError, OSError, ValueError)

AREAS = ("Polygon", "MultiPolygon")
"""Kinds of geometry that hold pixels."""

MARGIN = 0.1
"""Of the longer side of an image: so far around it a layer is kept, as its outline may be bent."""


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
    existing_file(path, "the vector layer")
    read = open_table(path, "the vector layer", name=name, setting="layer_name")
    some = drawn(read)
    _check_areas(some, path)
    outlines = some.geometry.to_numpy()
    crossed = ~shapely.is_valid(outlines)
    outlines = valid(outlines)
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


def open_table(path: Path, means: str, *, name: str | None, setting: str) -> gpd.GeoDataFrame:
    """All features of one layer of a vector file, by their numbers in it (FID).

    `means` says what was looked for, `setting` by what users name one of several layers.
    """
    try:
        chosen = _chosen(path, name, setting)
        frame = pyogrio.read_dataframe(path, layer=chosen, fid_as_index=True)
    except DataError:
        raise
    except UNREADABLE as error:
        raise DataError(
            f"{means} '{path}' cannot be read: {error}; give a GeoPackage, GeoJSON, shapefile or "
            "another format of GDAL"
        ) from error
    if not isinstance(frame, gpd.GeoDataFrame):
        raise DataError(
            f"{means} '{path}' is a table without geometry; give one of polygons, or name another "
            f"layer with {setting}"
        )
    _check_numbers(frame, path)
    return frame


def _check_numbers(frame: gpd.GeoDataFrame, path: Path) -> None:
    """Refuse outlines that lead nowhere."""
    places, features = shapely.get_coordinates(frame.geometry.to_numpy(), return_index=True)
    if len(lost := features[~np.isfinite(places).all(axis=1)]):
        raise DataError(
            f"feature {frame.index[lost[0]]} in '{path}' has coordinates that are no numbers; "
            "correct its outline, or leave it out"
        )


def _chosen(path: Path, name: str | None, setting: str) -> str:
    """The name of the layer to read; tables such as those of styles are none."""
    listed = [(str(known), kind) for known, kind in pyogrio.list_layers(path)]
    names = [known for known, kind in listed if kind is not None] or [known for known, _ in listed]
    told = ", ".join(f"'{known}'" for known in names)
    if name is None and len(names) > 1:
        raise DataError(f"'{path}' has the layers {told}; say which one with {setting}")
    if name is not None and name not in names:
        raise DataError(f"'{path}' has no layer '{name}', but {told}; correct {setting}")
    return names[0] if name is None else name


def _check_areas(frame: gpd.GeoDataFrame, path: Path) -> None:
    """Refuse an empty layer, and lines and points, which cover no pixels."""
    if frame.empty:
        raise DataError(f"the vector layer '{path}' is empty; give one with polygons")
    kinds = frame.geometry.geom_type
    if other := sorted(set(kinds) - set(AREAS)):
        count = int((~kinds.isin(AREAS)).sum())
        raise DataError(
            f"{count} of {len(frame)} features in '{path}' are {', '.join(other)}, which cover no "
            "ground; buffer them to polygons first, or leave them out"
        )


def drawn(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The features that have an outline."""
    outlines = frame.geometry.to_numpy()
    return frame[~(shapely.is_missing(outlines) | shapely.is_empty(outlines))]


def valid(outlines: Polygons) -> Polygons:
    """Outlines that do not cross themselves; where nothing of one holds ground, an empty one."""
    mended = outlines.copy()
    crossed = ~shapely.is_valid(outlines)
    mended[crossed] = [_ground(outline) for outline in shapely.make_valid(outlines[crossed])]
    return mended


def _ground(outline: shapely.Geometry) -> shapely.Geometry:
    """An outline without the lines and points that mending may leave."""
    if outline.geom_type in AREAS:
        return outline
    parts = shapely.get_parts(outline)
    return shapely.union_all([part for part in parts if part.geom_type in AREAS])


def on_grid(frame: gpd.GeoDataFrame, geobox: GeoBox, *, path: Path) -> gpd.GeoDataFrame:
    """The polygons in the CRS of an image; both without one are taken to agree."""
    known = proj_crs(geobox.crs)
    if (known is None) != (frame.crs is None):
        without, way_out = ("image", "assign_crs") if known is None else ("layer", "layer_crs")
        raise DataError(
            f"the {without} has no CRS but the other has one: image '{path}'; say it with {way_out}"
        )
    return laid(frame, geobox, path=path)


def laid(frame: gpd.GeoDataFrame, geobox: GeoBox, *, path: Path) -> gpd.GeoDataFrame:
    """The polygons in the CRS of an image, where both have one.

    In another CRS than their own they are empty far from the image, and cut off around it: what
    is far away may have no coordinates there.
    """
    known = proj_crs(geobox.crs)
    if known is None or frame.crs is None or frame.crs == known:
        return frame
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
    return moved.set_geometry(valid(outlines), crs=known)


def _around(geobox: GeoBox, known: CRS, wanted: CRS) -> shapely.Geometry | None:
    """The surroundings of an image in another CRS; None where they have no bounds there."""
    transformer = Transformer.from_crs(known, wanted, always_xy=True)
    left, bottom, right, top = transformer.transform_bounds(*geobox.boundingbox.bbox)
    if not np.isfinite([left, bottom, right, top]).all():
        return None
    turn = _full_turn(wanted)
    if right < left:  # across the antimeridian
        right += turn
    reach = MARGIN * max(right - left, top - bottom)
    # layers count longitudes from -180 or from 0
    return shapely.union_all([
        shapely.box(left - reach + by, bottom - reach, right + reach + by, top + reach)
        for by in ((-turn, 0.0, turn) if turn else (0.0,))
    ])  # fmt: skip


def _full_turn(crs: CRS) -> float:
    """The longitude after which the earth begins anew; 0 where x is none."""
    if not is_lonlat(crs):
        return 0.0
    radians: float = crs.axis_info[0].unit_conversion_factor
    return 2 * np.pi / radians


def _cut(outlines: Polygons, around: shapely.Geometry | None) -> Polygons:
    """What lies in the surroundings, if they are known."""
    cut = outlines.copy()
    if around is not None:
        shapely.prepare(around)
        beyond = ~shapely.covers(around, outlines)
        cut[beyond] = shapely.intersection(outlines[beyond], around)
    return cut
