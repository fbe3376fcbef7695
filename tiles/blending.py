"""From chips to finished rows: the mean of overlapping chips, and the mask made of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from tiles.errors import GridError, TilesError
from tiles.grid import ChipGrid, Roi, Strip

OBJECT, NOT_OBJECT, NO_DATA = 1, 0, 255
"""What the pixels of a mask can be."""

LEAST_PRESENCE = 1e-20
"""A presence below this is none: its weight could vanish in float32."""

BAND_PIXELS = 1 << 21
"""Pixels of a band, unless a single row has more: a fraction of what a row of chips holds."""


@dataclass(frozen=True, slots=True, eq=False)
class ScoredChip:
    """What a model says about one chip."""

    roi: Roi
    """Rows and columns of the scene; may reach beyond it."""

    probability: NDArray[np.float32]
    """(queries, size, size): 0..1, how sure each pixel shows what the query asks for."""

    presence: NDArray[np.float32]
    """(queries,): 0..1, how sure it is in the chip at all. 0 takes the chip out of the mean."""

    valid: NDArray[np.bool_]
    """(size, size): False where the scene has no data or does not reach."""

    def __post_init__(self) -> None:
        """Refuse an answer that would spoil its neighbours' pixels."""
        rows, columns = self.roi
        shape = (rows.stop - rows.start, columns.stop - columns.start)
        queries = self.presence.shape
        if self.probability.shape != queries + shape or self.valid.shape != shape:
            raise TilesError(
                f"a chip of {shape} pixels and {queries} queries has probability of shape "
                f"{self.probability.shape} and valid of shape {self.valid.shape}; "
                "give (queries, rows, columns) and (rows, columns)"
            )
        for name, numbers in (("probability", self.probability), ("presence", self.presence)):
            low, high = numbers.min(initial=0), numbers.max(initial=0)
            if not (low >= 0 and high <= 1):  # so that NaN, which compares False, is refused too
                raise TilesError(
                    f"the {name} of the chip at row {rows.start}, column {columns.start} lies in "
                    f"{low}..{high}; it must lie in 0..1"
                )


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """Finished rows of the scene."""

    roi: Roi
    """Its rows and all columns of the scene."""

    values: NDArray[np.float32]
    """(queries, rows, width): the blended probability; 0 where not valid."""

    valid: NDArray[np.bool_]
    """(rows, width): False where no chip has data."""


@dataclass(frozen=True, slots=True, eq=False)
class MaskBand:
    """Finished rows of the mask."""

    roi: Roi
    """Its rows and all columns of the scene."""

    mask: NDArray[np.uint8]
    """(queries, rows, width): 1 object, 0 not, 255 no data."""

    scores: NDArray[np.float32]
    """(queries, rows, width): the blended probability it was decided by; 0 where no data."""


def taper(size: int, overlap: int) -> NDArray[np.float32]:
    """Weight of each pixel of a chip: 1 inside, falling towards the rim, never 0.

    >>> taper(5, 1)[0].tolist()
    [0.25, 0.5, 0.5, 0.5, 0.25]
    """
    steps_from_rim = np.minimum(np.arange(size), np.arange(size)[::-1]) + 1
    ramp = np.minimum(steps_from_rim / (overlap + 1), 1)
    return np.outer(ramp, ramp).astype(np.float32)


