"""One block of a scene at a time: painted alone, always the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoseg.training.camera.canvas import Canvas, Window
from geoseg.training.camera.leaning import paint_walls, risen
from geoseg.training.camera.painting import Sun, paint
from geoseg.training.camera.scene_options import SceneOptions, View
from geoseg.training.camera.sensor import exposed, filed
from geoseg.training.camera.shadows import cast_shadows
from geoseg.training.camera.weather import Sight, hazy, overcast
from geoseg.training.land.bend import moved
from geoseg.training.land.coarse import unseen
from geoseg.training.land.groups import Standing, in_order
from geoseg.training.land.hashing import generator
from geoseg.training.land.thing import Thing
from geoseg.training.land.world import World

BLOCK: Final = 512
"""Rows and columns of a block."""

HALO: Final = 8
"""Pixels painted around a block, so that blur sees them."""

USUAL_M: Final = 14.0
"""How high things are whose shadows are looked for beyond the next street."""

SHADED: Final = ("car", "building", "tree", "tall")
"""Layers that throw shadows, each on all that is painted before it."""

NOBODY: Final = 1
"""The label of things that nobody asks for; 0 leaves the truth below as it is."""


@dataclass(frozen=True, slots=True, eq=False)
class Rendered:
    """A block as painted."""

    rgb: NDArray[np.uint8]
    """(rows, columns, 3); 0 where there is no data."""

    labels: NDArray[np.int32]
    """(rows, columns): which of `standing` is seen; -1 for what nobody asks for."""

    standing: tuple[Standing, ...]
    """The things near the block, in the order they were painted."""

    @property
    def numbers(self) -> NDArray[np.int64]:
        """The number of each thing, and last that of nothing: `numbers[labels]` is the truth."""
        return np.array([*(known.number for known in self.standing), 0], np.int64)

    def pixels(self, window: Window) -> NDArray[np.int64]:
        """How many pixels of a window of the block show each of `standing`."""
        shown = self.labels[window].ravel() + 1
        return np.bincount(shown, minlength=len(self.standing) + 1)[1:]

    def seen(self, window: Window) -> list[int]:
        """Which of `standing` a window of the block shows."""
        return np.flatnonzero(self.pixels(window)).tolist()


class Renderer:
    """A scene that is rendered block by block."""

    def __init__(self, seed: int, gsd: float, options: SceneOptions, *, side: int = BLOCK) -> None:
        self.gsd = gsd
        self.side = side
        self.options = options
        self.world = World(seed, options.land, gsd=gsd)
        self.seed = int(generator(seed, 81).integers(2**31))
        self.sun = sun_of(options.view)
        self.way = lean_of(options.view)
        self.throws = np.stack([self.sun.away * self.sun.length, self.way])

    def block(self, row: int, column: int) -> Rendered:
        """The block in a row and column of blocks."""
        corner = (row * self.side - HALO, column * self.side - HALO)
        canvas, standing = self.painted(corner)
        sight = Sight(self.seed, corner, canvas.shape, self.gsd)
        hidden = overcast(canvas.rgb, sight, self.options.air, self.sun.away * self.sun.length)
        hazy(canvas.rgb, self.options.air.haze)
        seen = exposed(canvas.rgb, self.options.sensor, sight)
        inner = np.s_[HALO:-HALO, HALO:-HALO]
        labels = canvas.ids[inner] - 2
        if hidden is not None:
            labels[hidden[inner]] = -1
        rgb = filed(seen[inner], self.options.sensor.quality)
        if self.options.swath is not None:
            missing = self.options.swath.missing(sight)[inner]
            rgb[missing], labels[missing] = 0, -1
        return Rendered(rgb, np.maximum(labels, -1), tuple(standing))

    def painted(self, corner: tuple[int, int]) -> tuple[Canvas, list[Standing]]:
        """A block with its halo before air and camera; its labels are places in the list, + 2."""
        side = self.side + 2 * HALO
        canvas = Canvas(side, side, gsd=self.gsd, rng=generator(self.seed, 82), corner=corner)
        low = np.array(corner) * self.gsd
        standing = self.standing(low, side * self.gsd)
        self._paint(canvas, standing, low)
        return canvas, standing

    def standing(self, low: NDArray[np.float64], side_m: float) -> list[Standing]:
        """What a square of the ground shows, from the ground up."""
        high = low + side_m
        far = self.throws * USUAL_M
        first = low - np.maximum(far.max(axis=0), 0)
        last = high - np.minimum(far.min(axis=0), 0)
        groups = self.world.near(first, last)
        return in_order([known for group in groups for known in group.near(low, high, self.throws)])

    def _paint(
        self, canvas: Canvas, standing: Sequence[Standing], corner: NDArray[np.float64]
    ) -> None:
        """Paint the things, layer by layer, with their shadows."""
        shaded: set[str] = set()
        local = [moved(known.thing, -corner) for known in standing]
        small = unseen(local, self.gsd)[0] if local else ()
        shown = zip(standing, local, small, strict=True)
        for index, (known, thing, hidden) in enumerate(shown):
            if thing.layer in SHADED and thing.layer not in shaded:
                shaded.add(thing.layer)
                cast_shadows(canvas, (t for t in local[index:] if t.layer == thing.layer), self.sun)
            if not hidden:
                self._put(canvas, thing, label_of(known, index))

    def _put(self, canvas: Canvas, thing: Thing, label: int) -> None:
        """Paint one thing as it is seen from where the camera stands."""
        if not (self.way.any() and thing.height):
            paint(canvas, thing, label=label, sun=self.sun)
            return
        if thing.layer == "building":
            paint_walls(canvas, thing, self.way, label=label, sun=self.sun)
        paint(canvas, risen(thing, self.way), label=label, sun=self.sun)


def label_of(known: Standing, index: int) -> int:
    """What a thing's pixels are labelled with while the block is painted."""
    if known.number:
        return index + 2
    return 0 if known.thing.kind == "line" or known.thing.layer == "mark" else NOBODY


def sun_of(view: View) -> Sun:
    """The sun as painters see it; rows run southwards."""
    turn = np.radians(view.sun_azimuth)
    return Sun(
        away=np.array([np.cos(turn), -np.sin(turn)]),
        length=float(1 / np.tan(np.radians(view.sun_elevation))),
        dark=view.shade,
    )


def lean_of(view: View) -> NDArray[np.float64]:
    """Metres (2,) that the top of a thing of 1 m moves on the picture."""
    turn = np.radians(view.lean_azimuth)
    return np.asarray(np.tan(np.radians(view.lean)) * np.array([-np.cos(turn), np.sin(turn)]))
