"""What a segmenter says of a whole image, whatever its size."""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from geoseg.asking import Asking, View, ask
from geoseg.evaluation.outcomes import PRESENT
from geoseg.options import ChipOptions
from geoseg.query import Query
from geoseg.segmenter import ChipAnswer, ChipSegmenter
from tiles.blending import ScoredChip, blend
from tiles.grid import ChipGrid, Roi

WHOLE, CHIPS, AUTO = "whole", "chips", "auto"

LARGEST_WHOLE = 2
"""Chips along a side of the largest image that "auto" still shows as a whole."""

BATCH = 4
"""Chips sent to the segmenter at once."""


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a segmenter is asked."""

    protocol: str = AUTO
    """How images are shown: a key of `PROTOCOLS`, or "auto"."""

    presence: float = PRESENT
    """The presence below which nothing counts as answered."""

    def protocol_for(self, image: NDArray[np.uint8], chip_size: int) -> str:
        """The key of `PROTOCOLS` that an image is shown by."""
        return protocol_of(image, chip_size) if self.protocol == AUTO else self.protocol


USUAL: Final = Terms()


class Way(Protocol):
    """Shows an image to a segmenter, as a whole or in parts."""

    def __call__(
        self,
        segmenter: ChipSegmenter,
        image: NDArray[np.uint8],
        queries: Sequence[Query],
        *,
        presence: float,
    ) -> ChipAnswer:
        """The answer to the image; parts whose presence is below the threshold have no part."""
        ...


def whole(
    segmenter: ChipSegmenter,
    image: NDArray[np.uint8],
    queries: Sequence[Query],
    *,
    presence: float = PRESENT,
) -> ChipAnswer:
    """The answer to the image resized to one chip; its probability has the image's size again.

    As MLLMSeg was evaluated: bicubic to the chip, whatever the shape; bilinear back.
    """
    del presence  # a single answer is blended with no other
    size = segmenter.chip_size
    answer = segmenter.segment(resized(image, size)[None], queries)[0]
    if image.shape[:2] == (size, size):
        return answer
    shape = (image.shape[1], image.shape[0])
    back = [
        Image.fromarray(layer).resize(shape, Image.Resampling.BILINEAR)
        for layer in answer.probability
    ]
    probability = np.stack([np.asarray(layer) for layer in back])
    return ChipAnswer(probability.clip(0, 1), answer.presence)


def chips(
    segmenter: ChipSegmenter,
    image: NDArray[np.uint8],
    queries: Sequence[Query],
    *,
    presence: float = PRESENT,
) -> ChipAnswer:
    """The answer to the image cut into chips and blended as a scene is.

    Its presence is the highest of any chip; a chip whose own is below the threshold has no part.
    """
    height, width = image.shape[:2]
    size = segmenter.chip_size
    grid = ChipGrid(height, width, size, ChipOptions().overlap_of(size))
    asking = Asking(segmenter, queries, batch=BATCH, presence=0, keep_going=False)
    highest = np.zeros(len(queries), np.float32)

    def scored() -> Iterator[ScoredChip]:
        for asked in ask((view(image, roi) for roi in grid), asking):
            sure = asked.scored.presence
            np.maximum(highest, sure, out=highest)
            said = np.where(sure >= presence, sure, 0).astype(np.float32)
            yield dataclasses.replace(asked.scored, presence=said)

    probability = np.concatenate([band.values for band in blend(grid, scored())], axis=1)
    return ChipAnswer(probability, highest)


PROTOCOLS: Final[dict[str, Way]] = {WHOLE: whole, CHIPS: chips}
"""Ways to show an image to a segmenter."""


def protocol_of(image: NDArray[np.uint8], chip_size: int) -> str:
    """What "auto" means for an image: whole where it is at most twice as large as a chip.

    >>> protocol_of(np.zeros((800, 900, 3), np.uint8), 448)
    'chips'
    """
    return WHOLE if max(image.shape[:2]) <= LARGEST_WHOLE * chip_size else CHIPS


def view(image: NDArray[np.uint8], roi: Roi) -> View:
    """A chip of an image, black and not valid where it reaches beyond."""
    rows, columns = roi
    shape = (rows.stop - rows.start, columns.stop - columns.start)
    inside = image[roi]
    here = np.s_[: inside.shape[0], : inside.shape[1]]
    pixels, valid = np.zeros((*shape, 3), np.uint8), np.zeros(shape, bool)
    pixels[here], valid[here] = inside, True
    return View(roi, valid, pixels)


def resized(image: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """An RGB image made square, bicubic: (size, size, 3)."""
    if image.shape[:2] == (size, size):
        return image
    return np.asarray(Image.fromarray(image).resize((size, size), Image.Resampling.BICUBIC))
