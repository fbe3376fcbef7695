"""One stage of training: learn, log, keep, measure; and go on where it was left."""

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import torch

from geoseg.training.batches import Steps, made_ready
from geoseg.training.examiner import Examiner
from geoseg.training.learner import Learner
from geoseg.training.log import Log
from geoseg.training.opened import files_of
from geoseg.training.options import TrainOptions, lasting
from geoseg.training.states import check_same, check_same_files, load_state, write_state
from geoseg.training.validation import Quality


class Listener(Protocol):
    """Hears how a run goes."""

    def step(self, stage: str, done: int, steps: int, figures: dict[str, float]) -> None:
        """One more step is done."""
        ...

    def quality(self, done: int, quality: Quality) -> None:
        """The model was measured after so many steps."""
        ...

    def notice(self, text: str) -> None:
        """There is something that a user should know of the data."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """What is learned, from what, and how it is measured."""

    name: str

    learner: Learner

    steps: Steps

    examiner: Examiner | None = None
    """Measures now and then, where there is something to measure on."""

    files: Mapping[str, str] = field(default_factory=dict)
    """The marks of the user's own images and layer, where it learns from them."""


def learn(stage: Stage, listener: Listener) -> None:
    """Do what is left of a stage."""
    learner, options = stage.learner, stage.learner.options
    resume(stage)
    examine = examination(stage, listener)
    examine()  # as it begins, or where a run was broken off while it measured
    todo = range(learner.step, learner.stage.steps)
    if not todo:
        return
    if not learner.places.rank.first:
        for batches in made_ready(stage.steps, todo, workers=options.machine.workers):
            learner.update(batches)
        return
    log = new_log(stage, stage.name, step=learner.step)
    started = time.monotonic()
    for batches in made_ready(stage.steps, todo, workers=options.machine.workers):
        figures = learner.update(batches)
        log.add(learner.step, {**figures, "seconds": time.monotonic() - started})
        listener.step(stage.name, learner.step, learner.stage.steps, figures)
        if due(learner, options.keep.every):
            keep(stage)
        examine()
        started = time.monotonic()
    log.close()


def due(learner: Learner, every: int) -> bool:
    """Whether something that is done now and then, and at the end, is to be done."""
    return learner.step % every == 0 or learner.step == learner.stage.steps


def steps_done(options: TrainOptions, name: str) -> int:
    """How many steps of a stage are kept; raises where they were made with other settings."""
    path = state_path(options, name)
    state = load_state(path, torch.device("meta"))  # which keeps no weights
    if state is None:
        return 0
    check_same_files(state, files_of(options), path=path)
    # how many processes will share a step is not known before the run
    processes = state.settings.get("processes")
    check_same(state, {**lasting(options), "processes": processes}, path=path)
    return state.step


def state_path(options: TrainOptions, name: str) -> Path:
    """Where the state of a stage is kept."""
    return options.run / f"{name}.state"


def resume(stage: Stage) -> None:
    """Go on where the state of the stage was kept, if there is one."""
    learner, options = stage.learner, stage.learner.options
    path = state_path(options, stage.name)
    state = load_state(path, learner.places.device)
    if state is not None:
        check_same_files(state, stage.files, path=path)
        check_same(state, settings_of(stage), path=path)
        learner.resume(state)


def keep(stage: Stage) -> None:
    """Write the state, whole or not at all."""
    path = state_path(stage.learner.options, stage.name)
    state = stage.learner.state(stage.name, settings_of(stage))
    write_state(path, replace(state, files=dict(stage.files)))


def settings_of(stage: Stage) -> dict[str, Any]:
    """What decides what is learned: settings, and how many processes share a step."""
    learner = stage.learner
    return {**lasting(learner.options), "processes": learner.places.rank.world}


def new_log(stage: Stage, name: str, *, step: int) -> Log:
    """A table that goes on after so many steps; what it holds of later ones will be done again."""
    options = stage.learner.options
    return Log(options.run, name, step=step, tensorboard=options.keep.tensorboard)


def examination(stage: Stage, listener: Listener) -> Callable[[], None]:
    """What measures the averaged weights where that is due and not yet done, and tells figures."""
    learner, examiner = stage.learner, stage.examiner
    if examiner is None or not learner.places.rank.first:
        return lambda: None
    log = new_log(stage, "validation", step=learner.step)

    def examine() -> None:
        if log.last == learner.step or not due(learner, learner.options.keep.validate_every):
            return
        with learner.average.in_place():
            quality = examiner.measured()
            examiner.write_pictures(learner.step)
        log.add(learner.step, asdict(quality))
        listener.quality(learner.step, quality)

    return examine
