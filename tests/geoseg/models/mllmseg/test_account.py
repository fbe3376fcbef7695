from pathlib import Path

import pytest
import torch

from geoseg.errors import CheckpointError
from geoseg.models.mllmseg.account import check_account
from geoseg.models.mllmseg.conversion import Step, folded, in_thirds, own_steps
from geoseg.models.mllmseg.stored import StoredTensor

FOLDER = Path("folder")

EXPECTED = {"a": torch.zeros(2, 3), "count": torch.tensor(0)}


def stored(**shapes: tuple[int, ...]) -> dict[str, StoredTensor]:
    return {name: StoredTensor(FOLDER, shape, torch.float32) for name, shape in shapes.items()}


def complaint(
    found: dict[str, StoredTensor],
    steps: list[Step] | None = None,
    expected: dict[str, torch.Tensor] | None = None,
) -> str:
    with pytest.raises(CheckpointError) as refused:
        check_account(
            FOLDER, steps or own_steps(found), stored=found, expected=expected or EXPECTED
        )
    return str(refused.value)


def test_a_checkpoint_that_fits_is_let_pass() -> None:
    found = stored(a=(2, 3), count=())
    check_account(FOLDER, own_steps(found), stored=found, expected=EXPECTED)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    message = complaint(stored(a=(2, 4), b=(1,)))
    assert "1 missing: count" in message
    assert "1 not part of the model: b" in message
    assert "1 of another shape: a (2, 4) instead of (2, 3)" in message


def test_only_the_first_names_are_listed() -> None:
    message = complaint(stored(a=(2, 3), count=(), **{f"extra{i:02}": (1,) for i in range(20)}))
    assert "20 not part of the model: extra00, " in message
    assert "extra07 and 12 more" in message


def test_a_tensor_made_twice_is_told() -> None:
    found = stored(a=(2, 3), other=(2, 3), count=())
    steps = [*own_steps(["a", "count"]), Step(("other",), ("a",), lambda tensors: tensors)]
    assert "1 stored under two names: a" in complaint(found, steps)


def test_sources_that_do_not_go_together_are_told_with_their_shapes() -> None:
    found = stored(weight=(2, 3), down=(4, 5), up=(2, 4))
    steps = [Step(("weight", "down", "up"), ("a",), folded)]
    message = complaint(found, steps, {"a": torch.zeros(2, 3)})
    assert "weight (2, 3) with down (4, 5) with up (2, 4)" in message


def test_a_part_of_another_shape_is_told_with_what_it_was_part_of() -> None:
    found, names = stored(qkv=(9, 2)), ("q", "k", "v")
    expected = {name: torch.zeros(2, 2) for name in names}
    step = Step(("qkv",), names, lambda tensors: in_thirds(tensors[0]))
    message = complaint(found, [step], expected)
    assert "3 of another shape: k (of qkv) (3, 2) instead of (2, 2)" in message


@pytest.mark.parametrize("dtype", [torch.int8, torch.uint8, torch.float8_e4m3fn])
def test_weights_that_are_no_plain_numbers_are_refused(dtype: torch.dtype) -> None:
    found = {**stored(count=()), "a": StoredTensor(FOLDER, (2, 3), dtype)}
    assert f"a ({str(dtype).removeprefix('torch.')}); quantised" in complaint(found)
