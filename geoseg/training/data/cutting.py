"""Samples at another size, and parts of samples."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from geoseg.training.data.samples import Asked, Sample
from tiles.grid import Roi

FEWEST = 16
"""With fewer pixels left of what was meant, a part neither has it nor lacks it."""


def resized(sample: Sample, height: int, width: int) -> Sample:
    """The whole sample stretched or shrunk to a size."""
    if sample.image.shape[:2] == (height, width):
        return sample
    picture = Image.fromarray(sample.image).resize((width, height), Image.Resampling.BILINEAR)
    rows, columns = (
        _nearest(old, new) for old, new in zip(sample.image.shape, (height, width), strict=False)
    )
    asked = tuple(
        replace(one, mask=np.ascontiguousarray(one.mask[np.ix_(rows, columns)]))
        for one in sample.asked
    )
    return replace(sample, image=np.array(picture), asked=asked)


def _nearest(old: int, new: int) -> NDArray[np.intp]:
    """For each of the new pixels the old one that its middle lies in."""
    return ((np.arange(new) + 0.5) * (old / new)).astype(np.intp)


def part(sample: Sample, roi: Roi) -> Sample:
    """What a window of the sample shows, which must lie inside it.

    A phrase of whose pixels hardly any are left is not asked any more; one that has lost all is
    asked as absent. That is right for phrases that do not depend on the frame.
    """
    asked = tuple(
        _with_mask(one, np.ascontiguousarray(one.mask[roi]))
        for one in sample.asked
        if not one.present or not 0 < one.mask[roi].sum() < min(FEWEST, one.mask.sum())
    )
    return replace(sample, image=np.ascontiguousarray(sample.image[roi]), asked=asked)


def _with_mask(asked: Asked, mask: NDArray[np.bool_]) -> Asked:
    lost = asked.present and not mask.any()
    return replace(asked, mask=mask, family="absent" if lost else asked.family)
