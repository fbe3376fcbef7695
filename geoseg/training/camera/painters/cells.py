"""Ground cut into irregular cells: the crowns of a forest, the facets of a rock."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geoseg.training.camera.painters.spot import Field

CELLS: Final = 64
"""The pattern repeats after so many cells."""


class Cells(NamedTuple):
    """Which cell is seen at each pixel, each (n,)."""

    height: Field
    """Of a dome over the cell: highest in its middle, below 0 between cells."""

    off_u: Field
    """From the middle of the cell, in cells."""

    off_v: Field

    number: NDArray[np.int64]
    """0 .. CELLS² - 1."""


def posts_in_cells(
    random: np.random.Generator, *, jitter: float, radius: float, gaps: float = 0.0
) -> NDArray[np.float32]:
    """(CELLS², 3): how far each middle is moved, and the radius of its dome, in cells."""
    moved = jitter * (random.random((CELLS * CELLS, 2)) - 0.5)
    radii = radius * random.uniform(0.75, 1.1, CELLS * CELLS)
    radii[random.random(CELLS * CELLS) < gaps] = 0.01
    return np.concatenate([moved, radii[:, None]], axis=1).astype(np.float32)


def cells(u: Field, v: Field, posts: NDArray[np.float32]) -> Cells:
    """The highest of the four nearest domes at each place, which is given in cells."""
    best = np.full(u.shape, -9, np.float32)
    off_u, off_v = np.zeros_like(best), np.zeros_like(best)
    number = np.zeros(u.shape, np.int64)
    first_u, first_v = np.floor(u - 0.5), np.floor(v - 0.5)
    for step_u, step_v in ((0, 0), (0, 1), (1, 0), (1, 1)):
        cell_u, cell_v = first_u + step_u, first_v + step_v
        code = (cell_u.astype(np.int64) % CELLS) * CELLS + cell_v.astype(np.int64) % CELLS
        post = posts[code]
        away_u, away_v = u - cell_u - 0.5 - post[:, 0], v - cell_v - 0.5 - post[:, 1]
        height = post[:, 2] - (away_u * away_u + away_v * away_v) / post[:, 2]
        higher = height > best
        best = np.where(higher, height, best)
        off_u, off_v = np.where(higher, away_u, off_u), np.where(higher, away_v, off_v)
        number = np.where(higher, code, number)
    return Cells(best, off_u, off_v, number)
