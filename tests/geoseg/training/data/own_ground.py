"""A made-up scene of coloured roofs, as a GeoTIFF with its polygons beside it."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
import rasterio.features
import shapely
import shapely.affinity
import yaml
from affine import Affine
from rasterio.transform import from_origin

CRS = "EPSG:32636"

LEFT, TOP, GSD = 452_000.0, 37_000.0, 0.5

COLOURS = {"red": (200, 30, 30), "blue": (30, 30, 200), "grey": (120, 120, 120)}

NORTH_UP = from_origin(LEFT, TOP, GSD, GSD)


def roofs(
    seed: int = 0, *, height: int = 96, width: int = 128, count: int = 14
) -> gpd.GeoDataFrame:
    """Turned rectangles somewhere on the scene, each with a class and a colour."""
    rng = np.random.default_rng(seed)
    shapes, colours = [], []
    for _ in range(count):
        x, y = LEFT + rng.uniform(0, width) * GSD, TOP - rng.uniform(0, height) * GSD
        box = shapely.box(x, y, x + rng.uniform(2, 8), y + rng.uniform(2, 8))
        shapes.append(shapely.affinity.rotate(box, rng.uniform(0, 90)))
        colours.append(str(rng.choice(sorted(COLOURS))))
    table = {"class": ["building"] * count, "colour": colours, "floors": rng.integers(1, 4, count)}
    return gpd.GeoDataFrame(table, geometry=shapes, crs=CRS)


def write_scene(
    path: Path,
    frame: gpd.GeoDataFrame | None = None,
    *,
    shape: tuple[int, int] = (96, 128),
    transform: Affine = NORTH_UP,
    crs: str | None = CRS,
) -> Path:
    """Roofs in their colours on green ground; columns and rows can be told from the pixels."""
    rgb = np.zeros((3, *shape), np.uint8)
    rgb[1] = 90 + np.add.outer(np.arange(shape[0]), np.arange(shape[1])) % 50
    drawn = [] if frame is None else list(zip(frame.geometry, frame["colour"], strict=True))
    for outline, colour in drawn:
        burnt = rasterio.features.rasterize([outline], shape, transform=transform) > 0
        rgb[:, burnt] = np.array(COLOURS[colour], np.uint8)[:, None]
    profile = {"driver": "GTiff", "dtype": "uint8", "count": 3, "height": shape[0],
               "width": shape[1], "transform": transform, "crs": crs}  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        file.write(rgb)
    return path


def write_config(folder: Path, **changes: object) -> Path:
    """The description of the data set; `changes` replace or add settings."""
    data = {
        "images": ["scene.tif"],
        "layer": "roofs.gpkg",
        "phrases": [
            {"template": "all buildings", "where": {"class": "building"}},
            {"template": "the {colour} roofs", "where": {"class": "building"}},
        ],
        "absent_phrases": ["the ships"],
        "chip": 32,
        "overlap": 8,
        "block_chips": 1,
        "fewest_pixels": 6,
    }
    path = folder / "data.yaml"
    path.write_text(yaml.safe_dump({"data": {**data, **changes}}))
    return path


def write_ground(folder: Path, frame: gpd.GeoDataFrame | None = None, **changes: object) -> Path:
    """Scene, layer and description in a folder; the path of the description."""
    known = roofs() if frame is None else frame
    write_scene(folder / "scene.tif", known)
    known.to_file(folder / "roofs.gpkg", layer="roofs")
    return write_config(folder, **changes)
