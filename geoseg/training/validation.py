"""How good a model is while it learns."""

import math
from dataclasses import dataclass

from geoseg.evaluation.data_sets import evaluate
from geoseg.evaluation.metrics import mean_iou
from geoseg.evaluation.outcomes import PRESENT, Outcomes
from geoseg.segmenter import ChipSegmenter
from geoseg.training.data.samples import Source


@dataclass(frozen=True, slots=True)
class Quality:
    """The figures of one validation."""

    mean_iou: float
    """Of queries whose target is there; one that is wrongly refused counts 0. NaN: none is."""

    presence: float
    """Share of queries rightly taken for present, or for absent."""

    accepted: float
    """Share of queries with their target that are answered. NaN: there are none."""

    refused: float
    """Share of queries without target that are refused. NaN: there are none."""

    def __str__(self) -> str:
        """Return what is known, in a few words."""
        told = (("mean IoU", self.mean_iou), ("presence right", self.presence))
        return ", ".join(f"{name} {value:.3f}" for name, value in told if not math.isnan(value))


def measured(segmenter: ChipSegmenter, source: Source, *, samples: int) -> Quality:
    """How good a segmenter is on so many samples, spread evenly over a data set."""
    return quality_of(evaluate(segmenter, source, limit=samples).outcomes)


def quality_of(outcomes: Outcomes) -> Quality:
    """The figures of what became of queries."""
    said = outcomes.presence >= PRESENT
    there = ~outcomes.empty
    return Quality(
        mean_iou=mean_iou(outcomes.decided()[there], empty_union="zero").value,
        presence=share(int((said == there).sum()), len(outcomes)),
        accepted=share(int((said & there).sum()), int(there.sum())),
        refused=share(int((~said & ~there).sum()), int((~there).sum())),
    )


def share(some: int, of: int) -> float:
    """The share of some of all; NaN of none."""
    return some / of if of else float("nan")
