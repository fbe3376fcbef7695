"""The presence from which to answer, so that empty chips are seldom accepted."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from geoseg.errors import OptionsError
from geoseg.evaluation.bootstrap import resampled
from geoseg.evaluation.metrics import Ratio

Presences = Sequence[NDArray[np.float64]]
"""For each image, the presence of each query about it (none has none); images of one group, which
share light, ground and labeller, count as one."""

FEWEST = 5
"""Images with empty chips below which half of the data says little of a rate."""

TIE = 1e-9
"""Sums of shares such as 1/3 that should be whole are so to this."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of queries, taken image by image, and where the true one lies."""

    value: float
    """The mean over images of the share of each one's queries; NaN without images."""

    low: float
    """Lower end of the 95 % interval over images; 0 where nothing is known."""

    high: float
    """Upper end; 1 where nothing is known."""

    hits: int
    """Queries counted, of all images."""

    of: int
    """Queries, of all images."""

    images: int


def rate_of(hits: Sequence[int], of: Sequence[int]) -> Rate:
    """The mean share of images, so many of whose queries are counted.

    Where those of every image are counted all or not at all, as they are with one query an image,
    the interval is the exact binomial one over images (Clopper-Pearson), else that of a percentile
    bootstrap over images.

    >>> round(rate_of([0] * 100, [1] * 100).high, 4)
    0.0362
    """
    if not len(of):
        return Rate(math.nan, 0.0, 1.0, 0, 0, 0)
    share = np.asarray(hits, np.float64) / np.asarray(of, np.float64)
    ends = _binomial_ends if np.isin(share, (0, 1)).all() else _bootstrap_ends
    return Rate(float(share.mean()), *ends(share), int(sum(hits)), int(sum(of)), len(share))


def doubts(reached: Rate, *, asked: float) -> Iterator[str]:
    """A sentence where the other half of the data does not bear out the rate that was asked for."""
    if not reached.images:
        yield (
            "the other half of the data has no empty chips, so nothing tells whether the rate of "
            f"{asked:.2%} is kept; give more data"
        )
    elif reached.images < FEWEST:
        yield (
            f"on the other half of the data {reached.value:.2%} of the empty chips were accepted, "
            f"and {asked:.2%} was asked for; {reached.images} image{'s' * (reached.images > 1)} "
            "with empty chips can hardly tell whether the rate is kept: give more data"
        )
    elif reached.low > asked:
        yield (
            f"on the other half of the data {reached.value:.2%} of the empty chips were accepted, "
            f"not {asked:.2%} as asked for, and chance hardly explains it: the halves are too "
            "unlike for the rate to be kept elsewhere; give more data, of all kinds of ground that "
            "are to be mapped"
        )


def rejection_threshold(presence: Presences, *, false_accept: float) -> float:
    """The smallest float32 threshold that keeps the rate of accepted empty chips.

    Conformal risk control (arXiv 2208.02814) over images. The loss of an image is the share of its
    empty queries that are accepted, those whose presence reaches the threshold: it lies in 0..1 and
    falls with the threshold. Taken is the smallest threshold with
    ``n / (n + 1) * mean loss + 1 / (n + 1) <= false_accept`` for n images. The expected loss on a
    new image, drawn as these were, is then at most `false_accept`: over all draws of these images,
    not for each of them, and whatever queries about one image have in common.

    >>> sure = [np.array([0.1, 0.2]), np.array([0.2]), np.array([0.9])]
    >>> round(rejection_threshold(sure, false_accept=0.5), 6)
    0.2
    """
    check_enough_images(len(presence), false_accept=false_accept)
    allowed = accepted_at_most(len(presence), false_accept)
    values = np.concatenate(presence)
    weights = np.concatenate([np.full(len(one), 1 / len(one)) for one in presence])
    surest_first = np.argsort(-values, kind="stable")
    loss = np.cumsum(weights[surest_first])
    too_many = np.flatnonzero(loss > allowed + TIE)
    if not len(too_many):
        return 0.0
    refused = values[surest_first[too_many[0]]]  # the surest of those that must be refused
    return float(np.nextafter(np.float32(refused), np.float32(np.inf)))


def accepted_at_most(images: int, false_accept: float) -> float:
    """The sum of the images' losses that keeps a rate; below 0 where there are too few of them.

    >>> accepted_at_most(99, 0.01), accepted_at_most(9, 0.01)
    (0.0, -0.9)
    """
    # a rate of 0.01 times 100 images is 1, not 0.99999
    return round(false_accept * (images + 1), 9) - 1


def rounded_up(rate: float) -> float:
    """The rate in two digits, never lower.

    >>> rounded_up(1 / 7), rounded_up(0.25), rounded_up(1 / 10_000)
    (0.15, 0.25, 0.0001)
    """
    tenth = 10.0 ** (1 - math.floor(math.log10(rate)))
    return math.ceil(round(rate * tenth, 9)) / tenth


def check_enough_images(images: int, *, false_accept: float) -> None:
    """Refuse a rate that is none, or that so many images with empty chips cannot tell."""
    if not 0 < false_accept < 1:
        raise OptionsError(
            f"the rate of accepted empty chips lies between 0 and 1, but {false_accept:g} was "
            "given; say one such as 0.01"
        )
    if accepted_at_most(images, false_accept) < 0:
        needed = math.ceil(round(1 / false_accept, 9)) - 1
        lower = f", or allow a rate of {rounded_up(1 / (images + 1)):g} or more" if images else ""
        raise OptionsError(
            f"a rate of {false_accept:g} cannot be told from {images} images (those with empty "
            f"chips, and those of one piece of ground as one): it takes at least {needed} in the "
            f"half that the threshold is chosen on, so about {2 * needed} in all; give more data"
            f"{lower}"
        )


def accepted(presence: Presences, threshold: float) -> Rate:
    """Share of the queries whose presence reaches the threshold."""
    hits = [int((one >= threshold).sum()) for one in presence]
    return rate_of(hits, [len(one) for one in presence])


def _binomial_ends(share: NDArray[np.float64]) -> tuple[float, float]:
    hits, of = int(share.sum()), len(share)
    low = float(stats.beta.ppf(0.025, hits, of - hits + 1)) if hits else 0.0
    high = float(stats.beta.ppf(0.975, hits + 1, of - hits)) if hits < of else 1.0
    return low, high


def _bootstrap_ends(share: NDArray[np.float64]) -> tuple[float, float]:
    ratio = Ratio(share, np.ones(len(share)))
    found = resampled({"share": ratio}, np.arange(len(share)))["share"]
    return (0.0, 1.0) if math.isnan(found.low) else (found.low, found.high)
