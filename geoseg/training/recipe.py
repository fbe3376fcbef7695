"""The whole way from settings to a checkpoint: each stage from where it was left, then release."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import torch

from geoseg.errors import OptionsError
from geoseg.models.mllmseg.devices import CUDA, device_called
from geoseg.progress import Progress
from geoseg.training.alone import alone
from geoseg.training.batches import Steps
from geoseg.training.data_options import RenderedData
from geoseg.training.examiner import Examiner
from geoseg.training.finish import (
    FINISHED,
    Outcome,
    check_not_anew,
    finish,
    finished_before,
    write_finished,
)
from geoseg.training.learner import Learner, Places
from geoseg.training.lessons import TOWER, Seeing
from geoseg.training.loop import Listener, Stage, learn, state_path, steps_done
from geoseg.training.opened import (
    check_calibration,
    check_chip,
    files_of,
    known_chip,
    open_examples,
    open_validation,
)
from geoseg.training.options import StageOptions, TrainOptions
from geoseg.training.pupil import Pupil, open_pupil
from geoseg.training.ranks import Rank, joined
from geoseg.training.rendered import render_missing
from geoseg.training.sampled import SampledExamples
from geoseg.training.segmenter import LearningSegmenter
from geoseg.training.states import MODEL, room
from geoseg.training.survey import notices_of, survey_of_scenes
from geoseg.training.trial import (
    Trial,
    asking_little,
    check_alone,
    check_folder,
    examining_of,
    rendering_of,
    surveys,
    tried,
    unknown_words,
)
from geoseg.training.words import taught_words

WHOLE = "whole"
"""The name of the stage in which phrases are answered."""

NUMBERS = {TOWER: 1, WHOLE: 2}
"""Keep the random choices of the stages apart."""


def train(options: TrainOptions, listener: Listener) -> Outcome | None:
    """Do what is left of a run and write the checkpoint; None in all processes but the first."""
    with machine(options) as places:
        if places.rank.first:
            check_folder(options.run)  # which removes what it made: once, or processes collide
        if (outcome := finished_before(options)) is not None:
            return outcome if places.rank.first else None
        check_not_anew(options, state_path(options, WHOLE))
        if places.rank.first:
            check_calibration(options)
        pupil = open_pupil(options, places)  # first, or a wrong model is told after hours
        if isinstance(options.data, RenderedData):
            rendered(options.data, options, places.rank)
        with held(options, places.rank):
            if options.tower is not None:
                tower = tower_stage(pupil, options, options.tower, places=places)
                learn(tower, listener)
                tower.learner.settle()
            stage = whole_stage(pupil, options, places)
            for notice in notices(stage) if places.rank.first else ():
                listener.notice(notice)
            learn(stage, listener)
            if places.rank.first:
                (options.run / FINISHED).unlink(missing_ok=True)
                note_words(pupil, stage)
                outcome = finish(pupil, stage.learner, options, stage.examiner)
                write_finished(options, outcome, files=stage.files)
        places.rank.wait()
        return outcome


def held(options: TrainOptions, rank: Rank) -> AbstractContextManager[None]:
    """What keeps other commands out of the run's folder while inside; the first process does."""
    return alone(options.run) if rank.first else nullcontext()


def try_out(options: TrainOptions, progress: Progress | None = None) -> Trial:
    """What a run will be like, with all of its data read once; nothing is written but scenes.

    An error tells what would have gone wrong.
    """
    check_alone(os.environ)
    check_folder(options.run)
    check_not_anew(options, state_path(options, WHOLE))
    stages_of_it = (WHOLE,) if options.tower is None else (TOWER, WHOLE)
    done = {name: steps_done(options, name) for name in stages_of_it}
    if (chip := known_chip(options)) is not None:
        check_chip(options, chip)
    check_calibration(options)
    seen = surveys(options, progress)
    with machine(options) as places:
        rendering = None
        if isinstance(options.data, RenderedData):
            few = options.data.model_copy(update={"shards": 1})
            rendered(few, options, places.rank)
            rendering = rendering_of(options.data, workers=options.machine.workers)
        pupil = open_pupil(options, places)
        if isinstance(options.data, RenderedData):
            chip = pupil.origin.processor.config.chip_size
            examples = open_examples(options, chip=chip, stage=NUMBERS[WHOLE])
            seen = (survey_of_scenes(options.data, examples), *seen)
        whole = whole_stage(pupil, asking_little(options), places)
        stages = [whole]
        if options.tower is not None:
            stages.insert(0, tower_stage(pupil, options, options.tower, places=places))
        return Trial(
            seen,
            unknown_words(seen, pupil.origin.processor),
            pupil.parameters,
            pupil.learning,
            rendering=rendering,
            stages=tuple(tried(stage, done=done[stage.name]) for stage in stages),
            examining=examining_of(whole.examiner, options, done=done[WHOLE]),
            free=room(options.run / MODEL),
        )


