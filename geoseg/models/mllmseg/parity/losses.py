"""The published loss terms, as they are: to compare with, not to train by.

The focal term takes cross-entropy of probabilities as if they were logits, and padded labels are
learned as token 0.
"""

import torch
from torch import Tensor
from torch.nn import functional

ALPHA, GAMMA = 0.25, 2.0
"""Of the focal loss (arXiv 1708.02002)."""

IGNORED = -100
"""The label that cross-entropy leaves out."""


def token_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy of the next token, for logits (n, t, v) and labels (n, t)."""
    return functional.cross_entropy(
        logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten(), ignore_index=IGNORED
    )


def focal_loss(probability: Tensor, truth: Tensor) -> Tensor:
    """Focal loss of one mask (h, w), with a second sigmoid as published."""
    entropy = functional.binary_cross_entropy_with_logits(probability, truth, reduction="none")
    right = probability * truth + (1 - probability) * (1 - truth)
    weight = ALPHA * truth + (1 - ALPHA) * (1 - truth)
    return (weight * (1 - right) ** GAMMA * entropy).mean()


def dice_loss(probability: Tensor, truth: Tensor) -> Tensor:
    """1 minus the smoothed Dice overlap of one mask (h, w)."""
    common = (probability * truth).sum()
    return 1 - (2 * common + 1) / (probability.sum() + truth.sum() + 1)


def mean_over(masks: list[Tensor]) -> Tensor:
    """The mean of one term over all masks of a batch."""
    return torch.stack(masks).mean()
