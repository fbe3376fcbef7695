"""The scale and offset that make mask scores probabilities with 0.5 as the right threshold."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import expit, logit

LEVELS: Final = np.round(np.arange(-6, 6.01, 0.1), 1)
"""Mask logits that could be the threshold."""

LARGEST_LOGIT = 16.0
"""float32 cannot tell probabilities beyond this one from 1."""

SCALES: Final = (0.05, 20.0)
"""Ends of the search for the scale."""

TIE = 1e-9


@dataclass(frozen=True, slots=True)
class MaskScale:
    """A change of mask logits."""

    scale: float
    """What logits are multiplied with, once moved."""

    level: float
    """The logit that becomes the threshold: it is taken off before."""

    def apply(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        """The probabilities that logits stand for."""
        return np.asarray(expit(self.scale * (logits - self.level)))


UNCHANGED: Final = MaskScale(1.0, 0.0)


def logits_of(probability: NDArray[np.float32]) -> NDArray[np.float64]:
    """The logits of probabilities, as far as float32 can tell them."""
    least = expit(-LARGEST_LOGIT)
    return np.asarray(logit(np.clip(probability.astype(np.float64), least, 1 - least)))


def iou_by_level(logits: NDArray[np.float64], truth: NDArray[np.bool_]) -> NDArray[np.float64]:
    """IoU of an answer cut at each of the `LEVELS`: (levels,)."""
    bins = np.searchsorted(LEVELS, logits.ravel(), side="right")  # 0: below all levels
    count = len(LEVELS) + 1
    drawn = _at_least(np.bincount(bins, minlength=count))
    common = _at_least(np.bincount(bins[truth.ravel()], minlength=count))
    either = drawn + truth.sum() - common
    iou: NDArray[np.float64] = common / np.maximum(either, 1)
    return iou


def best_level(iou: NDArray[np.float64]) -> float:
    """The level at which queries (n, levels) overlap best on average.

    It stays as near to 0, where the threshold is now, as is no worse than the best by more than
    two standard errors: a threshold is not moved for luck.
    """
    best = iou[:, iou.mean(axis=0).argmax()]
    worse = best[:, None] - iou
    error = worse.std(axis=0) / np.sqrt(len(iou))
    good = LEVELS[worse.mean(axis=0) <= 2 * error + TIE]
    return float(good[np.abs(good).argmin()])


def best_scale(logits: NDArray[np.float64], truth: NDArray[np.bool_]) -> float:
    """The factor for logits of pixels (n,) that minimises their cross-entropy."""
    sign = np.where(truth, 1.0, -1.0) * logits

    def loss(log_scale: float) -> float:
        return float(np.logaddexp(0, -np.exp(log_scale) * sign).mean())

    bounds = tuple(np.log(SCALES))
    found = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-4})
    return float(np.exp(found.x))


def mask_scale(
    iou: NDArray[np.float64], logits: NDArray[np.float64], truth: NDArray[np.bool_]
) -> MaskScale:
    """First the threshold that is best for IoU, then the temperature around it.

    `iou` is that of queries by level (n, levels); `logits` and `truth` are of pixels drawn from
    the same queries. The temperature moves no pixel over the threshold; where the best threshold
    is not where answers are right half of the time, probabilities stay off by that much.
    """
    level = best_level(iou)
    return MaskScale(best_scale(logits - level, truth), level)


def _at_least(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many lie in each bin or a higher one, without the lowest."""
    return np.asarray(counts[::-1].cumsum()[::-1][1:])
