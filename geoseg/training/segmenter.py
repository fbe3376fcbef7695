"""A model that is asked while it learns: numpy in, numpy out."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from geoseg.models.mllmseg.processing import MLLMSegProcessor
from geoseg.query import Query
from geoseg.segmenter import ChipAnswer
from geoseg.training.learner import mixed
from geoseg.training.lessons import Answering
from geoseg.training.options import TrainOptions

AT_ONCE = 8
"""Queries of one chip that are answered together: memory is bounded."""


class LearningSegmenter:
    """A `ChipSegmenter` that asks a model as it is now, in the numbers that it learns in.

    Some of its parts may be in float32 and others not, which a finished model is not; the rows
    of its head are those that learn.
    """

    def __init__(
        self,
        answering: Answering,
        processor: MLLMSegProcessor,
        *,
        options: TrainOptions,
        device: torch.device,
    ) -> None:
        self._answering, self._processor = answering, processor
        self._options, self._device = options, device

    @property
    def chip_size(self) -> int:
        """Rows and columns of the chips it wants."""
        return self._processor.config.chip_size

    def segment(self, chips: NDArray[np.uint8], queries: Sequence[Query]) -> list[ChipAnswer]:
        """One answer per chip, in order; `chips` is RGB (n, chip_size, chip_size, 3)."""
        return [self._answer(chip, [query.phrase for query in queries]) for chip in chips]

    @torch.inference_mode()
    def _answer(self, chip: NDArray[np.uint8], phrases: Sequence[str]) -> ChipAnswer:
        self._answering.train(mode=False)
        pixels = self._processor.pixels(chip[None]).to(self._device)
        probability, presence = [], []
        for first in range(0, len(phrases), AT_ONCE):
            prompt = self._processor.pack([phrases[first : first + AT_ONCE]]).to(self._device)
            with mixed(self._options, self._device):
                masks, decisions = self._answering.answers(pixels, prompt)
            here, not_here = decisions[0].float().unbind(-1)
            probability.append(masks[0].float().sigmoid().cpu().numpy())
            presence.append((here - not_here).sigmoid().cpu().numpy())
        return ChipAnswer(np.concatenate(probability), np.concatenate(presence))
