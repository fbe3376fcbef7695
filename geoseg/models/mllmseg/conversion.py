"""From stored tensors to those of the model, step by step."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import torch
from einops import rearrange
from torch import Tensor

from geoseg.errors import CheckpointError
from geoseg.models.mllmseg.configuration import MLLMSegConfig
from geoseg.models.mllmseg.folder import CONFIG_FILE, listed
from geoseg.models.mllmseg.renames import GROUPED_QKV, QKV, renamed

Part = Literal["weight", "lora_A", "lora_B"]
"""What a stored tensor is to a parameter: all of it or what LoRA adapts, or half of the LoRA."""

WEIGHT: Part = "weight"
LORA_A: Part = "lora_A"
LORA_B: Part = "lora_B"

LORA_SCALE = 2
"""alpha / r of every published training; the files do not say it."""

UNMERGED = "language_model.base_model.model."
"""How parameters of a language model with unmerged LoRA begin."""

Parts = Mapping[Part, str]


@dataclass(frozen=True, slots=True)
class Step:
    """Stored tensors that together become tensors of the model."""

    sources: tuple[str, ...]
    """Names of what is read."""

    targets: tuple[str, ...]
    """Names of what comes out, in this order."""

    convert: Callable[[Sequence[Tensor]], Sequence[Tensor]]
    """Makes the targets; also on the meta device, where it tells their shapes."""


def own_steps(names: Iterable[str]) -> list[Step]:
    """The steps for a checkpoint in our layout: every tensor is taken as it is."""
    return [Step((name,), (name,), unchanged) for name in names]


def published_steps(names: Iterable[str], config: MLLMSegConfig) -> list[Step]:
    """The steps for a published checkpoint; what has no counterpart makes no targets."""
    return [step_of(plain, parts, config) for plain, parts in parts_by_parameter(names).items()]


def parts_by_parameter(names: Iterable[str]) -> dict[str, dict[Part, str]]:
    """The stored names of each parameter, under the name it has with its LoRA merged."""
    grouped: dict[str, dict[Part, str]] = {}
    for name in names:
        plain, part = without_lora(name)
        parts = grouped.setdefault(plain, {})
        if part in parts:
            raise CheckpointError(
                f"{name} and {parts[part]} are one parameter, with LoRA merged and not; the files"
                " of two checkpoints are mixed, so copy or download it again"
            )
        parts[part] = name
    if halves := [name for parts in grouped.values() for name in without_other_half(parts)]:
        raise CheckpointError(
            f"{len(halves)} tensors of a LoRA lack their other half or the weight they adapt:"
            f" {listed(halves)}; copy or download the checkpoint again"
        )
    return grouped


def without_lora(name: str) -> tuple[str, Part]:
    """The name a parameter has once LoRA is merged, and what this tensor is to it.

    >>> without_lora("language_model.base_model.model.output.lora_A.default.weight")
    ('language_model.output.weight', 'lora_A')
    """
    if not name.startswith(UNMERGED):
        return name, WEIGHT
    rest = name.removeprefix(UNMERGED)
    for part in (LORA_A, LORA_B):
        if rest.endswith(f".{part}.default.weight"):
            return f"language_model.{rest.removesuffix(f'.{part}.default.weight')}.weight", part
    return f"language_model.{rest.replace('.base_layer.', '.')}", WEIGHT


def without_other_half(parts: Parts) -> list[str]:
    """The stored names of a LoRA that is not whole."""
    halves = [name for part, name in parts.items() if part != WEIGHT]
    return halves if halves and len(parts) < len((WEIGHT, LORA_A, LORA_B)) else []


def step_of(plain: str, parts: Parts, config: MLLMSegConfig) -> Step:
    """The step for one published parameter."""
    sources = tuple(parts[part] for part in (WEIGHT, LORA_A, LORA_B) if part in parts)
    read = folded if LORA_A in parts else unchanged
    ours = renamed(plain)
    if ours is None:
        return Step(sources, (), read)
    for mark, split in ((QKV, in_thirds), (GROUPED_QKV, partial(by_groups, config=config))):
        if mark in ours:
            targets = tuple(ours.replace(mark, letter) for letter in "qkv")
            return Step(sources, targets, partial(then_split, read=read, split=split))
    return Step(sources, (ours,), read)


def unchanged(tensors: Sequence[Tensor]) -> Sequence[Tensor]:
    """The tensors themselves."""
    return tensors


def folded(tensors: Sequence[Tensor]) -> Sequence[Tensor]:
    """A weight (out, in) with its LoRA, A (r, in) and B (out, r), added: float32."""
    weight, down, up = (tensor.float() for tensor in tensors)
    return [torch.addmm(weight, up, down, alpha=LORA_SCALE)]


def then_split(
    tensors: Sequence[Tensor],
    *,
    read: Callable[[Sequence[Tensor]], Sequence[Tensor]],
    split: Callable[[Tensor], Sequence[Tensor]],
) -> Sequence[Tensor]:
    """Query, key and value: LoRA is folded before, as it spans all three."""
    (fused,) = read(tensors)
    return split(fused)


def in_thirds(fused: Tensor) -> Sequence[Tensor]:
    """Query, key and value (out, ...) of (3 * out, ...)."""
    return list(rearrange(fused, "(part out) ... -> part out ...", part=3))


def by_groups(fused: Tensor, *, config: MLLMSegConfig) -> Sequence[Tensor]:
    """Query, key and value of InternLM2's wqkv: each key and value behind its group of queries."""
    text = config.text
    groups = rearrange(
        fused,
        "(kv part dim) hidden -> kv part dim hidden",
        kv=text.num_key_value_heads,
        part=text.num_attention_heads // text.num_key_value_heads + 2,
    )
    return [
        rearrange(part, "kv part dim hidden -> (kv part dim) hidden")
        for part in (groups[:, :-2], groups[:, -2:-1], groups[:, -1:])
    ]


def check_lora(folder: Path, shapes: Mapping[str, tuple[int, ...]], rank: int) -> None:
    """Raise unless the weights hold the LoRA that the configuration tells of: its rank, or 0."""
    ranks = {shape[0] for name, shape in shapes.items() if without_lora(name)[1] == LORA_A}
    if ranks != ({rank} if rank else set()):
        held = f"LoRA of rank {', '.join(map(str, sorted(ranks)))}" if ranks else "no LoRA"
        raise CheckpointError(
            f"the weights in '{folder}' hold {held}, but its {CONFIG_FILE} says use_llm_lora"
            f" {rank}; weights and configuration must come from the same training run"
        )
