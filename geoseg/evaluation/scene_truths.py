"""What is asked of whole scenes, and what it means on the ground."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from geoseg.errors import DataError, OptionsError, QueryError
from geoseg.query import Query
from geoseg.training.data.layer import AREAS, drawn, laid, open_table, valid
from geoseg.training.data.templates import in_words
from tiles.reading import open_raster

SCENES = "scenes:"
"""How the name of a data set of whole scenes begins."""

POLYGONS, EMPTY = "polygons", "empty"
"""Kinds of truth: outlines of objects, and none."""

SETTINGS = ("truth", "layer", "column")
"""What may stand behind the question mark of such a name."""


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

    notices: tuple[str, ...] = ()
    """What a user should know about the truth, in sentences."""


def open_scenes(name: str) -> tuple[SceneTruth, ...]:
    """The scenes of a name such as ``scenes:FOLDER/referring.jsonl``.

    Or ``scenes:SCENE.tif?truth=FILE.gpkg&layer=NAME&column=query``: a scene with polygons; the
    layer is named where the file has several.
    """
    place, _, said = name.removeprefix(SCENES).partition("?")
    given = dict(part.partition("=")[::2] for part in said.split("&") if part)
    if unknown := sorted(given.keys() - set(SETTINGS)):
        raise OptionsError(
            f"scenes have no setting {unknown[0]!r}; known are {', '.join(SETTINGS)}, as in "
            "scenes:scene.tif?truth=truth.gpkg&column=query"
        )
    path = Path(place).expanduser()
    if "truth" in given:
        return (
            open_truth(
                path,
                Path(given["truth"]).expanduser(),
                column=given.get("column", "query"),
                name=given.get("layer"),
            ),
        )
    if not place.endswith(".jsonl"):
        raise OptionsError(
            f"'{name}' does not say what is true of the scene; write "
            "scenes:FOLDER/referring.jsonl or scenes:scene.tif?truth=truth.gpkg"
        )
    return open_referring(path)


def open_referring(path: Path) -> tuple[SceneTruth, ...]:
    """Scenes and expressions listed in a JSON Lines file.

    Each line has `image`, `expression`, `truth_geojson_path` and `truth_kind`, and `truth_layer`
    where the file of the truth has several layers; paths start from the folder above the file's.
    Expressions about two dates (`image2`) are left out.
    """
    root = path.resolve().parent.parent
    scenes: dict[str, dict[str, Expression]] = {}
    for number, entry in _entries(path):
        scene, expression = _listed(entry, root, where=f"line {number} of '{path}'")
        known = scenes.setdefault(scene, {})
        if expression.phrase.casefold() in known:
            raise OptionsError(
                f"line {number} of '{path}' asks for '{expression.phrase}' on '{scene}' once "
                "more; a phrase has one truth on a scene: take one of the lines off"
            )
        known[expression.phrase.casefold()] = expression
    return tuple(SceneTruth(root / scene, tuple(asked.values())) for scene, asked in scenes.items())


def _entries(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """What is listed about one date, with the numbers of the lines."""
    for number, line in enumerate(_lines(path), start=1):
        try:
            entry = json.loads(line)
            if not entry.get("image2"):
                yield number, entry
        except (ValueError, AttributeError) as error:
            raise OptionsError(_no_expression(f"line {number} of '{path}'", error)) from None


def _listed(entry: Mapping[str, Any], root: Path, *, where: str) -> tuple[str, Expression]:
    """The scene and the expression in a line of a list."""
    try:
        scene, truth = str(entry["image"]), root / str(entry["truth_geojson_path"])
        phrase, kind = Query(entry["expression"]).phrase, str(entry.get("truth_kind", POLYGONS))
    except LookupError as error:
        raise OptionsError(_no_expression(where, error)) from None
    except QueryError as error:
        raise OptionsError(f"{where} cannot be asked: {error}") from None
    setting = "truth_layer in the list"
    table = open_table(truth, "the truth", name=entry.get("truth_layer"), setting=setting)
    return scene, Expression(phrase, placed(_areas(table, truth), root / scene), kind)


def _no_expression(where: str, error: Exception) -> str:
    """What to say of a line that cannot be used."""
    return (
        f"{where} is no expression ({error!r}); it needs image, expression and truth_geojson_path"
    )


def open_truth(
    scene: Path, layer: Path, *, column: str = "query", name: str | None = None
) -> SceneTruth:
    """A scene with a layer of polygons, whose `column` holds the phrase each one answers.

    `name` chooses one of several layers. A phrase is the same whatever its case.
    """
    setting = "layer=, as in ?truth=truth.gpkg&layer=NAME"
    table = open_table(layer, "the truth", name=name, setting=setting)
    attributes = table.columns.drop(table.geometry.name)
    if column not in attributes:
        raise OptionsError(
            f"'{layer}' has no column {column!r} with the phrase of each polygon; it has "
            f"{', '.join(map(repr, attributes))}"
        )
    polygons = _areas(table, layer)
    there = placed(polygons, scene)
    if len(polygons) and there.empty:
        raise OptionsError(_elsewhere(polygons, scene, layer))
    said = _phrases(table[column], layer)
    told = sum(map(len, said.values()))
    return SceneTruth(
        scene,
        tuple(_expression(phrase, there[there.index.isin(rows)]) for phrase, rows in said.items()),
        (_without_phrase(len(table) - told, table[column], layer),) if told < len(table) else (),
    )


def _phrases(column: "pd.Series[object]", layer: Path) -> dict[str, list[object]]:
    """The phrases in a column, and the rows of each; blank ones are none."""
    found: dict[str, tuple[str, list[object]]] = {}
    for row, value in column.items():
        if phrase := in_words(value):
            found.setdefault(phrase.casefold(), (phrase, []))[1].append(row)
    if not found:
        raise DataError(
            f"none of the {len(column)} rows of '{layer}' has a phrase in the column "
            f"'{column.name}'; fill it in, or name another one with column="
        )
    for phrase, rows in found.values():
        try:
            Query(phrase)
        except QueryError as error:
            raise DataError(
                f"the column '{column.name}' of '{layer}' has {len(rows)} of {len(column)} rows "
                f"with {phrase!r:.60}, which cannot be asked: {error}"
            ) from error
    return dict(found.values())


def _without_phrase(count: int, column: "pd.Series[object]", layer: Path) -> str:
    """What to say of rows that ask for nothing."""
    return (
        f"{count} of {len(column)} rows of '{layer}' have no phrase in the column '{column.name}'; "
        "they are left out"
    )


def _expression(phrase: str, polygons: gpd.GeoSeries) -> Expression:
    """A phrase with the polygons that answer it; where the scene shows none, it is absent."""
    return Expression(phrase, polygons, EMPTY if polygons.empty else POLYGONS)


def _areas(table: gpd.GeoDataFrame, path: Path) -> gpd.GeoDataFrame:
    """The rows that have an outline, made valid; other kinds than polygons are refused."""
    some = drawn(table)
    if other := set(some.geom_type) - set(AREAS):
        kinds = ", ".join(sorted(other))
        raise OptionsError(f"the truth '{path}' holds {kinds}; truth is drawn as polygons")
    return some.set_geometry(valid(some.geometry.to_numpy()), crs=table.crs)


def placed(layer: gpd.GeoDataFrame, scene: Path) -> gpd.GeoSeries:
    """The polygons that lie on a scene, in its CRS; where it has none, all of them as they are."""
    with open_raster(scene) as raster:
        geobox = raster.geobox
    if geobox.crs is None or layer.empty:
        return layer.geometry
    if layer.crs is None:
        raise OptionsError(
            f"the layer has no CRS but the other has one: image '{scene}'; write the layer with "
            "its CRS, such as with ogr2ogr -a_srs EPSG:32636"
        )
    moved = laid(layer, geobox, path=scene).geometry
    return moved[shapely.intersects(moved.to_numpy(), geobox.extent.geom)]


def _elsewhere(polygons: gpd.GeoDataFrame, scene: Path, layer: Path) -> str:
    """What to say of a layer beside its scene: refusing everything would be counted as right."""
    bounds = ", ".join(f"{bound:g}" for bound in polygons.total_bounds)
    return (
        f"none of the {len(polygons)} polygons of '{layer}' lies on '{scene}': they span {bounds} "
        f"in {polygons.crs.name}; check the CRS of both"
    )


def _lines(path: Path) -> list[str]:
    try:
        return [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise OptionsError(f"the list of expressions '{path}' cannot be read: {error}") from None
