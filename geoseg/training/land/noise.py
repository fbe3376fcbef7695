"""Smooth random fields over the endless plane."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from geoseg.training.land.hashing import generator, mixed

Values = NDArray[np.float64]

NODES = 256
"""Nodes of a field along each axis before it repeats."""

GRAIN = 1024
"""Pixels of the finest field along each axis before it repeats."""


@lru_cache(maxsize=2)
def table(side: int) -> NDArray[np.float32]:
    """Independent normal numbers (side, side), the same for all fields: each begins elsewhere."""
    return generator(20_807, side).standard_normal((side, side), dtype=np.float32)


def start(seed: int, salt: int) -> tuple[int, int]:
    """Row and column of a table where a field begins."""
    code = mixed(seed, salt)
    return code % GRAIN, code // GRAIN % GRAIN


@dataclass(frozen=True, slots=True)
class Relief:
    """A smooth field with mean 0 and spread about 1, asked at single places."""

    seed: int

    salt: int
    """Tells fields of one seed apart."""

    size_m: float
    """Metres between its nodes: hills are about twice as wide."""

    def at(self, rows: Values, columns: Values) -> Values:
        """The field at places in metres, in the shape of the arguments."""
        nodes = table(NODES)
        first = start(self.seed, self.salt)
        row, column = rows / self.size_m + first[0], columns / self.size_m + first[1]
        top, left = np.floor(row).astype(int), np.floor(column).astype(int)
        down, right = fade(row - top), fade(column - left)
        upper, lower = top % NODES, (top + 1) % NODES
        west, east = left % NODES, (left + 1) % NODES
        above = nodes[upper, west] * (1 - right) + nodes[upper, east] * right
        below = nodes[lower, west] * (1 - right) + nodes[lower, east] * right
        return np.asarray((above * (1 - down) + below * down) * 1.5, np.float64)


def fade(share: Values) -> Values:
    """A smooth step from 0 to 1."""
    return np.asarray(share * share * (3 - 2 * share))


def picture_noise(
    seed: int, step: int, *, corner: tuple[int, int], shape: tuple[int, int]
) -> NDArray[np.float32]:
    """A random field on pixels: mean 0, spread 1, blobs about `step` pixels wide.

    `corner`: row and column in the scene of the field's first pixel; windows of one scene fit
    together.
    """
    begin = start(seed, step)
    if step == 1:
        return wrapped(table(GRAIN), (corner[0] + begin[0], corner[1] + begin[1]), shape)
    first = tuple(pixel // step - 2 for pixel in corner)
    count = tuple(
        (pixel + side) // step - low + 4
        for pixel, side, low in zip(corner, shape, first, strict=True)
    )
    nodes = Image.fromarray(
        wrapped(table(NODES), (first[0] + begin[0], first[1] + begin[1]), count)
    )
    top, left = (pixel / step - low for pixel, low in zip(corner, first, strict=True))
    box = (left, top, left + shape[1] / step, top + shape[0] / step)
    fine = nodes.resize(shape[::-1], Image.Resampling.BICUBIC, box=box)
    return np.asarray(fine) * np.float32(1.4)  # interpolation took about a third of the spread


def wrapped(
    values: NDArray[np.float32], corner: tuple[int, ...], shape: tuple[int, ...]
) -> NDArray[np.float32]:
    """A window of values that repeat without end."""
    rows, columns = (
        np.arange(first, first + side) % len(values)
        for first, side in zip(corner, shape, strict=True)
    )
    return np.ascontiguousarray(values[rows[:, None], columns[None, :]])
