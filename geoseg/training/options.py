"""Every setting of a training run, declared once."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    BeforeValidator,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from geoseg.training.data.augmentation import AUGMENTATIONS
from geoseg.training.data.own_options import OwnLayerOptions
from geoseg.training.data.settings import refused
from geoseg.training.data_options import Data, Group, HomePath, RenderedData, data_of
from geoseg.yaml_file import load_yaml

Share = Annotated[float, Field(ge=0, le=1)]

PARTS = ("vision", "projector", "language", "embeddings", "norm", "head_rows", "decoder")
"""What a model is made of, as far as learning is concerned."""

SMOOTHING = "smoothing"
"""The decoder's last layer, whose learning rate can be set apart."""


USUAL_STRENGTH = 2.0
"""Of LoRA, as published."""


class SizeOptions(Group):
    """How large a new model is."""

    chip: int = Field(default=160, ge=8, description="Pixels along one side of a chip.")
    patch: int = Field(default=10, ge=2, description="Pixels along one side of a vision patch.")
    width: int = Field(default=256, ge=8, description="Channels, everywhere.")
    heads: int = Field(default=4, ge=1, description="Attention heads, everywhere.")
    vision_layers: int = Field(default=6, ge=1, description="Layers of the vision tower.")
    language_layers: int = Field(default=4, ge=1, description="Layers of the language model.")
    vision_ffn: int = Field(default=1024, ge=1, description="Hidden width in the vision tower.")
    decoder_ffn: int = Field(default=512, ge=1, description="Hidden width in the mask decoder.")
    language_ffn: int = Field(default=512, ge=1, description="Hidden width in the language model.")


