"""Which bands of a raster are looked at."""

from collections.abc import Sequence
from dataclasses import dataclass

from tiles.errors import BandsError

RED_GREEN_BLUE = ("red", "green", "blue")


@dataclass(frozen=True, slots=True)
class BandChoice:
    """The bands to look at, and what a user should know about the choice."""

    bands: tuple[int, ...]
    """Band numbers, counted from 1."""

    notices: tuple[str, ...] = ()
    """Sentences; empty where nothing was guessed."""


def chosen_bands(wanted: Sequence[int] | None, roles: Sequence[str]) -> BandChoice:
    """The bands asked for, or else those that show the raster in natural colours.

    `roles` tells what each band is for: "red", "gray", "alpha", "undefined" ... An alpha band says
    where there is data and never counts as a colour, unless it is asked for by number.

    >>> chosen_bands(None, ("blue", "green", "red", "alpha")).bands
    (3, 2, 1)
    >>> chosen_bands(None, ("gray", "alpha")).bands
    (1,)
    """
    if wanted is not None:
        return BandChoice(_checked(wanted, len(roles)))
    if set(RED_GREEN_BLUE) <= set(roles):
        return BandChoice(tuple(roles.index(colour) + 1 for colour in RED_GREEN_BLUE))
    return _guessed([band for band, role in enumerate(roles, start=1) if role != "alpha"])


def _checked(wanted: Sequence[int], count: int) -> tuple[int, ...]:
    """The bands asked for, all of them there."""
    bands = tuple(int(band) for band in wanted)
    if not bands:
        raise BandsError("an empty list of bands was asked for; name at least one")
    if missing := [band for band in bands if not 1 <= band <= count]:
        there = f"bands 1 to {count}" if count > 1 else "band 1 only"
        listed = ", ".join(map(str, missing))
        raise BandsError(f"the raster has {there}, but {listed} was asked for; choose others")
    return bands


def _guessed(colours: list[int]) -> BandChoice:
    """Red, green and blue or a grey band, where the raster does not say which they are."""
    if not colours:
        raise BandsError("the raster has only an alpha band, so there is nothing to look at")
    if len(colours) == 1:
        return BandChoice((colours[0],))
    bands = tuple(colours[:3]) if len(colours) > len(RED_GREEN_BLUE) - 1 else (colours[0],)
    shown = "red, green and blue" if len(bands) > 1 else "grey"
    listed = ", ".join(map(str, bands))
    return BandChoice(
        bands,
        (f"the raster does not say which bands are its colours; {listed} taken as {shown}",),
    )
