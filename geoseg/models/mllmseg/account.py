"""An account of a checkpoint's tensors: every stored one used, every expected one filled."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

import torch
from einops import EinopsError
from torch import Tensor

from geoseg.errors import CheckpointError
from geoseg.models.mllmseg.conversion import Step
from geoseg.models.mllmseg.folder import CONFIG_FILE, listed
from geoseg.models.mllmseg.stored import StoredTensor, not_quantised

NUMBERS = (torch.float64, torch.float32, torch.float16, torch.bfloat16)
"""How weights are stored where they are not quantised."""

Stored = Mapping[str, StoredTensor]

Expected = Mapping[str, Tensor]
"""The model's own tensors; those of a model on the meta device will do."""


def check_account(
    folder: Path, steps: Collection[Step], *, stored: Stored, expected: Expected
) -> None:
    """Raise unless the steps use every stored tensor and fill every expected one, in its shape."""
    made = Counter(name for step in steps for name in step.targets)
    complaints = (
        ("missing", sorted(expected.keys() - made.keys())),
        ("not part of the model", sorted(surplus(steps, expected))),
        ("stored under two names", sorted(name for name, times in made.items() if times > 1)),
        ("of another shape", sorted(misshapen(steps, stored, expected))),
    )
    found = [f"{len(names)} {what}: {listed(names)}" for what, names in complaints if names]
    if found:
        raise CheckpointError(
            f"the tensors in '{folder}' do not fit its {CONFIG_FILE}: {'; '.join(found)}."
            " Weights and configuration must come from the same training run"
        )
    if quantised := list(not_numbers(steps, stored, expected)):
        raise CheckpointError(
            f"'{folder}' holds {len(quantised)} tensors that are not plain numbers:"
            f" {listed(quantised)}; {not_quantised()}"
        )


def surplus(steps: Collection[Step], expected: Expected) -> Iterator[str]:
    """The stored tensors that become nothing the model has."""
    for step in steps:
        if not any(target in expected for target in step.targets):
            yield from step.sources


def misshapen(steps: Collection[Step], stored: Stored, expected: Expected) -> Iterator[str]:
    """The tensors whose shape is not the model's, each with both shapes."""
    for step in steps:
        known = [target for target in step.targets if target in expected]
        shapes = shapes_from(step, stored)
        if known and shapes is None:
            yield " with ".join(f"{name} {stored[name].shape}" for name in step.sources)
        for target, shape in (shapes or {}).items():
            if target in expected and shape != (wanted := tuple(expected[target].shape)):
                yield f"{origin(step, target)} {shape} instead of {wanted}"


def shapes_from(step: Step, stored: Stored) -> dict[str, tuple[int, ...]] | None:
    """The shapes of what a step makes; None where its sources do not go together."""
    sources = [
        torch.empty(stored[name].shape, dtype=stored[name].dtype, device="meta")
        for name in step.sources
    ]
    try:
        made: Sequence[Tensor] = step.convert(sources)
        return {name: tuple(tensor.shape) for name, tensor in zip(step.targets, made, strict=False)}
    except (RuntimeError, ValueError, EinopsError):
        return None


def origin(step: Step, target: str) -> str:
    """The name of what a step makes, and from what where that has another name.

    >>> origin(Step(("lm_head.weight",), ("lm_head.weight",), tuple), "lm_head.weight")
    'lm_head.weight'
    """
    return target if step.sources == (target,) else f"{target} (of {step.sources[0]})"


def not_numbers(steps: Collection[Step], stored: Stored, expected: Expected) -> Iterator[str]:
    """The stored tensors that are to be weights but are stored as something else."""
    for step in steps:
        if any(expected[target].is_floating_point() for target in step.targets):
            for name in step.sources:
                if (dtype := stored[name].dtype) not in NUMBERS:
                    yield f"{name} ({str(dtype).removeprefix('torch.')})"
