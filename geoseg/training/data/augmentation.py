"""Samples changed in ways that leave them true.

Every change takes a sample and a random generator and gives a new sample; where a phrase would
not be true any more, the sample comes back as it was.
"""

import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import numpy as np
from PIL import Image, ImageFilter

from geoseg.training.data.cutting import part
from geoseg.training.data.framing import framed
from geoseg.training.data.samples import Sample
from geoseg.training.language.direction import turned as turned_phrase

Augmentation = Callable[[Sample, np.random.Generator], Sample]

SCALES = (0.75, 4 / 3)
"""The least and the greatest."""

SMALLEST_PART = 0.6
"""Shortest side of a crop, as a share of the whole."""

QUALITIES = (75, 100)
"""Of JPEG, both included."""

BLUR = (0.3, 1.2)
"""Pixels."""


def turned(sample: Sample, rng: np.random.Generator) -> Sample:
    """The sample turned by a quarter, a half or three quarters."""
    return laid(sample, turns=int(rng.integers(1, 4)), mirrored=False)


def mirrored(sample: Sample, rng: np.random.Generator) -> Sample:
    """The sample with left and right exchanged."""
    del rng
    return laid(sample, turns=0, mirrored=True)


def laid(sample: Sample, *, turns: int, mirrored: bool) -> Sample:
    """The sample turned anticlockwise so many quarters, then mirrored if so asked.

    Words of direction are turned along, where they are no parts of names; where one of the phrases
    cannot be, nothing is.
    """
    asked = []
    for one in sample.asked:
        phrase = _phrase(one.phrase, sample, turns=turns, mirrored=mirrored)
        if phrase is None:
            return sample
        mask = np.rot90(one.mask, turns)
        mask = np.ascontiguousarray(mask[:, ::-1] if mirrored else mask)
        asked.append(replace(one, phrase=phrase, mask=mask))
    image = np.rot90(sample.image, turns)
    image = np.ascontiguousarray(image[:, ::-1] if mirrored else image)
    unsure = tuple(
        _phrase(phrase, sample, turns=turns, mirrored=mirrored) or phrase
        for phrase in sample.unsure
    )
    return replace(sample, image=image, asked=tuple(asked), unsure=unsure)


def _phrase(phrase: str, sample: Sample, *, turns: int, mirrored: bool) -> str | None:
    """A phrase of a sample that is turned; None where none would be true."""
    if sample.keeps_phrases:
        return phrase
    return turned_phrase(phrase, turns=turns, mirrored=mirrored)


def scale(rng: np.random.Generator) -> float:
    """How much larger the things in a window are shown, when it is made a chip."""
    return float(np.exp(rng.uniform(*np.log(SCALES))))


def cropped(sample: Sample, rng: np.random.Generator) -> Sample:
    """A part of the sample, if no phrase depends on the frame and something is still asked."""
    if not sample.keeps_phrases and any(framed(one.phrase) for one in sample.asked):
        return sample
    share = rng.uniform(SMALLEST_PART, 1)
    sides = [max(round(side * share), 1) for side in sample.image.shape[:2]]
    starts = [
        int(rng.integers(whole - side + 1))
        for whole, side in zip(sample.image.shape, sides, strict=False)
    ]
    rows, columns = (slice(a, a + side) for a, side in zip(starts, sides, strict=True))
    shown = part(sample, (rows, columns))
    return shown if shown.asked else sample


def lit(sample: Sample, rng: np.random.Generator) -> Sample:
    """The sample lighter or darker, with more or less contrast and a slight cast.

    Black stays black: it is how pixels without data look. The cast is too weak to turn one colour
    word into another.
    """
    gain = rng.uniform(0.8, 1.25) * rng.uniform(0.94, 1.06, 3)
    levels = (np.arange(256)[:, None] - 118) * gain + 118 + rng.uniform(-24, 24)
    table = np.clip(levels, 0, 255).astype(np.uint8)
    image = np.stack([table[:, band][sample.image[..., band]] for band in range(3)], axis=2)
    return replace(sample, image=image * sample.image.any(axis=2, keepdims=True))


def blurred(sample: Sample, rng: np.random.Generator) -> Sample:
    """The sample a little out of focus."""
    soft = ImageFilter.GaussianBlur(rng.uniform(*BLUR))
    return replace(sample, image=np.array(Image.fromarray(sample.image).filter(soft)))


def compressed(sample: Sample, rng: np.random.Generator) -> Sample:
    """The sample as JPEG leaves it."""
    packed = io.BytesIO()
    quality = int(rng.integers(QUALITIES[0], QUALITIES[1] + 1))
    Image.fromarray(sample.image).save(packed, "JPEG", quality=quality)
    with Image.open(packed) as picture:
        return replace(sample, image=np.array(picture))


SCALED = "scaled"
"""Done where a window is cut from a larger image, so that pixels are resampled once."""

CHANGES: Final[Mapping[str, Augmentation]] = {
    "turned": turned, "mirrored": mirrored, "cropped": cropped, "lit": lit, "blurred": blurred,
    "compressed": compressed,
}  # fmt: skip
"""What is done to a sample, in this order."""

AUGMENTATIONS: Final[Mapping[str, float]] = {
    "turned": 0.75, "mirrored": 0.5, SCALED: 0.5, "cropped": 0.3, "lit": 0.7, "blurred": 0.15,
    "compressed": 0.3,
}  # fmt: skip
"""How often each change is made."""


def augmented(
    sample: Sample, rng: np.random.Generator, chances: Mapping[str, float] = AUGMENTATIONS
) -> Sample:
    """The sample after each change that its chance allows."""
    for name, change in CHANGES.items():
        if rng.random() < chances.get(name, 0):
            sample = change(sample, rng)
    return sample
