"""What is wrong with settings, in the user's words."""

from pydantic import ValidationError

from geoseg.errors import OptionsError

WORDS = {
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_type": "must be a whole number",
    "float_parsing": "must be a number",
    "string_type": "must be text",
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
    "tuple_type": "must be a list",
    "dict_type": "must be a group such as 'class: building'",
    "model_type": "must be a group of settings",
}
"""What is wrong, by pydantic's name of it."""

WITHOUT_VALUE = ("missing", "missing_argument")


def refused(error: ValidationError, means: str, way_out: str) -> OptionsError:
    """The error to raise: all that is wrong with the settings of `means`, and what to do."""
    lines = []
    for wrong in error.errors():
        key = ".".join(str(part) for part in wrong["loc"]) or "all"
        words = WORDS.get(wrong["type"])
        told = wrong["msg"].removeprefix("Value error, ")
        told = words.format(**wrong.get("ctx", {})) if words else told
        given = "" if wrong["type"] in WITHOUT_VALUE else f", but {wrong['input']!r:.80} was given"
        lines.append(f"'{key}' {told}{given}")
    return OptionsError(f"{means}: {'; '.join(lines)}; {way_out}")
