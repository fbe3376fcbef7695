"""How far a figure would move with other images: percentile bootstrap."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoseg.evaluation.metrics import Metric, Ratio
from geoseg.evaluation.outcomes import Outcomes

DRAWS = 1000
"""Resamples: the ends of a 95 % interval then rest on 25 values each."""

DRAWS_AT_ONCE = 64
"""Bounds memory: draws times groups whole numbers."""

LEVEL = 0.95

FEWEST_GROUPS = 2
"""Fewer always give the same figure again, whose interval would look certain."""


Groups = NDArray[np.object_] | NDArray[np.int64]
"""(n,): names or numbers."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with the interval it may lie in."""

    value: float
    """NaN where no query says anything about it."""

    low: float
    """Lower end of the 95 % interval; NaN where one group alone tells nothing about others."""

    high: float
    """Upper end."""


def estimates(
    outcomes: Outcomes, metrics: Mapping[str, Metric], *, seed: int = 0
) -> dict[str, Estimate]:
    """Every figure with its interval over groups of images."""
    ratios = {name: metric(outcomes) for name, metric in metrics.items()}
    return resampled(ratios, outcomes.groups, seed=seed)


def resampled(ratios: Mapping[str, Ratio], groups: Groups, *, seed: int = 0) -> dict[str, Estimate]:
    """Ratios over rows with their intervals, where the rows of one group (n,) belong together.

    Groups are drawn with replacement, and with each all of its rows: queries about one image, or
    one piece of ground, share light and labeller, and so their luck.
    """
    if not len(groups):
        return {name: Estimate(*[float("nan")] * 3) for name in ratios}
    _, group = np.unique(groups.astype(str), return_inverse=True)
    parts = np.stack([_per_group(ratio, group) for ratio in ratios.values()])  # (figures, m, 2)
    sums = np.concatenate([counts @ parts for counts in _counts(parts.shape[1], seed)], axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        drawn = sums[..., 0] / sums[..., 1]  # (figures, draws)
    return {
        name: _estimate(ratio.value, values, groups=parts.shape[1])
        for (name, ratio), values in zip(ratios.items(), drawn, strict=True)
    }


def interval(
    outcomes: Outcomes, statistic: Callable[[Outcomes], float], *, seed: int = 0, draws: int = 200
) -> Estimate:
    """Any figure with its interval, also one that is no ratio of sums; slower."""
    if not len(outcomes):
        return Estimate(*[float("nan")] * 3)
    _, group = np.unique(outcomes.groups.astype(str), return_inverse=True)
    order = np.argsort(group, kind="stable")
    rows = np.split(order, np.cumsum(np.bincount(group))[:-1])
    draws_of_groups = np.random.default_rng([seed, 1]).integers(0, len(rows), (draws, len(rows)))
    chosen = (np.concatenate([rows[one] for one in drawn]) for drawn in draws_of_groups)
    values = np.array([statistic(outcomes[these]) for these in chosen])
    return _estimate(statistic(outcomes), values, groups=len(rows))


def _per_group(ratio: Ratio, group: NDArray[np.intp]) -> NDArray[np.float64]:
    """The parts of a figure, summed over the rows of each of m groups: (m, 2)."""
    return np.stack(
        [np.bincount(group, ratio.numerator), np.bincount(group, ratio.denominator)], axis=1
    )


def _counts(groups: int, seed: int) -> Iterator[NDArray[np.float64]]:
    """How often each group is drawn, some draws at a time: (draws, groups)."""
    rng = np.random.default_rng([seed, 0])
    for first in range(0, DRAWS, DRAWS_AT_ONCE):
        draws = min(DRAWS_AT_ONCE, DRAWS - first)
        yield rng.multinomial(groups, np.full(groups, 1 / groups), draws).astype(float)


def _estimate(value: float, drawn: NDArray[np.float64], *, groups: int) -> Estimate:
    """The figure with the middle 95 % of what was drawn, where it could be drawn at all."""
    known = drawn[np.isfinite(drawn)]
    if groups < FEWEST_GROUPS or not len(known):
        return Estimate(value, float("nan"), float("nan"))
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(value, float(low), float(high))
