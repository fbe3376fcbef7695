"""Where the chips lie on a raster."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from tiles.errors import GridError

Roi = tuple[slice, slice]
"""Rows and columns of a raster, ready to index an array with."""


def starts(length: int, size: int, overlap: int) -> tuple[int, ...]:
    """First pixel of each chip along one axis.

    >>> starts(11, 4, 1)  # the last chip moves inwards
    (0, 3, 6, 7)
    >>> starts(3, 4, 1)  # shorter than a chip: one chip that reaches beyond the raster
    (0,)
    """
    last = max(length - size, 0)
    return (*range(0, last, size - overlap), last)


def _count(length: int, size: int, overlap: int) -> int:
    """How many `starts` there are, without listing them."""
    return len(range(0, max(length - size, 0), size - overlap)) + 1


def _start(index: int, length: int, size: int, overlap: int) -> int:
    """The one of the `starts` at `index`, without listing them."""
    index = range(_count(length, size, overlap))[index]
    return min(index * (size - overlap), max(length - size, 0))


@dataclass(frozen=True, slots=True)
class Strip:
    """A run of chip rows that can be computed alone."""

    chip_rows: range
    """The chip rows to compute: all that touch `rows`, so also those above that reach into it."""

    rows: slice
    """The raster rows it finishes."""


@dataclass(frozen=True, slots=True)
class ChipGrid:
    """Chips of one size that cover a raster, row by row.

    Neighbours share at least `overlap` pixels; the last chip of a row or column moves inwards,
    so every chip is full of raster. Only where the raster is shorter than a chip does the chip
    reach beyond it.

    >>> [(rows.start, columns.start) for rows, columns in ChipGrid(5, 7, size=4, overlap=1)]
    [(0, 0), (0, 3), (1, 0), (1, 3)]
    """

    height: int
    """Rows of the raster."""

    width: int
    """Columns of the raster."""

    size: int
    """Pixels along one side of a chip."""

    overlap: int
    """Pixels two neighbouring chips share at least."""

    def __post_init__(self) -> None:
        """Refuse a layout that cannot exist."""
        for name in ("height", "width", "size", "overlap"):
            # numpy's small integers would wrap around in what is computed from them
            object.__setattr__(self, name, int(getattr(self, name)))
        if self.height < 1 or self.width < 1:
            raise GridError(
                f"the raster is {self.height} rows by {self.width} columns; "
                "it needs at least one of each"
            )
        if self.size < 1:
            raise GridError(f"the chip size is {self.size}; it must be at least 1 pixel")
        if not 0 <= self.overlap < self.size:
            raise GridError(
                f"the overlap is {self.overlap} for chips of {self.size} pixels; "
                f"choose an overlap of 0 to {self.size - 1}"
            )

    @property
    def row_starts(self) -> tuple[int, ...]:
        """First raster row of each chip row."""
        return starts(self.height, self.size, self.overlap)

    @property
    def column_starts(self) -> tuple[int, ...]:
        """First raster column of each chip column."""
        return starts(self.width, self.size, self.overlap)

    @property
    def rows(self) -> int:
        """How many chip rows there are."""
        return _count(self.height, self.size, self.overlap)

    @property
    def columns(self) -> int:
        """How many chips one chip row holds."""
        return _count(self.width, self.size, self.overlap)

    def __len__(self) -> int:
        """How many chips there are."""
        return self.rows * self.columns

    def __iter__(self) -> Iterator[Roi]:
        """The windows of all chips, row by row."""
        return chain.from_iterable(self._chip_row_at(top) for top in self.row_starts)

    def chip_row(self, index: int) -> Iterator[Roi]:
        """The windows of one chip row, left to right."""
        return self._chip_row_at(self._top(index))

    def _top(self, index: int) -> int:
        """First raster row of one chip row."""
        return _start(index, self.height, self.size, self.overlap)

    def _chip_row_at(self, top: int) -> Iterator[Roi]:
        """The windows of the chip row that starts at raster row `top`."""
        rows = slice(top, top + self.size)
        return ((rows, slice(left, left + self.size)) for left in self.column_starts)

    def strips(self, chip_rows: int) -> Iterator[Strip]:
        """Strips of at most `chip_rows` chip rows of their own, top to bottom.

        Once a chip row is done, the raster rows above the next chip row are finished; a strip
        finishes the rows from the start of its first chip row to the start of the next strip's.

        >>> [(strip.chip_rows, strip.rows.start) for strip in ChipGrid(11, 4, 4, 1).strips(2)]
        [(range(0, 2), 0), (range(1, 4), 6)]
        """
        if chip_rows < 1:
            raise GridError(f"a strip of {chip_rows} chip rows was asked for; it needs at least 1")
        return (self._strip(first, first + chip_rows) for first in range(0, self.rows, chip_rows))

    def _strip(self, first: int, stop: int) -> Strip:
        """The strip whose own chip rows are `first` up to `stop`."""
        top = self._top(first)
        bottom = self._top(stop) if stop < self.rows else self.height
        reaching = first
        while reaching > 0 and self._top(reaching - 1) + self.size > top:
            reaching -= 1
        return Strip(range(reaching, min(stop, self.rows)), slice(top, bottom))
