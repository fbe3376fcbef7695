"""The sizes of an MLLMSeg model, the tokens it answers with and the words it is asked in."""

# mypy: disable-error-code="no-untyped-call"
# transformers is typed only in parts

from typing import Any, Literal

from huggingface_hub.dataclasses import strict
from transformers import AutoConfig, InternVLVisionConfig, PreTrainedConfig
from transformers.activations import ACT2FN
from transformers.configuration_utils import SubConfigSpec

from geoseg.errors import ModelError

PHRASE_SLOT = "{phrase}"
"""Where a template wants the phrase."""

IMAGE_SLOT = "<image>"
"""Where the question template wants the image tokens."""

SEG, REJ = "[SEG]", "[REJ]"
"""What the model answers with: here it is, or it is not in this chip."""

IMAGE_START, IMAGE_TOKEN, IMAGE_END = "<img>", "<IMG_CONTEXT>", "</img>"
"""The tokens that stand for the chip."""

FULL_ATTENTION = "full_attention"
"""The kind of language layer whose keys and values can be shared between queries."""

TOWER_SIZES = (
    "hidden_size",
    "intermediate_size",
    "num_hidden_layers",
    "num_attention_heads",
    "num_key_value_heads",
)
"""Settings of a tower that must be at least 1, where it has them."""


