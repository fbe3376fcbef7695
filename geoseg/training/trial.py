"""A look at all of a run before hours are spent: data, words, memory, a step of each stage."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile

import psutil
import torch

from geoseg.models.mllmseg.processing import MLLMSegProcessor
from geoseg.training.data.check import Inspection, check
from geoseg.training.data.rendered import RenderedSource
from geoseg.training.data.samples import Source
from geoseg.training.loop import Stage
from geoseg.training.opened import open_training, open_validation
from geoseg.training.options import TrainOptions
from tiles.errors import OutputError

TRIED = 2
"""Steps of a stage that are tried; the last is timed."""

ROWS = 64
"""Phrases whose length is tried at once."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Trial:
    """What a run will be like."""

    data: tuple[Inspection, ...]
    """What is trained on, and what is measured on."""

    unknown: tuple[str, ...]
    """Words of the phrases that the model does not know."""

    parameters: int
    """Numbers of the model."""

    learning: int
    """Those that learn, with LoRA."""

    stages: tuple["StageTrial", ...]


@dataclass(frozen=True, slots=True)
class StageTrial:
    """What one stage will be like."""

    name: str

    steps: int

    seconds: float
    """For one step, without making its batch ready."""

    figures: dict[str, float]
    """What was wrong in the first step."""

    memory: int
    """Bytes in use: on a GPU the most at once, elsewhere by the whole process."""


def inspections(sources: Sequence[Source], progress: Progress | None) -> Iterator[Inspection]:
    """What is in every data set that is not rendered."""
    for source in sources:
        if not isinstance(source, RenderedSource):
            yield check(source, progress)


def sources_of(options: TrainOptions) -> list[Source]:
    """All data sets of a run."""
    validation = open_validation(options)
    return [*open_training(options), *([] if validation is None else [validation])]


def unknown_words(sources: Sequence[Source], processor: MLLMSegProcessor) -> tuple[str, ...]:
    """Words of the phrases that the model does not know; raises where a phrase is too long."""
    found: dict[str, None] = {}
    for source in sources:
        if isinstance(source, RenderedSource):
            continue
        said = dict.fromkeys(phrase for i in range(len(source)) for phrase in source.phrases(i))
        rest = iter(said)
        while row := list(islice(rest, ROWS)):
            processor.pack([[phrase] for phrase in row])
            found |= dict.fromkeys(
                word for phrase in row for word in processor.unknown_words(phrase)
            )
    return tuple(found)


def tried(stage: Stage) -> StageTrial:
    """A stage's first steps, done for real and then forgotten."""
    learner, device = stage.learner, stage.learner.places.device
    figures: dict[str, float] = {}
    seconds = 0.0
    for step in range(TRIED):
        batches = stage.steps.batches(step)
        started = time.monotonic()
        found = learner.update(batches)
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        seconds = time.monotonic() - started
        figures = figures or found
    memory = (
        torch.cuda.max_memory_allocated(device)
        if device.type == "cuda"
        else psutil.Process().memory_info().rss
    )
    return StageTrial(stage.name, learner.stage.steps, seconds, figures, memory)


def check_folder(run: Path) -> None:
    """Raise where the folder of a run cannot be made; nothing is left behind."""
    missing = [folder for folder in (run, *run.parents) if not folder.exists()]
    try:
        run.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=run):
            pass
    except OSError as error:
        raise OutputError(
            f"'run: {run}' cannot be written to ({error.strerror}); name another folder"
        ) from error
    finally:
        for folder in missing:
            if folder.exists():
                folder.rmdir()
