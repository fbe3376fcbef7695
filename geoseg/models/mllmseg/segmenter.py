"""An MLLMSeg model behind the seam: numpy in, numpy out."""

# mypy: disable-error-code="no-untyped-call"
# transformers is typed only in parts

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from geoseg.errors import ChipError, ModelError
from geoseg.models.mllmseg.checkpoint import load_config, load_model, load_processor
from geoseg.models.mllmseg.configuration import MLLMSegConfig
from geoseg.models.mllmseg.modeling import MLLMSegModel
from geoseg.models.mllmseg.processing import MLLMSegProcessor
from geoseg.query import Query
from geoseg.segmenter import ChipAnswer

QUERIES_AT_ONCE = 32
"""Queries packed into one sequence at most: attention grows with the square of its length."""

NUMBERS_AT_ONCE = 2**27
"""Activations that drawing may hold at once (512 MiB in float32); sets how many queries."""

AUTO, CPU, CUDA = "auto", "cpu", "cuda"


class MLLMSegSegmenter:
    """A `ChipSegmenter` that asks an MLLMSeg model."""

    def __init__(
        self, model: MLLMSegModel, processor: MLLMSegProcessor, *, device: str = CPU
    ) -> None:
        self._device = device_called(device)
        self._model = model.eval().to(self._device)
        self._config: MLLMSegConfig = model.config
        self._processor = processor

    @classmethod
    def load(
        cls, folder: str | Path, *, device: str = AUTO, dtype: torch.dtype | None = None
    ) -> Self:
        """The segmenter in a checkpoint folder.

        `dtype` None means float32, or bfloat16 on a GPU where the checkpoint is so stored.
        Raises `CheckpointError` where the folder does not hold one whole MLLMSeg checkpoint.
        """
        folder = Path(folder)
        place = device_called(device)
        config = load_config(folder)
        processor = load_processor(folder, config)
        model = load_model(folder, dtype=dtype or usual_dtype(config, place))
        return cls(model, processor, device=str(place))

    @property
    def chip_size(self) -> int:
        """Rows and columns of the chips it wants."""
        return self._config.chip_size

    def notices_for(self, queries: Sequence[Query]) -> tuple[str, ...]:
        """What the user should know about these queries before trusting the answers."""
        unknown = {query.phrase: self._processor.unknown_words(query.phrase) for query in queries}
        lost = [phrase for phrase, words in unknown.items() if len(words) == len(phrase.split())]
        words = dict.fromkeys(word for found in unknown.values() for word in found)
        notices = []
        if words:
            notices.append(
                f"the model does not know {', '.join(map(repr, words))}; it answers from the other"
                " words of the query"
            )
        if lost:
            notices.append(
                f"the model knows no word of {', '.join(map(repr, lost))}: what it found there"
                " means nothing"
            )
        return tuple(notices)

    @torch.inference_mode()
    def segment(self, chips: NDArray[np.uint8], queries: Sequence[Query]) -> list[ChipAnswer]:
        """One answer per chip, in order; `chips` is RGB (n, chip_size, chip_size, 3)."""
        self._check(chips)
        if not len(chips) or not queries:
            return [nothing_asked(self.chip_size) for _ in chips]
        try:
            parts = list(self._answered(chips, [query.phrase for query in queries]))
        except torch.OutOfMemoryError as error:
            raise ChipError(
                f"{len(chips)} chips do not fit into the memory of {self._device};"
                " send fewer at once (--batch) or use --device cpu"
            ) from error
        probability = np.concatenate([part[0] for part in parts], axis=1)  # (n, q, S, S)
        presence = np.concatenate([part[1] for part in parts], axis=1)  # (n, q)
        if not (np.isfinite(probability).all() and np.isfinite(presence).all()):
            raise ChipError(
                "the model answered with numbers that are not finite;"
                " its weights are damaged or its dtype is too small"
            )
        return [ChipAnswer(*answer) for answer in zip(probability, presence, strict=True)]

    def _answered(
        self, chips: NDArray[np.uint8], phrases: Sequence[str]
    ) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]:
        """Probability (n, q, S, S) and presence (n, q), for one group of queries at a time."""
        model, decoder = self._model, self._model.mask_decoder
        vit_tokens = model.encode_image(self._processor.pixels(chips).to(self._device))
        trunk: Tensor | None = None
        for group in groups(phrases, self._queries_at_once(len(chips))):
            prompt = self._processor.pack([group]).expand(len(chips)).to(self._device)
            reading = model.read(vit_tokens, prompt)
            if trunk is None:  # the image states are the same for every group
                trunk = decoder.trunk(vit_tokens, reading.image_states)
            mask_logits = decoder.draw(trunk, reading.intents)
            here, not_here = reading.decision_logits.unbind(-1)
            yield (
                likelihood(mask_logits, self._config.mask_logit_offset),
                likelihood(here - not_here, self._config.presence_logit_offset),
            )

    def _queries_at_once(self, chips: int) -> int:
        """How many queries of that many chips to draw together, so that memory stays bounded."""
        config = self._config
        per_patch = 4 * config.decoder_width + config.decoder_ffn_width
        per_answer = config.side**2 * per_patch + 4 * config.chip_size**2
        return max(1, min(QUERIES_AT_ONCE, NUMBERS_AT_ONCE // (per_answer * chips)))

    def _check(self, chips: NDArray[np.uint8]) -> None:
        size = self.chip_size
        if chips.dtype != np.uint8 or chips.shape[1:] != (size, size, 3):
            raise ChipError(
                f"the model wants uint8 chips (n, {size}, {size}, 3), but {chips.dtype}"
                f" {chips.shape} was given"
            )


def likelihood(logits: Tensor, offset: float) -> NDArray[np.float32]:
    """The probabilities 0..1 that logits stand for, once shifted by the offset."""
    values: NDArray[np.float32] = (logits.float() + offset).sigmoid().cpu().numpy()
    return values


def groups(phrases: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """The phrases in runs of at most that many.

    >>> list(groups("abcde", 2))
    ['ab', 'cd', 'e']
    """
    return (phrases[start : start + size] for start in range(0, len(phrases), size))


def nothing_asked(size: int) -> ChipAnswer:
    """The answer to no query."""
    return ChipAnswer(np.zeros((0, size, size), np.float32), np.zeros(0, np.float32))


def device_called(name: str) -> torch.device:
    """The device that "auto", "cpu", "cuda" or "cuda:N" means on this machine."""
    if name == AUTO:
        return torch.device(CUDA if torch.cuda.is_available() else CPU)
    kind, _, number = name.partition(":")
    if kind not in (CPU, CUDA) or (number and not number.isdecimal()):
        raise ModelError(f"device {name!r} is unknown; use auto, cpu or cuda:0")
    if kind == CUDA and int(number or 0) >= torch.cuda.device_count():
        raise ModelError(
            f"device {name!r} was asked for, but torch sees {torch.cuda.device_count()} CUDA"
            " devices here; use --device auto or cpu, or install torch with CUDA"
        )
    return torch.device(name)


def usual_dtype(config: MLLMSegConfig, device: torch.device) -> torch.dtype:
    """The dtype to compute in, unless told otherwise."""
    stored_so = config.dtype in (torch.bfloat16, "bfloat16")
    return torch.bfloat16 if stored_so and device.type == CUDA else torch.float32
