"""Small matrices beside those of a language model, which learn in their place."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Protocol

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from geoseg.models.mllmseg.saving import told
from geoseg.models.mllmseg.whole_folder import whole_folder_or_nothing
from geoseg.training.extras import optional
from geoseg.training.options import LoraOptions

TARGETS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
"""Matrices that get smaller ones beside them: all of every layer, as published."""


class PretrainedAdapter(Protocol):
    """Settings of a LoRA, as peft keeps them."""

    def save_pretrained(self, save_directory: str) -> None:
        """Write them to a folder."""
        ...


ADAPTER = "default"
"""What peft calls the one set of small matrices."""

BASE, SMALL = ".base_layer.", ".lora_"
"""Marks of names inside a layer with LoRA: its own weight, and the small matrices."""


UNUSED = "bitsandbytes.backends.cpu.ops"
"""peft imports bitsandbytes where it is installed; on a processor that warns of a missing kernel
for matrices of 4 bits, which nothing here learns beside."""


def with_lora(language_model: nn.Module, options: LoraOptions) -> None:
    """Put small matrices into a language model, in place; they begin by changing nothing."""
    opened_peft().inject_adapter_in_model(lora_config(options), language_model, ADAPTER)


def opened_peft() -> ModuleType:
    """The library, imported without a word."""
    with quiet(UNUSED):
        return optional("peft", wanted_for="learning by LoRA")


@contextmanager
def quiet(logger: str) -> Iterator[None]:
    """While inside, warnings of a logger are not shown."""
    told = logging.getLogger(logger)
    former = told.level
    told.setLevel(logging.ERROR)
    try:
        yield
    finally:
        told.setLevel(former)


def lora_config(options: LoraOptions) -> PretrainedAdapter:
    """The settings as peft knows them."""
    config: PretrainedAdapter = opened_peft().LoraConfig(
        r=options.rank,
        lora_alpha=options.strength * options.rank,
        lora_dropout=options.dropout,
        target_modules=list(TARGETS),
    )
    return config


def write_adapter(folder: Path, language_model: nn.Module, options: LoraOptions) -> None:
    """Keep the small matrices alone, as peft reads them beside the same language model."""
    tensors = {
        f"base_model.model.{name.replace(f'.{ADAPTER}.', '.')}": tensor.cpu().contiguous()
        for name, tensor in language_model.state_dict().items()
        if SMALL in name
    }
    with told(folder), whole_folder_or_nothing(folder) as partial:
        lora_config(options).save_pretrained(str(partial))
        save_file(tensors, partial / "adapter_model.safetensors", metadata={"format": "pt"})


def merged(model: nn.Module, options: LoraOptions) -> Iterator[tuple[str, Tensor]]:
    """All tensors of a model, LoRA added to the weights it stands beside; the model is left as is.

    Names are those of a model without LoRA. What LoRA was added to is float32, so that rounding
    is left to whoever writes it.
    """
    tensors = model.state_dict()
    for name, tensor in tensors.items():
        if SMALL in name:
            continue
        owner, base, leaf = name.rpartition(BASE)
        down, up = (tensors.get(f"{owner}{SMALL}{half}.{ADAPTER}.weight") for half in "AB")
        if base and leaf == "weight" and down is not None and up is not None:
            added = torch.addmm(tensor.float(), up.float(), down.float(), alpha=options.strength)
            yield f"{owner}.weight", added
        else:
            yield name.replace(BASE, "."), tensor
