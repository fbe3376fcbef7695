"""A look at all of a run before hours are spent: data, words, room, a step of each stage."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile

import psutil
import torch

from geoseg.errors import OptionsError
from geoseg.models.mllmseg.processing import MLLMSegProcessor
from geoseg.progress import Progress
from geoseg.training.chips import SCENE_SIDE, SHARD, shard_path
from geoseg.training.data_options import RenderedData
from geoseg.training.examiner import Examiner
from geoseg.training.loop import Stage
from geoseg.training.opened import open_training, open_validation
from geoseg.training.options import TrainOptions
from geoseg.training.ranks import Rank
from geoseg.training.rendered import shard_seeds
from geoseg.training.scenes import random_scene
from geoseg.training.states import size_of
from geoseg.training.survey import Survey, survey_of
from tiles.errors import OutputError

TRIED = 2
"""Steps of a stage that are tried; the last is timed."""

EXAMINED = 2
"""Samples that a measurement is timed with."""

ROWS = 64
"""Phrases whose length is tried at once."""


@dataclass(frozen=True, slots=True)
class StageTrial:
    """What one stage will be like."""

    name: str

    steps: int

    seconds: float
    """For one step, its batch being ready."""

    ready: float
    """Seconds that one process takes to make a batch ready."""

    workers: int
    """Processes that do so meanwhile; 0: none does."""

    figures: dict[str, float]
    """What was wrong in the first step."""

    memory: int
    """Bytes in use: on a GPU the most at once, elsewhere by the whole process."""

    kept: int
    """Bytes of a state."""

    done: int = 0
    """Steps that a run has kept already."""

    @property
    def left(self) -> int:
        """Steps that are still to be done."""
        return self.steps - self.done

    @property
    def pace(self) -> float:
        """Seconds from one step to the next."""
        if not self.workers:
            return self.seconds + self.ready
        return max(self.seconds, self.ready / self.workers)


@dataclass(frozen=True, slots=True)
class Rendering:
    """Scenes that are rendered before anything is learned."""

    there: int
    """Files of scenes that are there already; what they hold is read after this is counted."""

    missing: int
    """Files that will be made."""

    seconds: float
    """For all that are missing."""

    size: int
    """Bytes of all that are missing."""


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """What a run will be like."""

    data: tuple[Survey, ...]
    """What is learned from, and what is measured on."""

    unknown: tuple[str, ...]
    """Words of the phrases that the model does not know."""

    parameters: int
    """Numbers of the model."""

    learning: int
    """Those that learn, with LoRA."""

    rendering: Rendering | None

    stages: tuple[StageTrial, ...]

    examining: float
    """Seconds for all measurements, and for the calibration."""

    free: int
    """Bytes where the run will be kept."""

    @property
    def seconds(self) -> float:
        """For what is left of the run, but for opening the model and writing it."""
        rendering = self.rendering.seconds if self.rendering else 0.0
        return rendering + sum(one.left * one.pace for one in self.stages) + self.examining


def surveys(options: TrainOptions, progress: Progress | None) -> tuple[Survey, ...]:
    """What is in every data set of a run, but for scenes kept on disk."""
    validation = open_validation(options)
    return (
        *(survey_of(source, "learning", progress) for source in open_training(options)),
        *([] if validation is None else [survey_of(validation, "validation", progress)]),
    )


def unknown_words(found: Sequence[Survey], processor: MLLMSegProcessor) -> tuple[str, ...]:
    """Words of the phrases that the model does not know; raises where a phrase is too long."""
    rest: Iterator[str] = iter(dict.fromkeys(phrase for one in found for phrase in one.said))
    unknown: dict[str, None] = {}
    while row := list(islice(rest, ROWS)):
        processor.pack([[phrase] for phrase in row])
        unknown |= dict.fromkeys(word for said in row for word in processor.unknown_words(said))
    return tuple(unknown)


def tried(stage: Stage, *, done: int) -> StageTrial:
    """A stage's first steps, done for real and then forgotten; `done` are kept of it already."""
    learner, device = stage.learner, stage.learner.places.device
    figures: dict[str, float] = {}
    seconds = ready = 0.0
    for step in range(TRIED):
        began = time.monotonic()
        batches = stage.steps.batches(step)
        started = time.monotonic()
        found = learner.update(batches)
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        ready, seconds = started - began, time.monotonic() - started
        figures = figures or found
    memory = (
        torch.cuda.max_memory_allocated(device)
        if device.type == "cuda"
        else psutil.Process().memory_info().rss
    )
    state = learner.state(stage.name, {})
    return StageTrial(
        stage.name,
        learner.stage.steps,
        seconds,
        ready,
        workers=learner.options.machine.workers,
        figures=figures,
        memory=memory,
        kept=size_of([state.weights, state.average, state.optimiser]),
        done=done,
    )


def rendering_of(data: RenderedData, *, workers: int) -> Rendering:
    """What is still to be rendered, and how long that takes; one scene is rendered to know."""
    paths = [shard_path(data.scenes, seed) for seed in shard_seeds(data)]
    there = [path for path in paths if path.exists()]
    missing = len(paths) - len(there)
    if not missing:
        return Rendering(len(there), 0, 0.0, 0)
    started = time.monotonic()
    random_scene(SCENE_SIDE, SCENE_SIDE, seed=data.first_seed)
    seconds = (time.monotonic() - started) * SHARD * missing / max(workers, 1)
    size = sum(
        file.stat().st_size for path in there[:1] for file in data.scenes.glob(f"{path.stem}.*")
    )
    return Rendering(len(there), missing, seconds, size * missing)


def examining_of(examiner: Examiner | None, options: TrainOptions, *, done: int) -> float:
    """Seconds that the measurements left after so many steps take, and calibration.

    `examiner` asks little.
    """
    if examiner is None:
        return 0.0
    started = time.monotonic()
    examiner.measured()
    each = (time.monotonic() - started) / min(EXAMINED, len(examiner.source))
    samples = min(options.keep.validation_samples, len(examiner.source))
    calibrated = len(examiner.source) if options.calibrate else 0
    return each * (samples * times_measured(options, done=done) + calibrated)


def times_measured(options: TrainOptions, *, done: int) -> int:
    """How often a model is measured, of which so many steps are kept: at last, as a checkpoint."""
    steps, every = options.whole.steps, options.keep.validate_every
    at_the_start = done == 0
    last = steps > done and steps % every > 0
    return at_the_start + steps // every - done // every + last + 1


def asking_little(options: TrainOptions) -> TrainOptions:
    """The same run, in which a measurement is short."""
    keep = options.keep.model_copy(update={"validation_samples": EXAMINED})
    return options.model_copy(update={"keep": keep})


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
            with suppress(OSError):  # it was never made, or somebody keeps something in it by now
                folder.rmdir()


def check_alone(environment: Mapping[str, str]) -> None:
    """Raise where several processes would look at the same run, and each would tell of it."""
    if (world := Rank.of(environment).world) > 1:
        raise OptionsError(
            f"a dry run is for one process, but this is one of {world}; call it without torchrun: "
            "geoseg train CONFIG --dry-run"
        )
