"""A data set seen chip by chip, in two halves, to calibrate a segmenter."""

import dataclasses
import zlib
from collections.abc import Iterator
from typing import Protocol, runtime_checkable

import numpy as np

from geoseg.evaluation.answers import WHOLE, protocol_of, view, whole
from geoseg.evaluation.calibration import Calibration, Half, calibration_of
from geoseg.evaluation.data_sets import queries_of
from geoseg.evaluation.evaluation import spread
from geoseg.evaluation.rejection import check_enough_images
from geoseg.options import ChipOptions
from geoseg.progress import Progress
from geoseg.segmenter import ChipSegmenter
from geoseg.training.data.samples import Asked, Sample, Source
from tiles.grid import ChipGrid


@runtime_checkable
class Grouped(Protocol):
    """A source that tells what belongs together without reading it."""

    def group(self, index: int, /) -> str:
        """The group of one sample, or its name where it stands alone."""
        ...


def check_enough(
    source: Source, *, false_accept: float, limit: int | None = None, seed: int = 0
) -> None:
    """Refuse a rate for which a data set has too few images, before a model is asked.

    Counted are all images of the half that the threshold is chosen on, as if each had empty chips;
    which have is told by the truth.
    """
    chosen = spread(len(source), limit)
    if isinstance(source, Grouped):
        groups = {source.group(index) for index in chosen}
        images = sum(half_of(group, seed) == 0 for group in groups)
    else:
        images = len(chosen)
    check_enough_images(images, false_accept=false_accept)


def calibrate(
    segmenter: ChipSegmenter,
    source: Source,
    *,
    false_accept: float,
    limit: int | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Calibration:
    """The thresholds of a segmenter for chips like those of a data set.

    The images are split into halves by their groups, so that all queries about an image, and all
    images of one group, stay together. Images larger than twice a chip are cut into chips; others
    are resized to one.
    """
    halves = Half(), Half()
    chosen = spread(len(source), limit)
    for done, index in enumerate(chosen, start=1):
        sample = source[index]
        group = sample.group or sample.name
        half = halves[half_of(group, seed)]
        rng = np.random.default_rng([seed, index])
        for chip in looks(sample, segmenter.chip_size):
            answer = whole(segmenter, chip.image, queries_of(chip))
            for asked, probability, presence in zip(
                chip.asked, answer.probability, answer.presence.tolist(), strict=True
            ):
                half.see(asked.mask, probability, presence=presence, image=group, rng=rng)
        if progress is not None:
            progress(done, len(chosen))
    return calibration_of(*halves, false_accept=false_accept)


def half_of(group: str, seed: int) -> int:
    """0 or 1: in which half a group of images is, by its name alone."""
    return zlib.crc32(f"{seed}:{group}".encode()) >> 16 & 1


def looks(sample: Sample, chip_size: int) -> Iterator[Sample]:
    """The sample as the segmenter would see it: as a whole, or each chip of it."""
    if not sample.asked:
        return
    if protocol_of(sample.image, chip_size) == WHOLE:
        yield sample
        return
    height, width = sample.image.shape[:2]
    for roi in ChipGrid(height, width, chip_size, ChipOptions().overlap_of(chip_size)):
        seen = view(sample.image, roi)
        missing = [(0, chip_size - length) for length in sample.image[roi].shape[:2]]
        asked = tuple(
            Asked(one.phrase, np.pad(one.mask[roi], missing), one.family) for one in sample.asked
        )
        yield dataclasses.replace(sample, image=seen.image, asked=asked)
