"""The page that says what a converted checkpoint is."""

from dataclasses import dataclass

from geoseg.models.mllmseg.configuration import MLLMSegConfig
from geoseg.version import __version__

CARD_FILE = "README.md"

PAPER = "https://arxiv.org/abs/2508.04107"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a checkpoint came from."""

    name: str
    """Its hub id, or the name of its folder."""

    commit: str | None = None
    """The hash of its files on the hub; None where it came from a folder."""

    def or_of(self, config: MLLMSegConfig) -> "Origin":
        """What the configuration says of its origin, where it was converted before."""
        earlier = getattr(config, "source", None)
        if not isinstance(earlier, str):
            return self
        return Origin(earlier, getattr(config, "source_commit", None))


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

TEMPLATE = """\
---
library_name: geoseg
pipeline_tag: image-segmentation
tags: [remote-sensing, referring-segmentation]
---

# {title}

MLLMSeg{size}: a chip of {chip} x {chip} pixels and a phrase in, a mask and a yes or no out
({paper}). Converted by geoseg {version} from `{name}`{commit}; the numbers are the original's, only
the layout is another.

- {parameters:,} parameters, {dtype}.
- Language model: {kind}, {layers} layers, {width} wide; vision tower: {vision_layers} layers.

## Licence

- MLLMSeg code: MIT. InternVL2.5, which it was trained from: MIT.
{base}

Conversion changes nothing about these terms; the page of the original says what holds for its
weights.

## Use

    geoseg segment scene.tif -q "the red roofs" -o found.gpkg --model FOLDER
"""


def card(title: str, config: MLLMSegConfig, origin: Origin) -> str:
    """The page, in Markdown."""
    size = SIZES.get((config.text.model_type, config.language_width))
    return TEMPLATE.format(
        title=title,
        size=f" {size.name}" if size else "",
        chip=config.chip_size,
        paper=PAPER,
        version=__version__,
        name=origin.name,
        commit=f" at commit `{origin.commit}`" if origin.commit else "",
        parameters=getattr(config, "parameters", 0),
        dtype=config.dtype,
        kind=config.text.model_type,
        layers=config.text.num_hidden_layers,
        width=config.language_width,
        vision_layers=config.vision.num_hidden_layers,
        base=f"- {size.base}, its language model: {size.licence}."
        if size
        else "- Its language model is of no published size: see where it came from.",
    )
