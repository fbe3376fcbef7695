"""What sun, air, lens, sensor and file format do to a scene."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage

from geoseg.training.canvas import Canvas
from geoseg.training.painting import Sun
from geoseg.training.thing import Thing


def new_sun(rng: np.random.Generator) -> Sun:
    """Some hour of the day."""
    turn = rng.uniform(0, 2 * np.pi)
    elevation = np.radians(rng.uniform(28, 75))
    return Sun(
        away=np.array([np.sin(turn), np.cos(turn)]),
        length=float(1 / np.tan(elevation)),
        dark=float(rng.uniform(0.3, 0.75)),
    )


def cast_shadows(canvas: Canvas, things: list[Thing], sun: Sun) -> None:
    """Darken what lies in the shadow of the things."""
    image = Image.new("L", canvas.shape[::-1])
    draw = ImageDraw.Draw(image)
    for thing in things:
        base = canvas.pixels(thing.outline)
        if thing.layer == "tree":
            turn = np.linspace(0, 2 * np.pi, 10, endpoint=False)
            ring = np.stack([np.sin(turn), np.cos(turn)], 1) * thing.half[0] * 0.9
            base = canvas.pixels(thing.centre + ring)
        reach = sun.away * sun.length * min(thing.height, 14.0) / canvas.gsd
        for start, end in zip(base, np.roll(base, -1, 0), strict=True):
            quad = (start, end, end + reach, start + reach)
            draw.polygon([(corner[1], corner[0]) for corner in quad], fill=255)
        draw.polygon([(corner[1], corner[0]) for corner in base + reach], fill=255)
    if (extent := image.getbbox()) is None:
        return
    left, top, right, bottom = extent
    window = (slice(top, bottom), slice(left, right))
    depth = np.asarray(image, np.float32)[window][..., None] / 255
    blue = np.array([sun.dark * 0.94, sun.dark, min(sun.dark * 1.1, 1.0)], np.float32)
    canvas.rgb[window] *= 1 - depth * (1 - blue)


def photograph(rgb: NDArray[np.float32], rng: np.random.Generator, gsd: float) -> NDArray[np.uint8]:
    """The painted colours (h, w, 3) as a camera far above would hand them over."""
    seen = rgb * rng.normal(1, 0.035, 3).astype(np.float32)
    if rng.random() < 0.12:
        seen *= rng.uniform(0.75, 1.15, 3).astype(np.float32)
    haze = rng.uniform(0, 0.3) ** 1.5
    seen = seen * (1 - haze) + np.array([190, 200, 212], np.float32) * haze
    seen = 255 * np.clip(seen / 255, 0, 1) ** np.float32(rng.uniform(0.75, 1.3))
    seen = (seen - 118) * np.float32(rng.uniform(0.8, 1.15)) + np.float32(rng.uniform(95, 145))
    grey = seen.mean(axis=2, keepdims=True)
    seen = grey + (seen - grey) * np.float32(rng.uniform(0.55, 1.1))
    blur = rng.uniform(0.35, 0.8) + (rng.random() < 0.25) * rng.uniform(0, 0.9) * min(0.3 / gsd, 2)
    seen = ndimage.gaussian_filter(seen, (blur, blur, 0))
    grain = rng.uniform(0, 5) * rng.random()
    seen += rng.standard_normal(seen.shape[:2], np.float32)[..., None] * np.float32(grain)
    return jpeg(np.clip(seen, 0, 255).astype(np.uint8), int(rng.integers(35, 98)))


def jpeg(rgb: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    """The picture after a JPEG file."""
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))
