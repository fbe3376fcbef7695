"""Samples at another size, and parts of samples."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from geoseg.evaluation.answers import resized as bicubic
from geoseg.training.data.samples import Asked, Sample
from tiles.grid import Roi

FEWEST = 16
"""With fewer pixels left of what was meant, a sample neither has it nor lacks it."""


def resized(sample: Sample, side: int) -> Sample:
    """The whole sample stretched or shrunk to a square, as the model is shown images in use.

    A phrase of whose pixels hardly any are left, or none, is not asked any more.
    """
    if sample.image.shape[:2] == (side, side):
        return sample
    places = np.ix_(*(_nearest(old, side) for old in sample.image.shape[:2]))
    masks = [np.ascontiguousarray(one.mask[places]) for one in sample.asked]
    lost = [_hardly(one, mask) for one, mask in zip(sample.asked, masks, strict=True)]
    return _seen(sample, bicubic(sample.image, side), masks, lost)


def part(sample: Sample, roi: Roi) -> Sample:
    """What a window of the sample shows, which must lie inside it.

    A phrase of whose pixels hardly any are left is not asked any more; one that has lost all is
    asked as absent. That is right for phrases that do not depend on the frame.
    """
    masks = [np.ascontiguousarray(one.mask[roi]) for one in sample.asked]
    lost = [
        _hardly(one, mask) and bool(mask.any())
        for one, mask in zip(sample.asked, masks, strict=True)
    ]
    return _seen(sample, np.ascontiguousarray(sample.image[roi]), masks, lost)


def _nearest(old: int, new: int) -> NDArray[np.intp]:
    """For each of the new pixels the old one that its middle lies in."""
    return ((np.arange(new) + 0.5) * (old / new)).astype(np.intp)


def _hardly(asked: Asked, mask: NDArray[np.bool_]) -> bool:
    """Whether too little is left of what was meant to call it there."""
    return asked.present and int(mask.sum()) < min(FEWEST, int(asked.mask.sum()))


def _seen(
    sample: Sample,
    image: NDArray[np.uint8],
    masks: Sequence[NDArray[np.bool_]],
    lost: Sequence[bool],
) -> Sample:
    """The sample with another image and other masks, without the phrases that are lost."""
    phrases = list(zip(sample.asked, masks, lost, strict=True))
    asked = tuple(_with_mask(one, mask) for one, mask, gone in phrases if not gone)
    unsure = tuple(one.phrase for one, _, gone in phrases if gone)
    return replace(sample, image=image, asked=asked, unsure=sample.unsure + unsure)


def _with_mask(asked: Asked, mask: NDArray[np.bool_]) -> Asked:
    lost = asked.present and not mask.any()
    return replace(asked, mask=mask, family="absent" if lost else asked.family)
