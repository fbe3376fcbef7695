"""How geoseg-tiny is trained: first the vision tower alone, then everything together."""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from geoseg.models.mllmseg.modeling import MLLMSegModel
from geoseg.models.mllmseg.processing import MLLMSegProcessor
from geoseg.models.mllmseg.prompt import PackedPrompt
from geoseg.training.chips import Shard, TruthChip, open_shards, render
from geoseg.training.loop import train
from geoseg.training.losses import decision_loss, mask_loss
from geoseg.training.options import TrainOptions, open_options
from geoseg.training.phrases import phrases
from geoseg.training.release import chips_per_second, write_checkpoint
from geoseg.training.start import prepare, prepare_drawing
from geoseg.training.tiny import tiny_config, tiny_tokenizer
from geoseg.training.tower import PixelHead, lesson, lesson_loss
from geoseg.training.validation import (
    HELD_OUT_SEED,
    Quality,
    ask,
    best_level,
    calibrated,
    presence_level,
    quality,
)

TOWER_SHARE = 0.6
"""Learning rate of the vision tower in stage two: it knows much already."""

SMOOTHING_SHARE = 3.0
"""Learning rate of the decoder's last layer: it has few weights, and all masks pass it."""

PIXEL_SHARE = 0.5
"""How much stage two still cares for the lesson of stage one."""

PHRASES_ASKED = 8
"""Phrases about each held-out chip."""

HELD_OUT_SHARDS = 8
"""Files of held-out scenes: one half to calibrate on, the other to measure on."""

SHARDS_AT_ONCE = 50
"""Steps between two looks for newly rendered scenes."""


