from itertools import combinations
from xml.etree import ElementTree as ET

import numpy as np

from tiles.styles import hues, qml, style_table

QUERIES = ["the “red” roofs & <barns>", "水", "trees"]


def test_every_query_has_a_category_and_a_symbol() -> None:
    root = ET.fromstring(qml(QUERIES).partition("\n")[2])  # noqa: S314 our own text
    categories = root.findall("renderer-v2/categories/category")
    symbols = root.findall("renderer-v2/symbols/symbol")
    assert [category.get("value") for category in categories] == QUERIES
    assert [category.get("symbol") for category in categories] == [
        symbol.get("name") for symbol in symbols
    ]


def test_colours_of_a_dozen_queries_differ() -> None:
    apart = [np.abs(np.subtract(a, b)).max() for a, b in combinations(hues(12), 2)]
    assert min(apart) > 20


def test_the_table_has_the_columns_that_qgis_looks_for() -> None:
    table = style_table("polygons", "geom", QUERIES)
    assert list(table.columns) == [
        "f_table_catalog", "f_table_schema", "f_table_name", "f_geometry_column", "styleName",
        "styleQML", "styleSLD", "useAsDefault", "description", "owner", "ui", "update_time",
    ]  # fmt: skip
    assert len(table) == 1
