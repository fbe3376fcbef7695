"""What is asked of whole scenes, and what it means on the ground."""

import json
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pyogrio.errors

from geoseg.errors import OptionsError
from tiles.reading import open_raster

SCENES = "scenes:"
"""How the name of a data set of whole scenes begins."""

POLYGONS, EMPTY = "polygons", "empty"
"""Kinds of truth: outlines of objects, and none."""

AREAS = ("Polygon", "MultiPolygon")
"""Kinds of geometry that hold pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """A phrase about a scene, and what it means on the ground."""

    phrase: str

    truth: gpd.GeoSeries
    """Polygons in the scene's CRS; in pixels (x column, y row) where the scene has none."""

    kind: str = POLYGONS
    """What the truth is: polygons, mask, boxes, hand, derived or empty."""


@dataclass(frozen=True, slots=True, eq=False)
class SceneTruth:
    """A scene and everything that is asked of it."""

    scene: Path
    expressions: tuple[Expression, ...]


def open_scenes(name: str) -> tuple[SceneTruth, ...]:
    """The scenes of a name such as ``scenes:FOLDER/referring.jsonl``.

    Or ``scenes:SCENE.tif?truth=LAYER.gpkg&column=query``: a scene with a layer of polygons.
    """
    place, _, said = name.removeprefix(SCENES).partition("?")
    given = dict(part.partition("=")[::2] for part in said.split("&") if part)
    if unknown := sorted(given.keys() - {"truth", "column"}):
        raise OptionsError(
            f"scenes have no setting {unknown[0]!r}; known are truth and column, as in "
            "scenes:scene.tif?truth=truth.gpkg&column=query"
        )
    if "truth" in given:
        layer = Path(given["truth"]).expanduser()
        return (open_truth(Path(place), layer, column=given.get("column", "query")),)
    if not place.endswith(".jsonl"):
        raise OptionsError(
            f"'{name}' does not say what is true of the scene; write "
            "scenes:FOLDER/referring.jsonl or scenes:scene.tif?truth=truth.gpkg"
        )
    return open_referring(Path(place).expanduser())


def open_referring(path: Path) -> tuple[SceneTruth, ...]:
    """Scenes and expressions listed in a JSON Lines file.

    Each line has `image`, `expression`, `truth_geojson_path` and `truth_kind`; paths start from
    the folder above the file's. Expressions about two dates (`image2`) are left out.
    """
    root = path.resolve().parent.parent
    scenes: dict[str, list[Expression]] = {}
    for number, line in enumerate(_lines(path), start=1):
        try:
            entry = json.loads(line)
            if entry.get("image2"):
                continue
            scene, truth = str(entry["image"]), root / str(entry["truth_geojson_path"])
            phrase, kind = str(entry["expression"]), str(entry.get("truth_kind", POLYGONS))
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise OptionsError(
                f"line {number} of '{path}' is no expression ({error!r}); it needs image, "
                "expression and truth_geojson_path"
            ) from None
        polygons = placed(open_layer(truth), root / scene)
        scenes.setdefault(scene, []).append(Expression(phrase, polygons, kind))
    return tuple(SceneTruth(root / scene, tuple(asked)) for scene, asked in scenes.items())


def open_truth(scene: Path, layer: Path, *, column: str = "query") -> SceneTruth:
    """A scene with a layer of polygons, whose `column` holds the phrase each one answers."""
    table = open_layer(layer)
    if column not in table:
        raise OptionsError(
            f"'{layer}' has no column {column!r} with the phrase of each polygon; it has "
            f"{', '.join(map(repr, table.columns.drop('geometry')))}"
        )
    polygons = placed(table, scene)
    check_meet(polygons, scene, layer)
    phrases = table[column].dropna().astype(str)
    return SceneTruth(
        scene,
        tuple(
            _expression(phrase, polygons[polygons.index.isin(phrases.index[phrases == phrase])])
            for phrase in dict.fromkeys(phrases)
        ),
    )


def _expression(phrase: str, polygons: gpd.GeoSeries) -> Expression:
    """A phrase with the polygons that answer it; where its rows have none, it is absent."""
    return Expression(phrase, polygons, EMPTY if polygons.empty else POLYGONS)


def open_layer(path: Path) -> gpd.GeoDataFrame:
    """The polygons in a vector file."""
    try:
        found = gpd.read_file(path)
    except (pyogrio.errors.DataSourceError, OSError) as error:
        raise OptionsError(
            f"the truth '{path}' cannot be read: {error}; give a GeoPackage, GeoJSON or other "
            "vector file"
        ) from None
    if not isinstance(found, gpd.GeoDataFrame):
        raise OptionsError(f"the truth '{path}' is a table without geometry; give one of polygons")
    drawn = found.geometry[~(found.geometry.is_empty | found.geometry.isna())]
    if not drawn.geom_type.isin(AREAS).all():
        kinds = ", ".join(sorted(set(drawn.geom_type) - set(AREAS)))
        raise OptionsError(f"the truth '{path}' holds {kinds}; truth is drawn as polygons")
    return found


def placed(layer: gpd.GeoDataFrame, scene: Path) -> gpd.GeoSeries:
    """The polygons of a layer in the scene's CRS, or as they are where the scene has none."""
    polygons = layer.geometry
    polygons = polygons[~(polygons.is_empty | polygons.isna())]
    with open_raster(scene) as raster:
        crs = raster.geobox.crs
    if crs is None or polygons.empty:
        return polygons
    if polygons.crs is None:
        raise OptionsError(
            f"the layer has no CRS but the other has one: image '{scene}'; write the layer with "
            "its CRS, such as with ogr2ogr -a_srs EPSG:32636"
        )
    return polygons.to_crs(crs.to_wkt())


def check_meet(polygons: gpd.GeoSeries, scene: Path, layer: Path) -> None:
    """Refuse a layer that lies elsewhere: refusing everything would be counted as right."""
    with open_raster(scene) as raster:
        geobox = raster.geobox
    if geobox.crs is None or polygons.empty or polygons.intersects(geobox.extent.geom).any():
        return
    raise OptionsError(
        f"none of the {len(polygons)} polygons of '{layer}' lies on '{scene}': in its CRS they "
        f"span {', '.join(f'{bound:g}' for bound in polygons.total_bounds)}; check the CRS of both"
    )


def _lines(path: Path) -> list[str]:
    try:
        return [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise OptionsError(f"the list of expressions '{path}' cannot be read: {error}") from None
