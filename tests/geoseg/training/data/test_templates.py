from datetime import date

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from geoseg.training.data.templates import Template, in_words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("3.0", "3"),
        ("3.50", "3.50"),
        (np.float32(2.1), "2.1"),
        (0.1 + 0.2, "0.3"),
        (2.9999999999999996, "3"),
        (0.0000001, "0.0000001"),
        (12345.678, "12345.678"),
        (pd.Timestamp("2020-05-01"), "2020-05-01"),
        (pd.Timestamp("2020-05-01", tz="UTC"), "2020-05-01"),
        (pd.Timestamp("2020-05-01 12:30"), "2020-05-01 12:30:00"),
        (pd.NaT, ""),
        ("2020/05/01 00:00:00", "2020-05-01"),
        (date(2020, 5, 1), "2020-05-01"),
        ("Gro\u0308\u00dfe", "Gr\u00f6\u00dfe"),
    ],
)
def test_values_are_said_without_what_files_add_to_them(value: object, words: str) -> None:
    assert in_words(value) == words


@pytest.mark.parametrize("value", [[], [{"a": 1}], {"a": 1}])
def test_a_value_that_no_attribute_has_is_refused_in_one_sentence(value: object) -> None:
    with pytest.raises(ValidationError, match="1 validation error") as caught:
        Template.model_validate({"template": "a", "where": {"kind": value}})
    assert caught.value.errors()[0]["loc"] == ("where", "kind")


@pytest.mark.parametrize("text", ["{}", "{a", "a}", "{{a}", "{a{b}}", "{{}"])
def test_a_brace_without_a_name_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="a brace that holds no name"):
        Template(template=text)


@pytest.mark.parametrize(
    "name", ["1st", "a.b", "addr:street", "st/nr", "a!r", "a[0]", "Größe", " "]
)
def test_a_place_may_hold_any_name(name: str) -> None:
    template = Template(template=f"the {{{name}}} roofs")
    assert template.names == (name,)
    assert template.filled({name: "red"}) == "the red roofs"


def test_braces_written_twice_are_said() -> None:
    template = Template(template="{{a}} {{{b}}}")
    assert template.names == ("b",)
    assert template.filled({"b": "{x}"}) == "{a} {{x}}"
