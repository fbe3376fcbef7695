"""What a checkpoint says of itself without being loaded."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from geoseg.costs import DecoderSizes, LanguageSizes, ModelSizes, VisionSizes
from geoseg.errors import CheckpointError

Kind = Literal["own", "published"]

KINDS: dict[str, Kind] = {"mllmseg": "own", "internvl_chat": "published"}
"""The layout of a checkpoint, by its model_type."""

LANGUAGES: dict[str, Literal["qwen2", "llama", "internlm2"]] = {
    "qwen2": "qwen2",
    "llama": "llama",
    "internlm2": "internlm2",
}
"""Language models whose costs are known, by their model_type."""

CONDITIONINGS: dict[str, Literal["attention", "film"]] = {"attention": "attention", "film": "film"}

USUAL = {
    "norm_type": "layer_norm",
    "num_channels": 3,
    "qk_normalization": False,
    "use_absolute_position_embeddings": True,
    "use_mask_token": False,
    "use_mean_pooling": True,
    "use_qk_norm": False,
}
"""What costs are known for; a vision tower that has it otherwise is of another make."""

IMAGE_ENDS = 2
"""Tokens: `<img>` and `</img>`."""

PHRASE_TOKENS = 15
"""Of a long phrase: with it the published templates take the 50 tokens of the field's tables."""

FIRST_IDEOGRAM = 0x2E80

PUBLISHED_VISION = VisionSizes(chip_size=448, patch_size=14, layers=24, width=1024, hidden=4096)

PUBLISHED_LANGUAGES = {
    "1B": LanguageSizes(
        kind="qwen2", layers=24, width=896, heads=14, kv_heads=2, head_width=64, hidden=4864,
        vocabulary=151_676,
    ),
    "2B": LanguageSizes(
        kind="internlm2", layers=24, width=2048, heads=16, kv_heads=8, head_width=128, hidden=8192,
        vocabulary=92_555,
    ),
    "4B": LanguageSizes(
        kind="qwen2", layers=36, width=2048, heads=16, kv_heads=2, head_width=128, hidden=11_008,
        vocabulary=151_676,
    ),
    "8B": LanguageSizes(
        kind="internlm2", layers=32, width=4096, heads=32, kv_heads=8, head_width=128,
        hidden=14_336, vocabulary=92_555,
    ),
}  # fmt: skip

PUBLISHED_ID = re.compile(r"jcwang0602/MLLMSeg_InternVL2_5_(?:([1248]B)_RES|(8B)_GRES)(?:@.+)?")
"""The hub id of a published checkpoint, with a revision or without."""

PUBLISHED = tuple(
    f"jcwang0602/MLLMSeg_InternVL2_5_{name}"
    for name in ("1B_RES", "2B_RES", "4B_RES", "8B_RES", "8B_GRES")
)
"""The hub ids of all of them."""

ALIKE = 0.8
"""How alike (0..1, by difflib) a hub id is to a published one that was probably meant."""

TRAINED = re.compile(r"(?<!high)(?<!low)[_-](G?RES)(?![A-Za-z0-9])", re.IGNORECASE)
"""What names say of training: in GRES with absent targets, in RES without."""

HUB_FOLDER = "models--"
"""How the hub's cache begins the folder of a model: models--owner--name/snapshots/hash."""


@dataclass(frozen=True, slots=True)
class CheckpointFacts:
    """What is told about a checkpoint."""

    chip_size: int
    """Rows and columns of the chips it wants."""

    chips_per_second: float | None
    """Measured by its makers on a 2-core CPU for one query; None where they do not say."""

    parameters: int | None
    """How many numbers it has learned; None where its makers do not say."""

    kind: Kind | None = None
    """Its layout: geoseg's own, or as published; None where it is another model's."""

    sizes: ModelSizes | None = None
    """Of its parts; None where the costs of such parts are not known."""

    can_reject: bool | None = None
    """Whether it was trained to say that something is not there; None where that is not told."""


