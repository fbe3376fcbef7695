"""How good a model is on rendered chips it has not seen, and where its thresholds belong."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from geoseg.models.mllmseg.modeling import MLLMSegModel
from geoseg.models.mllmseg.processing import MLLMSegProcessor
from geoseg.training.chips import Shard
from geoseg.training.phrases import Phrase, phrases

LEVELS = np.round(np.arange(-3, 3.01, 0.2), 2)
"""Mask logits that could be the threshold."""

HELD_OUT_SEED = 900_000_000
"""Scenes from this seed on are never trained on."""

MISSED = 0.1
"""Share of present queries that may be refused to keep false alarms down."""

FALSE_ALARMS = 0.02
"""Share of absent queries that should be answered at most."""


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What a model answered to m queries."""

    families: tuple[str, ...]
    """(m,): class, colour, place, size or absent."""

    common: NDArray[np.float64]
    """(m, levels): pixels in answer and truth, for every level as the threshold."""

    either: NDArray[np.float64]
    """(m, levels): pixels in answer or truth."""

    wanted: NDArray[np.float64]
    """(m,): pixels in truth."""

    presence: NDArray[np.float64]
    """(m,): [SEG] minus [REJ] logit."""


@dataclass(frozen=True, slots=True)
class Quality:
    """The figures of one family of queries."""

    family: str
    queries: int
    mean_iou: float
    """Mean over queries; a wrongly refused query counts 0. NaN for absent queries."""

    total_iou: float
    """All common pixels over all pixels in answers or truths."""

    accuracy: float
    """Share of queries rightly taken for present, or for absent."""


def ask(
    model: MLLMSegModel,
    processor: MLLMSegProcessor,
    shards: Sequence[Shard],
    *,
    queries: int,
    seed: int,
) -> Answers:
    """The model's answers about one chip of every scene."""
    model.train(mode=False)
    rows = [
        row
        for chip_row in chip_answers(model, processor, shards, queries=queries, seed=seed)
        for row in chip_row
    ]
    families, common, either, wanted, presence = zip(*rows, strict=True)
    return Answers(
        families, np.stack(common), np.stack(either), np.array(wanted), np.array(presence)
    )


Row = tuple[str, NDArray[np.float64], NDArray[np.float64], float, float]


def chip_answers(
    model: MLLMSegModel,
    processor: MLLMSegProcessor,
    shards: Sequence[Shard],
    *,
    queries: int,
    seed: int,
) -> Iterator[list[Row]]:
    """Family, overlaps and presence of each query, chip by chip."""
    rng = np.random.default_rng([seed, 3])
    for shard in shards:
        for scene in range(len(shard.ids)):
            chip = shard.cut(scene, rng, processor.config.chip_size)
            said = phrases(chip.ids, chip.objects, count=queries, rng=rng)
            pixels = processor.pixels(chip.rgb[None])
            with torch.inference_mode():
                output = model(pixels, processor.pack([[phrase.text for phrase in said]]))
            decisions = output.decision_logits[0].float()
            presence = (decisions[:, 0] - decisions[:, 1]).tolist()
            drawn = zip(said, output.mask_logits[0].float(), presence, strict=True)
            yield [
                (phrase.family, *overlaps(phrase, mask), float(phrase.mask.sum()), sure)
                for phrase, mask, sure in drawn
            ]


def overlaps(phrase: Phrase, logits: Tensor) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Pixels in both and in either, of a truth and an answer cut at each level: (levels,)."""
    levels = logits.numpy().ravel()
    bins = np.searchsorted(LEVELS, levels, side="right")  # 0: below all levels
    count = len(LEVELS) + 1
    inside = phrase.mask.ravel()
    drawn = np.bincount(bins, minlength=count)[::-1].cumsum()[::-1][1:]
    common = np.bincount(bins[inside], minlength=count)[::-1].cumsum()[::-1][1:]
    return common.astype(float), (drawn + inside.sum() - common).astype(float)


def best_level(answers: Answers) -> float:
    """The mask logit at which to cut so that present queries overlap best on average."""
    present = np.array([family != "absent" for family in answers.families])
    iou = answers.common[present] / np.maximum(answers.either[present], 1)
    return float(LEVELS[iou.mean(axis=0).argmax()])


def presence_level(answers: Answers) -> float:
    """The presence logit at which to cut: few false alarms, but not too many refusals."""
    present = np.array([family != "absent" for family in answers.families])
    strict = np.quantile(answers.presence[~present], 1 - FALSE_ALARMS)
    lenient = np.quantile(answers.presence[present], MISSED)
    return float(min(strict, lenient))


def quality(answers: Answers, *, mask_level: float, presence_level: float) -> list[Quality]:
    """The figures of every family and of all present queries, with thresholds in place."""
    families = np.array(answers.families)
    answered = answers.presence >= presence_level
    column = int(np.abs(LEVELS - mask_level).argmin())
    common = np.where(answered, answers.common[:, column], 0)
    either = np.where(answered, answers.either[:, column], answers.wanted)
    found = []
    for family in ("class", "colour", "place", "size", "absent", "present"):
        chosen = families != "absent" if family == "present" else families == family
        if not chosen.any():
            continue
        absent = family == "absent"
        iou = common[chosen] / np.maximum(either[chosen], 1)
        found.append(
            Quality(
                family,
                int(chosen.sum()),
                float("nan") if absent else float(iou.mean()),
                float("nan") if absent else float(common[chosen].sum() / either[chosen].sum()),
                float((answered[chosen] != absent).mean()),
            )
        )
    return found


def calibrated(model: MLLMSegModel, answers: Answers) -> MLLMSegModel:
    """The model with both thresholds moved to 0.5."""
    model.config.mask_logit_offset = -best_level(answers)
    model.config.presence_logit_offset = -presence_level(answers)
    return model