def blend(
    grid: ChipGrid, chips: Iterable[ScoredChip], *, strip: Strip | None = None
) -> Iterator[Band]:
    """Bands of finished rows, top to bottom, that cover the raster (or the strip) exactly.

    Each pixel is the mean of the chips that see it, weighted by taper and presence; 0 where every
    presence is 0. `chips` come in grid order: all of them, or those of the strip's chip rows.
    Where one chip alone counts, or all that count agree, the pixel is exactly what they say.
    A strip blended alone gives the same bits as the whole raster. Memory: one row of chips.
    """
    if strip is None:
        strip = Strip(range(grid.rows), slice(0, grid.height))
    tops = (*grid.row_starts, grid.height)
    step = max(BAND_PIXELS // grid.width, 1)
    windows = chain.from_iterable(grid.chip_row(index) for index in strip.chip_rows)
    stream = _in_order(windows, iter(chips))
    first = next(stream)
    means = _Means(grid, len(first.presence))
    stream = chain((first,), stream)
    for index in strip.chip_rows:
        for chip in islice(stream, grid.columns):
            means.add(chip)
        top, bottom = max(tops[index], strip.rows.start), min(tops[index + 1], strip.rows.stop)
        for start in range(top, bottom, step):
            yield means.band(slice(start, min(start + step, bottom)), origin=tops[index])
        means.drop(tops[index + 1] - tops[index])
    next(stream, None)  # looks whether chips are left over


def masked(band: Band, threshold: float) -> MaskBand:
    """The mask of a band: object where its value reaches the threshold.

    >>> band = Band(np.s_[0:1, 0:3], np.float32([[[0.5, 0.4, 0]]]), np.array([[True, True, False]]))
    >>> masked(band, 0.5).mask.tolist()
    [[[1, 0, 255]]]
    """
    mask = (band.values >= threshold).view(np.uint8)  # True is 1, OBJECT
    if not band.valid.all():
        np.copyto(mask, NO_DATA, where=~band.valid)
    return MaskBand(band.roi, mask, band.values)


def _in_order(windows: Iterable[Roi], chips: Iterator[ScoredChip]) -> Iterator[ScoredChip]:
    """The next chips, each of which must be that of its window, until there are no more."""
    for roi in windows:
        chip = next(chips, None)
        if chip is None or chip.roi != roi:
            came = "there are no more chips" if chip is None else f"{_place(chip.roi)} came"
            raise GridError(
                f"the chip at {_place(roi)} is due, but {came}; give every chip in grid order, "
                "with presence 0 where there is nothing to say"
            )
        yield chip
    if (chip := next(chips, None)) is not None:
        raise GridError(
            f"all chips that were due have come, but another came for {_place(chip.roi)}; give "
            "every chip once, for the grid that it was cut by"
        )


def _place(roi: Roi) -> str:
    """Where a window begins, in words."""
    rows, columns = roi
    return f"row {rows.start}, column {columns.start}"


class _Means:
    """The weighted mean of the chips seen so far, in the rows that one row of chips covers.

    The mean is kept up to date, not a sum that is divided at the end: the first chip sets it to
    exactly its own value, and one that agrees with it moves it by exactly 0.
    """

    def __init__(self, grid: ChipGrid, queries: int) -> None:
        self._taper = taper(grid.size, grid.overlap)
        self._width = grid.width
        shape = (queries, grid.size, grid.column_starts[-1] + grid.size)
        self._values = np.zeros(shape, np.float32)
        self._weights = np.zeros(shape, np.float32)
        self._valid = np.zeros(shape[1:], np.bool_)
        self._met_rows = 0  # from the top: met by chips of earlier rows
        self._met_columns = 0  # from the left: met by chips of this row

    def add(self, chip: ScoredChip) -> None:
        """Take in the next chip of this row of chips."""
        if len(chip.presence) != len(self._values):
            raise GridError(
                f"the chip at {_place(chip.roi)} answers {len(chip.presence)} queries, but the "
                f"first one {len(self._values)}; ask all chips the same queries"
            )
        columns = chip.roi[1]
        met_rows, met_columns = self._met_rows, max(self._met_columns - columns.start, 0)
        self._mix(chip, np.s_[:met_rows, :])
        self._mix(chip, np.s_[met_rows:, :met_columns])
        self._lay(chip, np.s_[met_rows:, met_columns:])
        self._met_columns = columns.stop

    def band(self, rows: slice, *, origin: int) -> Band:
        """Some rows of the raster as they are now, where the first row here is row `origin`."""
        inside = np.s_[rows.start - origin : rows.stop - origin, : self._width]
        valid = self._valid[inside].copy()
        return Band((rows, slice(0, self._width)), self._values[:, *inside] * valid, valid)

    def drop(self, count: int) -> None:
        """Forget rows from the top; the others move up and wait for the next row of chips."""
        kept = len(self._valid) - count
        self._values[:, :kept] = self._values[:, count:]
        self._weights[:, :kept] = self._weights[:, count:]
        self._valid[:kept] = self._valid[count:]
        self._met_rows, self._met_columns = kept, 0

    def _lay(self, chip: ScoredChip, area: Roi) -> None:
        """Set the mean where this chip is the first."""
        presence = np.where(chip.presence < LEAST_PRESENCE, 0, chip.presence)[:, None, None]
        inside = np.s_[:, *area]
        values, weights, valid = self._under(chip)
        np.multiply(chip.probability[inside], presence > 0, out=values[inside])
        np.multiply(self._taper[area], presence, out=weights[inside])
        valid[area] = chip.valid[area]

    def _mix(self, chip: ScoredChip, area: Roi) -> None:
        """Move the mean towards this chip, where others came before it."""
        values, weights, valid = self._under(chip)
        for query in np.flatnonzero(chip.presence >= LEAST_PRESENCE):
            value, weight = values[query][area], weights[query][area]
            share = self._taper[area] * chip.presence[query]
            weight += share
            share /= weight
            step = chip.probability[query][area] - value
            step *= share
            value += step
        valid[area] |= chip.valid[area]

    def _under(
        self, chip: ScoredChip
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_]]:
        """Views of the values, weights and valid pixels under a chip."""
        columns = chip.roi[1]
        return self._values[:, :, columns], self._weights[:, :, columns], self._valid[:, columns]
