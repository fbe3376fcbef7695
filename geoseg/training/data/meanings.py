"""From the attributes of polygons to the phrases that mean them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

import numpy as np
import pandas as pd
from geopandas.array import GeometryDtype
from numpy.typing import NDArray
from pandas.api.types import is_scalar

from geoseg.errors import DataError, QueryError
from geoseg.query import Query
from geoseg.training.data.templates import Template, caseless, composed, in_words, unquoted

SHOWN = 8
"""Values of an attribute that are listed."""


@dataclass(frozen=True, slots=True, eq=False)
class Meaning:
    """A phrase, and the polygons it means."""

    phrase: str

    family: str

    template: int
    """Which of the templates says it; phrases of one template are easily taken for another."""

    rows: NDArray[np.intp]
    """Places in the layer, sorted."""

    unsure: NDArray[np.intp] = field(default_factory=lambda: np.empty(0, np.intp))
    """Places of those that it may mean or not, sorted: an attribute that would tell is empty."""

    def among(self, touching: NDArray[np.intp]) -> NDArray[np.intp]:
        """Those of some sorted rows that it means, without going through the whole layer."""
        return _shared(self.rows, touching)

    def is_unsure(self, touching: NDArray[np.intp]) -> bool:
        """Whether it may mean one of some sorted rows, and nobody knows."""
        return bool(len(self.unsure) and len(_shared(self.unsure, touching)))


def _shared(rows: NDArray[np.intp], touching: NDArray[np.intp]) -> NDArray[np.intp]:
    """What two sorted rows of numbers share; the first is not empty."""
    places = np.searchsorted(rows, touching)
    shared: NDArray[np.bool_] = rows[np.minimum(places, len(rows) - 1)] == touching
    return touching[shared]


def meanings(templates: Sequence[Template], table: pd.DataFrame) -> tuple[Meaning, ...]:
    """Every phrase that the templates and the attributes make, each once, whatever its case."""
    found: dict[str, Meaning] = {}
    for place, template in enumerate(templates):
        chosen = _chosen(template, table)
        family = template.family or ("attribute" if template.names else "class")
        for phrase, rows in _filled(template, chosen).items():
            made = Meaning(phrase, family, place, rows, chosen.unsure)
            known = found.get(caseless(phrase))
            found[caseless(phrase)] = made if known is None else _either(known, made)
    return tuple(found.values())


def _either(known: Meaning, other: Meaning) -> Meaning:
    """What a phrase means that is made twice."""
    rows = np.union1d(known.rows, other.rows).astype(np.intp)
    unsure = np.setdiff1d(np.union1d(known.unsure, other.unsure), rows).astype(np.intp)
    return replace(known, rows=rows, unsure=unsure)


def unasked(templates: Sequence[Template], table: pd.DataFrame) -> Iterator[str]:
    """Sentences about what is not asked, because attributes are empty."""
    for template in templates:
        chosen = _chosen(template, table)
        if count := len(chosen.unsure):
            yield (
                f"{count:,} of {count + len(chosen.rows):,} polygons "
                f"{'has' if count == 1 else 'have'} no {' or '.join(map(repr, chosen.empty))}: no "
                f"chip with one of them is asked about '{template.template}'; fill it in, or say "
                "'empty: other' beside the template if such a polygon is something else"
            )


@dataclass(frozen=True, slots=True, eq=False)
class _Chosen:
    """The polygons that a template is about."""

    rows: NDArray[np.intp]

    unsure: NDArray[np.intp]
    """Those it may be about or not."""

    empty: tuple[str, ...]
    """The attributes that would tell."""

    told: Mapping[str, NDArray[np.object_]]
    """The attributes in its places, in words, of all polygons."""


def _chosen(template: Template, table: pd.DataFrame) -> _Chosen:
    """The polygons that a template is about; raises where there are none."""
    columns = {
        name: texts_of(_column(table, name), f"the attribute '{name}'") for name in _named(template)
    }
    sure, possible = np.ones((2, len(table)), np.bool_)
    empty: dict[str, NDArray[np.bool_]] = {}
    for name, wanted in template.where.items():
        fits = _fitting(template, name, wanted, columns[name])
        empty[name] = (columns[name] == "").to_numpy() & ~fits
        sure &= fits
        possible &= fits | empty[name]
    if not sure.any():
        raise DataError(f"no polygon has all that '{template.template}' asks for in 'where'")
    about = sure.copy()
    for name in template.names:
        empty[name] = (columns[name] == "").to_numpy()
        sure &= ~empty[name]
    if not sure.any():
        raise DataError(_nowhere(template, [name for name in empty if empty[name][about].all()]))
    unsure = possible & ~sure & (template.empty == "unsure")
    return _Chosen(
        np.flatnonzero(sure),
        np.flatnonzero(unsure),
        tuple(name for name, none in empty.items() if none[unsure].any()),
        {name: columns[name].to_numpy() for name in template.names},
    )


def _named(template: Template) -> tuple[str, ...]:
    """The attributes that it says anything of, each once."""
    return tuple(dict.fromkeys((*template.where, *template.names)))


def _nowhere(template: Template, empty: Sequence[str]) -> str:
    """What to say where no polygon has all that stands in braces; perhaps some have nothing."""
    about = "all polygons that it is about" if template.where else "all polygons"
    if empty:
        return (
            f"'{template.template}' has a place for '{empty[0]}', which is empty in {about}; fill "
            "it in, or take it out of the template"
        )
    return (
        f"no polygon has {' and '.join(map(repr, template.names))} together, but "
        f"'{template.template}' has places for them; fill them in, or take one out"
    )


def _filled(template: Template, chosen: _Chosen) -> dict[str, NDArray[np.intp]]:
    """The phrases of one template, and the rows of the table that each means."""
    phrases: dict[str, list[int]] = {}
    for row in chosen.rows:
        said = template.filled({name: texts[row] for name, texts in chosen.told.items()})
        phrases.setdefault(_checked(said, template), []).append(int(row))
    return {phrase: np.array(listed, np.intp) for phrase, listed in phrases.items()}


def _checked(phrase: str, template: Template) -> str:
    try:
        return Query(phrase).phrase
    except QueryError as error:
        raise DataError(f"the template '{template.template}' makes '{phrase}': {error}") from error


def _fitting(
    template: Template, name: str, wanted: object, texts: "pd.Series[str]"
) -> NDArray[np.bool_]:
    """Which polygons have one of the values that are asked for, whatever its case.

    Raises where a value is in none of them.
    """
    values = wanted if isinstance(wanted, tuple) else (wanted,)
    asked = [in_words(value) for value in values]
    known = texts.map(caseless)
    there = set(known)
    if strange := [text for text in asked if caseless(text) not in there]:
        raise DataError(
            f"no polygon has {name} = {' or '.join(map(repr, strange))} for "
            f"'{template.template}'; {unquoted(values, texts) or _meant(strange, texts)}there is "
            f"{', '.join(_some(texts))}"
        )
    fits: NDArray[np.bool_] = known.isin([caseless(text) for text in asked]).to_numpy()
    return fits


def _meant(strange: Iterable[str], texts: "pd.Series[str]") -> str:
    """Which values were perhaps meant."""
    known = {caseless(text): text for text in texts.unique()}
    close = [get_close_matches(caseless(text), known, n=1) for text in strange]
    meant = dict.fromkeys(f"'{known[found]}'" for listed in close for found in listed)
    return f"did you mean {' and '.join(meant)}? " if meant else ""


def _column(table: pd.DataFrame, name: str) -> "pd.Series[object]":
    """An attribute of all polygons; accents may be typed in either way."""
    attributes = [
        str(column)
        for column in table.columns
        if not isinstance(table[column].dtype, GeometryDtype)
    ]
    alike = [attribute for attribute in attributes if composed(attribute) == composed(name)]
    if not alike:
        known = ", ".join(f"'{attribute}'" for attribute in attributes)
        close = get_close_matches(name, attributes, n=1)
        meant = f"did you mean '{close[0]}'? " if close else ""
        raise DataError(
            f"the layer has no attribute '{name}'; {meant}it has {known or 'none at all'}"
        )
    return table[name if name in alike else alike[0]]


def texts_of(column: "pd.Series[object]", told: str) -> "pd.Series[str]":
    """The values of a column in words; raises where they are no single ones, such as lists."""
    strange = (value for value in column if isinstance(value, bytes) or not is_scalar(value))
    if (first := next(strange, None)) is not None:
        raise DataError(
            f"{told} holds lists or other values that cannot be said, such as {first!s:.60}; write "
            "one text, number, date, yes or no for each polygon, or take another one"
        )
    return column.map(in_words)


def _some(texts: "pd.Series[str]") -> Iterator[str]:
    """The commonest values, for a message."""
    counts: Mapping[str, int] = texts[texts != ""].value_counts().to_dict()
    listed = list(counts)
    yield from (f"'{text}'" for text in listed[:SHOWN])
    if len(listed) > SHOWN:
        yield f"{len(listed) - SHOWN} more"
    if not listed:
        yield "none that is filled in"
