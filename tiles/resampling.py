"""A raster read at another ground sampling distance (GSD)."""

import math
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace

import numpy as np
from affine import Affine
from odc.geo.geobox import GeoBox

from tiles.axes import Axis
from tiles.errors import GeoreferenceError, GridError
from tiles.measuring import gsd_m
from tiles.resampled_reader import ResampledReader
from tiles.sources import Raster

FINEST_M, COARSEST_M = 0.01, 1000.0
"""Metres per pixel that a raster can be read at."""

MOST_FINER, MOST_COARSER = 16, 1000
"""How many times finer or coarser than it is a raster can be read."""

MOST_PIXELS = 10**11
"""A scene of 316,000 x 316,000; beyond, masks and scores no longer fit on usual disks."""

SAME = 1e-3
"""A GSD that is met this closely is met: 4.0003 pixels are read as 4, without blurring them."""

FINER_OVERVIEW = 2
"""How much finer than what is wanted an overview must be: some are made by leaving pixels out."""

Overview = Callable[[float], Raster | None]
"""Opens the coarsest overview of a raster that is at most so many times coarser; None: no such."""


def resampled(raster: Raster, gsd: float, *, overview: Overview | None = None) -> Raster:
    """The raster as if its pixels were `gsd` metres of ground, square in the middle of the scene.

    It begins at the same corner and ends within half a pixel of the same edges. The new raster
    closes the old one. `overview` opens one of its overviews.
    """
    if not FINEST_M <= gsd <= COARSEST_M:
        raise GridError(
            f"a scene can be read at {FINEST_M:g} to {COARSEST_M:g} metres per pixel, "
            f"but {gsd:g} was asked for"
        )
    had = gsd_m(raster.geobox)
    if not np.isfinite(had).all():
        raise GeoreferenceError(
            f"'{raster.name}' has no CRS that tells how many metres its pixels are, so it cannot "
            f"be read at {gsd:g} m per pixel; leave out --gsd, or say the CRS with --assign-crs"
        )
    down, across = (_tidied(gsd / metres) for metres in had)
    if down == across == 1:
        return replace(
            raster,
            notices=(*raster.notices, f"the scene has {gsd:g} m per pixel; read as it is"),
        )
    _check_steps(raster.name, gsd, had)
    picks = raster.colours is not None
    rows = Axis.of(raster.height, down, picks=picks)
    columns = Axis.of(raster.width, across, picks=picks)
    _check_size(raster.name, gsd, rows, columns)
    old = raster.geobox
    notice = f"read at {gsd:g} m per pixel; the scene has {_told(had)}"
    return replace(
        raster,
        geobox=GeoBox((rows.new, columns.new), old.affine * Affine.scale(across, down), old.crs),
        nodata=None,  # the reader says where there is data; a mean may be the value by chance
        notices=(*raster.notices, notice),
        reader=_reader(raster, rows, columns, overview),
        resampled_from=raster,
    )


def _reader(
    raster: Raster, rows: Axis, columns: Axis, overview: Overview | None
) -> ResampledReader:
    """What reads the raster, or an overview of it that is at least twice as fine as is wanted."""
    closes = ExitStack()
    closes.callback(raster.close)
    most = min(rows.step, columns.step) / FINER_OVERVIEW
    coarse = overview(most) if overview is not None and most >= FINER_OVERVIEW else None
    if coarse is None:
        return ResampledReader(raster, rows, columns, closes=closes)
    closes.callback(coarse.close)
    rows, columns = rows.over(coarse.height), columns.over(coarse.width)
    return ResampledReader(coarse, rows, columns, closes=closes)


def _tidied(step: float) -> float:
    """The step, or the whole number (of pixels, or of parts of one) that it all but is.

    >>> _tidied(4.0003), _tidied(0.2499), _tidied(3.7)
    (4.0, 0.25, 3.7)
    """
    whole = round(step) if step >= 1 else 1 / round(1 / step)
    return float(whole) if abs(step / whole - 1) <= SAME else step


def _check_steps(name: str, gsd: float, had: tuple[float, float]) -> None:
    """Refuse a GSD that is too far from what the scene has."""
    finest, coarsest = max(had) / MOST_FINER, min(had) * MOST_COARSER
    if gsd < finest * (1 - SAME):
        raise GridError(
            f"'{name}' has {_told(had)} m per pixel, and reading it at {gsd:g} would show nothing "
            f"new: at most {MOST_FINER} times finer; choose {_rounded(finest, math.ceil):g} m or "
            "more"
        )
    if gsd > coarsest * (1 + SAME):
        raise GridError(
            f"'{name}' has {_told(had)} m per pixel, which is too fine to be read at {gsd:g}: at "
            f"most {MOST_COARSER} times coarser; choose {_rounded(coarsest, math.floor):g} m or "
            "less"
        )


def _rounded(metres: float, way: Callable[[float], int]) -> float:
    """A GSD with three digits that is not beyond the limit it stands for.

    >>> _rounded(0.03125, math.ceil), _rounded(511.7, math.floor), _rounded(0.5, math.ceil)
    (0.0313, 511.0, 0.5)
    """
    digits = 2 - math.floor(math.log10(metres))
    return way(round(metres * 10.0**digits, 6)) / 10.0**digits


def _check_size(name: str, gsd: float, rows: Axis, columns: Axis) -> None:
    """Refuse a raster that nobody could keep."""
    if rows.new * columns.new > MOST_PIXELS:
        raise GridError(
            f"'{name}' would be {rows.new:,} x {columns.new:,} pixels at {gsd:g} m per pixel, more "
            f"than {MOST_PIXELS:,}; choose a coarser GSD, or cut the scene"
        )


def _told(had: tuple[float, float]) -> str:
    """A GSD in words.

    >>> _told((0.075, 0.075)), _told((30.0, 20.5))
    ('0.075', '30 (down) x 20.5 (across)')
    """
    down, across = (f"{metres:.3g}" for metres in had)
    return down if down == across else f"{down} (down) x {across} (across)"
