"""A scene with what was found drawn on it."""

from collections.abc import Mapping, Sequence
from itertools import cycle

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

LINE = 28
"""Rows of the picture for one line of the legend."""


def drawn(
    pixels: NDArray[np.uint8],
    polygons: gpd.GeoDataFrame,
    transform: Affine,
    phrases: Sequence[str],
) -> Image.Image:
    """The scene's RGB pixels (height, width, 3) with the polygons of each phrase in one colour.

    `transform` leads from pixels to the CRS of the polygons. A legend stands below the scene.
    """
    scene = Image.fromarray(pixels).convert("RGBA")
    for phrase, colour in zip(phrases, cycle(COLOURS), strict=False):
        layer = Image.new("RGBA", scene.size)
        pen = ImageDraw.Draw(layer)
        for polygon in polygons.geometry[polygons["query"] == phrase]:
            _draw(pen, polygon, ~transform, colour)
        scene = Image.alpha_composite(scene, layer)
    counts = {phrase: int((polygons["query"] == phrase).sum()) for phrase in phrases}
    return _with_legend(scene.convert("RGB"), counts)


def _draw(pen: ImageDraw.ImageDraw, polygon: Polygon, to_pixel: Affine, colour: str) -> None:
    """Fill the polygon, clear its holes, line both."""
    inside = f"{colour}{FILL:02x}"
    for ring, fill in [(polygon.exterior, inside), *((h, "#00000000") for h in polygon.interiors)]:
        points = [to_pixel * vertex for vertex in ring.coords]
        pen.polygon(points, fill=fill)
        pen.line(points, fill=colour, width=2)


def _with_legend(scene: Image.Image, counts: Mapping[str, int]) -> Image.Image:
    sheet = Image.new("RGB", (scene.width, scene.height + LINE * len(counts)), "#111111")
    sheet.paste(scene)
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size=18)
    for place, (phrase, count) in enumerate(counts.items()):
        top = scene.height + LINE * place
        pen.rectangle((10, top + 6, 26, top + 22), fill=COLOURS[place % len(COLOURS)])
        pen.text((36, top + 3), f"{phrase}: {count}", fill="white", font=font)
    return sheet
