"""From the attributes of polygons to the phrases that mean them."""

import re
import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from typing import Annotated

import numpy as np
import pandas as pd
from geopandas.array import GeometryDtype
from numpy.typing import NDArray
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from geoseg.errors import DataError, QueryError
from geoseg.query import Query

Scalar = str | int | float | bool | datetime | date

NAME = re.compile(r"[^\W\d][\w -]*")
"""An attribute as a template may name it: nothing that looks into the value."""

SHOWN = 8
"""Values of an attribute that are listed."""

WHOLE = re.compile(r"([+-]?\d+)\.0+")
"""Text of a number that is whole for all its decimals."""

MIDNIGHT = re.compile(
    r"(\d{4})[-/](\d\d)[-/](\d\d)(?:[ T]00:00(?::00(?:\.0+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"
)
"""Text of a day, or of the time at which vector files say that it begins."""


def _sayable(value: object) -> object:
    """The value of an attribute, or a list of some; anything else is refused."""
    listed = value if isinstance(value, list | tuple) else [value]
    if not listed or not all(isinstance(one, Scalar) for one in listed):
        raise ValueError("must be text, a number, a date, yes or no, or a list of these")
    return value


Value = Annotated[Scalar | tuple[Scalar, ...], BeforeValidator(_sayable)]


class Template(BaseModel):
    """A phrase with places for attributes, and the polygons it is about."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    template: str = Field(description='Such as "the {colour} roofs" or "all buildings".')
    where: dict[str, Value] = Field(
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
        allowed = [
            in_words(value) for value in (wanted if isinstance(wanted, tuple) else (wanted,))
        ]
        if strange := [text for text in allowed if not (texts == text).any()]:
            raise DataError(
                f"no polygon has {name} = {' or '.join(strange)} for '{template.template}'; "
                f"{_meant(strange, texts)}there is {', '.join(_some(texts))}"
            )
        chosen &= texts.isin(allowed).to_numpy()
    if not chosen.any():
        raise DataError(f"no polygon has all that '{template.template}' asks for in 'where'")
    return np.flatnonzero(chosen)


def _meant(strange: Iterable[str], texts: "pd.Series[str]") -> str:
    """Which values were perhaps meant."""
    known = {text.casefold(): text for text in texts.unique()}
    close = [get_close_matches(text.casefold(), known, n=1) for text in strange]
    meant = dict.fromkeys(f"'{known[found]}'" for listed in close for found in listed)
    return f"did you mean {' and '.join(meant)}? " if meant else ""


def _column(table: pd.DataFrame, name: str) -> "pd.Series[object]":
    """An attribute of all polygons."""
    attributes = [
        str(column)
        for column in table.columns
        if not isinstance(table[column].dtype, GeometryDtype)
    ]
    if name not in attributes:
        known = ", ".join(f"'{attribute}'" for attribute in attributes)
        close = get_close_matches(name, attributes, n=1)
        meant = f"did you mean '{close[0]}'? " if close else ""
        raise DataError(
            f"the layer has no attribute '{name}'; {meant}it has {known or 'none at all'}"
        )
    return table[name]


def _told(column: "pd.Series[object]") -> "pd.Series[str]":
    """The values in words; empty where there is none."""
    return column.map(in_words)


def in_words(value: object) -> str:
    """A value in words.

    >>> in_words(2.0), in_words(" red "), in_words(None), in_words(float("nan")), in_words(True)
    ('2', 'red', '', '', 'yes')
    >>> in_words("3.0"), in_words(pd.Timestamp("2020-05-01")), in_words("2020/05/01 00:00:00")
    ('3', '2020-05-01', '2020-05-01')
    """
    if value is None or value is pd.NA or value != value:  # noqa: PLR0124 NaN
        return ""
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, float | np.floating):
        return _number(float(value))
    said = " ".join(str(value).split())
    if whole := WHOLE.fullmatch(said):
        return whole[1]
    return "-".join(day.groups()) if (day := MIDNIGHT.fullmatch(said)) else said


def _number(value: float) -> str:
    """A number as people write it.

    >>> _number(float(np.float32(2.1))), _number(2.25), _number(1e20)
    ('2.1', '2.25', '100000000000000000000')
    """
    if value.is_integer():
        return str(int(value))
    short = np.float32(value)
    # a file of 32-bit numbers holds 2.1 as 2.0999999046325684
    return str(short) if float(short) == value else str(value)


def _some(texts: "pd.Series[str]") -> Iterator[str]:
    """The commonest values, for a message."""
    counts: Mapping[str, int] = texts[texts != ""].value_counts().to_dict()
    listed = list(counts)
    yield from (f"'{text}'" for text in listed[:SHOWN])
    if len(listed) > SHOWN:
        yield f"{len(listed) - SHOWN} more"