class StartOptions(Group):
    """What learning starts from: the checkpoint `name`, or a `new` model."""

    name: str | None = Field(
        default=None, description="geoseg-tiny, the folder of a checkpoint, or a hub id."
    )
    new: SizeOptions | None = Field(default=None, description="Sizes of a model made from nothing.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.name is None) == (self.new is None):
            raise ValueError("must be the name of a checkpoint, or 'new:' with sizes, and not both")
        return self


def _named(value: object) -> object:
    """A bare name as the setting it stands for; anything else as it is."""
    return {"name": value} if isinstance(value, str) else value


class AskOptions(Group):
    """What is asked of a chip, and how chips are changed."""

    queries: int = Field(default=5, ge=1, description="Phrases asked of one chip at most.")
    absent: Share = Field(default=0.3, description="Share of phrases for what is not there.")
    all_empty: Share = Field(
        default=0.06, description="Share of chips asked only for what they do not hold."
    )
    borrow: bool = Field(
        default=True,
        description="Ask for what other images show where the data has nothing absent to ask for.",
    )
    augment: bool = Field(default=True, description="Turn, scale, light ... chips at random.")
    chances: dict[str, Share] = Field(
        default={}, description=f"How often each change is made: {', '.join(AUGMENTATIONS)}."
    )

    @model_validator(mode="after")
    def _known(self) -> Self:
        if strange := sorted(set(self.chances) - set(AUGMENTATIONS)):
            raise ValueError(f"knows no change {strange}; there are {', '.join(AUGMENTATIONS)}")
        return self


class LoraOptions(Group):
    """Small matrices beside those of the language model that learn in their place."""

    rank: int = Field(default=64, ge=1, description="Rows of each small matrix.")
    alpha: float | None = Field(
        default=None, gt=0, description="Strength is alpha over rank; twice the rank if not given."
    )
    dropout: float = Field(default=0.05, ge=0, lt=1, description="Share of inputs left out.")

    @property
    def strength(self) -> float:
        """What the product of the small matrices is multiplied by."""
        return USUAL_STRENGTH if self.alpha is None else self.alpha / self.rank


class PartsOptions(Group):
    """Which parts learn. As published by default, and the two rows of the head."""

    language: Literal["lora", "all", "frozen"] = Field(
        default="lora", description="The language model's layers: by LoRA, all of them, or not."
    )
    lora: LoraOptions = LoraOptions()
    vision: bool = Field(default=False, description="The vision tower.")
    projector: bool = Field(default=False, description="Between vision and language model.")
    embeddings: bool | None = Field(
        default=None,
        description="What words mean; as published where not given: yes for InternLM2, else no.",
    )
    norm: bool = Field(default=True, description="The language model's final norm.")
    head_rows: bool = Field(
        default=True, description="The rows of [SEG] and [REJ] in the head: what presence is."
    )
    decoder: bool = Field(default=True, description="The mask decoder.")
    statistics: bool = Field(
        default=False, description="The decoder's running means; for large batches or new models."
    )


ALL_PARTS = PartsOptions(
    language="all", vision=True, projector=True, embeddings=True, statistics=True
)
"""What learns in a new model."""


class LossOptions(Group):
    """How much each kind of error counts."""

    decision: float = Field(default=1, ge=0, description="Cross-entropy of [SEG] against [REJ].")
    focal: float = Field(default=1, ge=0, description="Focal loss of masks of what is there.")
    dice: float = Field(default=1, ge=0, description="Dice loss of masks of what is there.")
    pixel: float = Field(
        default=0, ge=0, description="Cross-entropy of masks, more for pixels of small objects."
    )
    absent: float = Field(default=0, ge=0, description="Cross-entropy of masks of what is absent.")
    tower: float = Field(
        default=0, ge=0, description="Class and colour of pixels; for rendered scenes only."
    )


class StageOptions(Group):
    """How long and how fast one stage learns."""

    steps: int = Field(ge=1, description="Weight updates.")
    batch: int = Field(default=4, ge=1, description="Chips looked at together, on each GPU.")
    accumulate: int = Field(default=1, ge=1, description="Batches in one update.")
    learning_rate: float = Field(
        default=4e-5, gt=0, description="Highest learning rate, after the warm-up."
    )
    warm_up: int = Field(default=100, ge=1, description="Updates until the highest learning rate.")


class OptimiserOptions(Group):
    """How weights are updated."""

    kind: Literal["adamw", "muon"] = Field(
        default="adamw", description="adamw, or muon for matrices of layers: for new models."
    )
    matrices: float = Field(
        default=25, gt=0, description="Muon's learning rate, in those of everything else."
    )
    betas: tuple[Annotated[float, Field(ge=0, lt=1)], Annotated[float, Field(ge=0, lt=1)]] = Field(
        default=(0.9, 0.999), description="How slowly both moments follow."
    )
    weight_decay: float = Field(default=0.05, ge=0, description="Pull of matrices towards 0.")
    clip: float = Field(default=1.0, gt=0, description="Gradients longer than this are shortened.")
    schedule: Literal["cosine", "constant"] = Field(
        default="cosine", description="The learning rate after the warm-up."
    )
    lowest: Share = Field(default=0.0, description="Share of the learning rate left at the end.")
    rates: dict[str, Annotated[float, Field(gt=0)]] = Field(
        default={}, description=f"Share of the rate by part: {', '.join(PARTS)}, {SMOOTHING}."
    )

    @model_validator(mode="after")
    def _known(self) -> Self:
        if strange := sorted(set(self.rates) - {*PARTS, SMOOTHING}):
            raise ValueError(f"knows no part {strange}; there are {', '.join(PARTS)}, {SMOOTHING}")
        return self


class KeepOptions(Group):
    """What is written while a run lasts, and how often."""

    every: int = Field(default=100, ge=1, description="Updates between two kept states.")
    validate_every: int = Field(default=500, ge=1, description="Updates between two validations.")
    validation_samples: int = Field(default=64, ge=1, description="Samples measured on at most.")
    pictures: int = Field(default=8, ge=0, description="Samples on the sheet of pictures.")
    tensorboard: bool = Field(default=True, description="Whether TensorBoard is written for.")


class MachineOptions(Group):
    """Where and in which numbers learning is computed."""

    device: str = Field(
        default="auto", pattern=r"^(auto|cpu|cuda(:\d+)?)$", description="auto, cpu or cuda:0."
    )
    numbers: Literal["bfloat16", "float32"] = Field(
        default="bfloat16", description="What is multiplied in where that is safe."
    )
    frozen: Literal["auto", "bfloat16", "float32"] = Field(
        default="auto", description="What parts that do not learn are kept in."
    )
    checkpointing: bool = Field(
        default=False, description="Compute layers twice instead of remembering them: less memory."
    )
    workers: int = Field(default=1, ge=0, description="Processes that make batches ready.")
    threads: int | None = Field(default=None, ge=1, description="Processor threads of torch.")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.numbers, self.frozen) == ("float32", "bfloat16"):
            raise ValueError(
                "keeps frozen parts in bfloat16, which needs 'numbers: bfloat16'; change either"
            )
        return self

    @property
    def kept(self) -> str:
        """What parts that do not learn are kept in, as devices know it."""
        return "float32" if self.numbers == "float32" else self.frozen


