"""Reading an MLLMSeg checkpoint folder, ours or as published, with an account of every tensor."""

# mypy: disable-error-code="no-untyped-call"
# transformers is typed only in parts

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from geoseg.checkpoint import name_of
from geoseg.errors import CheckpointError
from geoseg.models.mllmseg.account import check_account
from geoseg.models.mllmseg.configuration import MLLMSegConfig
from geoseg.models.mllmseg.conversion import Step, check_lora, own_steps, published_steps
from geoseg.models.mllmseg.folder import (
    CONFIG_FILE,
    existing,
    load_json,
    no_model_in,
)
from geoseg.models.mllmseg.internvl_chat import PUBLISHED_TYPE, lora_rank, our_config
from geoseg.models.mllmseg.memory import check_memory
from geoseg.models.mllmseg.modeling import MLLMSegModel
from geoseg.models.mllmseg.processing import MLLMSegProcessor
from geoseg.models.mllmseg.published_tokenizer import control_ids, open_tokenizer
from geoseg.models.mllmseg.stored import MAPPED_AT_ONCE, Weights, not_quantised, open_weights

QUANTISED = "quantization_config"
"""The setting that quantised checkpoints have."""

NOT_OURS = (
    "attn_implementation",
    "_attn_implementation",
    "experts_implementation",
    "_experts_implementation",
    "transformers_weights",
)
"""Settings that say how another program should run the model, or from which file."""


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """A checkpoint whose tensors are accounted for; none of them has been read."""

    model: MLLMSegModel
    """On the meta device: it has its shapes and no numbers."""

    weights: Weights

    steps: tuple[Step, ...]
    """How the stored tensors become the model's; the largest come first."""


def load_config(folder: Path) -> MLLMSegConfig:
    """The configuration in a checkpoint folder."""
    path = existing(folder, CONFIG_FILE)
    settings = load_json(path)
    kind = settings.get("model_type")
    if kind not in CONFIGS:
        raise CheckpointError(
            f"'{path}' is of model_type {kind!r}, not {' or '.join(map(repr, CONFIGS))};"
            " give the folder of an MLLMSeg checkpoint"
        )
    check_not_quantised(path, settings)
    with no_model_in(path):
        return CONFIGS[kind](folder, settings)


def load_model(
    folder: Path, *, dtype: torch.dtype, device: torch.device | str = "cpu"
) -> MLLMSegModel:
    """The model in a checkpoint folder, its weights in that dtype on that device.

    Tensors are read, converted and placed one at a time, so that little more memory is needed
    than the model itself takes.
    """
    checkpoint, place = open_checkpoint(folder), torch.device(device)
    model = checkpoint.model
    check_memory(size_in(model, dtype), place, f"the model in {str(dtype).removeprefix('torch.')}")
    fill(checkpoint, dtype, place)
    compute_buffers(model, place)
    model.config.dtype = dtype
    model.train(mode=False)
    return model


def load_processor(folder: Path, config: MLLMSegConfig) -> MLLMSegProcessor:
    """The processor in a checkpoint folder."""
    return MLLMSegProcessor(open_tokenizer(folder), config)


def open_checkpoint(folder: Path) -> Checkpoint:
    """The checkpoint in a folder, once every tensor in it is accounted for."""
    config = load_config(folder)
    with no_model_in(folder / CONFIG_FILE), torch.device("meta"):
        model = MLLMSegModel(config)
    weights = open_weights(folder)
    steps = load_steps(folder, config, weights)
    check_account(folder, steps, stored=weights.tensors, expected=model.state_dict())
    return Checkpoint(model, weights, in_reading_order(steps, weights))


def load_steps(folder: Path, config: MLLMSegConfig, weights: Weights) -> list[Step]:
    """How the tensors of a folder become the model's."""
    settings = load_json(folder / CONFIG_FILE)
    if settings["model_type"] != PUBLISHED_TYPE:
        return own_steps(weights.tensors)
    with no_model_in(folder / CONFIG_FILE):
        rank = lora_rank(settings)
    check_lora(folder, {name: stored.shape for name, stored in weights.tensors.items()}, rank)
    return published_steps(weights.tensors, config)


