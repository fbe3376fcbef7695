"""What a checkpoint says of itself without being loaded."""

import json
from dataclasses import dataclass
from pathlib import Path

from geoseg.errors import CheckpointError


@dataclass(frozen=True, slots=True)
class CheckpointFacts:
    """What `config.json` tells about a checkpoint."""

    chip_size: int
    """Rows and columns of the chips it wants."""

    chips_per_second: float | None
    """Measured by its makers on a 2-core CPU for one query; None where they do not say."""

    parameters: int | None
    """How many numbers it has learned; None where its makers do not say."""


def load_facts(folder: Path) -> CheckpointFacts:
    """The facts in a checkpoint's folder; `CheckpointError` where they are not there."""
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        size = config["vision_config"]["image_size"]
        return CheckpointFacts(
            chip_size=int(size[0] if isinstance(size, list) else size),
            chips_per_second=config.get("chips_per_second"),
            parameters=config.get("parameters"),
        )
    except OSError:
        raise CheckpointError(
            f"'{folder}' is not a checkpoint: it has no config.json; give the folder that holds "
            "config.json, model.safetensors and the tokenizer"
        ) from None
    except (ValueError, LookupError, TypeError) as error:
        raise CheckpointError(
            f"'{path}' does not say the chip size (vision_config.image_size): {error!r}; "
            "is it the config of a segmentation model?"
        ) from None
