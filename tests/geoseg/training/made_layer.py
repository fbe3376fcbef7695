"""A made-up layer with things that geoseg-tiny has never seen, as users have them."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
import rasterio.features
import shapely
import shapely.affinity
import yaml
from affine import Affine
from numpy.typing import NDArray

SIDE, GSD, LEFT, TOP = 1120, 0.3, 452_000.0, 37_000.0

PLACE = Affine(GSD, 0, LEFT, 0, -GSD, TOP)

COUNT = 70

COLOURS = {"round": (150, 70, 170), "long": (60, 160, 170)}


def things(rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Violet discs and turquoise bars."""
    kinds = rng.choice(sorted(COLOURS), COUNT)
    shapes = []
    for kind in kinds:
        x, y = LEFT + rng.uniform(0, SIDE) * GSD, TOP - rng.uniform(0, SIDE) * GSD
        bar = shapely.box(x, y, x + rng.uniform(12, 25), y + rng.uniform(3, 5))
        disc = shapely.Point(x, y).buffer(rng.uniform(4, 9))
        turned = shapely.affinity.rotate(bar, rng.uniform(0, 180))
        shapes.append(disc if kind == "round" else turned)
    return gpd.GeoDataFrame({"kind": kinds}, geometry=shapes, crs="EPSG:32636")


def painted(layer: gpd.GeoDataFrame, rng: np.random.Generator) -> NDArray[np.uint8]:
    """The layer on noisy ground: (3, SIDE, SIDE)."""
    ground = np.array([95.0, 110.0, 80.0])[:, None, None] + 15 * np.sin(np.arange(SIDE) / 37)
    rgb = ground + rng.normal(0, 12, (3, SIDE, SIDE))
    for outline, kind in zip(layer.geometry, layer["kind"], strict=True):
        inside = rasterio.features.rasterize([outline], (SIDE, SIDE), transform=PLACE) > 0
        rgb[:, inside] = np.array(COLOURS[kind])[:, None] + rng.normal(0, 10, (3, inside.sum()))
    return rgb.clip(0, 255).astype(np.uint8)


def write_made_layer(folder: Path, **settings: object) -> Path:
    """Image and polygons in a folder, and the file that says how geoseg-tiny learns from them."""
    rng = np.random.default_rng(0)
    layer = things(rng)
    layer.to_file(folder / "things.gpkg", layer="things")
    profile = {"driver": "GTiff", "dtype": "uint8", "count": 3, "height": SIDE, "width": SIDE,
               "transform": PLACE, "crs": "EPSG:32636"}  # fmt: skip
    with rasterio.open(folder / "scene.tif", "w", **profile) as file:
        file.write(painted(layer, rng))
    data = {
        "images": ["scene.tif"],
        "layer": "things.gpkg",
        "phrases": [
            {"template": "the cooling towers", "where": {"kind": "round"}},
            {"template": "the conveyor belts", "where": {"kind": "long"}},
        ],
        "absent_phrases": ["the cars"],
        "chip": 160, "overlap": 32, "block_chips": 2, "validation_share": 0.3, "seed": 1,
    }  # fmt: skip
    content = {"run": str(folder / "run"), "model": "geoseg-tiny", "data": data, **settings}
    (folder / "own.yaml").write_text(yaml.safe_dump(content), "utf-8")
    return folder / "own.yaml"
