"""The model that a run starts from."""

# mypy: disable-error-code="no-untyped-call"
# transformers is typed only in parts

from dataclasses import dataclass
from pathlib import Path

import torch

from geoseg.models.hub import fetched
from geoseg.models.mllmseg.checkpoint import load_config, load_model, load_processor
from geoseg.models.mllmseg.devices import CPU, dtype_called
from geoseg.models.mllmseg.modeling import MLLMSegModel
from geoseg.models.mllmseg.processing import MLLMSegProcessor
from geoseg.segmenter import checkpoint_folder
from geoseg.training.options import MachineOptions, SizeOptions, TrainOptions
from geoseg.training.start import prepare, prepare_drawing
from geoseg.training.tiny import tiny_config, tiny_tokenizer


@dataclass(frozen=True, slots=True, eq=False)
class Origin:
    """A model before it learns."""

    name: str
    """What it is called; empty where it is made from nothing."""

    model: MLLMSegModel

    processor: MLLMSegProcessor

    stored: torch.dtype
    """What its weights are stored in, or are to be."""


def open_origin(options: TrainOptions, device: torch.device) -> Origin:
    """The model that a run starts from, on a device."""
    torch.manual_seed(options.seed)
    start = options.model
    origin = made(start.new) if start.new else loaded(str(start.name), options.machine, device)
    model = origin.model
    model.train().to(device)
    if device.type == CPU:
        model.set_attn_implementation("eager")  # a third faster to train than sdpa on processors
    if options.machine.checkpointing:
        for tower in (model.vision_tower, model.language_model):
            older = "gradient_checkpointing_enable"  # its name before transformers 5.23
            enable = getattr(tower, "activation_checkpointing_enable", None)
            (enable or getattr(tower, older))({"use_reentrant": False})
    forget_calibration(model)
    return origin


def made(size: SizeOptions) -> Origin:
    """A new model with weights that learn fast."""
    tokenizer = tiny_tokenizer()
    config = tiny_config(size, tokenizer)
    model = MLLMSegModel(config)
    prepare(model.vision_tower, config.side)
    prepare_drawing(model.mask_decoder)
    return Origin("", model, MLLMSegProcessor(tokenizer, config), torch.float16)


def loaded(name: str, machine: MachineOptions, device: torch.device) -> Origin:
    """The model of a checkpoint, in our layout or as published."""
    folder = checkpoint_folder(name) or fetched(name).folder
    config = load_config(folder)
    stored = torch_dtype(config.dtype)
    wanted = dtype_called(machine.kept, config, device)
    model = load_model(folder, dtype=wanted, device=device)
    return Origin(name_of(name, folder), model, load_processor(folder, model.config), stored)


def name_of(name: str, folder: Path) -> str:
    """What a checkpoint is called in reports, without the place it lies in."""
    return folder.resolve().name if Path(name).expanduser().is_dir() else name


def torch_dtype(told: object) -> torch.dtype:
    """The dtype that a configuration tells of; float32 where it does not.

    >>> torch_dtype("bfloat16"), torch_dtype(None)
    (torch.bfloat16, torch.float32)
    """
    names = {"float16": torch.float16, "bfloat16": torch.bfloat16}
    return names.get(str(told).removeprefix("torch."), torch.float32)


def forget_calibration(model: MLLMSegModel) -> None:
    """Take out what was calibrated: it belongs to weights that will have moved."""
    config = model.config
    config.mask_logit_scale, config.mask_logit_offset = 1.0, 0.0
    config.presence_logit_offset, config.calibration = 0.0, None