Told = TypeVar("Told", LossOptions, StageOptions | None)


class TrainOptions(Group):
    """A training run."""

    run: HomePath = Field(description="Folder for states, logs, pictures and the finished model.")
    model: Annotated[StartOptions, BeforeValidator(_named)] = Field(
        description="A checkpoint's name, or 'new:' and sizes."
    )
    data: Data = Field(description="An own layer, names of data sets, or rendered scenes.")
    seed: int = Field(default=0, ge=0, description="Decides every random choice.")
    ask: AskOptions = AskOptions()
    parts: PartsOptions | None = Field(
        default=None, description="What learns; where not given, all of a new model."
    )
    losses: LossOptions = LossOptions()
    tower: StageOptions | None = Field(
        default=None, description="Stage one, for rendered scenes: the vision tower alone."
    )
    whole: StageOptions = Field(description="The stage in which phrases are answered.")
    optimiser: OptimiserOptions = OptimiserOptions()
    average: float = Field(
        default=0.998, ge=0, lt=1, description="How slowly the kept weights follow."
    )
    keep: KeepOptions = KeepOptions()
    machine: MachineOptions = MachineOptions()
    export: Literal["auto", "float32", "bfloat16", "float16"] = Field(
        default="auto", description="What the finished model is stored in; auto: as it came."
    )
    calibrate: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="Calibrate the finished model so that this share of empty chips is answered.",
    )

    @field_validator("tower", "losses")
    @classmethod
    def _teachable(cls, told: Told, info: ValidationInfo) -> Told:
        wanted = isinstance(told, StageOptions) or (isinstance(told, LossOptions) and told.tower)
        if wanted and not isinstance(info.data.get("data"), RenderedData):
            raise ValueError(
                "asks for the lesson of the vision tower, which only rendered scenes can teach: "
                "leave it out, or give 'scenes: FOLDER' under 'data:'"
            )
        return told

    @field_validator("calibrate")
    @classmethod
    def _measurable(cls, rate: float | None, info: ValidationInfo) -> float | None:
        data = info.data.get("data")
        if rate is None or data is None:
            return rate
        if isinstance(data, OwnLayerOptions):
            if not data.validation_share:
                raise ValueError("needs data to calibrate on; give a 'validation_share' above 0")
        elif not data.validation:
            raise ValueError("needs data to calibrate on; name it with 'validation' under 'data:'")
        return rate

    @model_validator(mode="after")
    def _for_new_models(self) -> Self:
        if self.optimiser.kind == "muon" and self.learning.language == "lora":
            raise ValueError(
                "asks for 'optimiser.kind: muon', which is for whole matrices, and for LoRA, whose"
                " matrices are halves: use adamw"
            )
        return self

    @property
    def learning(self) -> PartsOptions:
        """Which parts learn."""
        return self.parts or (ALL_PARTS if self.model.new else PartsOptions())

    @property
    def validation(self) -> str | OwnLayerOptions | None:
        """What is measured on, by name or as the own layer it is part of; None: nothing."""
        if not isinstance(self.data, OwnLayerOptions):
            return self.data.validation
        return self.data if self.data.validation_share else None


FREE = ("keep", "machine", "run", "calibrate", "export")
"""Settings that a run may go on with otherwise than it began."""


def lasting(options: TrainOptions) -> dict[str, Any]:
    """The settings that decide what is learned: a run goes on only with the same."""
    said: dict[str, Any] = options.model_dump(mode="json", exclude=set(FREE))
    return said


def open_options(path: Path) -> TrainOptions:
    """The settings in a YAML file; paths of an own layer in it are relative to the file."""
    content = load_yaml(path)
    way_out = "see configs/train/ for examples"
    try:
        content["data"] = data_of(content.get("data"), path.parent)
    except ValidationError as error:
        raise refused(error, f"the data in '{path}'", way_out) from None
    try:
        return TrainOptions.model_validate(content)
    except ValidationError as error:
        raise refused(error, f"the training run in '{path}'", way_out) from None
