"""From the attributes of polygons to the phrases that mean them."""

import re
import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, field_validator

from geoseg.errors import DataError, QueryError
from geoseg.query import Query

Scalar = str | int | float | bool

NAME = re.compile(r"[^\W\d][\w -]*")
"""An attribute as a template may name it: nothing that looks into the value."""

SHOWN = 8
"""Values of an attribute that are listed."""


class Template(BaseModel):
    """A phrase with places for attributes, and the polygons it is about."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    template: str = Field(description='Such as "the {colour} roofs" or "all buildings".')
    where: dict[str, Scalar | tuple[Scalar, ...]] = Field(
        default={}, description="Only polygons whose attribute has this value, or one of these."
    )
    family: str = Field(
        default="", description="For reports; attribute or class where it is not given."
    )

    @field_validator("template")
    @classmethod
    def _plain(cls, template: str) -> str:
        """Refuse places that are more than a name."""
        try:
            parts = list(string.Formatter().parse(template))
        except ValueError as error:
            raise ValueError(f"has a brace that is not closed ({error})") from error
        for _, name, form, conversion in parts:
            if name is not None and (not NAME.fullmatch(name) or form or conversion):
                raise ValueError("may have names of attributes in braces and nothing else there")
        return template

    @property
    def names(self) -> tuple[str, ...]:
        """The attributes it has places for.

        >>> Template(template="the {colour} {kind} roofs").names
        ('colour', 'kind')
        """
        parsed = string.Formatter().parse(self.template)
        return tuple(dict.fromkeys(name for _, name, _, _ in parsed if name))


@dataclass(frozen=True, slots=True, eq=False)
class Meaning:
    """A phrase, and the polygons it means."""

    phrase: str

    family: str

    template: int
    """Which of the templates says it; phrases of one template are easily taken for another."""

    rows: NDArray[np.intp]
    """Places in the layer, sorted."""

    def among(self, touching: NDArray[np.intp]) -> NDArray[np.intp]:
        """Those of some sorted rows that it means, without going through the whole layer."""
        places = np.searchsorted(self.rows, touching)
        shared: NDArray[np.bool_] = self.rows[np.minimum(places, len(self.rows) - 1)] == touching
        return touching[shared]


def meanings(templates: Sequence[Template], table: pd.DataFrame) -> tuple[Meaning, ...]:
    """Every phrase that the templates and the attributes make, each once, whatever its case."""
    found: dict[str, Meaning] = {}
    for place, template in enumerate(templates):
        for phrase, rows in _filled(template, table).items():
            family = template.family or ("attribute" if template.names else "class")
            known = found.get(phrase.casefold(), Meaning(phrase, family, place, rows[:0]))
            together = np.union1d(known.rows, rows).astype(np.intp)
            found[phrase.casefold()] = Meaning(known.phrase, known.family, known.template, together)
    return tuple(found.values())


def _filled(template: Template, table: pd.DataFrame) -> dict[str, NDArray[np.intp]]:
    """The phrases of one template, and the rows of the table that each means."""
    rows = _chosen(template, table)
    for name in template.names:
        rows = rows[_told(_column(table, name)).to_numpy()[rows] != ""]
    if not len(rows):
        raise DataError(f"no polygon has {' and '.join(template.names)} for '{template.template}'")
    texts = {name: _told(_column(table, name)).to_numpy()[rows] for name in template.names}
    phrases: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        said = template.template.format(**{name: text[place] for name, text in texts.items()})
        phrases.setdefault(_checked(said, template), []).append(int(row))
    return {phrase: np.array(listed, np.intp) for phrase, listed in phrases.items()}


def _checked(phrase: str, template: Template) -> str:
    try:
        return Query(phrase).phrase
    except QueryError as error:
        raise DataError(f"the template '{template.template}' makes '{phrase}': {error}") from error


def _chosen(template: Template, table: pd.DataFrame) -> NDArray[np.intp]:
    """The rows a template is about."""
    chosen = np.ones(len(table), np.bool_)
    for name, wanted in template.where.items():
        texts = _told(_column(table, name))
        allowed = [_text(value) for value in (wanted if isinstance(wanted, tuple) else (wanted,))]
        if not texts.isin(allowed).any():
            raise DataError(
                f"no polygon has {name} = {' or '.join(allowed)} for '{template.template}'; "
                f"there is {', '.join(_some(texts))}"
            )
        chosen &= texts.isin(allowed).to_numpy()
    if not chosen.any():
        raise DataError(f"no polygon has all that '{template.template}' asks for in 'where'")
    return np.flatnonzero(chosen)


def _column(table: pd.DataFrame, name: str) -> "pd.Series[object]":
    """An attribute of all polygons."""
    if name not in table.columns:
        known = ", ".join(f"'{column}'" for column in table.columns if column != "geometry")
        raise DataError(f"the layer has no attribute '{name}'; it has {known or 'none at all'}")
    return table[name]


def _told(column: "pd.Series[object]") -> "pd.Series[str]":
    """The values in words; empty where there is none."""
    return column.map(_text)


def _text(value: object) -> str:
    """A value in words.

    >>> _text(2.0), _text(" red "), _text(None), _text(float("nan")), _text(True)
    ('2', 'red', '', '', 'yes')
    """
    if value is None or value is pd.NA or value != value:  # noqa: PLR0124 NaN
        return ""
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return " ".join(str(value).split())


def _some(texts: "pd.Series[str]") -> Iterator[str]:
    """The commonest values, for a message."""
    counts: Mapping[str, int] = texts[texts != ""].value_counts().to_dict()
    listed = list(counts)
    yield from (f"'{text}'" for text in listed[:SHOWN])
    if len(listed) > SHOWN:
        yield f"{len(listed) - SHOWN} more"
