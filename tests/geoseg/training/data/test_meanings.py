from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import yaml
from hypothesis import given
from hypothesis import strategies as st

from geoseg.errors import GeosegError
from geoseg.training.data.meanings import Meaning, meanings, unasked
from geoseg.training.data.templates import Template

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


def test_numbers_of_32_bits_are_said_as_they_were_written() -> None:
    table = pd.DataFrame({"height": np.array([2.1, 3.0], np.float32)})
    made = meanings([Template(template="{height} m")], table)
    assert [meaning.phrase for meaning in made] == ["2.1 m", "3 m"]


def test_a_day_can_be_asked_for_as_yaml_reads_it() -> None:
    table = pd.DataFrame({"built": pd.to_datetime(["2020-05-01", "2021-01-01"])})
    made = meanings([Template(template="new", where={"built": date(2020, 5, 1)})], table)
    assert made[0].rows.tolist() == [0]


def test_a_value_is_found_whatever_its_case() -> None:
    table = pd.DataFrame({"c": ["Red", "red", "RED", None, "reddish", "blue"]})
    for asked in ("red", "RED", ["Red", "red"]):
        made = meanings([Template(template="x", where={"c": asked})], table)
        assert (made[0].rows.tolist(), made[0].unsure.tolist()) == ([0, 1, 2], [3])
    flat = pd.DataFrame({"flat": ["Yes", "no", "YES"]})
    assert meanings([Template(template="x", where={"flat": True})], flat)[0].rows.tolist() == [0, 2]


@pytest.mark.parametrize("parted", [True, False])
def test_accents_may_be_parted_from_their_letters(*, parted: bool) -> None:
    typed, there = "Gro\u0308\u00dfe", "Gr\u00f6\u00dfe"
    typed, there = (typed, there) if parted else (there, typed)
    table = pd.DataFrame({there: [there, "b"]})
    assert meanings([Template(template="x", where={typed: typed})], table)[0].rows.tolist() == [0]
    made = meanings([Template(template=f"{{{typed}}}"), Template(template=typed)], table)
    assert [one.phrase for one in made] == ["Gr\u00f6\u00dfe", "b"]


@given(
    values=st.lists(st.text("aA\u0308\u00e4\u00c4sS\u00df\u1e9e", min_size=1), min_size=1),
    place=st.integers(0),
)
def test_where_chooses_what_the_phrase_of_its_value_means(values: list[str], place: int) -> None:
    table, asked = pd.DataFrame({"c": values}), values[place % len(values)]
    chosen = meanings([Template(template="x", where={"c": asked})], table)[0]
    said = [
        one for one in meanings([Template(template="{c}")], table) if one.among(chosen.rows).size
    ]
    assert [one.rows.tolist() for one in said] == [chosen.rows.tolist()]


def test_outlines_are_not_said() -> None:
    table = gpd.GeoDataFrame({"kind": ["a"]}, geometry=[shapely.Point(0, 0)])
    with pytest.raises(GeosegError, match="no attribute 'geometry'; it has 'kind'"):
        meanings([Template(template="{geometry}")], table)


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
        (Template(template="all", where={"class": "tre"}), "class = 'tre' .* 'building', 'tree'"),
        (
            Template(template="all", where={"class": ["bulding", "tree"]}),
            "no polygon has class = 'bulding' for 'all'; did you mean 'building'",
        ),
        (Template(template="all", where={"class": "tree", "colour": "red"}), "all that 'all' asks"),
        (
            Template(template="{floors} trees", where={"class": "tree"}),
            "'floors', which is empty in all polygons that",
        ),
        (Template(template="the [SEG] {colour}"), "control token"),
    ],
)
def test_what_fits_no_polygon_is_told(template: Template, told: str) -> None:
    with pytest.raises(GeosegError, match=told):
        meanings([template], TABLE)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("{code: 01}", "code = '1' for 'all'; YAML reads 01 as 1: write it in quotes, '01'; there"),
        ("{code: [01, 02]}", "'01'; YAML reads 02 as 2: write it in quotes, '02'; there is '0"),
        ("{state: on}", "state = 'yes' for 'all'; YAML reads on as yes: write it in quotes, 'on'"),
        ("{code: 3}", "code = '3' for 'all'; there is '01'"),
        ("{state: 'no'}", "state = 'no' for 'all'; there is 'on'"),
    ],
)
def test_text_that_yaml_reads_as_something_else_is_to_be_quoted(written: str, told: str) -> None:
    table = pd.DataFrame({"code": ["01", "02", "2020-02-31"], "state": ["on", "off", "on"]})
    with pytest.raises(GeosegError, match=told):
        meanings([Template(template="all", where=yaml.safe_load(written))], table)


def unsure(*templates: Template) -> dict[str, list[int]]:
    return {meaning.phrase: meaning.unsure.tolist() for meaning in meanings(templates, TABLE)}


def test_what_a_polygon_without_the_attribute_is_nobody_knows() -> None:
    roofs = Template(template="the {colour} roofs", where={"class": "building"})
    assert unsure(roofs) == {"the red roofs": [3, 4], "the Blue roofs": [3, 4]}
    assert unsure(Template(template="trees", where={"class": "tree"})) == {"trees": [4]}
    assert unsure(Template(template="{colour} trees", where={"class": "tree"})) == {
        "green trees": [4]
    }


