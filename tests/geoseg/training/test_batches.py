from pathlib import Path

import numpy as np
import pytest
import torch

from geoseg.errors import DataError
from geoseg.models.mllmseg.processing import MLLMSegProcessor
from geoseg.training.batches import Batch, Example, Steps, batch_of, made_ready
from geoseg.training.opened import open_examples
from geoseg.training.options import StageOptions
from geoseg.training.ranks import Rank
from tests.geoseg.models.mllmseg.tiny import CHIP_SIZE, tiny
from tests.geoseg.training.runs import run_options

STAGE = StageOptions(steps=3, batch=2, accumulate=2)


@pytest.fixture(scope="module")
def processor() -> MLLMSegProcessor:
    return tiny().processor


def example(name: str, *phrases: str) -> Example:
    masks = np.ones((len(phrases), CHIP_SIZE, CHIP_SIZE), np.bool_)
    return Example(np.zeros((CHIP_SIZE, CHIP_SIZE, 3), np.uint8), phrases, masks, name)


def numbered(place: int) -> Example:
    return example(str(place), "the red roof")


def broken(place: int) -> Example:
    raise DataError(f"place {place} is broken")


def same(one: Batch, other: Batch) -> bool:
    return (
        torch.equal(one.pixels, other.pixels)
        and torch.equal(one.truth, other.truth)
        and torch.equal(one.prompt.input_ids, other.prompt.input_ids)
        and one.names == other.names
    )


def test_chips_that_ask_less_are_filled_up(processor: MLLMSegProcessor) -> None:
    batch = batch_of([example("a", "the roof"), example("b", "the tree", "a road")], processor)
    assert batch.truth.shape == (2, 2, CHIP_SIZE, CHIP_SIZE)
    assert batch.prompt.present.tolist() == [[True, False], [True, True]]
    assert not batch.truth[0, 1].any()
    assert batch.names == ("a", "b")


def test_every_place_is_dealt_out_once_and_in_order(processor: MLLMSegProcessor) -> None:
    steps = Steps(numbered, processor, STAGE, Rank())
    names = [name for step in range(3) for batch in steps.batches(step) for name in batch.names]
    assert names == [str(place) for place in range(12)]


def test_two_processes_see_what_one_with_twice_the_chips_would(
    processor: MLLMSegProcessor,
) -> None:
    large = STAGE.model_copy(update={"batch": 4})
    alone = Steps(numbered, processor, large, Rank())
    pair = [Steps(numbered, processor, STAGE, Rank(number, 2)) for number in range(2)]
    for step in range(3):
        one, two = (steps.batches(step) for steps in pair)
        for whole, first, second in zip(alone.batches(step), one, two, strict=True):
            assert whole.names == first.names + second.names


def test_batches_do_not_depend_on_the_number_of_workers(
    tmp_path: Path, processor: MLLMSegProcessor
) -> None:
    examples = open_examples(run_options(tmp_path), chip=CHIP_SIZE, stage=2)
    steps = Steps(examples, processor, STAGE, Rank())
    alone = list(made_ready(steps, range(1, 3), workers=0))
    with_two = list(made_ready(steps, range(1, 3), workers=2))
    assert len(alone) == len(with_two) == 2
    for mine, theirs in zip(alone, with_two, strict=True):
        assert all(same(one, other) for one, other in zip(mine, theirs, strict=True))


@pytest.mark.parametrize("workers", [0, 1])
def test_an_error_in_a_worker_is_told_as_it_is(workers: int, processor: MLLMSegProcessor) -> None:
    steps = Steps(broken, processor, STAGE, Rank())
    with pytest.raises(DataError, match=r"^place 4 is broken$"):
        list(made_ready(steps, range(1, 3), workers=workers))
