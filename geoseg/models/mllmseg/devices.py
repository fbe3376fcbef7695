"""Where a model computes, and in which numbers."""

# mypy: disable-error-code="no-untyped-call"
# transformers is typed only in parts

import importlib
from collections.abc import Mapping
from types import ModuleType

import torch

from geoseg.errors import ModelError
from geoseg.models.mllmseg.configuration import MLLMSegConfig
from geoseg.models.mllmseg.modeling import WHOLE_PARTS, MLLMSegModel

AUTO, CPU, CUDA, ALL = "auto", "cpu", "cuda", "all"
"""Names of devices; `ALL` spreads a model over every GPU, for models larger than one."""

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}

SHORT = {"fp32": "float32", "bf16": "bfloat16", "fp16": "float16"}
"""Other names of the same."""

HOST = ("cpu", "disk")
"""Where a model is not to be spread to: it would be fetched from there for every chip."""


def device_called(name: str) -> torch.device:
    """The device that "auto", "cpu", "cuda", "cuda:N" or "all" means on this machine.

    For "all" it is the one that a model spread over every GPU begins on.
    """
    if name == AUTO:
        return torch.device(CUDA if torch.cuda.is_available() else CPU)
    if name == ALL:
        return torch.device(CUDA, 0) if torch.cuda.device_count() else torch.device(CPU)
    kind, _, number = name.partition(":")
    if kind not in (CPU, CUDA) or (number and (kind == CPU or not number.isdecimal())):
        raise ModelError(f"device {name!r} is unknown; use auto, cpu, cuda:0 or all")
    if kind == CUDA and int(number or 0) >= torch.cuda.device_count():
        raise ModelError(
            f"device {name!r} was asked for, but torch sees {torch.cuda.device_count()} CUDA"
            " devices here; use --device auto or cpu, or install torch with CUDA"
        )
    return torch.device(name)


def dtype_called(name: str, config: MLLMSegConfig, device: torch.device) -> torch.dtype:
    """The dtype that a name of `DTYPES` or "auto" means for a checkpoint on a device.

    Automatically it is float32, or bfloat16 on a GPU where the checkpoint is so stored.
    """
    if name == AUTO:
        stored_so = config.dtype in (torch.bfloat16, "bfloat16")
        return torch.bfloat16 if stored_so and device.type == CUDA else torch.float32
    if (name := SHORT.get(name, name)) not in DTYPES:
        raise ModelError(f"dtype {name!r} is unknown; use auto, {', '.join(DTYPES)}")
    return DTYPES[name]


def spread(model: MLLMSegModel) -> MLLMSegModel:
    """The same model with its layers shared out over all GPUs, or left where there is none."""
    if not torch.cuda.device_count():
        return model
    accelerate = optional("accelerate", wanted_for="--device all")
    memory = accelerate.utils.get_balanced_memory(model, no_split_module_classes=WHOLE_PARTS)
    gpus = {place: size for place, size in memory.items() if place not in HOST}
    layout = accelerate.infer_auto_device_map(
        model, max_memory={**gpus, "cpu": 0}, no_split_module_classes=WHOLE_PARTS
    )
    if left_over := [part for part, place in layout.items() if place in HOST]:
        free = ", ".join(f"{size / 2**30:.1f} GiB" for size in gpus.values())
        raise ModelError(
            f"the model does not fit into the GPUs here ({free} to be had): {left_over[0]} and"
            f" {len(left_over) - 1} more parts are left over; use --dtype bfloat16, --quantize, a"
            " smaller model, or --device cpu"
        )
    return dispatched(model, layout)


def dispatched(model: MLLMSegModel, layout: Mapping[str, int | str | torch.device]) -> MLLMSegModel:
    """The model with its parts on the devices that a layout names."""
    accelerate = optional("accelerate", wanted_for="--device all")
    spread_out: MLLMSegModel = accelerate.dispatch_model(model, dict(layout))
    return spread_out


def compiled(model: MLLMSegModel) -> MLLMSegModel:
    """The same model with its heavy parts compiled when they are first used, in place."""
    model.vision_tower.compile()
    model.language_model.compile(dynamic=True)
    decoder = model.mask_decoder
    for name in ("trunk", "draw"):
        setattr(decoder, name, torch.compile(getattr(decoder, name), dynamic=name == "draw"))
    return model


def optional(library: str, *, wanted_for: str) -> ModuleType:
    """A library that not every installation has."""
    try:
        return importlib.import_module(library)
    except ImportError as error:
        raise ModelError(
            f"{wanted_for} needs {library}, which is not installed; install it, or geoseg"
            " with its extra: pip install 'geoseg[large]' (in a checkout '.[large]')"
        ) from error
