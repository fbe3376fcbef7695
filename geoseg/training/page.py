"""What a trained checkpoint says of itself."""

from collections.abc import Sequence

from geoseg.training.data_options import NamedData, RenderedData
from geoseg.training.options import TrainOptions
from geoseg.training.validation import Quality
from geoseg.version import __version__

TEMPLATE = """\
---
library_name: geoseg
pipeline_tag: image-segmentation
tags: [remote-sensing, referring-segmentation]
---

# {title}

{origin}

- Trained by geoseg {version}: {steps:,} updates of {chips} chips{on}.
- Learned parts: {parts}.
{quality}
## Licence

{licence}

## Use

    geoseg segment SCENE -q "the red roofs" --model FOLDER -o found.gpkg
"""


def page(
    options: TrainOptions,
    *,
    origin: str,
    world: int,
    parts: Sequence[str],
    quality: Quality | None,
) -> str:
    """The page, in Markdown; `parts` are those that learned."""
    lora = options.learning.lora
    told = {"language": "language model"}
    if options.learning.language == "lora":
        told = {"language": f"language model (LoRA of rank {lora.rank})"}
    measured = f"- On validation data: {quality}.\n" if quality else ""
    return TEMPLATE.format(
        title=options.run.name,
        origin=f"Fine-tuned from `{origin}`." if origin else "Trained from nothing.",
        version=__version__,
        steps=options.whole.steps,
        chips=options.whole.batch * options.whole.accumulate * world,
        on=on_data(options),
        parts=", ".join(told.get(part, part) for part in parts),
        quality=measured,
        licence=f"The terms of `{origin}` hold for these weights too, and so may those of the data."
        if origin
        else "Whoever trained it decides; the data may have terms of its own.",
    )


def on_data(options: TrainOptions) -> str:
    """On what it was trained, without saying where that lies.

    The path of a data set is nobody's business but its owner's.
    """
    if isinstance(options.data, RenderedData):
        return " of rendered scenes"
    if isinstance(options.data, NamedData):
        kinds = dict.fromkeys(name.partition(":")[0] for name in options.data.train)
        return f" of {', '.join(kinds)}"
    return " of an own layer"
