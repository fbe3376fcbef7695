"""Phrases with places for attributes, and what values of attributes are called."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Annotated, Literal

import numpy as np
import pandas as pd
import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

Scalar = str | int | float | bool | datetime | date

PLACE = re.compile(r"\{\{|\}\}|\{([^{}]+)\}|[{}]")
"""A place for an attribute, whatever its name; a brace written twice; a brace that is neither."""

DIGITS = 12
"""Of a number, where it has more: those behind are left over from reckoning, as in 0.1 + 0.2."""

WHOLE = re.compile(r"([+-]?\d+)\.0+")
"""Text of a number that is whole for all its decimals."""

MIDNIGHT = re.compile(
    r"(\d{4})[-/](\d\d)[-/](\d\d)(?:[ T]00:00(?::00(?:\.0+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"
)
"""Text of a day, or of the time at which vector files say that it begins."""


def _sayable(value: object) -> object:
    """The value of an attribute, or a list of some; anything else is refused."""
    listed = value if isinstance(value, list | tuple) else [value]
    if not listed or not all(one is None or isinstance(one, Scalar) for one in listed):
        raise ValueError(
            "must be text, a number, a date, yes or no, null where it is empty, or a list of these"
        )
    return value


Value = Annotated[Scalar | tuple[Scalar | None, ...] | None, BeforeValidator(_sayable)]


class Template(BaseModel):
    """A phrase with places for attributes, and the polygons it is about."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    template: str = Field(description='Such as "the {colour} roofs" or "all buildings".')
    where: dict[str, Value] = Field(
        default={},
        description="Only polygons whose attribute has this value, or one of these, whatever "
        "their case.",
    )
    empty: Literal["unsure", "other"] = Field(
        default="unsure",
        description="A polygon whose attribute is empty: may be meant (unsure), or is not (other).",
    )
    family: str = Field(
        default="", description="For reports; attribute or class where it is not given."
    )

    @field_validator("template")
    @classmethod
    def _plain(cls, template: str) -> str:
        """Refuse braces that hold no name."""
        if any(found[0] in ("{", "}") for found in PLACE.finditer(template)):
            raise ValueError(
                "has a brace that holds no name of an attribute: write '{colour}', and '{{' or "
                "'}}' for a brace that is said"
            )
        return template

    @property
    def names(self) -> tuple[str, ...]:
        """The attributes it has places for.

        >>> Template(template="the {colour} {kind} roofs").names
        ('colour', 'kind')
        """
        return tuple(dict.fromkeys(name for name in PLACE.findall(self.template) if name))

    def filled(self, told: Mapping[str, str]) -> str:
        """The phrase with these words in its places.

        >>> Template(template="{1st} {{of}} {addr:street}").filled({"1st": "a", "addr:street": "b"})
        'a {of} b'
        """
        return PLACE.sub(lambda found: told[found[1]] if found[1] else found[0][0], self.template)


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
    said = " ".join(composed(str(value)).split())
    if whole := WHOLE.fullmatch(said):
        return whole[1]
    return "-".join(day.groups()) if (day := MIDNIGHT.fullmatch(said)) else said


def unquoted(values: Iterable[object], texts: Iterable[str]) -> str:
    """What to say where some of the texts, written without quotes, became these values in YAML.

    >>> unquoted([1], ["01", "02"])
    "YAML reads 01 as 1: write it in quotes, '01'; "
    >>> unquoted([True], ["On", "off"]), unquoted([1], ["1", "one"])
    ("YAML reads On as yes: write it in quotes, 'On'; ", '')
    """
    wanted = {(type(value), value) for value in values if not isinstance(value, str)}
    loader = yaml.SafeLoader("")
    said = ((text, _as_yaml(text, loader)) for text in dict.fromkeys(texts if wanted else ()))
    return "".join(
        f"YAML reads {text} as {in_words(value)}: write it in quotes, '{text}'; "
        for text, value in said
        if (type(value), value) in wanted and in_words(value) != text
    )


def _as_yaml(text: str, loader: yaml.SafeLoader) -> object:
    """What a YAML file without quotes says with a text."""
    tag = loader.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call] # not in its stubs
    try:
        return loader.construct_object(yaml.ScalarNode(tag, text))
    except (yaml.YAMLError, ValueError):  # a day that no month has
        return text


def composed(text: str) -> str:
    """Text whose accents are one with their letters, which macOS parts; it looks the same.

    >>> composed("Gru" + chr(0x308) + "n") == "Grün"
    True
    """
    return unicodedata.normalize("NFC", text)


def caseless(words: str) -> str:
    """What is common to words that are spelt alike but for their case.

    >>> caseless("Red"), caseless("STRASSE") == caseless("Straße")
    ('red', True)
    """
    return composed(words.casefold())


def _number(value: float) -> str:
    """A number as people write it.

    >>> _number(float(np.float32(2.1))), _number(2.25), _number(1e20)
    ('2.1', '2.25', '100000000000000000000')
    >>> _number(0.1 + 0.2)
    '0.3'
    """
    if value.is_integer():
        return str(int(value))
    short = np.float32(value)
    # a file of 32-bit numbers holds 2.1 as 2.0999999046325684
    exact = short if float(short) == value else value
    return np.format_float_positional(exact, precision=DIGITS, fractional=False, trim="-")
