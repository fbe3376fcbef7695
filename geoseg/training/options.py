"""Every setting of a training run."""

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field


class StageOptions(BaseModel):
    """How long and how fast one stage learns."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    steps: int = Field(ge=1, description="Weight updates.")
    batch: int = Field(ge=1, description="Chips in one update.")
    learning_rate: float = Field(gt=0, description="Highest learning rate, after the warm-up.")
    warm_up: int = Field(default=100, ge=1, description="Updates until the highest learning rate.")


class SizeOptions(BaseModel):
    """How large the model is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    chip: int = Field(default=224, description="Pixels along one side of a chip.")
    patch: int = Field(default=14, description="Pixels along one side of a vision patch.")
    width: int = Field(default=256, description="Channels, everywhere.")
    heads: int = Field(default=4, description="Attention heads, everywhere.")
    vision_layers: int = Field(default=6, description="Layers of the vision tower.")
    language_layers: int = Field(default=4, description="Layers of the language model.")
    vision_ffn: int = Field(
        default=1024, description="Hidden width in the vision tower and the decoder."
    )
    language_ffn: int = Field(default=512, description="Hidden width in the language model.")


class TrainOptions(BaseModel):
    """A training run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    scenes: Path = Field(description="Folder of rendered scenes, made if missing.")
    shards: int = Field(default=300, ge=1, description="Files of rendered scenes to make.")
    held_out: Path = Field(description="Folder of scenes to calibrate and measure on.")
    run: Path = Field(description="Folder for checkpoints and the log.")
    seed: int = Field(default=0, ge=0, description="Decides every random choice.")
    queries: int = Field(default=6, ge=1, description="Phrases asked of one chip at once.")
    threads: int = Field(default=1, ge=1, description="Processor threads.")
    bfloat16: bool = Field(default=True, description="Multiply in bfloat16 where that is safe.")
    average: float = Field(
        default=0.998, ge=0, lt=1, description="How slowly the kept weights follow."
    )
    keep_every: int = Field(default=100, ge=1, description="Updates between checkpoints.")
    size: SizeOptions = SizeOptions()
    tower: StageOptions = Field(description="Stage one: the vision tower alone.")
    whole: StageOptions = Field(description="Stage two: everything together.")


def open_options(path: Path) -> TrainOptions:
    """The settings in a YAML file."""
    return TrainOptions.model_validate(yaml.safe_load(path.read_text("utf-8")))
