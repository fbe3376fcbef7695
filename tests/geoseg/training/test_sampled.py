from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from geoseg.errors import DataError
from geoseg.training.data.augmentation import AUGMENTATIONS
from geoseg.training.data.samples import Asked, Sample
from geoseg.training.opened import open_training
from geoseg.training.options import AskOptions
from geoseg.training.sampled import ORDER, SampledExamples
from tests.geoseg.training.runs import run_options

PLAIN = AskOptions(augment=False, absent=0, all_empty=0)


class Numbered:
    """A source whose samples can be told apart."""

    def __init__(self, count: int, *, asked: bool = True, side: int = 8) -> None:
        self.name, self._count, self._asked, self._side = "numbered", count, asked, side

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int, /) -> Sample:
        shape = (self._side, self._side)
        asked = tuple(Asked(text, np.ones(shape, np.bool_)) for text in self.phrases(index))
        return Sample(np.full((*shape, 3), index, np.uint8), asked, f"number {index}")

    def phrases(self, index: int) -> tuple[str, ...]:
        return (f"thing{index}",) if self._asked else ()

    def problems(self, index: int) -> tuple[()]:
        del index
        return ()


def names(examples: SampledExamples, places: range) -> list[str]:
    return [examples(place).name for place in places]


def test_each_time_round_every_entry_has_its_turn_in_another_order() -> None:
    examples = SampledExamples([Numbered(7)], PLAIN, chip=8, seed=0)
    first, second = names(examples, range(7)), names(examples, range(7, 14))
    assert sorted(first) == sorted(second) == sorted(f"number {place}" for place in range(7))
    assert first != second


def test_small_and_large_data_sets_are_asked_equally_often() -> None:
    examples = SampledExamples([Numbered(2), Numbered(50)], PLAIN, chip=8, seed=0)
    small = [examples(place).name for place in range(0, 20, 2)]
    assert set(small) == {"number 0", "number 1"}


def test_the_order_of_a_data_set_is_drawn_once_a_time_round(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn = []
    make = np.random.default_rng

    def noted(seed: list[int]) -> np.random.Generator:
        if seed[1] == ORDER:
            drawn.append(tuple(seed[2:]))
        return make(seed)

    monkeypatch.setattr(np.random, "default_rng", noted)
    sources = [Numbered(5), Numbered(50), Numbered(7)]
    names(SampledExamples(sources, PLAIN, chip=8, seed=0), range(30))
    assert sorted(drawn) == [(0, 0), (0, 1), (1, 0), (2, 0), (2, 1)]


def test_an_example_depends_on_seed_and_place_alone(tmp_path: Path) -> None:
    sources = open_training(run_options(tmp_path))
    one = SampledExamples(sources, AskOptions(), chip=56, seed=3)
    other = SampledExamples(sources, AskOptions(), chip=56, seed=3)
    assert one(11).name
    for place in (4, 11, 2):
        first, second = one(place), other(place)
        assert first.phrases == second.phrases
        assert np.array_equal(first.image, second.image)
        assert np.array_equal(first.masks, second.masks)


def test_every_example_has_the_size_of_a_chip() -> None:
    for side in (5, 8, 40):
        examples = SampledExamples([Numbered(3, side=side)], AskOptions(), chip=8, seed=0)
        for place in range(6):
            example = examples(place)
            assert example.image.shape == (8, 8, 3)
            assert example.masks.shape[1:] == (8, 8)
            assert len(example.masks) == len(example.phrases) > 0


def test_data_that_nothing_can_be_asked_of_is_told() -> None:
    options = AskOptions(augment=False, borrow=False)
    examples = SampledExamples([Numbered(3, asked=False)], options, chip=8, seed=0)
    with pytest.raises(DataError, match="nothing can be asked of 8 entries of numbered"):
        examples(0)


def large(side: int = 64) -> Sample:
    """An image whose columns can be told from its pixels, with a phrase that needs no frame."""
    image = np.tile(np.arange(side, dtype=np.uint8)[None, :, None], (side, 1, 3))
    return Sample(image, (Asked("the roofs", np.ones((side, side), np.bool_)),), "large")


class One(Numbered):
    """A source of one large image."""

    def __getitem__(self, index: int, /) -> Sample:
        del index
        return large()


def spans(chance: float) -> set[int]:
    """Grey levels that chips of 16 pixels show: as many as columns were taken in."""
    chances = {**dict.fromkeys(AUGMENTATIONS, 0.0), "scaled": chance}
    examples = SampledExamples([One(1)], AskOptions(chances=chances), chip=16, seed=0)
    return {int(np.ptp(examples(place).image)) + 1 for place in range(40)}


def test_a_window_at_another_scale_takes_in_more_or_less() -> None:
    assert spans(0) == {16}
    assert min(spans(1)) < 14
    assert max(spans(1)) > 18


def test_what_is_resized_is_resized_once(monkeypatch: pytest.MonkeyPatch) -> None:
    times = []
    resize = Image.Image.resize

    def noted(self: Image.Image, *given: object, **named: object) -> Image.Image:
        times.append(given)
        return resize(self, *given, **named)  # type: ignore[arg-type]  # PIL's own union

    monkeypatch.setattr(Image.Image, "resize", noted)
    examples = SampledExamples([One(1)], AskOptions(chances={"scaled": 1}), chip=16, seed=0)
    for place in range(20):
        examples(place)
    assert 0 < len(times) <= 20
