"""What lens, sensor, file format and edge of the swath do to a picture."""

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from geoseg.training.camera.weather import Sight
from geoseg.training.land.noise import picture_noise

MIDDLE_GREY = 118.0


@dataclass(frozen=True, slots=True)
class Sensor:
    """A camera and the file it writes."""

    gain: tuple[float, float, float] = (1.0, 1.0, 1.0)
    """How strongly red, green and blue are seen."""

    gamma: float = 1.0
    """Above 1, middle tones are darker."""

    contrast: float = 1.0
    """Around middle grey."""

    brightness: float = 118.0
    """What middle grey becomes, 0..255."""

    saturation: float = 1.0
    """0 is grey."""

    blur_px: float = 0.45
    """Spread of the lens's blur."""

    grain: float = 1.0
    """Spread of the noise, in grey levels."""

    quality: int | None = 90
    """Of the JPEG file; None for none."""


@dataclass(frozen=True, slots=True)
class Swath:
    """The straight edge of what a sensor has seen."""

    down: float
    """With `right`, the unit vector on the ground towards where nothing was seen."""

    right: float

    reach_m: float
    """Metres from the scene's first corner to the edge, in that direction."""

    def missing(self, sight: Sight) -> NDArray[np.bool_]:
        """Which pixels have no data."""
        rows, columns = (
            (np.arange(first, first + side) + 0.5) * sight.gsd
            for first, side in zip(sight.corner, sight.shape, strict=True)
        )
        return rows[:, None] * self.down + columns * self.right > self.reach_m


def exposed(rgb: NDArray[np.float32], sensor: Sensor, sight: Sight) -> NDArray[np.float32]:
    """Painted colours (h, w, 3) as the sensor sees them, not yet rounded."""
    gain = np.array(sensor.gain, np.float32) / np.float32(255)
    seen = np.asarray(np.clip(rgb * gain, 0, 1), np.float32)
    if abs(sensor.gamma - 1) > 0.01:
        np.power(seen, np.float32(sensor.gamma), out=seen)
    seen *= 255
    seen -= MIDDLE_GREY
    seen *= np.float32(sensor.contrast)
    seen += np.float32(sensor.brightness)
    if abs(sensor.saturation - 1) > 0.01:
        grey = seen.mean(axis=2, keepdims=True)
        seen = grey + (seen - grey) * np.float32(sensor.saturation)
    for band in range(3):
        ndimage.gaussian_filter(seen[..., band], sensor.blur_px, output=seen[..., band], truncate=3)
    if sensor.grain > 0:
        grain = picture_noise(sight.seed + 71, 1, corner=sight.corner, shape=sight.shape)
        seen += grain[..., None] * np.float32(sensor.grain)
    return seen


def filed(seen: NDArray[np.float32], quality: int | None) -> NDArray[np.uint8]:
    """The picture as a file holds it: 1 to 255, so that 0 can mean no data."""
    rgb = np.clip(seen, 1, 255).astype(np.uint8)
    return rgb if quality is None else np.maximum(jpeg(rgb, quality), np.uint8(1))


def jpeg(rgb: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    """The picture after a JPEG file."""
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))
