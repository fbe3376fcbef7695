"""Polygons of a large mask, beside rasterio.features.shapes, and of a larger one in bands.

python tests/benchmarks/bench_trace.py [--side 16384]
"""

import argparse
from collections.abc import Callable, Iterator

import numpy as np
import rasterio.features
import shapely
from measuring import Figures, measured
from numpy.typing import NDArray

from tiles.blending import MaskBand
from tiles.vectorising import trace

SIDE, OBJECTS_ACROSS, OBJECTS = 6000, 39, 1497
BAND_ROWS = 384

Mask = NDArray[np.uint8]


def clean(side: int = SIDE) -> Mask:
    """A mask with 1,497 ellipses and turned rectangles, none of which touch."""
    rng = np.random.default_rng(0)
    mask = np.zeros((side, side), np.uint8)
    cell = side // OBJECTS_ACROSS
    for index in range(OBJECTS):
        height, width = rng.integers(cell // 3, cell - 10, 2)
        top, left = (number * cell + 5 for number in divmod(index, OBJECTS_ACROSS))
        down, right = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
        turn = rng.random() * np.pi
        along = down * np.cos(turn) + right * np.sin(turn)
        across = right * np.cos(turn) - down * np.sin(turn)
        ellipse, rectangle = along**2 + across**2 <= 1, (abs(along) < 0.7) & (abs(across) < 0.4)
        mask[top : top + height, left : left + width] = rectangle if index % 2 else ellipse
    return mask


def noisy(mask: Mask, share: float, seed: int = 1) -> Mask:
    """The mask with this share of its pixels the other way round."""
    flipped = np.random.default_rng(seed).random(mask.shape, np.float32) < share
    return mask ^ flipped.view(np.uint8)


def in_bands(mask: Mask, top: int = 0) -> Iterator[MaskBand]:
    """A mask cut into bands, the first of which starts at row `top`."""
    height, width = mask.shape
    for start in range(0, height, BAND_ROWS):
        part = mask[np.newaxis, start : start + BAND_ROWS]
        rows = slice(top + start, top + start + part.shape[1])
        yield MaskBand((rows, slice(0, width)), part, part.astype(np.float32))


def traced(share: float) -> Callable[[], int]:
    """Trace a mask; say how many polygons it has."""
    bands = list(in_bands(noisy(clean(), share)))
    return lambda: len(np.concatenate([part.polygons for part in trace(bands)]))


def by_rasterio(share: float) -> Callable[[], int]:
    """What most tools do with a mask; says how many polygons it has."""
    mask = noisy(clean(), share)

    def polygons() -> int:
        shapes = rasterio.features.shapes(mask, mask=mask == 1, connectivity=4)
        return len([shapely.geometry.shape(shape) for shape, _ in shapes])

    return polygons


def bare_rasterio(share: float) -> Callable[[], int]:
    """The same, without making anything of the dictionaries."""
    mask = noisy(clean(), share)
    return lambda: sum(1 for _ in rasterio.features.shapes(mask, mask=mask == 1, connectivity=4))


def stream(side: int, share: float) -> Iterator[MaskBand]:
    """A mask of any size, made up band by band: the clean mask over and over, and noise."""
    repeats = -(-side // SIDE)
    whole = np.concatenate([clean()] * repeats, axis=1)[:, :side]
    for top in range(0, side, BAND_ROWS):
        rows = np.arange(top, min(top + BAND_ROWS, side)) % SIDE
        yield from in_bands(noisy(whole[rows], share, seed=top), top)


def made_up(side: int, share: float) -> Callable[[], int]:
    """What the stream alone costs."""
    bands = stream(side, share)
    next(bands)
    return lambda: sum(1 for _ in bands)


def streamed(side: int, share: float) -> Callable[[], int]:
    """Trace the stream, forgetting the polygons; say how many there were."""
    bands = stream(side, share)
    next(bands)
    return lambda: sum(len(part.polygons) for part in trace(bands))


def row(name: str, figures: Figures) -> None:
    """Print one row of the table."""
    print(
        f"| {name} | {figures.result:,} | {figures.wall:.2f} "
        f"| {figures.cpu:.2f} | {figures.growth:.0f} |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=16384)
    side = parser.parse_args().side
    print("| work | polygons | seconds | processor seconds | growth of peak RSS, MiB |")
    print("|---|---|---|---|---|")
    for share in (0, 0.01):
        kind = f"{SIDE} x {SIDE}, {share:.0%} noise"
        row(f"{kind}: trace", measured(traced, share))
        row(f"{kind}: shapes, dictionaries only", measured(bare_rasterio, share))
        row(f"{kind}: shapes, shapely polygons", measured(by_rasterio, share))
    for share in (0, 0.01):
        kind = f"{side} x {side} in bands of {BAND_ROWS}, {share:.0%} noise"
        row(f"{kind}: making the bands (bands, not polygons)", measured(made_up, side, share))
        row(f"{kind}: and trace", measured(streamed, side, share))


if __name__ == "__main__":
    main()
