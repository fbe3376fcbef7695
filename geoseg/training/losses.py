"""How far masks and decisions are from the truth."""

from torch import Tensor
from torch.nn import functional

ABSENT_SHARE = 0.25
"""How much the empty mask of an absent query counts beside a present one: [REJ] already says it."""

LARGEST_WEIGHT = 4.0
"""No object pixel counts more than so many others."""


def balanced_bce(logits: Tensor, truth: Tensor) -> Tensor:
    """Binary cross-entropy per query (n, q); pixels of small objects count more.

    Logits and truth (0 or 1) are (n, q, h, w). An object pixel weighs the root of how many
    times more ground there is than object, between 1 and LARGEST_WEIGHT.
    """
    share = truth.mean(dim=(2, 3), keepdim=True)
    weight = ((1 - share) / share.clamp(min=1e-6)).sqrt().clamp(1, LARGEST_WEIGHT)
    pixels = functional.binary_cross_entropy_with_logits(logits, truth, reduction="none")
    return (pixels * (1 + (weight - 1) * truth)).mean(dim=(2, 3))


def dice(logits: Tensor, truth: Tensor) -> Tensor:
    """1 minus the Dice overlap per query (n, q), from 0 (same) to 1 (nothing in common)."""
    probability = logits.sigmoid()
    common = (probability * truth).sum(dim=(2, 3))
    total = probability.sum(dim=(2, 3)) + truth.sum(dim=(2, 3))
    return 1 - (2 * common + 1) / (total + 1)


def mask_loss(logits: Tensor, truth: Tensor) -> Tensor:
    """Cross-entropy and Dice over present queries, a little cross-entropy over absent ones."""
    present = truth.flatten(2).any(dim=2).to(logits.dtype)  # (n, q)
    drawn = balanced_bce(logits, truth)
    wanted = present * (drawn + dice(logits, truth)) + (1 - present) * ABSENT_SHARE * drawn
    return wanted.mean()


def decision_loss(logits: Tensor, present: Tensor) -> Tensor:
    """Cross-entropy of [SEG] and [REJ] logits (n, q, 2) against presence (n, q)."""
    chosen = (~present).long()  # row 0 is [SEG], row 1 is [REJ]
    return functional.cross_entropy(logits.flatten(0, 1), chosen.flatten())
