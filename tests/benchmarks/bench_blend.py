"""Blending and masking a whole scene of chips that cost nothing.

python tests/benchmarks/bench_blend.py [--side 16384] [--queries 1 4]
"""

import argparse
from collections.abc import Callable, Iterator

import numpy as np
from measuring import measured

from tiles.blending import ScoredChip, blend, masked
from tiles.grid import ChipGrid

CHIP, OVERLAP = 448, 64


def blended(side: int, queries: int, *, width: int) -> Callable[[], int]:
    """Blend and mask a scene; say how many bands it has."""
    grid = ChipGrid(side, width, size=CHIP, overlap=OVERLAP)
    rng = np.random.default_rng(0)
    probability = rng.random((queries, CHIP, CHIP), np.float32)
    presence = np.linspace(0.5, 1, queries, dtype=np.float32)
    valid = np.ones((CHIP, CHIP), np.bool_)

    def chips() -> Iterator[ScoredChip]:
        return (ScoredChip(roi, probability, presence, valid) for roi in grid)

    return lambda: sum(1 for band in blend(grid, chips()) if len(masked(band, 0.5).mask))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=16384)
    parser.add_argument("--queries", type=int, nargs="+", default=[1, 4])
    options = parser.parse_args()
    print("| rows x columns | queries | seconds | processor seconds | growth of peak RSS, MiB |")
    print("|---|---|---|---|---|")
    for queries in options.queries:
        for rows in (options.side // 4, options.side):
            figures = measured(blended, rows, queries, width=options.side)
            print(
                f"| {rows} x {options.side} | {queries} | {figures.wall:.2f} "
                f"| {figures.cpu:.2f} | {figures.growth:.0f} |"
            )


if __name__ == "__main__":
    main()
