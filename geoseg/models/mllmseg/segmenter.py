"""An MLLMSeg model behind the seam: numpy in, numpy out."""

# mypy: disable-error-code="no-untyped-call"
# transformers is typed only in parts

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch._dynamo.exc import TorchDynamoException
from torch._inductor.exc import InductorError

from geoseg.errors import ChipError, ModelError
from geoseg.models.mllmseg.checkpoint import load_config, load_model, load_processor
from geoseg.models.mllmseg.configuration import MLLMSegConfig
from geoseg.models.mllmseg.devices import (
    ALL,
    AUTO,
    CPU,
    compiled,
    device_called,
    dtype_called,
    optional,
    spread,
)
from geoseg.models.mllmseg.encoded import EncodedChips, Opening
from geoseg.models.mllmseg.modeling import MLLMSegModel
from geoseg.models.mllmseg.processing import MLLMSegProcessor
from geoseg.models.mllmseg.quantising import NONE as UNQUANTISED
from geoseg.models.mllmseg.quantising import check_quantisation, quantised
from geoseg.query import Query
from geoseg.segmenter import ChipAnswer, Running

QUERIES_AT_ONCE = 12
"""Queries packed into one row at most: each is kept from seeing the others at some cost."""

NUMBERS_AT_ONCE = 2**27
"""Activations that drawing may hold at once (512 MiB in float32); sets how many queries."""

GRES, RES, MASK = "gres", "res", "mask"

HALF = 0.5
"""Probability from which a pixel is drawn."""

CANNOT_REFUSE = (
    "the model cannot say that something is absent (it was not trained to):"
    " presence is estimated from the mask"
)


NOT_JUDGED = "presence is not judged (--mode res): everything asked for is taken to be there"

UNKNOWN_REFUSAL = (
    "it is not known whether the model learned to say that something is absent; if it did not, use"
    " --mode mask"
)


