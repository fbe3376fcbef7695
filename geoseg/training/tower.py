"""The vision tower's first lesson: what, and of which colour, is at every pixel."""

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from geoseg.training.chips import TruthChip
from geoseg.training.land.palette import COLOURS
from geoseg.training.scenes import CONCEPTS

CELL = 2
"""The lesson is about every second pixel in both directions."""

CLASSES = ("", *CONCEPTS)
SMALL: Final = (
    "airplane", "boat", "bridge", "bus", "car", "crane", "crosswalk", "driveway", "hedge", "path",
    "pier", "silo", "swimming pool", "train", "truck", "wind turbine",
)  # fmt: skip
"""Less than a quarter of a percent of what scenes show, each."""

WEIGHTS: Final = {**dict.fromkeys(SMALL, 3.0), "building": 1.5, "": 0.5}
"""How much a pixel counts, where it is not 1: small things would drown otherwise."""

NO_COLOUR = -100
"""What cross-entropy leaves out."""


class PixelHead(nn.Module):
    """Classes and colours of the pixels of each patch; thrown away after the lesson."""

    def __init__(self, width: int, patch_size: int) -> None:
        super().__init__()
        self.cells = patch_size // CELL
        self.outputs = len(CLASSES) + len(COLOURS)
        self.linear = nn.Linear(width, self.outputs * self.cells**2)

    def forward(self, patches: Tensor) -> tuple[Tensor, Tensor]:
        """Class logits and colour logits (n, k, h, w) of patches (n, s*s, D)."""
        side = round(patches.shape[1] ** 0.5)
        columns = self.linear(patches).transpose(1, 2)
        cells = columns.reshape(len(patches), -1, side, side)
        logits = functional.pixel_shuffle(cells, self.cells)
        return logits[:, : len(CLASSES)], logits[:, len(CLASSES) :]


def labels(chip: TruthChip) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Class and colour numbers (h, w) of a chip's cells."""
    ids = chip.ids[CELL // 2 :: CELL, CELL // 2 :: CELL]
    classes = np.array([CLASSES.index(thing.concept) for thing in chip.objects])
    colours = np.array(
        [COLOURS.index(thing.colour) if thing.colour else NO_COLOUR for thing in chip.objects]
    )
    return classes[ids], colours[ids]


def lesson_loss(logits: tuple[Tensor, Tensor], truth: tuple[Tensor, Tensor]) -> Tensor:
    """How wrong classes and colours are."""
    weights = torch.tensor([WEIGHTS.get(name, 1.0) for name in CLASSES], device=truth[0].device)
    class_loss = functional.cross_entropy(logits[0].float(), truth[0], weights)
    coloured = (truth[1] != NO_COLOUR).sum().clamp(min=1)
    colour_loss = functional.cross_entropy(
        logits[1].float(), truth[1], ignore_index=NO_COLOUR, reduction="sum"
    )
    return class_loss + 0.5 * colour_loss / coloured