def load_facts(folder: Path) -> CheckpointFacts:
    """The facts in a checkpoint's folder; `CheckpointError` where they are not there."""
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        return CheckpointFacts(
            chip_size=_side(
                config.get("force_image_size") or config["vision_config"]["image_size"]
            ),
            chips_per_second=_rate(config.get("chips_per_second")),
            parameters=config.get("parameters"),
            kind=KINDS.get(config.get("model_type")),
            sizes=sizes_in(config),
            can_reject=can_reject(config, folder),
        )
    except OSError:
        raise CheckpointError(
            f"'{folder}' is not a checkpoint: it has no config.json; give the folder that holds "
            "config.json, model.safetensors and the tokenizer"
        ) from None
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise CheckpointError(
            f"'{path}' does not say the chip size (vision_config.image_size): {error!r}; "
            "is it the config of a segmentation model?"
        ) from None


def published_facts(hub_id: str) -> CheckpointFacts | None:
    """The facts of a published checkpoint, told from its id; None where the id is another's.

    >>> published_facts("jcwang0602/MLLMSeg_InternVL2_5_1B_RES@main").chip_size
    448
    """
    if not (found := PUBLISHED_ID.fullmatch(hub_id)):
        return None
    sizes = published_sizes(found[1] or found[2])
    return CheckpointFacts(
        chip_size=sizes.vision.chip_size,
        chips_per_second=None,
        parameters=None,
        kind="published",
        sizes=sizes,
        can_reject=learned_to_reject(hub_id.partition("@")[0]),
    )


def hint(hub_id: str) -> str:
    """A sentence on the published id that was probably meant by another; empty where none was.

    >>> hint("jcwang0602/MLLMSeg_InternVL2.5_1B_RES")
    " (did you mean 'jcwang0602/MLLMSeg_InternVL2_5_1B_RES'?)"
    """
    name = hub_id.partition("@")[0]
    alike = get_close_matches(name, PUBLISHED, n=1, cutoff=ALIKE)
    return f" (did you mean '{alike[0]}'?)" if alike and name not in PUBLISHED else ""


def can_reject(config: Mapping[str, Any], folder: Path) -> bool | None:
    """Whether the checkpoint was trained with absent targets; a published one says by its name."""
    if isinstance(told := config.get("trained_to_reject"), bool):
        return told
    is_published = KINDS.get(str(config.get("model_type"))) == "published"
    return learned_to_reject(name_of(folder)) if is_published else None


def learned_to_reject(name: str) -> bool | None:
    """Whether the checkpoint of that name learned what is absent; None: it does not say.

    >>> learned_to_reject("MLLMSeg_InternVL2_5_2B_RES"), learned_to_reject("mllmseg-8b-gres-merged")
    (False, True)
    """
    found = TRAINED.findall(name)
    return found[-1].upper() == "GRES" if found else None


def name_of(folder: Path) -> str:
    """What a checkpoint's folder is called; in the hub's cache the name it has on the hub.

    >>> name_of(Path("/hub/models--jcwang0602--MLLMSeg_InternVL2_5_1B_RES/snapshots/0123abcd"))
    'MLLMSeg_InternVL2_5_1B_RES'
    """
    place = folder.resolve()
    cached = place.parent.parent.name
    if place.parent.name == "snapshots" and cached.startswith(HUB_FOLDER):
        return cached.rpartition("--")[2]
    return place.name


def published_sizes(name: str) -> ModelSizes:
    """The sizes of the published "1B", "2B", "4B" or "8B"."""
    return ModelSizes(vision=PUBLISHED_VISION, language=PUBLISHED_LANGUAGES[name])


def sizes_in(config: Mapping[str, Any]) -> ModelSizes | None:
    """The sizes that a configuration tells; None where it is of another make or incomplete."""
    read = READERS.get(str(config.get("model_type")))
    try:
        return read(config) if read else None
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError):
        return None  # whatever is wrong with it is said when it is loaded


