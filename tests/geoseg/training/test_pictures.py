from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from geoseg.evaluation.failures import SIDE
from geoseg.query import Query
from geoseg.segmenter import ChipAnswer
from geoseg.training.data.samples import Asked, Sample
from geoseg.training.pictures import look, looks, one_of, sheet

LEFT_HALF = np.arange(8)[None] < np.full((8, 1), 4)

SAMPLE = Sample(
    np.zeros((8, 8, 3), np.uint8),
    (Asked("the roofs", LEFT_HALF), Asked("the ships", np.zeros((8, 8), np.bool_))),
    "made up",
)


class Everywhere:
    """Answers that everything is everywhere."""

    chip_size = 8

    def segment(self, chips: NDArray[np.uint8], queries: Sequence[Query]) -> list[ChipAnswer]:
        full = np.ones((len(queries), 8, 8), np.float32)
        return [ChipAnswer(full, np.ones(len(queries), np.float32)) for _ in chips]


def test_a_look_shows_image_truth_and_answer() -> None:
    seen = look(Everywhere(), SAMPLE, SAMPLE.asked[0])
    image, truth, answer = seen.panels
    assert not image.any()
    assert truth[:, :4].any()
    assert not truth[:, 4:].any()
    assert answer.any(axis=2).all()
    assert seen.words == "the roofs: presence 1.00"


def test_what_is_absent_is_told() -> None:
    seen = look(Everywhere(), SAMPLE, SAMPLE.asked[1])
    assert seen.words == "the ships (is not there): presence 1.00"
    assert not seen.panels[1].any()


def test_mostly_what_is_present_is_shown() -> None:
    shown = [one_of(SAMPLE, index).present for index in range(8)]
    assert shown.count(True) >= 6


class Many:
    """A source of 256 samples with two phrases that are there and two that are not."""

    name = "many"

    def __len__(self) -> int:
        return 256

    def __getitem__(self, index: int, /) -> Sample:
        del index
        nothing = LEFT_HALF & False
        masks = (LEFT_HALF, ~LEFT_HALF, nothing, nothing)
        asked = (Asked(text, mask) for text, mask in zip(self.phrases(0), masks, strict=True))
        return Sample(np.zeros((8, 8, 3), np.uint8), tuple(asked), "made up")

    def phrases(self, index: int) -> tuple[str, ...]:
        del index
        return "the roofs", "the yards", "the ships", "the cows"

    def problems(self, index: int) -> tuple[()]:
        del index
        return ()


def test_a_sheet_shows_phrases_in_turn_however_many_samples_there_are() -> None:
    words = [seen.words.split(":")[0] for seen in looks(Everywhere(), Many(), 8)]
    assert {"the roofs", "the yards"} <= set(words)


def test_a_sheet_has_room_for_every_look() -> None:
    seen = look(Everywhere(), SAMPLE, SAMPLE.asked[0])
    one, five = sheet([seen]), sheet([seen] * 5)
    assert five.height == 3 * one.height
    assert one.width > 6 * SIDE