def test_a_polygon_that_lacks_what_where_asks_for_is_surely_not_meant() -> None:
    assert unsure(Template(template="the {floors} trees", where={"colour": "red"})) == {
        "the 1 trees": [3]
    }
    assert unsure(Template(template="all {floors}", where={"flat roof": True, "floors": 2})) == {
        "all 2": []
    }


def test_an_empty_attribute_may_be_said_to_mean_something_else() -> None:
    other = Template(template="the {colour} roofs", where={"class": "building"}, empty="other")
    assert unsure(other) == {"the red roofs": [], "the Blue roofs": []}
    assert list(unasked([other], TABLE)) == []


@pytest.mark.parametrize("nothing", [None, "", " "])
def test_polygons_without_an_attribute_can_be_asked_for(nothing: str | None) -> None:
    unpainted = Template(template="unpainted", where={"colour": nothing})
    assert rows(unpainted) == {"unpainted": [3]}
    assert unsure(unpainted) == {"unpainted": []}
    assert rows(Template(template="dull", where={"colour": [nothing, "green"]})) == {"dull": [2, 3]}


def test_what_one_template_knows_another_is_not_unsure_of() -> None:
    made = meanings(
        [
            Template(template="red things", where={"colour": "red"}),
            Template(template="red things", where={"floors": 2}),
        ],
        TABLE,
    )
    assert [(one.rows.tolist(), one.unsure.tolist()) for one in made] == [([0, 1, 3, 4], [2])]


def test_what_is_not_asked_for_want_of_attributes_is_told() -> None:
    told = list(
        unasked(
            [
                Template(template="the {colour} roofs", where={"class": "building"}),
                Template(template="trees", where={"class": "tree"}),
                Template(template="flat: {flat roof}"),
            ],
            TABLE,
        )
    )
    assert len(told) == 2
    assert told[0].startswith(
        "2 of 4 polygons have no 'class' or 'colour': no chip with one of them is asked about "
        "'the {colour} roofs'; fill it in"
    )
    assert told[1].startswith("1 of 2 polygons has no 'class': ")


def test_attributes_may_have_any_name() -> None:
    table = pd.DataFrame({"1st": ["a"], "addr:street": ["High St"], "a.b": ["c"], "st/nr": [7]})
    made = meanings([Template(template="{1st} {addr:street} {a.b} {st/nr}")], table)
    assert [one.phrase for one in made] == ["a High St c 7"]


@pytest.mark.parametrize("name", ["a.__class__", "a[0]", "a!r", "a:>9", "0"])
def test_templates_cannot_look_into_values(name: str) -> None:
    with pytest.raises(GeosegError, match="has no attribute"):
        meanings([Template(template=f"{{{name}}}")], pd.DataFrame({"a": ["b"]}))


def test_numbers_with_a_rest_of_reckoning_are_said_and_found_without_it() -> None:
    table = pd.DataFrame({"share": [0.1 + 0.2, 0.7, 0.1]})
    said = meanings([Template(template="share {share}")], table)
    assert [one.phrase for one in said] == ["share 0.3", "share 0.7", "share 0.1"]
    found = meanings([Template(template="some", where={"share": 0.3})], table)
    assert found[0].rows.tolist() == [0]


@pytest.mark.parametrize(
    ("template", "told"),
    [
        (Template(template="{none} x"), "a place for 'none', which is empty in all polygons; fill"),
        (Template(template="{a} {b}"), "no polygon has 'a' and 'b' together, but"),
        (Template(template="x", where={"full": None}), "no polygon has full = '' for"),
        (Template(template="x", where={"none": "red"}), "there is none that is filled in"),
    ],
)
def test_attributes_that_are_empty_are_told(template: Template, told: str) -> None:
    table = pd.DataFrame({
        "none": [None, None], "a": ["x", None], "b": [None, "y"], "full": ["p", "q"],
    })  # fmt: skip
    with pytest.raises(GeosegError, match=told):
        meanings([template], table)


@given(
    rows=st.sets(st.integers(0, 40), min_size=1), touching=st.sets(st.integers(0, 40))
)  # fmt: skip
def test_the_rows_meant_among_some_are_those_in_both(rows: set[int], touching: set[int]) -> None:
    meaning = Meaning("a", "class", 0, np.array(sorted(rows), np.intp))
    found = meaning.among(np.array(sorted(touching), np.intp))
    assert found.tolist() == sorted(rows & touching)


@given(
    rows=st.sets(st.integers(0, 9), min_size=1),
    unsure=st.sets(st.integers(0, 9)),
    touching=st.sets(st.integers(0, 9)),
)
def test_a_phrase_is_unsure_where_a_polygon_of_which_nobody_knows_is(
    rows: set[int], unsure: set[int], touching: set[int]
) -> None:
    listed = [np.array(sorted(places), np.intp) for places in (rows, unsure, touching)]
    meaning = Meaning("a", "class", 0, *listed[:2])
    assert meaning.is_unsure(listed[2]) == bool(unsure & touching)


@pytest.mark.parametrize("value", [["a", "b"], np.array(["a", "b"]), {"k": 1}, (1, 2), b"ab"])
def test_an_attribute_that_holds_no_single_values_is_refused_by_its_name(value: object) -> None:
    table = pd.DataFrame({"tags": pd.Series([None, value], dtype=object), "kind": ["a", "b"]})
    for template in (Template(template="{tags}"), Template(template="x", where={"tags": "a"})):
        with pytest.raises(GeosegError, match="the attribute 'tags' holds lists or other values"):
            meanings([template], table)
    assert len(meanings([Template(template="{kind}")], table)) == 2
