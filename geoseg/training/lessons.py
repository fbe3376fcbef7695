"""What each stage teaches: modules whose output is what was wrong."""

from abc import ABC, abstractmethod
from typing import Self

import torch
from torch import Tensor, nn

from geoseg.models.mllmseg.modeling import MLLMSegModel
from geoseg.models.mllmseg.prompt import PackedPrompt
from geoseg.training.batches import Batch
from geoseg.training.losses import Totals, answer_counts, answer_totals
from geoseg.training.options import TrainOptions
from geoseg.training.parts import to_training
from geoseg.training.tower import PixelHead, lesson_loss

TOWER = "tower"
"""The name of the first stage, and of what it makes smaller."""


class Lesson(nn.Module, ABC):
    """A module that is called with a batch and returns what was wrong, summed over queries."""

    @abstractmethod
    def forward(self, batch: Batch) -> Totals:
        """The sum of each kind of error."""

    @abstractmethod
    def counts(self, batch: Batch) -> dict[str, float]:
        """How many queries each kind of error is about."""


class Seeing(Lesson):
    """The vision tower with its throw-away head: what is at every pixel, and of which colour."""

    def __init__(self, model: MLLMSegModel, pixel_head: PixelHead) -> None:
        super().__init__()
        self.vision_tower = model.vision_tower
        self.pixel_head = pixel_head

    def forward(self, batch: Batch) -> Totals:
        """Classes and colours."""
        patches = self.vision_tower(pixel_values=batch.pixels).last_hidden_state[:, 1:]
        return {TOWER: tower_loss(self.pixel_head(patches), batch)}

    def counts(self, batch: Batch) -> dict[str, float]:
        """One: the loss is about the batch as a whole."""
        del batch
        return {TOWER: 1.0}


class Answering(Lesson):
    """The whole model; the two rows of its head that are read learn apart from the others."""

    def __init__(
        self, model: MLLMSegModel, options: TrainOptions, *, pixel_head: PixelHead | None = None
    ) -> None:
        super().__init__()
        self.model = model
        self.pixel_head = pixel_head if options.losses.tower else None
        self.rows = nn.Parameter(read_rows(model), requires_grad=learns_rows(options))
        self._wanted = options.losses.model_dump()
        self._parts = options.learning

    def train(self, mode: bool = True) -> Self:  # noqa: FBT001, FBT002 as torch has it
        """Switch to training or to use; what is frozen always behaves as in use."""
        super().train(mode)
        if mode:
            to_training(self.model, self._parts)
        return self

    def forward(self, batch: Batch) -> Totals:
        """Decisions and masks, and a little of the first stage where that is wanted."""
        # 1. look, read, draw and decide, as in use
        patches = self.model.encode_image(batch.pixels)  # (n, s*s, D)
        masks, decisions = self.answers_from(patches, batch.prompt)
        # 2. hold it against the truth
        totals = answer_totals(
            masks.float(),
            decisions.float(),
            truth=batch.truth.float(),
            asked=batch.prompt.present,
            wanted=self._wanted,
        )
        if self.pixel_head is not None:
            totals[TOWER] = tower_loss(self.pixel_head(patches), batch)
        return totals

    def counts(self, batch: Batch) -> dict[str, float]:
        """How many queries each kind of error is about."""
        counts = answer_counts(batch.truth, batch.prompt.present, self._wanted)
        return counts if self.pixel_head is None else {**counts, TOWER: 1.0}

    def answers(self, pixels: Tensor, prompt: PackedPrompt) -> tuple[Tensor, Tensor]:
        """Mask logits (n, q, S, S) and decisions (n, q, 2) about chips (n, 3, S, S)."""
        return self.answers_from(self.model.encode_image(pixels), prompt)

    def answers_from(self, patches: Tensor, prompt: PackedPrompt) -> tuple[Tensor, Tensor]:
        """Mask logits (n, q, S, S) and decisions (n, q, 2) from patches (n, s*s, D)."""
        reading = self.model.read(patches, prompt)
        trunk = self.model.mask_decoder.trunk(patches, reading.image_states)  # (n, s*s, D)
        masks = self.model.mask_decoder.draw(trunk, reading.intents, prompt.present)  # (n, q, S, S)
        return masks, nn.functional.linear(reading.intents, self.rows)

    @torch.no_grad()
    def write_back(self) -> None:
        """Put the rows into the model's head."""
        config = self.model.config
        rows = [config.seg_token_id, config.rej_token_id]
        self.model.lm_head.weight[rows] = self.rows.to(self.model.lm_head.weight)


def learns_rows(options: TrainOptions) -> bool:
    """Whether the rows of the head learn: where nothing decides, nothing reaches them."""
    return options.learning.head_rows and options.losses.decision > 0


def read_rows(model: MLLMSegModel) -> Tensor:
    """The rows of [SEG] and [REJ] in the head: (2, T) float32."""
    rows = [model.config.seg_token_id, model.config.rej_token_id]
    chosen: Tensor = model.lm_head.weight.detach()[rows].float()
    return chosen


def tower_loss(logits: tuple[Tensor, Tensor], batch: Batch) -> Tensor:
    """How wrong classes and colours are, as one number for the whole batch."""
    if batch.cells is None:
        raise ValueError("only batches of rendered scenes tell what every pixel is")
    truth = batch.cells[:, 0], batch.cells[:, 1]
    return lesson_loss(logits, truth)
