"""Small matrices beside those of a language model, which learn in their place."""

from collections.abc import Iterator
from pathlib import Path
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


def with_lora(language_model: nn.Module, options: LoraOptions) -> None:
    """Put small matrices into a language model, in place; they begin by changing nothing."""
    peft = optional("peft", wanted_for="learning by LoRA")
    peft.inject_adapter_in_model(lora_config(options), language_model, ADAPTER)


def lora_config(options: LoraOptions) -> PretrainedAdapter:
    """The settings as peft knows them."""
    peft = optional("peft", wanted_for="learning by LoRA")
    config: PretrainedAdapter = peft.LoraConfig(
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
