"""Whether probabilities are frequencies."""

import numpy as np
from numpy.typing import NDArray

BINS = 15
"""Of equal width, as the field counts them."""


def expected_calibration_error(
    probability: NDArray[np.float64], truth: NDArray[np.bool_], *, bins: int = BINS
) -> float:
    """ECE: how far probability (n,) and frequency lie apart, averaged over pixels.

    >>> expected_calibration_error(np.array([0.75] * 4), np.array([True, True, True, False]))
    0.0
    """
    if not len(probability):
        return float("nan")
    place = np.minimum((probability * bins).astype(int), bins - 1)
    expected = np.bincount(place, probability, bins)
    seen = np.bincount(place, truth, bins)
    return float(np.abs(expected - seen).sum() / len(probability))
