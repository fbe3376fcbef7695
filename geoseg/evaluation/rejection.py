"""The presence from which to answer, so that empty chips are seldom accepted."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from geoseg.errors import OptionsError


@dataclass(frozen=True, slots=True)
class Rate:
    """A share that was counted, and where the true one lies."""

    hits: int
    of: int
    low: float
    """Lower end of the 95 % Clopper-Pearson interval."""
    high: float

    @property
    def value(self) -> float:
        """The share; NaN where there was nothing to count."""
        return self.hits / self.of if self.of else math.nan


def rate_of(hits: int, of: int) -> Rate:
    """A share with its exact binomial interval.

    >>> round(rate_of(0, 100).high, 4)
    0.0362
    """
    low = float(stats.beta.ppf(0.025, hits, of - hits + 1)) if hits else 0.0
    high = float(stats.beta.ppf(0.975, hits + 1, of - hits)) if hits < of else 1.0
    return Rate(hits, of, low, high)


def rejection_threshold(presence: NDArray[np.float64], *, false_accept: float) -> float:
    """The smallest threshold that keeps the rate of accepted empty chips, by their presence (n,).

    Conformal risk control (arXiv 2208.02814) with the loss "an empty chip was accepted", which is
    0 or 1 and falls with the threshold: the smallest one with
    ``n / (n + 1) * accepted / n + 1 / (n + 1) <= false_accept``, where a chip is accepted if its
    presence reaches the threshold. The expected rate on a new chip, drawn as these were, is then
    at most `false_accept`: over all draws of these chips, not for each of them.

    >>> rejection_threshold(np.array([0.1, 0.2, 0.9]), false_accept=0.5) > 0.2
    True
    """
    count = len(presence)
    if not 0 < false_accept < 1:
        raise OptionsError(
            f"the rate of accepted empty chips lies between 0 and 1, but {false_accept:g} was "
            "given; say one such as 0.01"
        )
    # a rate of 0.01 times 100 chips is 1, not 0.99999
    allowed = math.floor(round(false_accept * (count + 1), 9)) - 1
    if allowed < 0:
        needed = math.ceil(round(1 / false_accept, 9)) - 1
        raise OptionsError(
            f"a rate of {false_accept:g} cannot be told from {count} empty chips: it takes at "
            f"least {needed}; give more data, or allow a rate of {1 / (count + 1):.2g} or more"
        )
    if allowed >= count:
        return 0.0
    refused = np.sort(presence)[::-1][allowed]  # the surest of those that must be refused
    return float(np.nextafter(refused, np.inf))


def accepted(presence: NDArray[np.float64], threshold: float) -> Rate:
    """Share of chips whose presence reaches the threshold."""
    return rate_of(int((presence >= threshold).sum()), len(presence))
