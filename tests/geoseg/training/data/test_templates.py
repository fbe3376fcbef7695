from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from geoseg.errors import GeosegError
from geoseg.training.data.templates import Meaning, Template, in_words, meanings

TABLE = pd.DataFrame({
    "class": ["building", "building", "tree", "building", None],
    "colour": ["red", "Blue", "green", None, "red"],
    "floors": [1.0, 2.0, np.nan, 2.0, 1.0],
    "flat roof": [True, False, False, True, True],
})  # fmt: skip


def rows(*templates: Template) -> dict[str, list[int]]:
    return {meaning.phrase: meaning.rows.tolist() for meaning in meanings(templates, TABLE)}


def test_each_value_of_an_attribute_is_a_phrase() -> None:
    made = rows(Template(template="the {colour} roofs", where={"class": "building"}))
    assert made == {"the red roofs": [0], "the Blue roofs": [1]}


def test_numbers_and_truth_values_are_said_as_people_say_them() -> None:
    assert rows(Template(template="the houses with {floors} floors")) == {
        "the houses with 1 floors": [0, 4],
        "the houses with 2 floors": [1, 3],
    }
    assert rows(Template(template="all roofs", where={"flat roof": True, "floors": 1})) == {
        "all roofs": [0, 4]
    }
    assert list(rows(Template(template="flat: {flat roof}"))) == ["flat: yes", "flat: no"]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("3.0", "3"),
        ("3.50", "3.50"),
        (np.float32(2.1), "2.1"),
        (pd.Timestamp("2020-05-01"), "2020-05-01"),
        (pd.Timestamp("2020-05-01", tz="UTC"), "2020-05-01"),
        (pd.Timestamp("2020-05-01 12:30"), "2020-05-01 12:30:00"),
        (pd.NaT, ""),
        ("2020/05/01 00:00:00", "2020-05-01"),
        (date(2020, 5, 1), "2020-05-01"),
    ],
)
def test_values_are_said_without_what_files_add_to_them(value: object, words: str) -> None:
    assert in_words(value) == words


def test_numbers_of_32_bits_are_said_as_they_were_written() -> None:
    table = pd.DataFrame({"height": np.array([2.1, 3.0], np.float32)})
    made = meanings([Template(template="{height} m")], table)
    assert [meaning.phrase for meaning in made] == ["2.1 m", "3 m"]


def test_a_day_can_be_asked_for_as_yaml_reads_it() -> None:
    table = pd.DataFrame({"built": pd.to_datetime(["2020-05-01", "2021-01-01"])})
    made = meanings([Template(template="new", where={"built": date(2020, 5, 1)})], table)
    assert made[0].rows.tolist() == [0]


def test_outlines_are_not_said() -> None:
    table = gpd.GeoDataFrame({"kind": ["a"]}, geometry=[shapely.Point(0, 0)])
    with pytest.raises(GeosegError, match="no attribute 'geometry'; it has 'kind'"):
        meanings([Template(template="{geometry}")], table)


@pytest.mark.parametrize("value", [None, [], [None], {"a": 1}])
def test_a_value_that_no_attribute_has_is_refused_in_one_sentence(value: object) -> None:
    with pytest.raises(ValidationError, match="1 validation error") as caught:
        Template.model_validate({"template": "a", "where": {"kind": value}})
    assert caught.value.errors()[0]["loc"] == ("where", "kind")


def test_one_attribute_may_have_several_values() -> None:
    both = Template(template="all things", where={"class": ["building", "tree"]})
    assert rows(both) == {"all things": [0, 1, 2, 3]}


def test_the_same_phrase_of_two_templates_means_all_of_them() -> None:
    made = rows(
        Template(template="green things", where={"colour": "green"}),
        Template(template="Green things", where={"floors": 2}),
    )
    assert made == {"green things": [1, 2, 3]}


def test_families_are_told_or_follow_from_the_template() -> None:
    made = meanings(
        [
            Template(template="all trees", where={"class": "tree"}),
            Template(template="the {colour} ones"),
            Template(template="tall {floors}", family="height"),
        ],
        TABLE,
    )
    assert [one.family for one in made] == ["class", *["attribute"] * 3, *["height"] * 2]
    assert [one.template for one in made] == [0, 1, 1, 1, 2, 2]


@pytest.mark.parametrize(
    ("template", "told"),
    [
        (Template(template="the {color} roofs"), "no attribute 'color'; did you mean 'colour'"),
        (Template(template="all", where={"klass": "tree"}), "no attribute 'klass'"),
        (Template(template="all", where={"class": "tre"}), "class = tre .* 'building', 'tree'"),
        (
            Template(template="all", where={"class": ["bulding", "tree"]}),
            "no polygon has class = bulding for 'all'; did you mean 'building'",
        ),
        (Template(template="all", where={"class": "tree", "colour": "red"}), "all that 'all' asks"),
        (Template(template="{floors} trees", where={"class": "tree"}), "no polygon has floors"),
        (Template(template="the [SEG] {colour}"), "control token"),
    ],
)
def test_what_fits_no_polygon_is_told(template: Template, told: str) -> None:
    with pytest.raises(GeosegError, match=told):
        meanings([template], TABLE)


@pytest.mark.parametrize("text", ["{a.__class__}", "{a[0]}", "{a!r}", "{a:>9}", "{0}", "{}", "{a"])
def test_templates_cannot_look_into_values(text: str) -> None:
    with pytest.raises(ValidationError, match="brace"):
        Template(template=text)


@given(
    rows=st.sets(st.integers(0, 40), min_size=1), touching=st.sets(st.integers(0, 40))
)  # fmt: skip
def test_the_rows_meant_among_some_are_those_in_both(rows: set[int], touching: set[int]) -> None:
    meaning = Meaning("a", "class", 0, np.array(sorted(rows), np.intp))
    found = meaning.among(np.array(sorted(touching), np.intp))
    assert found.tolist() == sorted(rows & touching)
