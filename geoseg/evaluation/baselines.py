"""What would be answered without looking, and with only the largest piece kept."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Mask = NDArray[np.bool_]

FULL = "full"
"""The baseline that takes everything to be there."""


def nothing(mask: Mask) -> Mask:
    """No pixel at all."""
    return np.zeros_like(mask)


def everything(mask: Mask) -> Mask:
    """Every pixel."""
    return np.ones_like(mask)


def largest_blob(mask: Mask) -> Mask:
    """The largest 4-connected piece of a mask (height, width); of equals the first one.

    >>> largest_blob(np.array([[1, 0, 1, 1]], bool)).astype(int).tolist()
    [[0, 0, 1, 1]]
    """
    labels, count = ndimage.label(mask)
    if not count:
        return np.zeros_like(mask)
    sizes = np.bincount(labels.ravel())[1:]
    return np.asarray(labels == 1 + sizes.argmax())


BASELINES: Final[dict[str, Callable[[Mask], Mask]]] = {
    "empty": nothing,
    FULL: everything,
    "largest blob": largest_blob,
}
"""Answers to stand beside a model's own: each made of the mask the model drew."""
