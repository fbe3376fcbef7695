from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit

from geoseg.errors import OptionsError
from geoseg.evaluation.halves import Grouped, calibrate, check_enough, half_of, looks
from geoseg.query import Query
from geoseg.segmenter import ChipAnswer
from geoseg.training.data.samples import Asked, Sample
from tests.geoseg.evaluation.made_up import ListedSource, coloured

SIZE = 16


class Doubtful:
    """Sees the red pixels but doubts them; its presence is read from a corner of the chip."""

    chip_size = SIZE

    def segment(self, chips: NDArray[np.uint8], queries: Sequence[Query]) -> list[ChipAnswer]:
        del queries
        red = chips[..., 0] > 0
        noise = np.random.default_rng(0).normal(0, 0.3, red.shape[1:])
        probability = expit(np.where(red, -1.0, -3.0) + noise).astype(np.float32)
        presence = chips[:, 0, 0, 1].astype(np.float32) / 255
        return [
            ChipAnswer(one[None], np.float32([sure]))
            for one, sure in zip(probability, presence, strict=True)
        ]


def chip(place: int, *, present: bool) -> Sample:
    """A chip with or without a red square, and a presence anywhere in 0..1, higher if present."""
    image = np.zeros((SIZE, SIZE, 3), np.uint8)
    if present:
        image[4:10, 4:10, 0] = 255
    image[0, 0, 1] = (place * 37) % 128 + 127 * present
    return Sample(image, (Asked("red", image[..., 0] > 0),), f"chip {place} {present}")


def source(count: int = 400) -> ListedSource:
    return ListedSource([chip(place, present=place % 2 == 0) for place in range(count)])


def test_thresholds_keep_the_rate_on_the_other_half_and_find_the_masks_level() -> None:
    found = calibrate(Doubtful(), source(), false_accept=0.05)
    assert found.empty + found.accepted_empty.of == 200
    assert found.accepted_empty.low <= 0.05
    assert found.accepted_empty.value < 0.15
    assert found.accepted_present.value > 0.7
    assert -2.6 < found.mask.level < -1.4
    before, after = found.mean_iou
    assert before < 0.1
    assert after > 0.9


class GroupedSource(ListedSource):
    """Tells its groups, and cannot be read."""

    def __getitem__(self, index: int, /) -> Sample:
        raise NotImplementedError

    def group(self, index: int, /) -> str:
        return self.samples[index].group


def grouped(count: int, groups: int) -> GroupedSource:
    named = [
        replace(one, group=f"{place % groups}") for place, one in enumerate(source(count).samples)
    ]
    return GroupedSource(named)


def test_too_few_images_are_told_before_one_is_read() -> None:
    chosen = sum(half_of(str(number), 0) == 0 for number in range(9))
    with pytest.raises(OptionsError, match=rf"from {chosen} images .*at least 99"):
        check_enough(grouped(400, 9), false_accept=0.01)
    check_enough(grouped(400, 9), false_accept=1 / (chosen + 1))
    check_enough(grouped(400, 400), false_accept=0.01)


def test_only_the_images_within_the_limit_are_counted() -> None:
    with pytest.raises(OptionsError, match="at least 99"):
        check_enough(grouped(400, 400), false_accept=0.01, limit=60)


def test_of_data_that_does_not_tell_its_groups_all_may_count() -> None:
    assert not isinstance(source(), Grouped)
    check_enough(source(99), false_accept=0.01)
    with pytest.raises(OptionsError, match=r"from 98 images"):
        check_enough(source(98), false_accept=0.01)


@pytest.mark.parametrize("rate", [0.02, 0.05, 0.06])
def test_what_is_refused_before_would_be_refused_after(rate: float) -> None:
    few = source(24)
    with pytest.raises(OptionsError, match="cannot be told"):
        check_enough(
            GroupedSource([replace(one, group=one.name) for one in few.samples]), false_accept=rate
        )
    with pytest.raises(OptionsError, match="cannot be told"):
        calibrate(Doubtful(), few, false_accept=rate)


def test_the_limit_holds_and_progress_is_told() -> None:
    told: list[tuple[int, int]] = []
    calibrate(
        Doubtful(), source(), false_accept=0.2, limit=61, progress=lambda *done: told.append(done)
    )
    assert told[-1] == (61, 61)


def test_too_few_empty_chips_are_refused() -> None:
    with pytest.raises(OptionsError, match="empty chips"):
        calibrate(Doubtful(), source(20), false_accept=0.01)


def test_data_without_targets_is_refused() -> None:
    empty = ListedSource([chip(place, present=False) for place in range(60)])
    with pytest.raises(OptionsError, match="holds what is asked"):
        calibrate(Doubtful(), empty, false_accept=0.1)


def test_an_image_is_always_in_the_same_half_and_halves_are_about_equal() -> None:
    halves = [half_of(f"image {place}", 0) for place in range(1000)]
    assert halves == [half_of(f"image {place}", 0) for place in range(1000)]
    assert 400 < sum(halves) < 600
    assert halves != [half_of(f"image {place}", 1) for place in range(1000)]


def groups_of(samples: Sequence[Sample]) -> ListedSource:
    """The same samples, of which five each are of one piece of ground."""
    return ListedSource(
        [replace(sample, group=f"block {place // 5}") for place, sample in enumerate(samples)]
    )


def test_images_of_one_group_are_never_in_both_halves_and_count_as_one() -> None:
    samples = [chip(place, present=place % 2 == 0) for place in range(400)]
    halves = [half_of(f"block {place}", 0) for place in range(80)]
    found = calibrate(Doubtful(), groups_of(samples), false_accept=0.2)
    assert (found.empty_images, found.accepted_empty.images) == (halves.count(0), halves.count(1))
    # 5 samples a group, of which 2 or 3 are empty
    assert 2 * found.empty_images <= found.empty <= 3 * found.empty_images


def test_halves_do_not_hang_on_where_the_data_lies() -> None:
    samples = groups_of(source().samples).samples
    here, there = (
        calibrate(
            Doubtful(),
            ListedSource([replace(one, name=f"{folder}/{one.name}") for one in samples]),
            false_accept=0.2,
        )
        for folder in ("/home/a", "/mnt/b")
    )
    assert here == there


def test_a_chip_of_a_large_image_belongs_to_the_same_group() -> None:
    sample = replace(coloured((40, 52), np.s_[10:30, 20:44]), group="a town")
    assert {one.group for one in looks(sample, SIZE)} == {"a town"}


def test_large_images_are_looked_at_chip_by_chip_with_their_truth() -> None:
    sample = coloured((40, 52), np.s_[10:30, 20:44])
    seen = list(looks(sample, SIZE))
    assert {one.image.shape for one in seen} == {(SIZE, SIZE, 3)}
    for one in seen:
        np.testing.assert_array_equal(one.asked[0].mask, one.image[..., 0] > 0)
    assert any(one.asked[0].present for one in seen)


def test_a_chip_beyond_a_narrow_image_is_padded() -> None:
    seen = list(looks(coloured((8, 40), np.s_[2:6, 3:39]), SIZE))
    assert {one.asked[0].mask.shape for one in seen} == {(SIZE, SIZE)}
    assert not any(one.asked[0].mask[8:].any() for one in seen)


def test_small_images_are_looked_at_as_a_whole() -> None:
    sample = coloured((20, 30), np.s_[2:6, 3:9])
    assert list(looks(sample, SIZE)) == [sample]
