"""Blocks cut into pieces."""

from collections.abc import Iterator

import numpy as np

from geoseg.training.land.place import Block, Place


def lots(block: Block, size: float, rng: np.random.Generator) -> Iterator[Block]:
    """A block cut into a grid of about square lots."""
    yield from cells(block, (size, size), rng=rng, loose=0.04 * size)


def cells(
    block: Block, size: tuple[float, float], *, rng: np.random.Generator, loose: float = 0.0
) -> Iterator[Block]:
    """A block cut into a grid of cells about that long and that wide."""
    counts = [max(round(2 * half / side), 1) for half, side in zip(block.half, size, strict=True)]
    sizes = [2 * half / count for half, count in zip(block.half, counts, strict=True)]
    for i in range(counts[0]):
        for j in range(counts[1]):
            shift = rng.normal(0, loose, 2) if loose else (0.0, 0.0)
            centre = block.at(
                (i + 0.5) * sizes[0] - block.half[0] + shift[0],
                (j + 0.5) * sizes[1] - block.half[1] + shift[1],
            )
            yield Block(centre, (sizes[0] / 2, sizes[1] / 2), block.angle)


def whole_cells(
    block: Block, size: tuple[float, float], *, rng: np.random.Generator
) -> Iterator[Block]:
    """A block cut into cells of at least that length and width; none where one is too long."""
    counts = [int(2 * half / side) for half, side in zip(block.half, size, strict=True)]
    if min(counts) > 0:
        sizes = (2 * block.half[0] / counts[0], 2 * block.half[1] / counts[1])
        yield from cells(block, sizes, rng=rng)


def inner(block: Block, margin: float) -> Block:
    """The block without its margin."""
    half = (max(block.half[0] - margin, 1.0), max(block.half[1] - margin, 1.0))
    return Block(block.centre, half, block.angle)


def piece(block: Block, along: tuple[float, float], across: tuple[float, float]) -> Block:
    """The part of a block between two shares of its length and two of its width, -1..1."""
    middle = block.at(
        (along[0] + along[1]) / 2 * block.half[0], (across[0] + across[1]) / 2 * block.half[1]
    )
    half = (
        (along[1] - along[0]) / 2 * block.half[0],
        (across[1] - across[0]) / 2 * block.half[1],
    )
    return Block(middle, half, block.angle)


def lengthwise(block: Block) -> Block:
    """The same ground, turned so that its long side lies along."""
    if block.half[0] >= block.half[1]:
        return block
    return Block(block.centre, (block.half[1], block.half[0]), block.angle + np.pi / 2)


def area_m2(block: Block) -> float:
    """Square metres of a block."""
    return 4 * block.half[0] * block.half[1]


def seen(place: Place, block: Block) -> bool:
    """Whether any of a block can be in the picture."""
    return place.sees(block.centre, float(np.hypot(*block.half)) + 6)