@contextmanager
def machine(options: TrainOptions) -> Iterator[Places]:
    """Where a run is computed; in touch with the other processes while inside."""
    if options.machine.threads:
        torch.set_num_threads(options.machine.threads)
    device = device_called(options.machine.device)
    with joined(device) as rank:
        if device.type == CUDA:
            device = gpu_of(rank, device)
            torch.cuda.set_device(device)
        yield Places(device, rank)


def gpu_of(rank: Rank, device: torch.device) -> torch.device:
    """The GPU of one process: its own where none is named.

    >>> gpu_of(Rank(3, 8, 3), torch.device("cuda")), gpu_of(Rank(), torch.device("cuda", 1))
    (device(type='cuda', index=3), device(type='cuda', index=1))
    """
    if str(device) == CUDA:
        return torch.device(CUDA, rank.local)
    if rank.world > 1:
        raise OptionsError(
            f"'machine.device: {device}' names one GPU, but {rank.world} processes learn together;"
            " leave it at auto or cuda, and each takes its own"
        )
    return device


def rendered(data: RenderedData, options: TrainOptions, rank: Rank) -> None:
    """Render what is missing, in one of the processes."""
    if rank.first:
        render_missing(data, workers=options.machine.workers)
    rank.wait()


def tower_stage(
    pupil: Pupil, options: TrainOptions, stage: StageOptions, *, places: Places
) -> Stage:
    """Stage one: look. All learns equally fast."""
    plain = options.optimiser.model_copy(update={"rates": {}})
    losses = options.losses.model_copy(update={TOWER: 1.0})
    adapted = options.model_copy(update={"optimiser": plain, "losses": losses})
    module = Seeing(pupil.origin.model, pupil.pixel_head)
    learner = Learner(module, stage, adapted, places=places)
    return Stage(TOWER, learner, steps_of(pupil, options, stage, rank=places.rank))


def whole_stage(pupil: Pupil, options: TrainOptions, places: Places) -> Stage:
    """Stage two: look, read, draw."""
    learner = Learner(pupil.answering, options.whole, options, places=places)
    steps = steps_of(pupil, options, options.whole, rank=places.rank)
    examiner = None
    if places.rank.first and (source := open_validation(options)) is not None:
        processor = pupil.origin.processor
        asked = LearningSegmenter(pupil.answering, processor, options=options, device=places.device)
        examiner = Examiner(asked, source, options)
    return Stage(WHOLE, learner, steps, examiner, files_of(options))


def note_words(pupil: Pupil, stage: Stage) -> None:
    """Let the model know which words it has learned by their letters."""
    examples, origin = stage.steps.examples, pupil.origin
    sources = examples.sources if isinstance(examples, SampledExamples) else ()
    config = origin.model.config
    words = {*(config.learned_words or ()), *taught_words(sources, origin.processor.tokenizer)}
    config.learned_words = sorted(words) or None


def notices(stage: Stage) -> tuple[str, ...]:
    """What a user should know of the data that a stage learns from, and is measured on."""
    examples = stage.steps.examples
    sources = [*examples.sources] if isinstance(examples, SampledExamples) else []
    if stage.examiner is not None:
        sources.append(stage.examiner.source)
    return tuple(dict.fromkeys(told for source in sources for told in notices_of(source)))


def steps_of(pupil: Pupil, options: TrainOptions, stage: StageOptions, *, rank: Rank) -> Steps:
    """The batches of a stage."""
    processor = pupil.origin.processor
    number = NUMBERS[WHOLE if stage is options.whole else TOWER]
    examples = open_examples(options, chip=processor.config.chip_size, stage=number)
    return Steps(examples, processor, stage, rank)