@strict
class MLLMSegConfig(PreTrainedConfig):
    """Everything that decides the shape of an MLLMSeg model and the text it is asked with."""

    model_type = "mllmseg"
    sub_configs_defaults = {  # noqa: RUF012 - transformers rewrites it per class and reads it there
        "vision_config": SubConfigSpec(
            config_class=InternVLVisionConfig, init_kwargs={"attention_bias": True}
        ),
        "text_config": SubConfigSpec(config_class=AutoConfig, model_type="qwen2"),
    }

    vision_config: dict[str, Any] | PreTrainedConfig | None = None
    """The vision tower; its last layer is used without a final norm, its width is the decoder's."""

    text_config: dict[str, Any] | PreTrainedConfig | None = None
    """The language model: any causal decoder that `AutoModel` can build (qwen2, llama)."""

    downsample_ratio: float = 0.5
    """How much shorter a side is, in image tokens, than the vision tower's side in patches."""

    decoder_heads: int = 8
    """Attention heads in both layers of the mask decoder."""

    decoder_ffn_width: int = 1024
    """Hidden width of the feed-forward part of both layers of the mask decoder."""

    decoder_dropout: float = 0.1
    """Share of activations dropped in the mask decoder while training."""

    decoder_upsample_groups: int = 4
    """Channel groups that DySample moves independently."""

    query_conditioning: Literal["attention", "film"] = "attention"
    """How the [SEG] state enters the decoder: as published (one-token attention: an added
    vector), or as a scale and a shift of every channel."""

    image_token_id: int = 151667
    seg_token_id: int = 151674
    rej_token_id: int = 151675

    mask_logit_scale: float = 1.0
    """Multiplied to mask logits before the offset, so that probabilities are frequencies."""

    mask_logit_offset: float = 0.0
    """Added to mask logits before the sigmoid, so that 0.5 is the right threshold."""

    presence_logit_offset: float = 0.0
    """Added to the [SEG] minus [REJ] logit before the sigmoid, so that 0.5 is the right one."""

    trained_to_reject: bool | None = None
    """Whether training showed it absent targets; None: not told, its [REJ] may say."""

    learned_words: list[str] | None = None
    """Words without a token of their own that training has shown, read by their letters."""

    calibration: dict[str, Any] | None = None
    """On what, when and for which rate scale and offsets were chosen; None where they were not."""

    system_template: str = (
        "<|im_start|>system\n你是书生·万象，英文名是InternVL，是由上海人工智能实验室、"
        "清华大学及多家合作单位联合开发的多模态大语言模型。<|im_end|>\n"
    )
    question_template: str = (
        "<|im_start|>user\n<image>\n What are {phrase}in this image? "
        "Please output segmentation masks.<|im_end|>\n"
    )
    """Holds `<image>` once and then {phrase}. The default is the published evaluation's text."""

    answer_template: str = "<|im_start|>assistant\nSure,{phrase}:[SEG].<|im_end|>\n"
    """Holds [SEG] once; the model reads it up to there and is asked what comes next."""

    def __post_init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - whatever config.json holds
        super().__post_init__(**kwargs)
        check_tower("vision_config", self.vision)
        check_tower("text_config", self.text)
        self._check_vision()
        self._check_language()
        self._check_decoder()
        self._check_tokens()
        self._check_templates()

    @property
    def vision(self) -> InternVLVisionConfig:
        """The vision tower's configuration."""
        if not isinstance(self.vision_config, InternVLVisionConfig):
            raise ModelError(
                f"vision_config must be of type internvl_vision, not {type(self.vision_config)}"
            )
        return self.vision_config

    @property
    def text(self) -> PreTrainedConfig:
        """The language model's configuration."""
        if not isinstance(self.text_config, PreTrainedConfig):
            raise ModelError(
                f"text_config must be that of a language model, not {type(self.text_config)}"
            )
        return self.text_config

    @property
    def chip_size(self) -> int:
        """Pixels along one side of the chip that the model sees, and of the mask it gives."""
        return square(self.vision.image_size)

    @property
    def patch_size(self) -> int:
        """Pixels along one side of a vision patch."""
        return square(self.vision.patch_size)

    @property
    def side(self) -> int:
        """Vision patches along one side of a chip."""
        return self.chip_size // self.patch_size

    @property
    def shrink(self) -> int:
        """Patches along one side of the square that becomes one image token."""
        return round(1 / self.downsample_ratio)

    @property
    def image_tokens(self) -> int:
        """Tokens that stand for the chip in the language model."""
        return (self.side // self.shrink) ** 2

    @property
    def decoder_width(self) -> int:
        """Channels of the mask decoder: those of the vision tower."""
        return self.vision.hidden_size

    @property
    def language_width(self) -> int:
        """Channels of the language model."""
        return int(self.text.hidden_size)

    @property
    def vocabulary(self) -> int:
        """Tokens that the language model has embeddings for."""
        return int(self.text.vocab_size)

    @property
    def context_length(self) -> int:
        """Tokens that the language model has positions for."""
        return int(self.text.max_position_embeddings)

    def _check_vision(self) -> None:
        width, heads = self.vision.hidden_size, self.vision.num_attention_heads
        if width % heads:
            raise ModelError(
                f"vision_config.num_attention_heads {heads} does not divide the width {width}"
                " (vision_config.hidden_size)"
            )
        if not 0 < self.downsample_ratio <= 1 or self.shrink * self.downsample_ratio != 1:
            raise ModelError(
                f"downsample_ratio must be 1 over a whole number, such as 0.5;"
                f" {self.downsample_ratio} is not"
            )
        if self.chip_size % (self.patch_size * self.shrink):
            raise ModelError(
                f"image_size {self.chip_size} is not a multiple of {self.patch_size * self.shrink}"
                f" (patch_size {self.patch_size} over downsample_ratio {self.downsample_ratio})"
            )
        for name in ("use_mean_pooling", "use_absolute_position_embeddings"):
            if not getattr(self.vision, name):  # without mean pooling there is a final norm
                raise ModelError(
                    f"vision_config.{name} is false, which makes another vision tower than that"
                    " of MLLMSeg; set it to true"
                )

    def _check_language(self) -> None:
        kinds = set(getattr(self.text, "layer_types", None) or [FULL_ATTENTION])
        if kinds != {FULL_ATTENTION}:
            raise ModelError(
                f"text_config.layer_types holds {sorted(kinds)}; every layer must see the whole"
                f" text ({FULL_ATTENTION}), so set use_sliding_window to false"
            )

    def _check_decoder(self) -> None:
        for name in ("decoder_heads", "decoder_upsample_groups"):
            parts = getattr(self, name)
            if parts < 1 or self.decoder_width % parts:
                raise ModelError(
                    f"{name} {parts} does not divide the decoder's width {self.decoder_width}"
                    " (vision_config.hidden_size)"
                )

    def _check_tokens(self) -> None:
        ids = {
            name: getattr(self, name) for name in ("image_token_id", "seg_token_id", "rej_token_id")
        }
        if len(set(ids.values())) < len(ids) or not all(
            0 <= i < self.vocabulary for i in ids.values()
        ):
            raise ModelError(
                f"{ids} must be three different tokens below the vocabulary size {self.vocabulary}"
            )

    def _check_templates(self) -> None:
        before, image, after = self.question_template.partition(IMAGE_SLOT)
        if not image or IMAGE_SLOT in after or PHRASE_SLOT in before or PHRASE_SLOT not in after:
            raise ModelError(
                f"question_template must hold {IMAGE_SLOT} once and then {PHRASE_SLOT};"
                f" {self.question_template!r} does not"
            )
        if self.answer_template.count(SEG) != 1:
            raise ModelError(
                f"answer_template must hold {SEG} once; {self.answer_template!r} does not"
            )
        if PHRASE_SLOT in self.system_template:
            raise ModelError(f"system_template must not hold {PHRASE_SLOT}; it is read only once")


def check_tower(name: str, tower: PreTrainedConfig) -> None:
    """Raise where a tower has no width, layers or heads, or an activation nobody knows."""
    for field in TOWER_SIZES:
        if (size := getattr(tower, field, None)) is not None and size < 1:
            raise ModelError(f"{name}.{field} must be 1 or more, not {size}")
    if (activation := getattr(tower, "hidden_act", None)) is not None and activation not in ACT2FN:
        raise ModelError(
            f"{name}.hidden_act {activation!r} is unknown; use one such as 'gelu' or 'silu'"
        )


def square(size: int | list[int] | tuple[int, ...]) -> int:
    """The side of a square given as `side` or as (height, width).

    >>> square((14, 14))
    14
    """
    height, width = (size, size) if isinstance(size, int) else size
    if height != width or height < 1:
        raise ModelError(
            f"chips and patches must be square and not empty, but one is {height} x {width} pixels"
        )
    return height