def in_reading_order(steps: Iterable[Step], weights: Weights) -> tuple[Step, ...]:
    """Large tensors first, while little else is in memory; the others as the files hold them."""
    stored = weights.tensors
    return tuple(
        sorted(
            steps,
            key=lambda step: (
                all(stored[name].size < MAPPED_AT_ONCE for name in step.sources),
                stored[step.sources[0]].path,
            ),
        )
    )


def converted(checkpoint: Checkpoint, step: Step) -> Iterator[tuple[str, Tensor]]:
    """The names and tensors that a step makes, some of them views of the files: copy to keep."""
    sources = [checkpoint.weights.view(name) for name in step.sources]
    yield from zip(step.targets, step.convert(sources), strict=True)


def fill(checkpoint: Checkpoint, dtype: torch.dtype, device: torch.device) -> None:
    """Give the model its numbers: floating-point in that dtype, counters as they are."""
    expected = checkpoint.model.state_dict()
    for step in checkpoint.steps:
        for name, made in converted(checkpoint, step):
            kept = expected[name].dtype
            wanted = dtype if kept.is_floating_point else kept
            put(checkpoint.model, name, made.to(device, wanted, copy=True).contiguous())


def put(model: nn.Module, name: str, tensor: Tensor) -> None:
    """Make the tensor the model's parameter or buffer of that name."""
    owner, _, leaf = name.rpartition(".")
    module = model.get_submodule(owner)
    is_parameter = leaf in dict(module.named_parameters(recurse=False))
    setattr(module, leaf, nn.Parameter(tensor) if is_parameter else tensor)


def compute_buffers(model: MLLMSegModel, device: torch.device) -> None:
    """Give the model the numbers that no checkpoint holds: those of its rotary positions."""
    unstored = [name for name, buffer in model.named_buffers() if buffer.is_meta]
    for name in unstored:
        owner, _, leaf = name.rpartition(".")
        module = model.get_submodule(owner)
        setattr(module, leaf, torch.empty_like(getattr(module, leaf), device=device))
    for owner in {name.rpartition(".")[0] for name in unstored}:
        model._init_weights(model.get_submodule(owner))  # noqa: SLF001 - its own, as transformers does


def size_in(model: nn.Module, dtype: torch.dtype) -> int:
    """Bytes of the model's numbers in that dtype."""
    numbers: int = sum(tensor.numel() for tensor in model.state_dict().values())
    return numbers * dtype.itemsize


def own_config(_: Path, settings: Mapping[str, Any]) -> MLLMSegConfig:
    """The configuration in our layout."""
    return MLLMSegConfig.from_dict(without_choices(settings))


def published_config(folder: Path, settings: Mapping[str, Any]) -> MLLMSegConfig:
    """The configuration in the published layout, whose tokenizer knows the control tokens."""
    return our_config(settings, control_ids(folder), name=name_of(folder))


CONFIGS: dict[str, Callable[[Path, Mapping[str, Any]], MLLMSegConfig]] = {
    MLLMSegConfig.model_type: own_config,
    PUBLISHED_TYPE: published_config,
}
"""How a configuration is read, by the model_type in its file."""


def check_not_quantised(path: Path, settings: Mapping[str, Any]) -> None:
    """Raise where the model or a part of it has quantised weights."""
    parts: Sequence[object] = (settings, *settings.values())
    if any(isinstance(part, dict) and part.get(QUANTISED) is not None for part in parts):
        raise CheckpointError(f"'{path}' has a {QUANTISED}; {not_quantised()}")


def without_choices(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings, less those that are not the checkpoint's to make.

    >>> without_choices({"width": 8, "text": {"depth": 2, "_attn_implementation": "eager"}})
    {'width': 8, 'text': {'depth': 2}}
    """
    return {
        name: without_choices(value) if isinstance(value, dict) else value
        for name, value in settings.items()
        if name not in NOT_OURS
    }
