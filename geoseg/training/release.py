"""From a trained model to a checkpoint folder that any command takes."""

# mypy: disable-error-code="no-untyped-call"
# transformers is typed only in parts

import copy
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from geoseg.errors import CheckpointError
from geoseg.models.mllmseg.configuration import MLLMSegConfig
from geoseg.models.mllmseg.folder import WEIGHTS_FILE
from geoseg.models.mllmseg.modeling import MLLMSegModel
from geoseg.models.mllmseg.processing import MLLMSegProcessor
from geoseg.models.mllmseg.safetensors_writer import write_safetensors
from geoseg.models.mllmseg.saving import check_room, is_finite, share, told
from geoseg.models.mllmseg.whole_folder import whole_folder_or_nothing
from geoseg.version import __version__

PAGE = "README.md"
"""The file in which a checkpoint tells of itself."""

TIMED_CHIPS = 16
"""Chips that the speed is measured with."""

TIMED_BATCH = 4

Tensors = Callable[[], Iterator[tuple[str, Tensor]]]
"""Gives all tensors of a model, one after another, as often as it is asked."""


@dataclass(frozen=True, slots=True, eq=False)
class Finished:
    """A model to be written."""

    tensors: Tensors
    """By the names of a model without LoRA."""

    config: MLLMSegConfig

    processor: MLLMSegProcessor

    parameters: int
    """Learned numbers."""

    dtype: torch.dtype
    """What weights are stored in; counters stay what they are."""

    page: str
    """What the checkpoint says of itself, in Markdown."""


def write_model(target: Path, finished: Finished) -> None:
    """Write a checkpoint in our layout; a former one stays until the new one is whole."""
    contents = {
        name: (tuple(tensor.shape), stored_in(tensor, finished.dtype))
        for name, tensor in finished.tensors()
    }
    numbers = sum(int(np.prod(shape)) for shape, _ in contents.values())
    target.parent.mkdir(parents=True, exist_ok=True)
    check_room(target, numbers * finished.dtype.itemsize)
    with told(target), whole_folder_or_nothing(target) as folder:
        noted(finished).save_pretrained(folder)
        finished.processor.tokenizer.save_pretrained(folder)
        (folder / PAGE).write_text(finished.page, encoding="utf-8")
        write_safetensors(folder / WEIGHTS_FILE, contents, stored(finished))
        share(folder)


def noted(finished: Finished) -> MLLMSegConfig:
    """The configuration, which tells what the checkpoint holds."""
    config = copy.deepcopy(finished.config)
    config.architectures = ["MLLMSegModel"]
    config.dtype = str(finished.dtype).removeprefix("torch.")
    config.parameters = finished.parameters
    config.geoseg_version = __version__
    return config


def stored(finished: Finished) -> Iterator[tuple[str, Tensor]]:
    """The tensors as they are stored."""
    for name, tensor in finished.tensors():
        kept = tensor.detach().to("cpu", stored_in(tensor, finished.dtype))
        if kept.is_floating_point() and not is_finite(kept):
            raise CheckpointError(
                f"{name} holds numbers that {finished.dtype} cannot, or that are not finite; set "
                "'export: float32', or look at the log for where learning went astray"
            )
        yield name, kept


def stored_in(tensor: Tensor, dtype: torch.dtype) -> torch.dtype:
    """What a tensor is stored in."""
    return dtype if tensor.is_floating_point() else tensor.dtype


def chips_per_second(model: MLLMSegModel, processor: MLLMSegProcessor) -> float:
    """How many chips the model answers for one query, with torch's present number of threads."""
    size = processor.config.chip_size
    chips = np.random.default_rng(0).integers(0, 256, (TIMED_BATCH, size, size, 3)).astype(np.uint8)
    pixels = processor.pixels(chips).to(model.device)
    prompt = processor.pack([["the buildings"]]).expand(TIMED_BATCH).to(model.device)
    rounds = TIMED_CHIPS // TIMED_BATCH
    with torch.inference_mode():
        model(pixels, prompt)
        started = time.perf_counter()
        for _ in range(rounds):
            model(pixels, prompt)
    return rounds * TIMED_BATCH / (time.perf_counter() - started)
