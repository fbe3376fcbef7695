"""From a trained model to a checkpoint folder that geoseg can ship."""

# mypy: disable-error-code="no-untyped-call"
# transformers is typed only in parts

import time
from pathlib import Path

import numpy as np
import torch

from geoseg.models.mllmseg.modeling import MLLMSegModel
from geoseg.models.mllmseg.processing import MLLMSegProcessor

TIMED_CHIPS = 16
"""Chips that the speed is measured with."""

TIMED_BATCH = 4


def write_checkpoint(folder: Path, model: MLLMSegModel, processor: MLLMSegProcessor) -> None:
    """Write weights in half precision, configuration, tokenizer and the facts `info` shows."""
    model.config.parameters = sum(parameter.numel() for parameter in model.parameters())
    model.half().save_pretrained(folder)
    processor.tokenizer.save_pretrained(folder)


def chips_per_second(model: MLLMSegModel, processor: MLLMSegProcessor) -> float:
    """How many chips the model answers for one query, with torch's present number of threads."""
    size = processor.config.chip_size
    chips = np.random.default_rng(0).integers(0, 256, (TIMED_BATCH, size, size, 3)).astype(np.uint8)
    prompt = processor.pack([["the buildings"]]).expand(TIMED_BATCH)
    rounds = TIMED_CHIPS // TIMED_BATCH
    with torch.inference_mode():
        model(processor.pixels(chips), prompt)
        started = time.perf_counter()
        for _ in range(rounds):
            model(processor.pixels(chips), prompt)
    return rounds * TIMED_BATCH / (time.perf_counter() - started)
