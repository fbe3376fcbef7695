"""What is too small to be seen: not listed, but a tint of the ground it stands on."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from geoseg.training.land.thing import Thing

LEAST_PIXELS: Final = 1.5
"""Pixels that a thing must fill."""

THINNEST: Final = 0.5
"""Share of a pixel that a line must be wide."""

MIXED: Final = 0.25
"""Above this share of unseen things, ground is no longer what it was."""


def too_small(thing: Thing, gsd: float) -> bool:
    """Whether a thing does not show at so many metres per pixel."""
    if thing.line is not None and 2 * thing.half[1] < THINNEST * gsd:
        return True
    size = thing.outline.max(axis=0) - thing.outline.min(axis=0)
    return bool(size[0] * size[1] < LEAST_PIXELS * gsd * gsd)


def as_seen(things: Sequence[Thing], gsd: float, ground_m2: float) -> list[Thing]:
    """The things that show, the first on ground tinted by those that do not."""
    small = [too_small(thing, gsd) for thing in things]
    seen = [thing for thing, unseen in zip(things, small, strict=True) if not unseen]
    if len(seen) == len(things) or not seen:
        return seen
    unseen = [thing for thing, gone in zip(things, small, strict=True) if gone]
    areas = np.array([np.prod(np.ptp(thing.outline, axis=0)) for thing in unseen])
    share = float(min(0.75 * areas.sum() / max(ground_m2, 1.0), 0.8))
    if share > 0.02:
        tint = np.average([thing.rgb for thing in unseen], axis=0, weights=areas)
        seen[0] = tinted(seen[0], tint.astype(np.float32), share)
    return seen


def tinted(ground: Thing, tint: np.ndarray, share: float) -> Thing:
    """Ground with so large a share of another colour; nobody has a word for a mixture."""
    rgb = np.asarray(ground.rgb * (1 - share) + tint * share, np.float32)
    if share < MIXED:
        return replace(ground, rgb=rgb)
    return replace(ground, rgb=rgb, kind="heap", concept="", attributes={})
