"""A whole scene through the pipeline with a model that costs nothing, beside a plain copy.

    python tests/benchmarks/bench_scene.py [--size 16384] [--folder DIR]

Each measurement runs in a process of its own. "growth" is the peak resident memory less what is
resident once everything is imported and before the scene is opened.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.windows import Window

import geoseg
from geoseg import ChipAnswer, Query

CHIP, OVERLAP = 448, 64
MIB = 2**20


class Free:
    """Answers from the red channel: whatever is brighter than the middle is the object."""

    chip_size = CHIP

    def segment(self, chips: NDArray[np.uint8], queries: Sequence[Query]) -> list[ChipAnswer]:
        red = (chips[..., 0] > 127).astype(np.float32)
        present = np.ones(len(queries), np.float32)
        return [
            ChipAnswer(np.broadcast_to(one, (len(queries), CHIP, CHIP)), present) for one in red
        ]


def make_scene(path: Path, height: int, width: int) -> None:
    """Textured ground with bright square objects, as a tiled, compressed RGB GeoTIFF."""
    rng = np.random.default_rng(0)
    noise = rng.integers(20, 90, (3, 512, 512), np.uint8)
    profile = {
        "driver": "GTiff", "dtype": "uint8", "count": 3, "height": height, "width": width,
        "crs": "EPSG:32636", "transform": rasterio.Affine(0.3, 0, 450000, 0, -0.3, 40000),
        "tiled": True, "blockxsize": 512, "blockysize": 512, "compress": "deflate", "zlevel": 1,
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        for row in range(0, height, 512):
            for column in range(0, width, 512):
                block = noise.copy()
                top, left = rng.integers(0, 400, 2)
                block[:, top : top + 100, left : left + 80] |= 128
                rows, columns = min(512, height - row), min(512, width - column)
                file.write(block[:, :rows, :columns], window=Window(column, row, columns, rows))


def resident() -> int:
    """Bytes resident now."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * resource.getpagesize()


def run_pipeline(scene: Path, folder: Path) -> None:
    """Mask COG and GeoPackage of one query."""
    geoseg.segment(
        scene,
        "what is bright",
        segmenter=Free(),
        outputs=[folder / "mask.tif", folder / "found.gpkg"],
        options={"chips": {"overlap": OVERLAP}, "run": {"keep_rasters": False, "overwrite": True}},
    )


def run_copy(scene: Path, folder: Path) -> None:
    """The same raster, block by block, into a COG with the profile of our masks."""
    with rasterio.open(scene) as source:
        profile = {
            "driver": "COG", "dtype": "uint8", "count": 3, "crs": source.crs,
            "height": source.height, "width": source.width, "transform": source.transform,
            "blocksize": 512, "compress": "deflate", "overview_resampling": "mode",
        }  # fmt: skip
        with rasterio.open(folder / "copy.tif", "w", **profile) as target:
            for _, window in source.block_windows(1):
                target.write(source.read(window=window), window=window)


JOBS = {"pipeline": run_pipeline, "copy": run_copy}


def measure(job: str, scene: Path, folder: Path) -> None:
    """Run one job and print its figures as JSON."""
    before = resident()
    started = time.perf_counter()
    JOBS[job](scene, folder)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": seconds, "growth_mib": (peak - before) / MIB}))


def measured(job: str, scene: Path, folder: Path) -> dict[str, float]:
    """Figures of a job run in a process of its own."""
    command = [sys.executable, __file__, "--job", job, "--scene", str(scene)]
    done = subprocess.run(
        [*command, "--folder", str(folder)], check=True, capture_output=True, text=True
    )
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def table(size: int, folder: Path) -> None:
    """Measure the pipeline at three heights and the copy at the full one."""
    print("| job | rows x columns | seconds | growth of peak RSS, MiB |\n|---|---|---|---|")
    times = {}
    for job, height in (
        ("pipeline", size // 4), ("pipeline", size // 2), ("pipeline", size), ("copy", size),
    ):  # fmt: skip
        scene = folder / f"scene-{height}.tif"
        if not scene.exists():
            make_scene(scene, height, size)
        figures = measured(job, scene, folder)
        times[job] = figures["seconds"]
        print(
            f"| {job} | {height} x {size} | {figures['seconds']:.1f} | "
            f"{figures['growth_mib']:.0f} |",
            flush=True,
        )
    print(f"\nratio pipeline / copy: {times['pipeline'] / times['copy']:.2f}")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=16384)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--job", choices=JOBS)
    parser.add_argument("--scene", type=Path)
    given = parser.parse_args()
    if given.job:
        measure(given.job, given.scene, given.folder)
        return
    with tempfile.TemporaryDirectory(dir=given.folder) as scratch:
        table(given.size, Path(scratch))


if __name__ == "__main__":
    main()