class MLLMSegSegmenter:
    """A `ChipSegmenter` that asks an MLLMSeg model."""

    def __init__(
        self,
        model: MLLMSegModel,
        processor: MLLMSegProcessor,
        *,
        device: str = CPU,
        mode: str = AUTO,
    ) -> None:
        self._device = device_called(device)
        self.model = model.eval() if device == ALL else model.eval().to(self._device)
        self._config: MLLMSegConfig = model.config
        self.processor = processor
        self.mode = mode_called(mode, model)
        self.called: str | None = None
        self.running = Running(device, mode=mode)

    @classmethod
    def load(
        cls, folder: str | Path, running: Running | None = None, *, called: str | None = None
    ) -> Self:
        """The segmenter in a checkpoint folder, `called` so in reports where it has a name.

        Raises `CheckpointError` where the folder does not hold one whole MLLMSeg checkpoint.
        """
        folder, running = Path(folder), running or Running()
        check_running(running)
        place = device_called(running.device)
        config = load_config(folder)
        processor = load_processor(folder, config)
        moves_later = running.quantize != UNQUANTISED or running.device == ALL
        model = load_model(
            folder,
            dtype=dtype_called(running.dtype, config, place),
            device=CPU if moves_later else place,
        )
        if running.quantize != UNQUANTISED:
            model = quantised(model, running.quantize, device=place)
        if running.device == ALL:
            model = spread(model)
        if running.compile:
            model = compiled(model)
        segmenter = cls(model, processor, device=running.device, mode=running.mode)
        segmenter.called = called or name_in(folder, config)
        segmenter.running = running
        return segmenter

    @property
    def running_as(self) -> str:
        """How it runs, with every "auto" decided."""
        dtype = str(self.model.dtype).removeprefix("torch.")
        more = [self.running.quantize] if self.running.quantize != UNQUANTISED else []
        more += ["compiled"] if self.running.compile else []
        return ", ".join([f"mode {self.mode}", dtype, *more, f"on {self._device}"])

    @property
    def chip_size(self) -> int:
        """Rows and columns of the chips it wants."""
        return self._config.chip_size

    def notices_for(self, queries: Sequence[Query]) -> tuple[str, ...]:
        """What the user should know about these queries before trusting the answers."""
        unknown = {query.phrase: self.processor.unknown_words(query.phrase) for query in queries}
        lost = [phrase for phrase, words in unknown.items() if len(words) == len(phrase.split())]
        words = dict.fromkeys(word for found in unknown.values() for word in found)
        notices = [notice for notice in (self._about_presence(),) if notice]
        if words:
            notices.append(
                f"the model does not know {', '.join(map(repr, words))}; such words can mislead it,"
                " so ask without them too"
            )
        if lost:
            notices.append(
                f"the model knows no word of {', '.join(map(repr, lost))}: what it found there"
                " means nothing"
            )
        return tuple(notices)

    def _about_presence(self) -> str:
        """What to know about where presence comes from; empty where it is as it should be."""
        if self.mode == RES:
            return NOT_JUDGED
        if self.mode == MASK:
            return "" if self.model.can_reject else CANNOT_REFUSE
        return "" if self._config.trained_to_reject else UNKNOWN_REFUSAL

    def segment(self, chips: NDArray[np.uint8], queries: Sequence[Query]) -> list[ChipAnswer]:
        """One answer per chip, in order; `chips` is RGB (n, chip_size, chip_size, 3)."""
        self._check(chips)
        if not len(chips) or not queries:
            return [nothing_asked(self.chip_size) for _ in chips]
        return self.answer(self.encode(chips), queries)

    @torch.inference_mode()
    def encode(self, chips: NDArray[np.uint8]) -> EncodedChips:
        """Everything about chips that no query changes: what is asked again later costs little.

        `chips` is RGB (n, chip_size, chip_size, 3), at least one.
        """
        self._check(chips)
        if not len(chips):
            raise ChipError("no chip was given; encode at least one")
        pixels = self.processor.pixels(chips).to(self._device)
        closing_ids = self.processor.closing_ids.to(self._device)
        with self._running(len(chips)):
            encoded: EncodedChips = self.model.encode(pixels, self._opening, closing_ids)
        return encoded

    @torch.inference_mode()
    def answer(self, chips: EncodedChips, queries: Sequence[Query]) -> list[ChipAnswer]:
        """One answer per encoded chip, in order, for all queries."""
        if chips.trunk.dtype != self.model.dtype:
            raise ChipError(
                f"these chips were encoded by a model in {chips.trunk.dtype}, but this one computes"
                f" in {self.model.dtype}; encode them again"
            )
        if not queries or not len(chips):
            return [nothing_asked(self.chip_size) for _ in range(len(chips))]
        with self._running(len(chips)):
            parts = list(self._answered(chips, [query.phrase for query in queries]))
        probability = np.concatenate([part[0] for part in parts], axis=1)  # (n, q, S, S)
        decisions = np.concatenate([part[1] for part in parts], axis=1)  # (n, q)
        if not (np.isfinite(probability).all() and np.isfinite(decisions).all()):
            raise ChipError(
                "the model answered with numbers that are not finite;"
                " its weights are damaged or its dtype is too small"
            )
        presence = PRESENCE[self.mode](probability, decisions)
        return [ChipAnswer(*answer) for answer in zip(probability, presence, strict=True)]

    def _answered(
        self, chips: EncodedChips, phrases: Sequence[str]
    ) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]:
        """Probability (n, q, S, S) and decision (n, q), for one group of queries at a time."""
        config, decoder = self._config, self.model.mask_decoder
        for group in groups(phrases, QUERIES_AT_ONCE):
            questions = self.processor.questions([group]).expand(len(chips)).to(self._device)
            intents, decision_logits = self.model.ask(chips, questions)
            here, not_here = decision_logits.float().unbind(-1)
            decisions = likelihood(here - not_here + config.presence_logit_offset)
            drawn_at_once = self._drawn_at_once(len(chips))
            for some, decided in zip(
                intents.split(drawn_at_once, dim=1),
                np.split(decisions, range(drawn_at_once, len(group), drawn_at_once), axis=1),
                strict=True,
            ):
                logits = decoder.draw(chips.trunk, some).float()
                yield (
                    likelihood(logits * config.mask_logit_scale + config.mask_logit_offset),
                    decided,
                )

    def _drawn_at_once(self, chips: int) -> int:
        """How many queries of that many chips to draw together, so that memory stays bounded."""
        config = self._config
        per_patch = 4 * config.decoder_width + config.decoder_ffn_width
        per_answer = config.side**2 * per_patch + 4 * config.chip_size**2
        return max(1, NUMBERS_AT_ONCE // (per_answer * chips))

    @cached_property
    def _opening(self) -> Opening:
        """What the language model makes of the text before the image, read once."""
        opening: Opening = self.model.read_opening(self.processor.opening_ids.to(self._device))
        return opening

    @contextmanager
    def _running(self, chips: int) -> Iterator[None]:
        try:
            yield
        except (TorchDynamoException, InductorError) as error:
            raise ModelError(
                f"--compile failed: {str(error).strip().splitlines()[0]}; it needs a C++ compiler"
                " such as g++, and a cache folder that can be written to; or leave it out"
            ) from error
        except torch.OutOfMemoryError as error:
            raise ChipError(
                f"{chips} chips do not fit into the memory of {self._device};"
                " send fewer at once (--batch) or use --device cpu"
            ) from error

    def _check(self, chips: NDArray[np.uint8]) -> None:
        size = self.chip_size
        if chips.dtype != np.uint8 or chips.shape[1:] != (size, size, 3):
            raise ChipError(
                f"the model wants uint8 chips (n, {size}, {size}, 3), but {chips.dtype}"
                f" {chips.shape} was given"
            )


def likelihood(logits: Tensor) -> NDArray[np.float32]:
    """The probabilities 0..1 that logits stand for."""
    values: NDArray[np.float32] = logits.sigmoid().cpu().numpy()
    return values


def name_in(folder: Path, config: MLLMSegConfig) -> str | None:
    """The folder, and what was converted to it where its configuration says so; else None."""
    source = getattr(config, "source", None)
    if not isinstance(source, str):
        return None
    commit = getattr(config, "source_commit", None)
    return f"{folder} ({source}@{commit})" if commit else f"{folder} ({source})"


def check_running(running: Running) -> None:
    """Raise where a model could not be run so, before its weights are read."""
    if running.mode not in (AUTO, *PRESENCE):
        raise ModelError(f"mode {running.mode!r} is unknown; use auto, {', '.join(PRESENCE)}")
    check_quantisation(running.quantize)
    if running.device == ALL and torch.cuda.device_count():
        optional("accelerate", wanted_for="--device all")


def mode_called(name: str, model: MLLMSegModel) -> str:
    """What presence comes from, where `name` is a key of `PRESENCE` or "auto"."""
    if name == AUTO:
        return GRES if model.can_reject else MASK
    if name not in PRESENCE:
        raise ModelError(f"mode {name!r} is unknown; use auto, {', '.join(PRESENCE)}")
    if name == GRES and not model.can_reject:
        raise ModelError(
            f"mode {GRES!r} was asked for, but {CANNOT_REFUSE.partition(':')[0]}; use --mode"
            f" {MASK}, or a model trained to refuse"
        )
    return name


def mask_confidence(probability: NDArray[np.float32]) -> NDArray[np.float32]:
    """How sure the masks (..., h, w) are of what they show, 0 where they show nothing: (...).

    The mean probability of the drawn pixels, as MaskFormer rates its masks (arXiv 2107.06278).
    """
    drawn = probability >= HALF
    total = np.where(drawn, probability, 0).sum(axis=(-2, -1))
    confidence: NDArray[np.float32] = total / np.maximum(drawn.sum(axis=(-2, -1)), 1)
    return confidence.astype(np.float32)


PRESENCE: dict[
    str,
    Callable[[NDArray[np.float32], NDArray[np.float32]], NDArray[np.float32]],
] = {
    GRES: lambda _, decisions: decisions,
    RES: lambda _, decisions: np.ones_like(decisions),
    MASK: lambda probability, _: mask_confidence(probability),
}
"""Presence (n, q) from probability (n, q, h, w) and the model's decisions (n, q)."""


def groups(phrases: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """The phrases in runs of at most that many.

    >>> list(groups("abcde", 2))
    ['ab', 'cd', 'e']
    """
    return (phrases[start : start + size] for start in range(0, len(phrases), size))


def nothing_asked(size: int) -> ChipAnswer:
    """The answer to no query."""
    return ChipAnswer(np.zeros((0, size, size), np.float32), np.zeros(0, np.float32))
