"""A scene with what was found drawn on it."""

import geopandas as gpd
import numpy as np
from affine import Affine
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from shapely.geometry import Polygon

COLOURS = ("#ff3b30", "#ffd60a", "#30d158", "#0a84ff", "#ff9ff3", "#ffffff", "#00e5ff", "#ff7f11")
"""One per query, in order; chosen to stand out on vegetation, soil and asphalt."""

FILL = 70
"""Opacity of what was found, 0..255."""


def drawn(pixels: NDArray[np.uint8], polygons: gpd.GeoDataFrame, transform: Affine) -> Image.Image:
    """The scene's RGB pixels (height, width, 3) with the polygons of each query in one colour.

    `transform` leads from pixels to the CRS of the polygons. A legend stands below the scene.
    """
    scene = Image.fromarray(pixels).convert("RGBA")
    phrases = list(dict.fromkeys(polygons["query"]))
    for place, phrase in enumerate(phrases):
        layer = Image.new("RGBA", scene.size)
        pen = ImageDraw.Draw(layer)
        for polygon in polygons.geometry[polygons["query"] == phrase]:
            _draw(pen, polygon, ~transform, COLOURS[place % len(COLOURS)])
        scene = Image.alpha_composite(scene, layer)
    return _with_legend(scene.convert("RGB"), phrases, polygons)


def _draw(pen: ImageDraw.ImageDraw, polygon: Polygon, to_pixel: Affine, colour: str) -> None:
    """Fill the polygon, clear its holes, line both."""
    rings = [polygon.exterior, *polygon.interiors]
    for ring, fill in zip(
        rings, [f"{colour}{FILL:02x}"] + ["#00000000"] * len(rings), strict=False
    ):
        points = [to_pixel * (x, y) for x, y in ring.coords]
        pen.polygon(points, fill=fill)
        pen.line(points, fill=colour, width=2)


def _with_legend(scene: Image.Image, phrases: list[str], polygons: gpd.GeoDataFrame) -> Image.Image:
    font = ImageFont.load_default(size=18)
    line = 28
    sheet = Image.new("RGB", (scene.width, scene.height + line * max(len(phrases), 1)), "#111111")
    sheet.paste(scene)
    pen = ImageDraw.Draw(sheet)
    for place, phrase in enumerate(phrases):
        top = scene.height + line * place
        pen.rectangle((10, top + 6, 26, top + 22), fill=COLOURS[place % len(COLOURS)])
        count = int((polygons["query"] == phrase).sum())
        pen.text((36, top + 3), f"{phrase}: {count}", fill="white", font=font)
    if not phrases:
        pen.text((10, scene.height + 3), "nothing found", fill="white", font=font)
    return sheet
