"""Weights of large layers kept in 8 or 4 bits."""

import logging
from collections.abc import Callable, Iterator
from types import ModuleType

import torch
from torch import nn

from geoseg.errors import ModelError
from geoseg.models.mllmseg.devices import optional
from geoseg.models.mllmseg.modeling import MLLMSegModel

LIBRARY = "bitsandbytes"

NONE = "none"

BLOCK = 64
"""Weights that share a scale in 4 bits; layers of other widths stay as they are."""


def quantised(model: MLLMSegModel, kind: str, *, device: torch.device) -> MLLMSegModel:
    """The model on that device, the matrices of its two towers in "8bit" or "4bit", in place.

    The projector, the head and the mask decoder keep their dtype: they are small, and their
    errors are seen in the masks. 8 bits are one scale per row (LLM.int8 without outliers), 4 bits
    are NormalFloat (QLoRA, arXiv 2305.14314). Layers move to the device one at a time.
    """
    check_quantisation(kind)
    library = optional(LIBRARY, wanted_for=f"--quantize {kind}")
    logging.getLogger(LIBRARY).setLevel(logging.ERROR)  # it tells of every layer of every chip
    layers = [
        found
        for tower in (model.vision_tower, model.language_model)
        for found in linear_layers(tower)
        if fits(found[2])
    ]
    if not layers:
        raise ModelError(
            f"no layer of this model is a multiple of {BLOCK} wide, so none can be kept in {kind};"
            f" use --quantize {NONE}"
        )
    for parent, name, layer in layers:
        setattr(parent, name, COMPACT[kind](library, layer).to(device))
    nn.Module.to(model, device)
    return model


def check_quantisation(kind: str) -> None:
    """Raise where weights cannot be kept so, for want of the way or of the library."""
    if kind not in (NONE, *COMPACT):
        raise ModelError(f"quantisation {kind!r} is unknown; use {NONE}, {', '.join(COMPACT)}")
    if kind != NONE:
        optional(LIBRARY, wanted_for=f"--quantize {kind}")


def fits(layer: nn.Linear) -> bool:
    """Whether its weights can be shared out in blocks that have a scale each."""
    return layer.in_features % BLOCK == 0 == layer.out_features % BLOCK


def linear_layers(module: nn.Module) -> Iterator[tuple[nn.Module, str, nn.Linear]]:
    """Every linear layer inside, with the module that holds it and its name there."""
    for parent in module.modules():
        for name, layer in parent.named_children():
            if type(layer) is nn.Linear:
                yield parent, name, layer


def in_8_bits(library: ModuleType, layer: nn.Linear) -> nn.Module:
    """The layer with one byte per weight."""
    compact = library.nn.Linear8bitLt(
        layer.in_features,
        layer.out_features,
        bias=layer.bias is not None,
        has_fp16_weights=False,
        threshold=0.0,
    )
    compact.weight = library.nn.Int8Params(
        layer.weight.data, requires_grad=False, has_fp16_weights=False
    )
    compact.bias = layer.bias
    return keeping(compact)


def in_4_bits(library: ModuleType, layer: nn.Linear) -> nn.Module:
    """The layer with half a byte per weight."""
    compact = library.nn.Linear4bit(
        layer.in_features,
        layer.out_features,
        bias=layer.bias is not None,
        quant_type="nf4",
        compute_dtype=layer.weight.dtype,
    )
    compact.weight = library.nn.Params4bit(layer.weight.data, requires_grad=False, quant_type="nf4")
    compact.bias = layer.bias
    return keeping(compact)


def keeping(layer: nn.Module) -> nn.Module:
    """The layer, ready to answer and not to learn."""
    layer.train(mode=False)
    return layer


COMPACT: dict[str, Callable[[ModuleType, nn.Linear], nn.Module]] = {
    "8bit": in_8_bits,
    "4bit": in_4_bits,
}
