"""The configuration of a published checkpoint, in our terms."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from geoseg.checkpoint import learned_to_reject
from geoseg.errors import ModelError
from geoseg.models.mllmseg.configuration import IMAGE_TOKEN, REJ, SEG, MLLMSegConfig

PUBLISHED_TYPE = "internvl_chat"
"""What published MLLMSeg checkpoints call themselves."""

ARCHITECTURE = "MLLMSeg"

START = "<s>"
"""What the published InternLM2 models read before the system text."""

FIXED: dict[str, Any] = {
    "select_layer": -1,
    "ps_version": "v2",
    "downsample_ratio": 0.5,
    "use_backbone_lora": 0,
    "template": "internvl2_5",
}
"""The settings that no published checkpoint has otherwise, and that we know no other model for."""

FIXED_VISION: dict[str, Any] = {
    "model_type": "intern_vit_6b",
    "qk_normalization": False,
    "norm_type": "layer_norm",
    "hidden_act": "gelu",
    "num_channels": 3,
}

FIXED_LANGUAGE: dict[str, dict[str, Any]] = {
    "qwen2": {"hidden_act": "silu", "use_sliding_window": False},
    "internlm2": {"hidden_act": "silu", "bias": False},
}

SIZES = (
    "hidden_size",
    "intermediate_size",
    "num_hidden_layers",
    "num_attention_heads",
)

LANGUAGE_SIZES = (
    *SIZES,
    "num_key_value_heads",
    "vocab_size",
    "max_position_embeddings",
    "rms_norm_eps",
)

HARMLESS_ROPE = {"default", "dynamic"}
"""No scaling of positions, and one that only begins beyond `max_position_embeddings`, where we
refuse queries anyway; leaving it out saves a look at the positions in every pass."""

Settings = Mapping[str, Any]


def our_config(
    settings: Settings, token_ids: Mapping[str, int], *, name: str = ""
) -> MLLMSegConfig:
    """The configuration of the model that a published config.json describes.

    `token_ids` are those of the control tokens, which only the tokenizer knows; `name` is what the
    checkpoint is called. What the file says of attention kernels and of the dtype to compute in is
    left to whoever loads the model.
    """
    check_fixed("", settings, FIXED)
    check_architecture(settings.get("architectures"))
    vision, language = part(settings, "vision_config"), part(settings, "llm_config")
    kind = language.get("model_type")
    if kind not in LANGUAGE:
        raise ModelError(
            f"llm_config.model_type {kind!r} is a language model that geoseg does not know in"
            f" published checkpoints; known are {', '.join(LANGUAGE)}"
        )
    start = START if kind == "internlm2" else ""
    return MLLMSegConfig(
        vision_config=vision_settings(vision, settings.get("force_image_size")),
        text_config=LANGUAGE[kind](language),
        image_token_id=token_ids[IMAGE_TOKEN],
        seg_token_id=token_ids[SEG],
        rej_token_id=token_ids[REJ],
        system_template=start + MLLMSegConfig.system_template,
        trained_to_reject=learned_to_reject(name),
        dtype=settings.get("torch_dtype", settings.get("dtype")),
    )


def lora_rank(settings: Settings) -> int:
    """The rank of the LoRA that is not merged into the language model; 0 where there is none."""
    rank = settings.get("use_llm_lora") or 0
    if not isinstance(rank, int) or rank < 0:
        raise ModelError(f"use_llm_lora must be the rank of a LoRA or 0, not {rank!r}")
    return rank


def vision_settings(vision: Settings, size_used: int | None) -> dict[str, Any]:
    """What our vision tower is built from."""
    check_fixed("vision_config.", vision, FIXED_VISION)
    wanted = values(
        "vision_config.", vision, (*SIZES, "image_size", "patch_size", "layer_norm_eps", "qkv_bias")
    )
    if size_used not in (None, wanted["image_size"]):
        raise ModelError(
            f"force_image_size {size_used!r} is not vision_config.image_size"
            f" {wanted['image_size']!r}, for which the position embeddings were made"
        )
    return {
        **wanted,
        "attention_bias": wanted.pop("qkv_bias"),
        "hidden_act": "gelu",  # exact, not its tanh approximation
        "norm_type": "layer_norm",
        "use_qk_norm": False,
        "use_mean_pooling": True,  # in transformers' words: no norm after the last layer
        "use_absolute_position_embeddings": True,
    }


def qwen2_settings(language: Settings) -> dict[str, Any]:
    """What our Qwen2 is built from."""
    return {"model_type": "qwen2", **language_settings("qwen2", language)}


def llama_settings(language: Settings) -> dict[str, Any]:
    """What our Llama is built from, where InternLM2 was published: the same by other names."""
    settings = language_settings("internlm2", language)
    return {"model_type": "llama", **settings, "attention_bias": False, "mlp_bias": False}


LANGUAGE: dict[str, Callable[[Settings], dict[str, Any]]] = {
    "qwen2": qwen2_settings,
    "internlm2": llama_settings,
}


def language_settings(kind: str, language: Settings) -> dict[str, Any]:
    """What the language models have in common."""
    check_fixed("llm_config.", language, FIXED_LANGUAGE[kind])
    check_rope(language)
    return {
        **values("llm_config.", language, LANGUAGE_SIZES),
        "hidden_act": "silu",
        "rope_parameters": {"rope_type": "default", "rope_theta": rope_theta(language)},
        "tie_word_embeddings": False,  # whatever the file says, the published head is its own
        "pad_token_id": None,
        "bos_token_id": None,
        "eos_token_id": None,
    }


def check_rope(language: Settings) -> None:
    """Raise where positions are scaled, in the words of any transformers, in a way that matters."""
    for name in ("rope_scaling", "rope_parameters"):
        scaling = language.get(name)
        if scaling is not None and not rope_types(scaling) <= HARMLESS_ROPE:
            raise ModelError(
                f"llm_config.{name} {scaling!r} is unknown; published checkpoints have none or"
                f" one of type {' or '.join(map(repr, sorted(HARMLESS_ROPE)))}"
            )


def rope_types(scaling: object) -> set[str]:
    """What kinds of scaling of positions the settings ask for, under the names old and new.

    >>> rope_types({"rope_type": "default", "rope_theta": 1e6})
    {'default'}
    """
    if not isinstance(scaling, dict):
        return {repr(scaling)}
    return {str(scaling[name]) for name in ("type", "rope_type") if name in scaling} or {"none"}


def rope_theta(language: Settings) -> float:
    """How slowly the slowest part of a position turns, from where any transformers writes it."""
    inner = language.get("rope_parameters") or {}
    given = [s["rope_theta"] for s in (language, inner) if s.get("rope_theta") is not None]
    if not given:
        raise ModelError("it does not say llm_config.rope_theta")
    theta = given[0]
    if isinstance(theta, bool) or not isinstance(theta, int | float) or not 0 < theta < math.inf:
        raise ModelError(f"llm_config.rope_theta must be a number above 0, not {theta!r}")
    if given[-1] != theta:
        raise ModelError(f"llm_config.rope_theta is both {theta!r} and {given[-1]!r}")
    return float(theta)


def part(settings: Settings, name: str) -> Settings:
    """The settings of one part of the model."""
    found = settings.get(name)
    if not isinstance(found, dict):
        raise ModelError(f"it has no {name}, which says the sizes of a part of the model")
    return found


def values(prefix: str, settings: Settings, names: tuple[str, ...]) -> dict[str, Any]:
    """The settings of those names, all of which must be there."""
    if missing := [f"{prefix}{name}" for name in names if settings.get(name) is None]:
        raise ModelError(f"it does not say {', '.join(missing)}")
    return {name: settings[name] for name in names}


def check_fixed(prefix: str, settings: Settings, fixed: Mapping[str, Any]) -> None:
    """Raise where a setting is not what it is in all published checkpoints."""
    for name, usual in fixed.items():
        if (given := settings.get(name, usual)) != usual:
            raise ModelError(
                f"{prefix}{name} is {given!r}; geoseg knows published models with {usual!r} only"
            )


def check_architecture(names: object) -> None:
    """Raise where the weights are those of another model with the same kind of configuration."""
    if names is not None and not any(ARCHITECTURE in str(name) for name in list_of(names)):
        raise ModelError(
            f"architectures is {names!r}, not {ARCHITECTURE!r}; a plain InternVL has no mask"
            " decoder, so give an MLLMSeg checkpoint"
        )


def list_of(names: object) -> list[object]:
    """A list of one or of many."""
    return names if isinstance(names, list) else [names]
