"""A segmenter asked everything that a data set asks."""

from collections import Counter
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from geoseg.evaluation.answers import PROTOCOLS, USUAL, Terms
from geoseg.evaluation.baselines import BASELINES, FULL
from geoseg.evaluation.evaluation import Evaluation, spread
from geoseg.evaluation.failures import Worst
from geoseg.evaluation.outcomes import PRESENT, Outcome, Outcomes
from geoseg.progress import Progress
from geoseg.query import Query
from geoseg.segmenter import ChipSegmenter
from geoseg.training.data.samples import Asked, Sample, Source

DRAWN = 0.5
"""Probability from which a pixel is drawn."""


def evaluate(
    segmenter: ChipSegmenter,
    source: Source,
    *,
    terms: Terms = USUAL,
    limit: int | None = None,
    worst: int = 0,
    progress: Progress | None = None,
) -> Evaluation:
    """What a segmenter answers to a data set, or to `limit` samples spread evenly over it.

    Samples are read and asked one after another; of their pixels only the `worst` are kept.
    """
    rows: dict[str, list[Outcome]] = {name: [] for name in ("", *BASELINES)}
    kept = Worst(worst)
    shown: Counter[str] = Counter()
    chosen = spread(len(source), limit)
    for done, index in enumerate(chosen, start=1):
        sample = source[index]
        way = terms.protocol_for(sample.image, segmenter.chip_size)
        shown[way] += 1
        answers = answered(segmenter, sample, way, presence=terms.presence)
        for asked, drawn, presence in answers:
            outcome = outcome_of(sample, asked, drawn, presence=presence)
            rows[""].append(outcome)
            for name, baseline in BASELINES.items():
                sure = 1.0 if name == FULL else presence
                rows[name].append(outcome_of(sample, asked, baseline(drawn), presence=sure))
            kept.see(outcome, sample.image, asked.mask, drawn & (presence >= terms.presence))
        if progress is not None:
            progress(done, len(chosen))
    tables = {name: Outcomes.of(listed) for name, listed in rows.items()}
    own = tables.pop("")
    return Evaluation(own, tables, dict(shown), kept.failures(), presence=terms.presence)


def queries_of(sample: Sample) -> list[Query]:
    """What is asked of a sample."""
    return [Query(asked.phrase) for asked in sample.asked]


def answered(
    segmenter: ChipSegmenter, sample: Sample, protocol: str, *, presence: float = PRESENT
) -> Iterator[tuple[Asked, NDArray[np.bool_], float]]:
    """Each query of a sample with the pixels drawn for it and its presence."""
    if not sample.asked:
        return
    way = PROTOCOLS[protocol]
    answer = way(segmenter, sample.image, queries_of(sample), presence=presence)
    masks = answer.probability >= DRAWN
    yield from zip(sample.asked, masks, answer.presence.tolist(), strict=True)


def outcome_of(
    sample: Sample, asked: Asked, drawn: NDArray[np.bool_], *, presence: float
) -> Outcome:
    """The pixels of an answer counted against the truth."""
    return Outcome(
        sample.name,
        asked.family,
        asked.phrase,
        intersection=int((asked.mask & drawn).sum()),
        truth=int(asked.mask.sum()),
        predicted=int(drawn.sum()),
        presence=presence,
        group=sample.group,
    )
