"""What is written when a run is over: the checkpoint, its LoRA alone, its calibration."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from torch import Tensor

from geoseg.errors import GeosegError, ModelError, OptionsError
from geoseg.evaluation.calibrated_checkpoint import calibrated, load_settings, write_settings
from geoseg.evaluation.calibration import Calibration
from geoseg.evaluation.halves import calibrate
from geoseg.evaluation.rejection import doubts
from geoseg.models.mllmseg.folder import WEIGHTS_FILE
from geoseg.models.mllmseg.segmenter import MLLMSegSegmenter
from geoseg.segmenter import Running
from geoseg.training.data.fingerprint import changes
from geoseg.training.data.samples import Source
from geoseg.training.examiner import Examiner
from geoseg.training.learner import Learner
from geoseg.training.lessons import learns_rows
from geoseg.training.lora import merged, write_adapter
from geoseg.training.opened import files_of
from geoseg.training.options import SMOOTHING, TrainOptions, lasting
from geoseg.training.origin import torch_dtype
from geoseg.training.page import page
from geoseg.training.parts import learning_parts
from geoseg.training.pupil import Pupil
from geoseg.training.release import PAGE, Finished, chips_per_second, write_model
from geoseg.training.states import MODEL, differences, shown
from geoseg.training.validation import Quality, measured
from tiles.errors import TilesError
from tiles.writing import whole_or_nothing

ADAPTER = "adapter"
"""The folder of a run that holds its LoRA alone."""

FINISHED = "finished.json"
"""The file of a run that says with what settings it was finished."""

AFTERWARDS = {"calibrate": "geoseg calibrate", "export": "geoseg convert --dtype"}
"""Commands that give a finished checkpoint what these settings would have given it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run."""

    folder: Path
    """The finished checkpoint."""

    quality: Quality | None
    """On the validation data, where there is some."""

    notice: str = ""
    """What could not be done, or is in doubt."""

    before: bool = False
    """Whether it had been there already, so that nothing was done."""


def finished_before(options: TrainOptions) -> Outcome | None:
    """What came of a run that has been finished with these settings; None where it is not over."""
    told = _told_before(options)
    if told is None or told["settings"] != settled(options):
        return None
    notices = [str(told.get("notice", "")), changed_since(options, told.get("files", {}))]
    return Outcome(options.run / MODEL, None, "; ".join(filter(None, notices)), before=True)


def changed_since(options: TrainOptions, files: Mapping[str, str]) -> str:
    """A sentence where a finished run learned from other images or another layer, else empty."""
    try:
        now = files_of(options)
    except (GeosegError, TilesError) as error:
        return f"the images or the layer cannot be read any more ({error})"
    if now and not files:
        return (
            "an earlier version parted the ground of own images otherwise: it may have learned "
            "from what 'split=val' is now"
        )
    if not (changed := changes(files, now)):
        return ""
    return (
        f"the images or the layer have changed since: {changed}; to learn from them as they are "
        "now, name another folder with 'run'"
    )


def check_not_anew(options: TrainOptions, state: Path) -> None:
    """Raise where a finished model would be lost to a run that begins anew.

    Without the last `state` nothing is left to go on from, and other settings finish otherwise.
    """
    told = _told_before(options)
    if told is None or state.exists():
        return
    changed = differences(told["settings"], settled(options))
    if not changed:
        return
    said = ", ".join(
        f"{name} was {shown(former)} and is {shown(now)}"
        for name, (former, now) in sorted(changed.items())
    )
    commands = " and ".join(AFTERWARDS[name] for name in sorted(changed.keys() & AFTERWARDS))
    further = (
        f", make it of the finished model with {commands}"
        if changed.keys() <= {*AFTERWARDS}
        else ""
    )
    raise OptionsError(
        f"the run in '{options.run}' was finished with other settings: {said}; '{state.name}' is "
        "gone, so that it would begin anew and replace its model: set them back"
        f"{further}, or name another folder with 'run'"
    )


def _told_before(options: TrainOptions) -> dict[str, Any] | None:
    """What a finished run says of itself; None where there is none, or its model is gone."""
    try:
        told = json.loads((options.run / FINISHED).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    known = isinstance(told, dict) and isinstance(told.get("settings"), dict)
    return told if known and (options.run / MODEL / WEIGHTS_FILE).is_file() else None


def write_finished(options: TrainOptions, outcome: Outcome, *, files: Mapping[str, str]) -> None:
    """Note that a run is over, so that the same command does nothing the next time.

    `files` are the marks of the user's own images and layer.
    """
    told = {"settings": settled(options), "files": dict(files), "notice": outcome.notice}
    path = options.run / FINISHED
    with whole_or_nothing([path]) as partial:
        partial[path].write_text(json.dumps(told, indent=2), encoding="utf-8")


def settled(options: TrainOptions) -> dict[str, Any]:
    """All settings that a finished checkpoint depends on."""
    return {**lasting(options), "calibrate": options.calibrate, "export": options.export}


def finish(
    pupil: Pupil, learner: Learner, options: TrainOptions, examiner: Examiner | None
) -> Outcome:
    """Write the averaged weights as a checkpoint of our layout."""
    target = options.run / MODEL
    with learner.average.in_place():
        pupil.answering.write_back()
        write_model(target, finished(pupil, options, told(pupil, learner, options)))
        if options.learning.language == "lora":
            language_model = pupil.origin.model.language_model
            write_adapter(options.run / ADAPTER, language_model, options.learning.lora)
    notice = ""
    if options.calibrate is not None and examiner is not None:
        try:
            found = calibrate_in_place(target, examiner.source, options)
            notice = "; ".join(doubts(found.accepted_empty, asked=found.false_accept))
        except (ModelError, OptionsError) as error:  # what was learned is there all the same
            notice = f"the model is not calibrated: {error}"
    quality = quality_of(target, examiner.source, options) if examiner else None
    with whole_or_nothing([target / PAGE]) as partial:
        text = told(pupil, learner, options, quality=quality)
        partial[target / PAGE].write_text(text, encoding="utf-8")
    return Outcome(target, quality, notice)


def finished(pupil: Pupil, options: TrainOptions, text: str) -> Finished:
    """The model as it is now, to be written."""
    origin = pupil.origin
    model, config = origin.model, origin.model.config
    config.source = origin.name or None
    config.source_commit = None
    config.source_changes = ["trained further by geoseg"] if origin.name else []
    if options.model.new:
        model.train(mode=False)
        config.chips_per_second = round(chips_per_second(model, origin.processor), 1)

    def tensors() -> Iterator[tuple[str, Tensor]]:
        return merged(model, options.learning.lora)

    dtype = origin.stored if options.export == "auto" else torch_dtype(options.export)
    return Finished(tensors, config, origin.processor, pupil.parameters, dtype, text)


def quality_of(folder: Path, source: Source, options: TrainOptions) -> Quality:
    """How good the finished checkpoint is, as any user opens it."""
    segmenter = MLLMSegSegmenter.load(folder, Running(options.machine.device))
    return measured(segmenter, source, samples=options.keep.validation_samples)


def told(
    pupil: Pupil, learner: Learner, options: TrainOptions, *, quality: Quality | None = None
) -> str:
    """What the checkpoint says of itself."""
    parts = sorted(learning_parts(pupil.origin.model, options.learning) - {SMOOTHING})
    if learns_rows(options):
        parts.append("head rows")
    world = learner.places.rank.world
    return page(options, origin=pupil.origin.name, world=world, parts=parts, quality=quality)


def calibrate_in_place(folder: Path, source: Source, options: TrainOptions) -> Calibration:
    """The thresholds that a finished checkpoint has been given now, on data like a source's."""
    segmenter = MLLMSegSegmenter.load(folder, Running(options.machine.device))
    rate = options.calibrate or 0.0
    found = calibrate(segmenter, source, false_accept=rate, seed=options.seed)
    today = datetime.now(UTC).date().isoformat()
    write_settings(folder, calibrated(load_settings(folder), found, data=source.name, date=today))
    return found
