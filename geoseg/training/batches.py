"""What is learned from in one step: chips, what is asked of them, and the exact answers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from geoseg.errors import GeosegError
from geoseg.models.mllmseg.processing import MLLMSegProcessor
from geoseg.models.mllmseg.prompt import PackedPrompt
from geoseg.readahead import ahead
from geoseg.training.options import StageOptions
from geoseg.training.ranks import Rank
from tiles.errors import TilesError

PREFETCH = 3
"""Steps that each process is ahead of learning."""


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A chip, what is asked of it, and the exact answers."""

    image: NDArray[np.uint8]
    """RGB (S, S, 3)."""

    phrases: tuple[str, ...]

    masks: NDArray[np.bool_]
    """(q, S, S), one for each phrase; empty where what it asks for is not there."""

    name: str
    """Where it came from, for messages."""

    cells: NDArray[np.int64] | None = None
    """(2, h, w): class and colour of every cell, for the lesson of the vision tower."""


class Examples(Protocol):
    """An endless row of examples; the same place is always the same example."""

    def __call__(self, place: int, /) -> Example:
        """The example at a place."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """n chips that ask q phrases at most, S pixels a side."""

    pixels: Tensor
    """(n, 3, S, S)."""

    prompt: PackedPrompt

    truth: Tensor
    """(n, q, S, S) bool; empty where a chip asks fewer phrases."""

    cells: Tensor | None
    """(n, 2, h, w)."""

    names: tuple[str, ...]

    def to(self, device: torch.device) -> Self:
        """The same batch on another device."""
        return type(self)(
            self.pixels.to(device),
            self.prompt.to(device),
            self.truth.to(device),
            None if self.cells is None else self.cells.to(device),
            self.names,
        )


def batch_of(examples: Sequence[Example], processor: MLLMSegProcessor) -> Batch:
    """Examples put together as the model reads them."""
    prompt = processor.pack([example.phrases for example in examples])
    chips, queries = prompt.present.shape
    truth = np.zeros((chips, queries, *examples[0].image.shape[:2]), np.bool_)
    for row, example in zip(truth, examples, strict=True):
        row[: len(example.masks)] = example.masks
    cells = [example.cells for example in examples if example.cells is not None]
    return Batch(
        processor.pixels(np.stack([example.image for example in examples])),
        prompt,
        torch.from_numpy(truth),
        torch.from_numpy(np.stack(cells)) if cells else None,
        tuple(example.name for example in examples),
    )


class Steps(Dataset["list[Batch] | Exception"]):
    """The batches of every step of a stage, for one of several processes.

    Places are dealt out so that two processes with n chips each see what one with 2 n would.
    """

    def __init__(
        self, examples: Examples, processor: MLLMSegProcessor, stage: StageOptions, rank: Rank
    ) -> None:
        self.examples, self._processor = examples, processor
        self._stage, self._rank = stage, rank

    def __getitem__(self, step: int) -> list[Batch] | Exception:
        """As many batches as one update takes, or why there are none: told where it is raised."""
        try:
            return self.batches(step)
        except (GeosegError, TilesError) as error:
            return error

    def batches(self, step: int) -> list[Batch]:
        """As many batches as one update takes."""
        stage = self._stage
        return [self._batch(step * stage.accumulate + part) for part in range(stage.accumulate)]

    def _batch(self, number: int) -> Batch:
        count, rank = self._stage.batch, self._rank
        first = (number * rank.world + rank.number) * count
        made = [self.examples(place) for place in range(first, first + count)]
        return batch_of(made, self._processor)


def made_ready(steps: Steps, todo: range, *, workers: int) -> Iterator[list[Batch]]:
    """The batches of some steps in order, made ahead by a thread, or by processes."""
    if not workers:
        yield from ahead(map(steps.batches, todo), depth=PREFETCH)
        return
    made = DataLoader(
        steps,
        batch_size=None,
        sampler=todo,
        num_workers=workers,
        # a fork would inherit locks that threads of GDAL hold, and wait for them for ever
        multiprocessing_context="spawn",
        prefetch_factor=PREFETCH,
        collate_fn=_unchanged,
    )
    for batches in made:
        if isinstance(batches, Exception):
            raise batches
        yield batches


def _unchanged(made: list[Batch] | Exception) -> list[Batch] | Exception:
    return made
