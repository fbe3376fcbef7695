"""Scenes and expressions listed in a JSON Lines file, as referring benchmarks are."""

import json
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import geopandas as gpd

from geoseg.errors import DataError, OptionsError, QueryError
from geoseg.evaluation.scene_truths import (
    EMPTY,
    POLYGONS,
    Expression,
    SceneTruth,
    areas,
    elsewhere,
    flat,
    geobox_of,
    placed,
    without_ground,
)
from geoseg.options import ImageOptions
from geoseg.query import Query
from geoseg.training.data.vector_file import open_table

KINDS = (POLYGONS, "hand", "derived", "boxes", "mask", EMPTY)
"""What a truth can be: outlines of a source, or drawn by hand, or derived from pixels or other
outlines by a rule; boxes around objects; a mask, in which neighbours are one; nothing."""

OPENED = 8
"""Files that are kept while a list is read."""


def open_referring(path: Path, *, image: ImageOptions | None = None) -> tuple[SceneTruth, ...]:
    """Scenes and expressions listed in a JSON Lines file.

    Each line has `image`, `expression`, `truth_geojson_path` and `truth_kind`, and `truth_layer`
    where the file of the truth has several layers; paths start from the file's folder, or from
    the one above it. Expressions about two dates (`image2`) are left out; a list without others
    is refused. `image` says how the scenes are read.
    """
    folders = path.resolve().parents[:2]
    opened = _Opened(image)
    scenes: dict[Path, dict[str, Expression]] = {}
    notices: dict[Path, list[str]] = {}
    for number, entry in _entries(path):
        where = f"line {number} of '{path}'"
        scene, expression, told = _listed(entry, folders, opened, where=where)
        notices.setdefault(scene, []).extend(told)
        known = scenes.setdefault(scene, {})
        if expression.phrase.casefold() in known:
            raise OptionsError(
                f"line {number} of '{path}' asks for '{expression.phrase}' on '{scene.name}' once "
                "more; a phrase has one truth on a scene: take one of the lines off"
            )
        known[expression.phrase.casefold()] = expression
    return tuple(
        SceneTruth(scene, tuple(asked.values()), tuple(notices[scene]), image)
        for scene, asked in scenes.items()
    )


def _entries(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """What is listed about one date, with the numbers of the lines; refused if it is nothing."""
    listed = of_one_date = 0
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        listed += 1
        try:
            entry = json.loads(line)
            is_of_one_date = not entry.get("image2")
        except (ValueError, AttributeError) as error:
            raise OptionsError(_no_expression(f"line {number} of '{path}'", error)) from None
        if is_of_one_date:
            of_one_date += 1
            yield number, entry
    if not of_one_date:
        raise OptionsError(_nothing_listed(path, listed))


def _nothing_listed(path: Path, two_dates: int) -> str:
    """What to say of a list with nothing to ask in it."""
    if two_dates:
        return (
            f"all expressions of '{path}' ({two_dates}) are about two dates (image2), which cannot "
            "be asked; give a list with some about one image"
        )
    return (
        f"'{path}' holds no expression; write one on each line, with image, expression and "
        "truth_geojson_path"
    )


class _Opened:
    """Tables and places of scenes, each read once though many lines may name it."""

    def __init__(self, image: ImageOptions | None) -> None:
        self.table = lru_cache(OPENED)(self._table)
        self.geobox = lru_cache(OPENED)(partial(geobox_of, image=image))

    @staticmethod
    def _table(truth: Path, layer: str | None) -> gpd.GeoDataFrame:
        return open_table(truth, "the truth", name=layer, setting="truth_layer in the list")


def _listed(
    entry: Mapping[str, Any], folders: Sequence[Path], opened: _Opened, *, where: str
) -> tuple[Path, Expression, tuple[str, ...]]:
    """The scene and the expression in a line of a list, and what a user should know."""
    try:
        image, outlines = str(entry["image"]), str(entry["truth_geojson_path"])
        phrase = Query(entry["expression"]).phrase
    except LookupError as error:
        raise OptionsError(_no_expression(where, error)) from None
    except QueryError as error:
        raise OptionsError(f"{where} cannot be asked: {error}") from None
    kind = _kind(entry.get("truth_kind", POLYGONS), where=where)
    scene, truth = (_found(name, folders, where=where) for name in (image, outlines))
    table = opened.table(truth, entry.get("truth_layer"))
    polygons = areas(table, truth)
    there = placed(polygons, opened.geobox(scene), scene)
    if kind != EMPTY and len(polygons) and there.empty:
        raise OptionsError(f"{where}: {elsewhere(polygons, scene, truth)}")
    if kind == EMPTY and len(there):
        raise OptionsError(
            f"{where} says that nothing of '{phrase}' is there (truth_kind is '{EMPTY}'), but "
            f"{len(there)} polygons of '{truth.name}' lie on '{scene.name}'; name another kind, "
            "such as 'hand', or a truth without them"
        )
    told = tuple(without_ground(len(flat(table, polygons)), truth))
    return scene, Expression(phrase, there, EMPTY if there.empty else kind), told


def _kind(said: object, *, where: str) -> str:
    """The kind of truth that a line names."""
    if said in KINDS:
        return str(said)
    close = get_close_matches(str(said).lower(), KINDS, n=1)
    meant = f"did you mean '{close[0]}'? " if close else ""
    raise OptionsError(
        f"{where} has the truth_kind {json.dumps(said)}, which nobody knows; {meant}known are "
        f"{', '.join(KINDS)}"
    )


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


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise OptionsError(f"the list of expressions '{path}' cannot be read: {error}") from None
