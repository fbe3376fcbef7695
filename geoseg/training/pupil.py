"""A model that is ready to learn, and all that belongs to it."""

from dataclasses import dataclass

import torch

from geoseg.errors import OptionsError
from geoseg.models.mllmseg.memory import check_memory
from geoseg.training.data.own_options import OwnLayerOptions
from geoseg.training.data.sources import asks_in_vain
from geoseg.training.data_options import RenderedData
from geoseg.training.learner import Places
from geoseg.training.lessons import Answering, learns_rows
from geoseg.training.lora import SMALL
from geoseg.training.opened import check_chip
from geoseg.training.options import TrainOptions
from geoseg.training.origin import Origin, open_origin
from geoseg.training.parts import choose_parts
from geoseg.training.tower import CELL, PixelHead

BESIDE = 4 * 4
"""Bytes beside each number that learns: its gradient, two moments and its average."""


@dataclass(frozen=True, slots=True, eq=False)
class Pupil:
    """A model, what learns in it chosen."""

    origin: Origin

    answering: Answering

    pixel_head: PixelHead
    """For the lesson of the vision tower; thrown away."""

    @property
    def learning(self) -> int:
        """Numbers that learn."""
        parameters = self.answering.parameters()
        return sum(parameter.numel() for parameter in parameters if parameter.requires_grad)

    @property
    def parameters(self) -> int:
        """Numbers of the model, without LoRA."""
        named = self.origin.model.named_parameters()
        return sum(parameter.numel() for name, parameter in named if SMALL not in name)


def open_pupil(options: TrainOptions, places: Places) -> Pupil:
    """The model that a run starts from, with what learns chosen."""
    origin = open_origin(options, places.device)
    config = origin.model.config
    check_chip(options, config.chip_size)
    check_patch(options, config.patch_size)
    choose_parts(origin.model, options.learning)
    torch.manual_seed(options.seed)
    pixel_head = PixelHead(config.decoder_width, config.patch_size).to(places.device)
    answering = Answering(origin.model, options, pixel_head=pixel_head).to(places.device)
    shown = learns_rows(options) and shows_absent(options)
    if shown or options.model.new:
        config.trained_to_reject = shown
    pupil = Pupil(origin, answering, pixel_head)
    if not pupil.learning:
        raise OptionsError("nothing is left to learn; switch on one of the 'parts'")
    what = f"learning {pupil.learning:,} numbers, beside the model itself,"
    check_memory(BESIDE * pupil.learning, places.device, what)
    return pupil


def shows_absent(options: TrainOptions) -> bool:
    """Whether a run asks for anything that is not there."""
    if max(options.ask.absent, options.ask.all_empty) == 0:
        return False
    if options.ask.borrow or isinstance(options.data, RenderedData):
        return True
    if isinstance(options.data, OwnLayerOptions):
        return options.data.absent > 0
    return any(asks_in_vain(name) for name in options.data.train)


def check_patch(options: TrainOptions, patch: int) -> None:
    """Refuse the lesson of the vision tower where a patch is no whole number of its cells."""
    taught = options.tower is not None or options.losses.tower
    if taught and patch % CELL:
        raise OptionsError(
            f"the lesson of the vision tower is about every second pixel, and a patch has {patch}; "
            "use a model with an even 'patch', or leave the lesson out: no 'tower:', and "
            "'losses: {tower: 0}'"
        )
