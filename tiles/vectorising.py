"""Polygons traced from a mask that arrives in bands, exact across their seams."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tiles.blending import NO_DATA, OBJECT, MaskBand
from tiles.components import Ended, Open, advance
from tiles.errors import GridError
from tiles.rings import Integers, polygons_of

BLOCK_PIXELS = 1 << 21
"""Pixels looked at in one go: what is in work does not grow with the height of the bands."""


@dataclass(frozen=True, slots=True, eq=False)
class Traced:
    """Objects of one query, traced, in reading order of their first pixels."""

    query: int
    """Which query of the mask."""

    polygons: NDArray[np.object_]
    """(n,) shapely Polygons in pixel coordinates: x = column, y = row, whole numbers."""

    scores: NDArray[np.float64]
    """(n,): mean score over the object's pixels."""

    pixels: Integers
    """(n,): how many pixels the object has."""

    first: Integers
    """(n, 2): row and column of the object's first pixel in reading order."""


def trace(bands: Iterable[MaskBand]) -> Iterator[Traced]:
    """The objects of a mask that arrives in bands of rows, top to bottom.

    An object is what hangs together by pixel sides (4-connected); a diagonal touch separates.
    Its polygon is valid, covers exactly its pixels, keeps its holes and has corners only: nothing
    shows where bands met, and other bands give the same objects. Each object comes once, as soon
    as the rows seen are past it; only those that reach the last row seen are remembered.
    """
    opened: list[Open] = []
    for band in _with_end(bands):
        queries, height, width = band.mask.shape
        opened = opened or [Open.none(width, band.roi[0].start)] * queries
        _check_order(band, opened[0].bottom)
        step = max(BLOCK_PIXELS // width, 1)
        blocks = [slice(top, top + step) for top in range(0, height, step)]
        for query in range(queries):
            for rows in blocks:
                inside = band.mask[query, rows] == OBJECT
                scores = band.scores[query, rows][inside]
                opened[query], ended = advance(opened[query], inside, scores)
                if ended is not None:
                    yield _traced(query, ended)


def _with_end(bands: Iterable[MaskBand]) -> Iterator[MaskBand]:
    """The bands, and after them one row without objects, which ends what is still open."""
    band = None
    for band in bands:
        yield band
    if band is not None:
        rows, columns = band.roi
        shape = (len(band.mask), 1, band.mask.shape[2])
        mask = np.full(shape, NO_DATA, np.uint8)
        below = slice(rows.stop, rows.stop + 1)
        yield MaskBand((below, columns), mask, np.zeros(shape, np.float32))


def _check_order(band: MaskBand, due: int) -> None:
    """Refuse a band that does not begin at the row that is due."""
    top = band.roi[0].start
    if top != due:
        raise GridError(
            f"a band that starts at row {top} came where row {due} is due; "
            "give the bands top to bottom, without gaps"
        )


def _traced(query: int, ended: Ended) -> Traced:
    """Polygons and measures of objects that have ended."""
    tally = ended.tally
    return Traced(
        query,
        polygons_of(ended.codes, ended.owners, pitch=ended.pitch),
        tally.score_sums / tally.pixels,
        tally.pixels,
        np.stack(np.divmod(tally.first, ended.pitch), axis=1),
    )
