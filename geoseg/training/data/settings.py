"""What is wrong with settings, in the user's words."""

from collections.abc import Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from geoseg.errors import OptionsError

WORDS = {
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_type": "must be a whole number",
    "int_parsing_size": "must be a smaller number",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "bool_parsing": "must be yes or no",
    "bool_type": "must be yes or no",
    "string_type": "must be text",
    "string_pattern_mismatch": "must be auto, cpu or cuda:0",
    "path_type": "must be a path",
    "missing": "is missing",
    "missing_argument": "is missing",
    "extra_forbidden": "is not known here",
    "unexpected_keyword_argument": "is not known here",
    "greater_than_equal": "must be at least {ge:g}",
    "greater_than": "must be more than {gt:g}",
    "less_than_equal": "must be at most {le:g}",
    "less_than": "must be less than {lt:g}",
    "literal_error": "must be {expected}",
    "too_short": "must hold at least {min_length}",
    "too_long": "must hold at most {max_length}",
    "tuple_type": "must be a list",
    "dict_type": "must be a group such as 'class: building'",
    "model_type": "must be a group of settings",
}
"""What is wrong, by pydantic's name of it."""

WITHOUT_VALUE = ("missing", "missing_argument")


COUNTS = ("too_short", "too_long")
"""What pydantic also says of a list when something in it is wrong."""


def refused(error: ValidationError, means: str, way_out: str) -> OptionsError:
    """The error to raise: all that is wrong with the settings of `means`, and what to do."""
    found = error.errors()
    places = [wrong["loc"] for wrong in found]
    lines = dict.fromkeys(
        _told(wrong)
        for wrong in found
        if wrong["type"] not in COUNTS or not _holds(wrong["loc"], places)
    )
    return OptionsError(f"{means}: {'; '.join(lines)}; {way_out}")


def _holds(place: tuple[int | str, ...], places: Sequence[tuple[int | str, ...]]) -> bool:
    """Whether something is wrong further inside, too."""
    return any(len(other) > len(place) and other[: len(place)] == place for other in places)


def _told(wrong: ErrorDetails) -> str:
    """One sentence: where, what, and what was given."""
    key = ".".join(str(part) for part in wrong["loc"] if part != "[key]") or "all"
    words, context = WORDS.get(wrong["type"]), wrong.get("ctx", {})
    said = words.format(**context) if words else _plain(wrong["msg"])
    given = "" if wrong["type"] in WITHOUT_VALUE else f", but {_given(wrong['input'])} was given"
    return f"'{key}' {said}{given}"


def _plain(message: str) -> str:
    """A validator's message without what pydantic puts before it."""
    return message.removeprefix("Value error, ").replace("Input should be", "must be", 1)


def _given(value: object) -> str:
    """What was given, as it may stand in a YAML file."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value!r:.80}"
