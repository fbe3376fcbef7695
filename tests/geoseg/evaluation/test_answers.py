import numpy as np
import pytest

from geoseg.evaluation.answers import CHIPS, WHOLE, chips, protocol_of, whole
from geoseg.query import Query
from geoseg.segmenter import ChipAnswer
from tests.geoseg.evaluation.made_up import ColourSegmenter, coloured

RED = [Query("red")]


def test_an_image_of_the_chips_size_is_shown_as_it_is() -> None:
    image = np.random.default_rng(0).integers(0, 256, (16, 16, 3)).astype(np.uint8)
    answer = whole(ColourSegmenter(16), image, RED)
    np.testing.assert_array_equal(answer.probability[0], image[..., 0].astype(np.float32) / 255)


@pytest.mark.parametrize("size", [(31, 20), (8, 8), (16, 40)])
def test_a_whole_answer_has_the_size_of_the_image(size: tuple[int, int]) -> None:
    rows, columns = size
    left = np.s_[:, : columns // 2]
    sample = coloured(size, left)
    segmenter = ColourSegmenter(16)
    answer = whole(segmenter, sample.image, RED)
    assert answer.probability.shape == (1, *size)
    assert segmenter.seen == [1]
    wrong = (answer.probability[0] >= 0.5) != sample.asked[0].mask
    assert wrong.sum() <= rows  # the edge may move by a pixel


def test_chips_give_the_image_back_exactly() -> None:
    image = np.random.default_rng(0).integers(128, 256, (37, 50, 3)).astype(np.uint8)
    answer = chips(ColourSegmenter(16), image, [Query("red"), Query("blue")])
    expected = np.moveaxis(image[..., [0, 2]], -1, 0) / 255
    np.testing.assert_allclose(answer.probability, expected, atol=1e-6)


def test_an_image_smaller_than_a_chip_is_padded() -> None:
    sample = coloured((5, 9), np.s_[1:3, 2:8])
    answer = chips(ColourSegmenter(16), sample.image, RED)
    np.testing.assert_array_equal(answer.probability[0] >= 0.5, sample.asked[0].mask)


class Unsure(ColourSegmenter):
    """Draws everything, as sure of it as the first pixel is red."""

    def segment(self, chips: np.ndarray, queries: object) -> list[ChipAnswer]:
        del queries
        ones = np.ones((1, 16, 16), np.float32)
        return [ChipAnswer(ones, np.float32([chip[0, 0, 0] / 255])) for chip in chips]


def unsure_at_the_left() -> np.ndarray:
    """An image whose left has a presence of 0.4, and its right one of 0.8."""
    image = np.zeros((16, 48, 3), np.uint8)
    image[:, :, 0] = 0.4 * 255
    image[0, 32] = 0.8 * 255
    return image


def test_presence_is_the_highest_of_any_chip_and_unsure_chips_have_no_part() -> None:
    answer = chips(Unsure(16), unsure_at_the_left(), RED)
    assert answer.presence.tolist() == pytest.approx([0.8])
    assert answer.probability[0, :, :24].max() == 0
    assert answer.probability[0, :, -16:].min() == 1


@pytest.mark.parametrize(("presence", "left", "right"), [(0.3, 1, 1), (0.5, 0, 1), (0.9, 0, 0)])
def test_which_chips_have_a_part_can_be_asked_for(
    presence: float, left: float, right: float
) -> None:
    answer = chips(Unsure(16), unsure_at_the_left(), RED, presence=presence)
    assert answer.presence.tolist() == pytest.approx([0.8])
    assert answer.probability[0, 0, [0, -1]].tolist() == [left, right]


@pytest.mark.parametrize(
    ("size", "way"), [((32, 32), WHOLE), ((33, 8), CHIPS), ((8, 33), CHIPS), ((4, 4), WHOLE)]
)
def test_images_up_to_twice_a_chip_are_shown_whole(size: tuple[int, int], way: str) -> None:
    assert protocol_of(np.zeros((*size, 3), np.uint8), 16) == way
