"""The page that says what a converted checkpoint is."""

import re
from dataclasses import dataclass

from geoseg.models.mllmseg.configuration import MLLMSegConfig
from geoseg.version import __version__

CARD_FILE = "README.md"

PAPER = "https://arxiv.org/abs/2508.04107"

HUB_ID = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
"""What the hub takes as the name of a base model."""

UNNOTED = "not noted"
"""Of a checkpoint that says where it came from and not what became of its numbers since."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a checkpoint came from."""

    name: str
    """Its hub id, or the name of its folder."""

    commit: str | None = None
    """The hash of its files on the hub; None where it came from a folder."""

    changes: tuple[str, ...] = ()
    """What became of its numbers since then; none where each is as it was."""

    def or_of(self, config: MLLMSegConfig) -> "Origin":
        """What the configuration says of its origin, where it was converted before."""
        earlier = getattr(config, "source", None)
        if not isinstance(earlier, str):
            return self
        noted = getattr(config, "source_changes", None)
        changes = tuple(map(str, noted)) if isinstance(noted, list) else (UNNOTED,)
        return Origin(earlier, getattr(config, "source_commit", None), changes)


@dataclass(frozen=True, slots=True)
class Size:
    """One of the sizes in which MLLMSeg was published."""

    name: str

    base: str
    """The language model that it was trained from."""

    licence: str
    """What is known of that language model's terms."""


CHECK = "see its own page for its terms"

SIZES = {
    ("qwen2", 896): Size("1B", "Qwen2.5-0.5B", CHECK),
    ("llama", 2048): Size("2B", "InternLM2.5-1.8B", CHECK),
    ("qwen2", 2048): Size("4B", "Qwen2.5-3B", "Qwen2.5-3B research licence"),
    ("llama", 4096): Size("8B", "InternLM2.5-7B", CHECK),
}
"""By the language model's kind and width."""

MIT = {"geoseg-tiny"}
"""Checkpoints whose weights are known to be MIT; of all others parts have terms of their own."""

OUTCOMES = {
    True: "a mask and a yes or no out",
    False: "a mask out, and no yes or no",
    None: "a mask out, and perhaps a yes or no",
}
"""What a model gives, by whether it was trained to reject."""

REFUSALS = {
    True: "It was trained to say that something is not there.",
    False: "It was not trained to say that something is not there; presence comes from the mask.",
    None: "Whether it was trained to say that something is not there is not known.",
}

TEMPLATE = """\
---
library_name: geoseg
pipeline_tag: image-segmentation
license: {licence}{base_model}
tags: [remote-sensing, referring-segmentation]
---

# {title}

MLLMSeg{size}: a chip of {chip} x {chip} pixels and a phrase in, {outcome}
({paper}). Converted by geoseg {version} from `{name}`{commit} to geoseg's layout;
{numbers}.

- {parameters:,} parameters, {dtype}.
- Language model: {kind}, {layers} layers, {width} wide; vision tower: {vision_layers} layers.
- {refusal}

## Licence

{terms}

Conversion changes nothing about these terms; the page of the original says what holds for its
weights.

## Use

    geoseg segment scene.tif -q "the red roofs" -o found.gpkg --model FOLDER
"""


def card(title: str, config: MLLMSegConfig, origin: Origin) -> str:
    """The page, in Markdown."""
    size = SIZES.get((config.text.model_type, config.language_width))
    base = base_model(origin, size)
    return TEMPLATE.format(
        title=title,
        licence="mit" if origin.name in MIT else "other",
        base_model=f"\nbase_model: {base}" if base else "",
        size=f" {size.name}" if size else "",
        chip=config.chip_size,
        outcome=OUTCOMES[config.trained_to_reject],
        paper=PAPER,
        version=__version__,
        name=origin.name,
        commit=f" at commit `{origin.commit}`" if origin.commit else "",
        numbers=numbers(origin),
        parameters=getattr(config, "parameters", 0),
        dtype=config.dtype,
        kind=config.text.model_type,
        layers=config.text.num_hidden_layers,
        width=config.language_width,
        vision_layers=config.vision.num_hidden_layers,
        refusal=REFUSALS[config.trained_to_reject],
        terms=terms(origin, size),
    )


def numbers(origin: Origin) -> str:
    """What became of the numbers.

    >>> numbers(Origin("owner/name", changes=("float32 rewritten as bfloat16",)))
    'what became of its numbers since: float32 rewritten as bfloat16'
    """
    if not origin.changes:
        return "every number is as it was there"
    return f"what became of its numbers since: {', then '.join(origin.changes)}"


def base_model(origin: Origin, size: Size | None) -> str | None:
    """The hub id of the model that this one was made from, where there is one."""
    if HUB_ID.fullmatch(origin.name):
        return origin.name
    return f"OpenGVLab/InternVL2_5-{size.name}" if size else None


def terms(origin: Origin, size: Size | None) -> str:
    """What is known of the licences, as a list in Markdown."""
    if origin.name in MIT:
        return f"- `{origin.name}`: MIT."
    if size is None:
        return "- MLLMSeg code: MIT.\n- It is of no published size: see where it came from."
    return (
        "- MLLMSeg code: MIT. InternVL2.5, which it was trained from: MIT.\n"
        f"- {size.base}, its language model: {size.licence}."
    )
