"""What is asked of whole scenes, and what it means on the ground."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from geoseg.errors import DataError, OptionsError, QueryError
from geoseg.options import RunOptions
from geoseg.query import Query
from geoseg.training.data.folders import LOCAL, is_remote
from geoseg.training.data.meanings import texts_of
from geoseg.training.data.outlines import check_ground, drawn, valid, without_area
from geoseg.training.data.placing import laid
from geoseg.training.data.vector_file import open_table
from tiles.reading import open_raster
from tiles.source_names import source_name

SCENES = "scenes:"
"""How the name of a data set of whole scenes begins."""

POLYGONS, EMPTY = "polygons", "empty"
"""Kinds of truth: outlines of objects, and none."""

SETTINGS = ("truth", "layer", "column", "gsd")
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

    gsd: float | None = None
    """Metres per pixel to read the scene at; None: its own."""


def open_scenes(name: str) -> tuple[SceneTruth, ...]:
    """The scenes of a name such as ``scenes:FOLDER/referring.jsonl``.

    Or ``scenes:SCENE.tif?truth=FILE.gpkg&layer=NAME&column=query``: a scene with polygons; the
    layer is named where the file has several. ``gsd=0.3`` reads scenes at 0.3 m per pixel.
    """
    place, _, said = name.removeprefix(SCENES).partition("?")
    given = dict(part.partition("=")[::2] for part in said.split("&") if part)
    if unknown := sorted(given.keys() - set(SETTINGS)):
        raise OptionsError(
            f"scenes have no setting {unknown[0]!r}; known are {', '.join(SETTINGS)}, as in "
            "scenes:scene.tif?truth=truth.gpkg&column=query"
        )
    gsd = RunOptions.of({"image": {"gsd": given.get("gsd")}}).image.gsd
    return tuple(replace(truth, gsd=gsd) for truth in _opened(name, place, given))


def _opened(name: str, place: str, given: Mapping[str, str]) -> tuple[SceneTruth, ...]:
    """The scenes at a place, with what was said about their truth."""
    path = Path(place).expanduser()
    if is_remote(given.get("truth", "")):
        raise OptionsError(f"the truth {LOCAL}, but '{source_name(given['truth'])}' was given")
    if "truth" in given:
        layer, column = Path(given["truth"]).expanduser(), given.get("column", "query")
        return (open_truth(path, layer, column=column, name=given.get("layer")),)
    if not place.endswith(".jsonl"):
        raise OptionsError(
            f"'{name}' does not say what is true of the scene; write "
            "scenes:FOLDER/referring.jsonl or scenes:scene.tif?truth=truth.gpkg"
        )
    if astray := sorted(given.keys() & {"column", "layer"}):
        raise OptionsError(
            f"a list says itself where the truth is, so {astray[0]}= says nothing in '{name}'; "
            "leave it out"
        )
    return open_referring(path)


def open_referring(path: Path) -> tuple[SceneTruth, ...]:
    """Scenes and expressions listed in a JSON Lines file.

    Each line has `image`, `expression`, `truth_geojson_path` and `truth_kind`, and `truth_layer`
    where the file of the truth has several layers; paths start from the file's folder, or from
    the one above it. Expressions about two dates (`image2`) are left out.
    """
    folders = path.resolve().parents[:2]
    scenes: dict[Path, dict[str, Expression]] = {}
    notices: dict[Path, list[str]] = {}
    for number, entry in _entries(path):
        scene, expression, told = _listed(entry, folders, where=f"line {number} of '{path}'")
        notices.setdefault(scene, []).extend(told)
        known = scenes.setdefault(scene, {})
        if expression.phrase.casefold() in known:
            raise OptionsError(
                f"line {number} of '{path}' asks for '{expression.phrase}' on '{scene.name}' once "
                "more; a phrase has one truth on a scene: take one of the lines off"
            )
        known[expression.phrase.casefold()] = expression
    return tuple(
        SceneTruth(scene, tuple(asked.values()), tuple(notices[scene]))
        for scene, asked in scenes.items()
    )


def _entries(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """What is listed about one date, with the numbers of the lines."""
    for number, line in enumerate(_lines(path), start=1):
        try:
            entry = json.loads(line)
            if not entry.get("image2"):
                yield number, entry
        except (ValueError, AttributeError) as error:
            raise OptionsError(_no_expression(f"line {number} of '{path}'", error)) from None


def _listed(
    entry: Mapping[str, Any], folders: Sequence[Path], *, where: str
) -> tuple[Path, Expression, tuple[str, ...]]:
    """The scene and the expression in a line of a list, and what a user should know."""
    try:
        image, outlines = str(entry["image"]), str(entry["truth_geojson_path"])
        phrase, kind = Query(entry["expression"]).phrase, str(entry.get("truth_kind", POLYGONS))
    except LookupError as error:
        raise OptionsError(_no_expression(where, error)) from None
    except QueryError as error:
        raise OptionsError(f"{where} cannot be asked: {error}") from None
    scene, truth = (_found(name, folders, where=where) for name in (image, outlines))
    setting = "truth_layer in the list"
    table = open_table(truth, "the truth", name=entry.get("truth_layer"), setting=setting)
    polygons = _areas(table, truth)
    told = tuple(_without_ground(len(_flat(table, polygons)), truth))
    return scene, Expression(phrase, placed(polygons, scene), kind), told


def _found(name: str, folders: Sequence[Path], *, where: str) -> Path:
    """The file that a line of a list names, in the first of the folders that has it."""
    for folder in folders:
        if (path := folder / name).exists():
            return path
    told = " or ".join(f"'{folder}'" for folder in folders)
    raise DataError(
        f"{where} names '{name}', which is not in {told}; paths start from the folder of the list "
        "or from the one above it"
    )


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
    flat = _flat(table, polygons)
    asking = table[column].drop(flat)
    said = _phrases(asking, layer)
    silent = len(asking) - sum(map(len, said.values()))
    return SceneTruth(
        scene,
        tuple(_expression(phrase, there[there.index.isin(rows)]) for phrase, rows in said.items()),
        (*_without_ground(len(flat), layer), *_without_phrase(silent, asking, layer)),
    )


def _phrases(column: "pd.Series[object]", layer: Path) -> dict[str, list[object]]:
    """The phrases in a column, and the rows of each; blank ones are none."""
    found: dict[str, tuple[str, list[object]]] = {}
    for row, phrase in texts_of(column, f"the column '{column.name}' of '{layer}'").items():
        if phrase:
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


def _without_phrase(count: int, column: "pd.Series[object]", layer: Path) -> Iterator[str]:
    """What to say of rows that ask for nothing, if there are any."""
    if count:
        yield (
            f"{count} of {len(column)} rows of '{layer}' have no phrase in the column "
            f"'{column.name}'; they are left out"
        )


def _without_ground(count: int, layer: Path) -> Iterator[str]:
    """What to say of rows whose outlines hold no ground, if there are any."""
    if count:
        yield (
            f"{count} of the outlines of '{layer}' hold no ground, however they are mended; their "
            "rows are left out"
        )


def _expression(phrase: str, polygons: gpd.GeoSeries) -> Expression:
    """A phrase with the polygons that answer it; where the scene shows none, it is absent."""
    return Expression(phrase, polygons, EMPTY if polygons.empty else POLYGONS)


def _areas(table: gpd.GeoDataFrame, path: Path) -> gpd.GeoDataFrame:
    """The rows whose outline holds ground, made valid; other kinds than polygons are refused."""
    some = drawn(table)
    if kinds := sorted(set(without_area(some.geometry.to_numpy()))):
        raise OptionsError(
            f"the truth '{path}' holds {', '.join(kinds)}; truth is drawn as polygons"
        )
    outlines = valid(some.geometry.to_numpy())
    check_ground(outlines, path)
    return some.set_geometry(outlines, crs=table.crs)[~shapely.is_empty(outlines)]


def _flat(table: gpd.GeoDataFrame, polygons: gpd.GeoDataFrame) -> "pd.Index[object]":
    """The rows whose outline holds no ground: something is meant there, nobody knows where."""
    return drawn(table).index.difference(polygons.index)


def placed(layer: gpd.GeoDataFrame, scene: Path) -> gpd.GeoSeries:
    """The polygons that lie on a scene, in its CRS; where it has none, as they are."""
    with open_raster(scene) as raster:
        geobox = raster.geobox
    if layer.empty:
        return layer.geometry
    if layer.crs is None and geobox.crs is not None:
        raise OptionsError(
            f"the layer has no CRS but the other has one: image '{scene}'; write the layer with "
            "its CRS, such as with ogr2ogr -a_srs EPSG:32636"
        )
    moved = laid(layer, geobox, path=scene).geometry
    return moved[shapely.intersects(moved.to_numpy(), geobox.extent.geom)]


def _elsewhere(polygons: gpd.GeoDataFrame, scene: Path, layer: Path) -> str:
    """What to say of a layer beside its scene: refusing everything would be counted as right."""
    bounds = ", ".join(f"{bound:g}" for bound in polygons.total_bounds)
    known = polygons.crs.name if polygons.crs else "no CRS"
    return (
        f"none of the {len(polygons)} polygons of '{layer}' lies on '{scene}': they span {bounds} "
        f"in {known}; check the CRS of both; where the scene has none, polygons lie in its "
        "own coordinates or pixels (x is the column, y the row)"
    )


def _lines(path: Path) -> list[str]:
    try:
        return [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise OptionsError(f"the list of expressions '{path}' cannot be read: {error}") from None
