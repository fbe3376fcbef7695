"""Colours that are the same in every chip of a scene."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tiles.errors import BandsError
from tiles.sources import Chip, Raster

OVERVIEW_SIDE = 1024
"""Longest side of the look at a scene that its stretch is measured on."""

SHOWABLE = (1, 3)
"""How many bands make a picture: grey, or red, green and blue."""

BLACK, WHITE = 0, 255


@dataclass(frozen=True, slots=True)
class StretchMode:
    """How the values of a raster are to become brightness."""

    low: float
    """What becomes black."""

    high: float
    """What becomes white."""

    of: Literal["values", "percentiles"]
    """What `low` and `high` count."""

    keeps_pictures: bool = False
    """Whether bytes and palettes, which are pictures already, are shown as they are."""

    def __post_init__(self) -> None:
        """Refuse limits that are upside down, and percentiles that are none."""
        if not self.low < self.high:
            raise BandsError(
                f"the stretch goes from {self.low:g} to {self.high:g}; the first must be lower"
            )
        if self.of == "percentiles" and not 0 <= self.low < self.high <= 100:  # noqa: PLR2004
            raise BandsError(
                f"the stretch goes from {self.low:g}% to {self.high:g}%; choose from 0% to 100%"
            )


MODES = {
    "auto": StretchMode(2, 98, "percentiles", keeps_pictures=True),
    "none": StretchMode(BLACK, WHITE, "values", keeps_pictures=True),
    "minmax": StretchMode(0, 100, "percentiles"),
}
"""The modes that have a name."""


def stretch_mode(text: str) -> StretchMode:
    """The mode in a user's words.

    "auto" shows bytes and palettes as they are, others from their 2nd to their 98th percentile;
    "none" shows values as they are, cut off at 0 and 255; "minmax" goes from the lowest value to
    the highest; "LO,HI" from one value to another; "P1%,P2%" from one percentile to another.

    >>> stretch_mode("0,4000")
    StretchMode(low=0.0, high=4000.0, of='values', keeps_pictures=False)
    """
    if text.strip().lower() in MODES:
        return MODES[text.strip().lower()]
    limits = [limit.strip() for limit in text.split(",")]
    percent = [limit.endswith("%") for limit in limits]
    try:
        low, high = (float(limit.removesuffix("%")) for limit in limits)
    except ValueError as error:
        raise BandsError(_unknown(text)) from error
    if any(percent) != all(percent):
        raise BandsError(_unknown(text))
    return StretchMode(low, high, "percentiles" if all(percent) else "values")


def _unknown(text: str) -> str:
    """What to say about a mode that is none."""
    named = ", ".join(MODES)
    return f"the stretch {text!r} is not known; write {named}, two values '0,4000' or '2%,98%'"


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """How one scene's values become brightness."""

    low: tuple[float, ...]
    """(bands,) the value that becomes black."""

    high: tuple[float, ...]
    """(bands,) the value that becomes white."""

    colours: NDArray[np.uint8] | None = None
    """(values, 4) red, green, blue, alpha of each value, instead of a brightness; or None."""

    @property
    def identity(self) -> bool:
        """Whether a byte stays what it is."""
        return set(self.low) == {BLACK} and set(self.high) == {WHITE}


def stretch_of(raster: Raster, mode: str = "auto") -> Stretch:
    """The one stretch of a scene, measured on a decimated look at all of it where it must be.

    Every chip, strip and run of the scene gets the same: it depends on the raster and `mode` only.
    """
    bands = len(raster.bands)
    if bands not in SHOWABLE:
        raise BandsError(
            f"{bands} bands {raster.bands} of {raster.name} are no picture; choose one (grey) or "
            "three (red, green, blue)"
        )
    wanted = stretch_mode(mode)
    if wanted.keeps_pictures and (raster.colours is not None or raster.dtype == np.uint8):
        return Stretch((BLACK,) * bands, (WHITE,) * bands, raster.colours)
    if wanted.of == "values":
        return Stretch((wanted.low,) * bands, (wanted.high,) * bands)
    limits = [_limits(band, wanted) for band in _measured(raster)]
    return Stretch(tuple(low for low, _ in limits), tuple(high for _, high in limits))


def _measured(raster: Raster) -> NDArray[np.generic]:
    """(bands, pixels) the values that a stretch is measured on.

    Where a raster of counts has no nodata value, 0 in all bands is the black that sensors fill
    their edges with; it stays valid, but does not take part. Reading at another GSD changes
    nothing.
    """
    raster = raster.resampled_from or raster
    overview = raster.overview(OVERVIEW_SIDE)
    values = overview.pixels[:, overview.valid]
    if raster.dtype.kind == "u" and raster.nodata is None:
        seen = values.any(axis=0)
        return values[:, seen] if seen.any() else values
    return values


def _limits(values: NDArray[np.generic], mode: StretchMode) -> tuple[float, float]:
    """What becomes black and white in one band, always apart from each other."""
    if not values.size:
        return float(BLACK), float(WHITE)
    numbers = values.astype(np.float64)
    low, high = map(float, np.percentile(numbers, [mode.low, mode.high]))
    if low == high:  # a few bright things on an even ground: let them be seen
        low, high = float(numbers.min()), float(numbers.max())
    if low == high:  # nothing to be seen: an even grey
        reach = max(abs(low), 1.0) / 2
        low, high = low - reach, high + reach
    return low, high


def rgb(chip: Chip, stretch: Stretch) -> NDArray[np.uint8]:
    """(height, width, 3) the chip in colours; grey where it has one band, black where no data."""
    if len(chip.pixels) != len(stretch.low):
        raise BandsError(
            f"the chip has {len(chip.pixels)} bands but the stretch {len(stretch.low)}; "
            "measure the stretch on the raster that the chip is read from"
        )
    picture = np.empty((*chip.valid.shape, 3), np.uint8)
    complete = bool(chip.valid.all())
    # channel by channel: several times faster than turning all axes at once
    for channel, level in enumerate(
        np.broadcast_to(_levels(chip, stretch), (3, *chip.valid.shape))
    ):
        if complete:
            picture[..., channel] = level
        else:
            np.multiply(level, chip.valid, out=picture[..., channel])
    return picture


def _levels(chip: Chip, stretch: Stretch) -> NDArray[np.uint8]:
    """(1 or 3, height, width) brightness of the chip; anything where it is not valid."""
    if stretch.colours is not None:
        return np.stack([shade.take(chip.pixels[0]) for shade in stretch.colours[:, :3].T])
    if chip.pixels.dtype == np.uint8 and stretch.identity:
        return chip.pixels.view(np.uint8)
    exact = np.promote_types(chip.pixels.dtype, np.float32)
    levels = np.empty(chip.pixels.shape, np.uint8)
    with np.errstate(over="ignore", invalid="ignore"):  # NaN and the like, which are not valid
        for number, band in enumerate(chip.pixels):
            low, high = stretch.low[number], stretch.high[number]
            scaled = band.astype(exact)
            scaled -= low
            scaled *= WHITE / (high - low)
            scaled += 0.5  # the cast below cuts off
            levels[number] = scaled.clip(BLACK, WHITE, out=scaled)
    return levels