class Seeing(nn.Module):
    """The vision tower with its throw-away head."""

    def __init__(self, tower: nn.Module, head: PixelHead) -> None:
        super().__init__()
        self.tower = tower
        self.head = head

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Class and colour logits of chips."""
        patches = self.tower(pixel_values=pixels).last_hidden_state[:, 1:]
        logits: tuple[Tensor, Tensor] = self.head(patches)
        return logits


class Answering(nn.Module):
    """The whole model, and the throw-away head."""

    def __init__(self, model: MLLMSegModel, head: PixelHead) -> None:
        super().__init__()
        self.model = model
        self.head = head


class Source:
    """Chips from rendered scenes, the same for the same step."""

    def __init__(self, options: TrainOptions, processor: MLLMSegProcessor) -> None:
        self.options = options
        self.processor = processor
        self._shards: list[Shard] = []

    def chips(self, rng: np.random.Generator, count: int) -> list[TruthChip]:
        """So many chips, each from a scene of its own."""
        size = self.options.size.chip
        shards = [self._shards[i] for i in rng.integers(len(self._shards), size=count)]
        return [shard.cut(int(rng.integers(len(shard.ids))), rng, size) for shard in shards]

    def pixels(self, chips: list[TruthChip]) -> Tensor:
        """What the vision tower sees."""
        return self.processor.pixels(np.stack([chip.rgb for chip in chips]))

    def refresh(self, step: int) -> None:
        """Look for newly rendered scenes now and then."""
        if step % SHARDS_AT_ONCE == 0 or not self._shards:
            self._shards = open_shards(self.options.scenes, self._shards)


@dataclass(frozen=True, slots=True, eq=False)
class PixelBatch:
    """Chips and what is at their pixels."""

    pixels: Tensor
    truth: tuple[Tensor, Tensor]


class PixelLesson:
    """Stage one."""

    def __init__(self, source: Source, module: Seeing) -> None:
        self.source = source
        self.module = module

    def rate(self, name: str) -> float:
        """All learn equally fast."""
        del name
        return 1.0

    def batch(self, step: int) -> PixelBatch:
        """Chips and their truth."""
        options = self.source.options
        self.source.refresh(step)
        rng = np.random.default_rng([options.seed, 1, step])
        chips = self.source.chips(rng, options.tower.batch)
        return PixelBatch(self.source.pixels(chips), lesson(chips))

    def losses(self, batch: PixelBatch) -> dict[str, Tensor]:
        """Classes and colours."""
        return {"pixels": lesson_loss(self.module(batch.pixels), batch.truth)}


@dataclass(frozen=True, slots=True, eq=False)
class PhraseBatch:
    """Chips, phrases about them, and what they mean."""

    pixels: Tensor
    prompt: PackedPrompt
    masks: Tensor
    """(n, q, S, S) float32, 0 or 1."""

    present: Tensor
    """(n, q) bool."""

    truth: tuple[Tensor, Tensor]
    """Of stage one."""


class PhraseLesson:
    """Stage two."""

    def __init__(self, source: Source, module: Answering) -> None:
        self.source = source
        self.module = module

    def rate(self, name: str) -> float:
        """The vision tower learns more slowly than what is new, the last layer faster."""
        if name.startswith("model.mask_decoder.smoothing"):
            return SMOOTHING_SHARE
        return TOWER_SHARE if name.startswith(("model.vision_tower", "head")) else 1.0

    def batch(self, step: int) -> PhraseBatch:
        """Chips, phrases, truth."""
        options = self.source.options
        self.source.refresh(step)
        rng = np.random.default_rng([options.seed, 2, step])
        chips = self.source.chips(rng, options.whole.batch)
        said = [phrases(c.ids, c.objects, count=options.queries, rng=rng) for c in chips]
        masks = np.stack([[phrase.mask for phrase in row] for row in said])
        return PhraseBatch(
            self.source.pixels(chips),
            self.source.processor.pack([[phrase.text for phrase in row] for row in said]),
            torch.from_numpy(masks).float(),
            torch.from_numpy(masks.any(axis=(2, 3))),
            lesson(chips),
        )

    def losses(self, batch: PhraseBatch) -> dict[str, Tensor]:
        """Masks, decisions, and a little of stage one."""
        model = self.module.model
        patches = model.encode_image(batch.pixels)
        reading = model.read(patches, batch.prompt)
        trunk = model.mask_decoder.trunk(patches, reading.image_states)
        masks = model.mask_decoder.draw(trunk, reading.intents)
        return {
            "mask": mask_loss(masks.float(), batch.masks),
            "decision": decision_loss(reading.decision_logits.float(), batch.present),
            "pixels": PIXEL_SHARE * lesson_loss(self.module.head(patches), batch.truth),
        }


def teach(options: TrainOptions) -> MLLMSegModel:
    """Both stages, each from its last checkpoint; the trained model."""
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    tokenizer = tiny_tokenizer()
    config = tiny_config(options.size, tokenizer)
    source = Source(options, MLLMSegProcessor(tokenizer, config))
    model = MLLMSegModel(config)
    model.set_attn_implementation("eager")  # a third faster to train than sdpa on processors
    prepare(model.vision_tower, config.side)
    prepare_drawing(model.mask_decoder)
    head = PixelHead(options.size.width, options.size.patch)
    # 1. look
    seeing = Seeing(model.vision_tower, head)
    train(PixelLesson(source, seeing), options.tower, options, name="tower")
    # 2. look, read, draw
    answering = Answering(model, head)
    train(PhraseLesson(source, answering), options.whole, options, name="whole")
    return model


def released(options: TrainOptions, model: MLLMSegModel) -> list[Quality]:
    """Calibrate on one half of the held-out scenes, write the checkpoint; quality on the rest."""
    processor = MLLMSegProcessor(tiny_tokenizer(), model.config)
    shards = open_shards(options.held_out)
    half = len(shards) // 2
    known = ask(model, processor, shards[:half], queries=PHRASES_ASKED, seed=options.seed)
    calibrated(model, known)
    model.config.chips_per_second = round(chips_per_second(model, processor), 1)
    fresh = ask(model, processor, shards[half:], queries=PHRASES_ASKED, seed=options.seed + 1)
    write_checkpoint(options.run / "model", model, processor)
    return quality(fresh, mask_level=best_level(known), presence_level=presence_level(known))


def main() -> None:
    """Train as a YAML file says, save what comes out, and say how good it is."""
    options = open_options(Path(sys.argv[1]))
    render(options.held_out, first_seed=HELD_OUT_SEED, shards=HELD_OUT_SHARDS)
    render(options.scenes, first_seed=0, shards=options.shards)
    for row in released(options, teach(options)):
        sys.stdout.write(f"{row}\n")


if __name__ == "__main__":
    main()
