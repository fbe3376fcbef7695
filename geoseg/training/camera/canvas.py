"""The picture and the truth map that things are painted on, side by side."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from geoseg.training.land.noise import picture_noise

Window = tuple[slice, slice]
Points = NDArray[np.float64]
"""(n, 2) corners, row before column."""

Paint = Callable[[Window], NDArray[np.float32]]
"""The colours (h, w, 3) of a window of the picture."""

FINER = ((32, 8), (128, 4))
"""Up to which side in pixels a polygon is drawn how many times finer; larger ones, twice."""


class Canvas:
    """RGB and labels of one part of a scene while it is being painted."""

    def __init__(
        self,
        height: int,
        width: int,
        *,
        gsd: float,
        rng: np.random.Generator,
        corner: tuple[int, int] = (0, 0),
    ) -> None:
        self.rgb = np.zeros((height, width, 3), np.float32)
        self.ids = np.zeros((height, width), np.int32)
        self.gsd = gsd
        self.corner = corner
        self._seed = int(rng.integers(2**32))
        self._noise: dict[int, NDArray[np.float32]] = {}

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.ids.shape[0], self.ids.shape[1]

    def noise(self, size_m: float) -> NDArray[np.float32]:
        """A smooth random field (height, width), mean 0, spread 1, blobs of about that size.

        Canvases of one scene, whose generators begin alike, see parts of one field.
        """
        step = max(round(size_m / self.gsd), 1)
        if step not in self._noise:
            self._noise[step] = picture_noise(
                self._seed, step, corner=self.corner, shape=self.shape
            )
        return self._noise[step]

    def pixels(self, points_m: Points) -> Points:
        """Corners in metres from the canvas's corner as corners in pixels."""
        return points_m / self.gsd

    def fill(self, points_m: Points, label: int, paint: Paint) -> None:
        """Paint a polygon; its visible pixels get the label (0 leaves the label below)."""
        if (found := covered(self.pixels(points_m), self.shape)) is not None:
            window, mask = found
            self.stamp(window, mask, label=label, paint=paint)

    def stamp(self, window: Window, mask: NDArray[np.bool_], *, label: int, paint: Paint) -> None:
        """Paint the pixels of a window where the mask is True."""
        np.copyto(self.rgb[window], paint(window), where=mask[..., None])
        if label:
            self.ids[window][mask] = label


def covered(points: Points, shape: tuple[int, int]) -> tuple[Window, NDArray[np.bool_]] | None:
    """The window a polygon touches and its pixels in it; None where it lies outside."""
    top, left = map(math.floor, np.minimum.reduce(points).tolist())
    bottom, right = (math.ceil(end) + 1 for end in np.maximum.reduce(points).tolist())
    side = max(bottom - top, right - left)
    top, left = max(top, 0), max(left, 0)
    bottom, right = min(bottom, shape[0]), min(right, shape[1])
    if bottom <= top or right <= left:
        return None
    # PIL draws polygons half a pixel too large all round: the finer, the less that is
    finer = next((times for limit, times in FINER if side <= limit), 2)
    shape = ((bottom - top) * finer, (right - left) * finer)
    image = Image.new("L", shape[::-1])
    # PIL cuts numbers off towards zero: rounded first, corners fall alike on every canvas
    corners = np.floor((points[:, ::-1] - (left + 0.5, top + 0.5)) * finer + 0.5)
    ImageDraw.Draw(image).polygon(corners.ravel().tolist(), fill=1)
    drawn = np.frombuffer(image.tobytes(), np.bool_).reshape(shape)
    return (slice(top, bottom), slice(left, right)), drawn[::finer, ::finer]


def grid_m(window: Window, gsd: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Rows (h, 1) and columns (1, w) of a window's pixels, in metres from the canvas's corner."""
    rows = (np.arange(window[0].start, window[0].stop, dtype=np.float32) * gsd)[:, None]
    columns = (np.arange(window[1].start, window[1].stop, dtype=np.float32) * gsd)[None, :]
    return rows, columns
