"""How good the embedded model is on real scenes, expression by expression, through the pipeline.

    python tests/benchmarks/eval_real.py FOLDER

FOLDER holds `referring.jsonl` and the scenes it names. IoU is that of masks over the pixels with
data; "full" is what painting everything would give. For an expression without a target the share
of pixels wrongly painted is told instead.
"""

import json
import sys
from collections import defaultdict
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
import rasterio.features
from numpy.typing import NDArray

import geoseg


def main() -> None:
    """Ask every expression of every scene and print a table."""
    folder = Path(sys.argv[1])
    lines = (folder / "referring.jsonl").read_text(encoding="utf-8").splitlines()
    scenes = defaultdict(list)
    for line in map(json.loads, lines):
        if not line.get("image2"):
            scenes[line["image"]].append(line)
    print("| scene | expression | truth | IoU | full |\n|---|---|---|---|---|")
    for image, expressions in scenes.items():
        ask_scene(folder.parent, image, expressions)


def ask_scene(root: Path, image: str, expressions: list[dict[str, str]]) -> None:
    """Ask all expressions of one scene at once and print a row for each."""
    result = geoseg.segment(root / image, [line["expression"] for line in expressions])
    assert result.mask is not None
    for line, mask in zip(expressions, result.mask.values, strict=True):
        truth = burnt(root / line["truth_geojson_path"], root / image)
        data = mask != 255
        found = (mask == 1) & data
        if not truth.any():
            told, full = f"{found.sum() / data.sum():.1%} painted", ""
        else:
            told = f"{(found & truth).sum() / (found | (truth & data)).sum():.2f}"
            full = f"{(truth & data).sum() / data.sum():.2f}"
        name = Path(image).stem
        print(f"| {name} | {line['expression']} | {line['truth_kind']} | {told} | {full} |")


def burnt(truth: Path, image: Path) -> NDArray[np.bool_]:
    """The pixels of the scene that the truth covers."""
    polygons = gpd.read_file(truth)
    with rasterio.open(image) as scene:
        if polygons.empty:
            return np.zeros(scene.shape, bool)
        shapes = polygons.to_crs(scene.crs).geometry
        return rasterio.features.rasterize(shapes, scene.shape, transform=scene.transform) > 0


if __name__ == "__main__":
    main()
