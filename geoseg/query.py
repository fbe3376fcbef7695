"""What the user asks for, in their words."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from geoseg.errors import QueryError

MAX_CHARACTERS = 400
"""Longest phrase taken; referring expressions of the field's data sets stay under 200."""

UNSEEN = {"Cc", "Cs", "Co", "Cn"}
"""Unicode categories that are part of no language; Cf is: Persian and Hindi join letters by it."""

TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the direction of writing, by which a phrase can look like another."""

_CONTROL = re.compile(
    r"""<\|[^<>|]*\|>                         # <|im_end|> and every other token of that form
    |   \[(?:SEG|REJ|UNK|PAD|CLS|SEP|MASK)\]
    |   </?(?:img|image|quad|ref|box|s|pad|unk|bos|eos)>
    |   <IMG_CONTEXT>
    """,
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Query:
    """What the user asks for, in their words.

    Surrounding and repeated white space is dropped, so that `Query(" the  roofs")` equals
    `Query("the roofs")`; accents are one with their letters (Unicode NFC). A blank or over-long
    phrase, or one that holds a control token of the model, raises `QueryError`.
    """

    phrase: str
    """A referring expression, such as "the red roofs"."""

    def __post_init__(self) -> None:
        """Refuse what cannot be asked."""
        if not isinstance(self.phrase, str):
            raise QueryError(
                f"a query is a phrase in plain words, but {self.phrase!r} was given; "
                "pass text such as 'the red roofs'"
            )
        phrase = " ".join(unicodedata.normalize("NFC", self.phrase).split())
        if not phrase:
            raise QueryError("the query is empty; say what to look for, e.g. 'the red roofs'")
        if len(phrase) > MAX_CHARACTERS:
            raise QueryError(
                f"the query has {len(phrase)} characters, the longest allowed is "
                f"{MAX_CHARACTERS}: '{phrase[:40]}...'; ask for one thing in fewer words"
            )
        if found := _CONTROL.search(phrase):
            raise QueryError(
                f"the query holds {found.group(0)!r}, which is a control token of the model; "
                "say it in plain words"
            )
        if any(unicodedata.category(letter) in UNSEEN or letter in TURNING for letter in phrase):
            raise QueryError(
                f"the query holds characters that cannot be printed: {phrase!r}; remove them"
            )
        object.__setattr__(self, "phrase", phrase)

    def __str__(self) -> str:
        """Return the phrase."""
        return self.phrase


def as_queries(asked: "str | Query | Iterable[str | Query]") -> tuple[Query, ...]:
    """One query or several, checked; asking the same thing twice is refused.

    >>> as_queries("the roofs")
    (Query(phrase='the roofs'),)
    """
    if isinstance(asked, str | Query):
        asked = [asked]
    if not isinstance(asked, Iterable):
        raise QueryError(
            f"queries are phrases in plain words, but {asked!r} was given; "
            "pass text such as 'the red roofs', or a list of such"
        )
    several = list(asked)
    queries = tuple(one if isinstance(one, Query) else Query(one) for one in several)
    if not queries:
        raise QueryError("no query was given; say what to look for, e.g. 'the red roofs'")
    for place, query in enumerate(queries):
        for other in queries[:place]:
            if query.phrase.casefold() == other.phrase.casefold():
                raise QueryError(f"the query '{query}' was given twice; ask it once")
    return queries
