"""Outcomes, segmenters and data sets whose figures are known."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from geoseg.evaluation.outcomes import Outcome, Outcomes
from geoseg.query import Query
from geoseg.segmenter import ChipAnswer
from geoseg.training.data.problems import Problem
from geoseg.training.data.samples import Asked, Sample

COLOURS = ("red", "green", "blue")


def outcome(common: int, truth: int, predicted: int, *, presence: float = 1.0, name: str = "a",
            family: str = "") -> Outcome:  # fmt: skip
    return Outcome(name, family, "the roofs", common, truth, predicted, presence)


@st.composite
def some_outcomes(draw: st.DrawFn, least: int = 1) -> Outcomes:
    """A table of up to 12 queries about up to 4 images."""

    def one() -> Outcome:
        truth, predicted = (draw(st.integers(0, 5)) for _ in range(2))
        common = draw(st.integers(0, min(truth, predicted)))
        presence = draw(st.sampled_from([0.0, 0.2, 0.5, 0.8, 1.0]))
        name = draw(st.sampled_from("abcd"))
        return outcome(common, truth, predicted, presence=presence, name=name)

    return Outcomes.of(one() for _ in range(draw(st.integers(least, 12))))


@dataclass
class ColourSegmenter:
    """Finds "red", "green" or "blue" where that channel is over half, sure by how bright it is."""

    chip_size: int = 16
    seen: list[int] = field(default_factory=list)
    """Chips per call."""

    def segment(self, chips: NDArray[np.uint8], queries: Sequence[Query]) -> list[ChipAnswer]:
        self.seen.append(len(chips))
        channels = [COLOURS.index(query.phrase) for query in queries]
        share = np.moveaxis(chips[..., channels], -1, 1).astype(np.float32) / 255
        return [ChipAnswer(chip, chip.max((1, 2))) for chip in share]


class ListedSource:
    """Samples that are already there."""

    name = "made up"

    def __init__(self, samples: Sequence[Sample]) -> None:
        self.samples = samples

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int, /) -> Sample:
        return self.samples[index]

    def phrases(self, index: int) -> tuple[str, ...]:
        return tuple(asked.phrase for asked in self.samples[index].asked)

    def problems(self, index: int) -> tuple[Problem, ...]:
        del index
        return ()


def coloured(
    size: tuple[int, int], red: tuple[slice, slice], *, name: str = "a", bright: int = 255
) -> Sample:
    """An image with a red rectangle, asked for red (there) and blue (not there)."""
    image = np.zeros((*size, 3), np.uint8)
    image[(*red, 0)] = bright
    asked = (
        Asked("red", image[..., 0] > 0, "class"),
        Asked("blue", np.zeros(size, bool), "absent"),
    )
    return Sample(image, asked, name)