def tokens_about(template: str) -> int:
    """About how many tokens a template takes with long phrases in it.

    One per word or sign, four to five ideograms.

    >>> tokens_about("<|im_start|>Please segment {phrase}.[SEG]")
    20
    """
    before, *others = template.split("{phrase}")
    text = " ".join([before, *others])
    words = re.findall(r"<\|?\w+\|?>|\[\w+\]|\w+|[!-~]|\n", text, re.ASCII)
    ideograms = sum(ord(letter) >= FIRST_IDEOGRAM for letter in text)
    return len(words) + PHRASE_TOKENS * len(others) + 4 * ideograms // 5


def _own_sizes(config: Mapping[str, Any]) -> ModelSizes:
    before, _, after = config["question_template"].partition("<image>")
    answer, _, _ = config["answer_template"].partition("[SEG]")
    return ModelSizes(
        vision=_vision(config["vision_config"], bias="attention_bias"),
        language=_language(config["text_config"]),
        decoder=DecoderSizes(
            hidden=_whole(config["decoder_ffn_width"]),
            upsample_groups=_whole(config["decoder_upsample_groups"]),
            shrink=round(1 / config["downsample_ratio"]),
            conditioning=CONDITIONINGS[config["query_conditioning"]],
        ),
        prefix_text=tokens_about(config["system_template"] + before) + IMAGE_ENDS,
        suffix=tokens_about(after + answer),
    )


def _published_sizes(config: Mapping[str, Any]) -> ModelSizes:
    if config.get("force_image_size") not in (None, config["vision_config"]["image_size"]):
        raise ValueError("the costs of a vision tower asked at another size are not known")
    return ModelSizes(
        vision=_vision(config["vision_config"], bias="qkv_bias"),
        language=_language(config["llm_config"]),
        decoder=DecoderSizes(shrink=round(1 / config["downsample_ratio"])),
    )


READERS: dict[str, Callable[[Mapping[str, Any]], ModelSizes]] = {
    "mllmseg": _own_sizes,
    "internvl_chat": _published_sizes,
}
"""How sizes are read, by the model_type."""


def _vision(vision: Mapping[str, Any], *, bias: str) -> VisionSizes:
    if unusual := [name for name, usual in USUAL.items() if vision.get(name, usual) != usual]:
        raise ValueError(f"the costs of a vision tower with another {unusual} are not known")
    return VisionSizes(
        chip_size=_side(vision["image_size"]),
        patch_size=_side(vision["patch_size"]),
        layers=_whole(vision["num_hidden_layers"]),
        width=_whole(vision["hidden_size"]),
        hidden=_whole(vision["intermediate_size"]),
        has_bias=bool(vision[bias]),
    )


def _language(text: Mapping[str, Any]) -> LanguageSizes:
    width, heads = _whole(text["hidden_size"]), _whole(text["num_attention_heads"])
    return LanguageSizes(
        kind=LANGUAGES[text["model_type"]],
        layers=_whole(text["num_hidden_layers"]),
        width=width,
        heads=heads,
        kv_heads=_whole(text.get("num_key_value_heads") or heads),
        head_width=_whole(text.get("head_dim") or width // heads),
        hidden=_whole(text["intermediate_size"]),
        vocabulary=_whole(text["vocab_size"]),
        has_bias=bool(text.get("attention_bias", text.get("bias", False))),
        has_hidden_bias=bool(text.get("mlp_bias", False)),
    )


def _side(size: Any) -> int:  # noqa: ANN401 whatever JSON holds
    """The side of a square given as `side` or as [height, width]."""
    return _whole(size[0] if isinstance(size, list) else size)


def _whole(size: Any) -> int:  # noqa: ANN401 whatever JSON holds
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise ValueError(f"{size!r} is not a whole number of 1 or more")
    return size


def _rate(value: Any) -> float | None:  # noqa: ANN401 whatever JSON holds
    return float(value) if isinstance(value, int | float) and value > 0 else None
