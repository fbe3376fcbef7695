"""What is too small to be seen: not listed, but a tint of the ground it stands on."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import compress
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoseg.training.land.thing import Thing, extents

LEAST_PIXELS: Final = 1.5
"""Pixels that a thing must fill."""

THINNEST: Final = 0.5
"""Share of a pixel that a line must be wide."""

MIXED: Final = 0.25
"""Above this share of unseen things, ground is no longer what it was."""


def too_small(thing: Thing, gsd: float) -> bool:
    """Whether a thing does not show at so many metres per pixel."""
    return bool(unseen([thing], gsd)[0][0])


def unseen(things: Sequence[Thing], gsd: float) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Which things do not show, and how many square metres each takes up at most: both (n,)."""
    low, high = extents([thing.outline for thing in things])
    size = high - low
    area = size[:, 0] * size[:, 1]
    thin = [thing.line is not None and 2 * thing.half[1] < THINNEST * gsd for thing in things]
    return (area < LEAST_PIXELS * gsd * gsd) | thin, area


def as_seen(things: Sequence[Thing], gsd: float, ground_m2: float) -> list[Thing]:
    """The things that show, the first on ground tinted by those that do not."""
    if not things:
        return []
    small, areas = unseen(things, gsd)
    seen = list(compress(things, ~small))
    if len(seen) == len(things) or not seen:
        return seen
    areas = areas[small]
    share = float(min(0.75 * areas.sum() / max(ground_m2, 1.0), 0.8))
    if share > 0.02:
        colours = [thing.rgb for thing in compress(things, small)]
        tint = np.average(colours, axis=0, weights=areas)
        seen[0] = tinted(seen[0], tint.astype(np.float32), share)
    return seen


def tinted(ground: Thing, tint: np.ndarray, share: float) -> Thing:
    """Ground with so large a share of another colour; nobody has a word for a mixture."""
    rgb = np.asarray(ground.rgb * (1 - share) + tint * share, np.float32)
    if share < MIXED:
        return replace(ground, rgb=rgb)
    return replace(ground, rgb=rgb, kind="heap", concept="", attributes={})
