"""The picture and the truth map that things are painted on, side by side."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Window = tuple[slice, slice]
Points = NDArray[np.float64]
"""(n, 2) corners, row before column."""

Paint = Callable[[Window], NDArray[np.float32]]
"""The colours (h, w, 3) of a window of the picture."""


class Canvas:
    """RGB and object ids of one scene while it is being painted."""

    def __init__(self, height: int, width: int, *, gsd: float, rng: np.random.Generator) -> None:
        self.rgb = np.zeros((height, width, 3), np.float32)
        self.ids = np.zeros((height, width), np.int32)
        self.gsd = gsd
        self._rng = rng
        self._noise: dict[int, NDArray[np.float32]] = {}

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.ids.shape[0], self.ids.shape[1]

    def noise(self, size_m: float) -> NDArray[np.float32]:
        """A smooth random field (height, width), mean 0, spread 1, blobs of about that size."""
        step = max(round(size_m / self.gsd), 1)
        if step not in self._noise:
            self._noise[step] = smooth_noise(self._rng, self.shape, step)
        return self._noise[step]

    def pixels(self, points_m: Points) -> Points:
        """Corners in metres as corners in pixels."""
        return points_m / self.gsd

    def fill(self, points_m: Points, label: int, paint: Paint) -> None:
        """Paint a polygon; its visible pixels get the label (0 leaves the label below)."""
        if (found := covered(self.pixels(points_m), self.shape)) is not None:
            window, mask = found
            self.stamp(window, mask, label=label, paint=paint)

    def stamp(self, window: Window, mask: NDArray[np.bool_], *, label: int, paint: Paint) -> None:
        """Paint the pixels of a window where the mask is True."""
        self.rgb[window][mask] = paint(window)[mask]
        if label:
            self.ids[window][mask] = label


def smooth_noise(
    rng: np.random.Generator, shape: tuple[int, int], step: int
) -> NDArray[np.float32]:
    """Random field whose blobs are about `step` pixels wide."""
    height, width = shape
    if step == 1:
        return rng.standard_normal(shape, dtype=np.float32)
    rows, columns = height // step + 3, width // step + 3
    coarse = rng.standard_normal((rows, columns), dtype=np.float32)
    fine = Image.fromarray(coarse).resize((columns * step, rows * step), Image.Resampling.BICUBIC)
    start = rng.integers(0, step, 2)
    cut = np.asarray(fine)[start[0] : start[0] + height, start[1] : start[1] + width]
    return (cut * 1.4).astype(np.float32)  # interpolation took about a third of the spread


def covered(points: Points, shape: tuple[int, int]) -> tuple[Window, NDArray[np.bool_]] | None:
    """The window a polygon touches and its pixels in it; None where it lies outside."""
    top, left = np.floor(points.min(axis=0)).astype(int)
    bottom, right = np.ceil(points.max(axis=0)).astype(int) + 1
    top, left = max(top, 0), max(left, 0)
    bottom, right = min(bottom, shape[0]), min(right, shape[1])
    if bottom <= top or right <= left:
        return None
    image = Image.new("1", (right - left, bottom - top))
    corners = [(column - left, row - top) for row, column in points.tolist()]
    ImageDraw.Draw(image).polygon(corners, fill=1)
    return (slice(top, bottom), slice(left, right)), np.asarray(image)


def grid_m(window: Window, gsd: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Rows (h, 1) and columns (1, w) of a window's pixels, in metres."""
    rows = (np.arange(window[0].start, window[0].stop, dtype=np.float32) * gsd)[:, None]
    columns = (np.arange(window[1].start, window[1].stop, dtype=np.float32) * gsd)[None, :]
    return rows, columns
