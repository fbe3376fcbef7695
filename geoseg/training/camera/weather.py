"""What the air does to a picture: haze, clouds, the shadows of clouds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoseg.training.land.noise import picture_noise

CLOUD_M = (260.0, 90.0, 34.0, 12.0)
"""Sizes of the lumps that clouds are made of."""

CLOUD_HEIGHT_M = 900.0

OPAQUE = 0.5
"""What hides more than this is not seen through."""


@dataclass(frozen=True, slots=True)
class Air:
    """The air between ground and camera."""

    haze: float = 0.0
    """0 clear, 1 nothing to be seen."""

    clouds: float = 0.0
    """Share of the sky under clouds, 0..1."""


@dataclass(frozen=True, slots=True)
class Sight:
    """Which pixels of a scene are looked at."""

    seed: int

    corner: tuple[int, int]
    """Row and column in the scene of the first of them."""

    shape: tuple[int, int]
    """Rows and columns."""

    gsd: float
    """Metres per pixel."""


def cloudiness(
    sight: Sight, clouds: float, shift_m: tuple[float, float] = (0.0, 0.0)
) -> NDArray[np.float32]:
    """How thick clouds are over each pixel, 0 to 1, moved by so many metres."""
    down, right = (round(metres / sight.gsd) for metres in shift_m)
    corner = (sight.corner[0] + down, sight.corner[1] + right)
    total = np.zeros(sight.shape, np.float32)
    for index, size in enumerate(CLOUD_M):
        step = max(round(size / sight.gsd), 1)
        lumps = picture_noise(sight.seed + 61 + index, step, corner=corner, shape=sight.shape)
        total += lumps * np.float32(0.62**index)
    edge = np.float32(1.3 * threshold(clouds))
    return np.asarray(np.clip((total - edge) * 0.8, 0, 1), np.float32)


def threshold(share: float) -> float:
    """The level that a normal field exceeds on such a share of the ground, about.

    >>> round(threshold(0.5), 3)
    0.0
    """
    share = min(max(share, 1e-4), 1 - 1e-4)
    return float(np.log((1 - share) / share) / 1.702)  # the logistic curve is close enough


def overcast(
    rgb: NDArray[np.float32], sight: Sight, air: Air, away: NDArray[np.float64]
) -> NDArray[np.bool_] | None:
    """Put clouds and their shadows on a picture; where they hide the ground (None: nowhere).

    `away`: metres on the ground from a cloud to its shadow for each metre of height.
    """
    if air.clouds <= 0:
        return None
    fall = away * CLOUD_HEIGHT_M
    shadow = cloudiness(sight, air.clouds, (-float(fall[0]), -float(fall[1])))
    rgb *= 1 - 0.55 * shadow[..., None]
    cover = cloudiness(sight, air.clouds)
    body = 0.5 + 0.5 * cloudiness(sight, 0.5, (35.0, 20.0))
    white = np.array([238, 240, 244], np.float32) * (0.86 + 0.14 * body[..., None])
    share = np.minimum(cover * 1.25, 0.98)[..., None]
    rgb += (white - rgb) * share
    return np.asarray(share[..., 0] > OPAQUE)


def hazy(rgb: NDArray[np.float32], haze: float) -> None:
    """Draw a picture towards the colour of the sky."""
    rgb += (np.array([188, 199, 213], np.float32) - rgb) * np.float32(haze)
