"""Which parts of a model learn."""

from collections.abc import Iterator

import torch
from torch import nn

from geoseg.models.mllmseg.modeling import MLLMSegModel
from geoseg.training.lora import SMALL, with_lora
from geoseg.training.options import SMOOTHING, PartsOptions

PREFIXES = (
    ("mask_decoder.smoothing.", SMOOTHING),
    ("mask_decoder.", "decoder"),
    ("vision_tower.", "vision"),
    ("projector.", "projector"),
    ("language_model.embed_tokens.", "embeddings"),
    ("language_model.norm.", "norm"),
    ("language_model.", "language"),
    ("rows", "head_rows"),
    ("pixel_head.", "vision"),
)
"""Which part a parameter belongs to: the first that fits, anywhere in its name, counts."""

INTERNLM2 = "llama"
"""What InternLM2 is in transformers; as published, its word embeddings learn too."""


def part_of(name: str) -> str:
    """The part that a parameter belongs to; empty for what never learns, such as the whole head.

    >>> part_of("model.mask_decoder.query_layer.norm1.weight"), part_of("model.lm_head.weight")
    ('decoder', '')
    """
    plain = name.removeprefix("model.")
    return next((part for prefix, part in PREFIXES if plain.startswith(prefix)), "")


def choose_parts(model: MLLMSegModel, parts: PartsOptions) -> None:
    """Freeze what does not learn, in place, and put in LoRA where that is wanted.

    What learns is kept in float32, whatever the rest is in: small steps would be lost otherwise.
    """
    if parts.language == "lora":
        with_lora(model.language_model, parts.lora)
    learning = learning_parts(model, parts)
    for key, parameter in model.named_parameters():
        learns = part_of(key) in learning
        if part_of(key) == "language" and parts.language == "lora":
            learns = SMALL in key
        parameter.requires_grad_(learns)
        if learns:
            parameter.data = parameter.data.float()
    if parts.decoder:
        model.mask_decoder.float()  # its statistics too


def learning_parts(model: MLLMSegModel, parts: PartsOptions) -> set[str]:
    """The names of the parts that learn."""
    switches = {
        "vision": parts.vision,
        "projector": parts.projector,
        "language": parts.language != "frozen",
        "embeddings": with_embeddings(model, parts),
        "norm": parts.norm,
        "decoder": parts.decoder,
        SMOOTHING: parts.decoder,
    }
    return {part for part, learns in switches.items() if learns}


def with_embeddings(model: MLLMSegModel, parts: PartsOptions) -> bool:
    """Whether word embeddings learn."""
    if parts.embeddings is None:
        return bool(model.config.text.model_type == INTERNLM2)
    return parts.embeddings


def to_training(model: MLLMSegModel, parts: PartsOptions) -> None:
    """Switch to training; what is frozen behaves as in use, and so do statistics that are kept."""
    model.train()
    for tower in model.children():
        if not any(parameter.requires_grad for parameter in tower.parameters()):
            tower.train(mode=False)
    if not parts.statistics:
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.train(mode=False)


def learned(module: nn.Module) -> Iterator[tuple[str, torch.Tensor]]:
    """The tensors that a run changes: parameters that learn, and statistics."""
    for name, parameter in module.named_parameters():
        if parameter.requires_grad:
            yield name, parameter.detach()
    for owner, part in module.named_modules():
        if isinstance(part, nn.BatchNorm2d):
            yield from ((f"{owner}.{name}", buffer) for name, buffer in part.named_buffers())
