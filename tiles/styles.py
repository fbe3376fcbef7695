"""How QGIS draws polygons: one colour per query."""

import colorsys
from collections.abc import Sequence
from xml.etree import ElementTree as ET

import pandas as pd

GOLDEN = 0.618034
"""Turns between one hue and the next: any number of hues stay well apart."""

FILL_OPACITY = 90
"""Of 255, so that the image shows through."""


def hues(count: int) -> list[tuple[int, int, int]]:
    """Red, green and blue of so many colours that differ.

    >>> hues(1)
    [(230, 23, 126)]
    """
    turns = (0.9167 + index * GOLDEN for index in range(count))
    colours = (colorsys.hsv_to_rgb(turn % 1, 0.9, 0.9) for turn in turns)
    return [
        (round(255 * red), round(255 * green), round(255 * blue)) for red, green, blue in colours
    ]


def style_table(layer: str, geometry: str, queries: Sequence[str]) -> pd.DataFrame:
    """The `layer_styles` table by which QGIS finds the style of a layer in a GeoPackage."""
    return pd.DataFrame(
        {
            "f_table_catalog": [""],
            "f_table_schema": [""],
            "f_table_name": [layer],
            "f_geometry_column": [geometry],
            "styleName": ["queries"],
            "styleQML": [qml(queries)],
            "styleSLD": [""],
            "useAsDefault": [True],
            "description": ["one colour per query"],
            "owner": [""],
            "ui": [""],
            "update_time": [pd.Timestamp.now(tz="UTC")],
        }
    )


def qml(queries: Sequence[str]) -> str:
    """A QGIS style with one colour per query."""
    root = ET.Element("qgis", version="3.28", styleCategories="Symbology")
    renderer = ET.SubElement(root, "renderer-v2", type="categorizedSymbol", attr="query")
    categories = ET.SubElement(renderer, "categories")
    symbols = ET.SubElement(renderer, "symbols")
    for index, (query, colour) in enumerate(zip(queries, hues(len(queries)), strict=True)):
        ET.SubElement(
            categories,
            "category",
            {"symbol": str(index), "value": query, "label": query, "render": "true"},
        )
        _add_symbol(symbols, str(index), colour)
    return "<!DOCTYPE qgis>\n" + ET.tostring(root, encoding="unicode")


def _add_symbol(symbols: ET.Element, name: str, colour: tuple[int, int, int]) -> None:
    """A filled polygon with an outline of the same colour."""
    symbol = ET.SubElement(symbols, "symbol", {"type": "fill", "name": name, "alpha": "1"})
    layer = ET.SubElement(symbol, "layer", {"class": "SimpleFill", "enabled": "1", "pass": "0"})
    options = ET.SubElement(layer, "Option", type="Map")
    rgb = ",".join(map(str, colour))
    for option, value in {
        "color": f"{rgb},{FILL_OPACITY}",
        "outline_color": f"{rgb},255",
        "outline_width": "0.4",
        "outline_width_unit": "MM",
        "outline_style": "solid",
        "style": "solid",
    }.items():
        ET.SubElement(options, "Option", {"type": "QString", "name": option, "value": value})
