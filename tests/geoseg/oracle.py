"""Segmenters whose right answer is known, for every layer but the model."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from geoseg.query import Query
from geoseg.segmenter import ChipAnswer

CHANNELS = {"red": 0, "green": 1, "blue": 2}


@dataclass
class OracleSegmenter:
    """Reads the answer from a band: "red" is wherever the red channel is not 0."""

    chip_size: int
    seen: list[int] = field(default_factory=list)
    """Chips per call."""

    def segment(self, chips: NDArray[np.uint8], queries: Sequence[Query]) -> list[ChipAnswer]:
        self.seen.append(len(chips))
        truth = np.stack([chips[..., CHANNELS[query.phrase]] > 0 for query in queries], axis=1)
        return [
            ChipAnswer(answer.astype(np.float32), answer.any((1, 2)).astype(np.float32))
            for answer in truth
        ]


@dataclass
class BrokenSegmenter(OracleSegmenter):
    """Fails on every chip whose blue channel holds 13."""

    def segment(self, chips: NDArray[np.uint8], queries: Sequence[Query]) -> list[ChipAnswer]:
        if (chips[..., 2] == 13).any():
            raise RuntimeError("the model does not like thirteen")
        return super().segment(chips, queries)
