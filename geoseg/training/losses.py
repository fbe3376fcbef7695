"""How far masks and decisions are from the truth, query by query."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor
from torch.nn import functional

ALPHA, GAMMA = 0.25, 2.0
"""Of the focal loss: weight of object pixels, and how little easy pixels count."""

LARGEST_WEIGHT = 4.0
"""No object pixel counts more than so many others."""


Totals = Mapping[str, Tensor]
"""The sum () of each kind of error over the queries that it is about."""


def focal(logits: Tensor, truth: Tensor) -> Tensor:
    """Focal loss per query (n, q), the mean over its pixels (arXiv 1708.02002).

    Logits and truth (0 or 1) are (n, q, h, w). Cross-entropy, where a pixel of which the model is
    sure, rightly, counts less: by the square of how unsure it is. The published training takes
    the sigmoid twice; this does not.
    """
    entropy = functional.binary_cross_entropy_with_logits(logits, truth, reduction="none")
    probability = logits.sigmoid()
    right = probability * truth + (1 - probability) * (1 - truth)
    weight = ALPHA * truth + (1 - ALPHA) * (1 - truth)
    return (weight * (1 - right) ** GAMMA * entropy).mean(dim=(2, 3))


def dice(logits: Tensor, truth: Tensor) -> Tensor:
    """1 minus the Dice overlap per query (n, q), from 0 (same) to 1 (nothing in common)."""
    probability = logits.sigmoid()
    common = (probability * truth).sum(dim=(2, 3))
    total = probability.sum(dim=(2, 3)) + truth.sum(dim=(2, 3))
    return 1 - (2 * common + 1) / (total + 1)


def balanced_bce(logits: Tensor, truth: Tensor) -> Tensor:
    """Binary cross-entropy per query (n, q); pixels of small objects count more.

    Logits and truth (0 or 1) are (n, q, h, w). An object pixel weighs the root of how many
    times more ground there is than object, between 1 and LARGEST_WEIGHT.
    """
    share = truth.mean(dim=(2, 3), keepdim=True)
    weight = ((1 - share) / share.clamp(min=1e-6)).sqrt().clamp(1, LARGEST_WEIGHT)
    pixels = functional.binary_cross_entropy_with_logits(logits, truth, reduction="none")
    return (pixels * (1 + (weight - 1) * truth)).mean(dim=(2, 3))


def decision(logits: Tensor, present: Tensor) -> Tensor:
    """Cross-entropy (n, q) of [SEG] and [REJ] logits (n, q, 2) against presence (n, q)."""
    chosen = (~present).long()  # row 0 is [SEG], row 1 is [REJ]
    return functional.cross_entropy(logits.movedim(2, 1), chosen, reduction="none")


def answer_totals(
    masks: Tensor, decisions: Tensor, *, truth: Tensor, asked: Tensor, wanted: Mapping[str, float]
) -> dict[str, Tensor]:
    """Every kind of error that is wanted, of mask logits (n, q, h, w) and decisions (n, q, 2).

    Truth is (n, q, h, w); asked (n, q) is False where a chip asks fewer queries. What masks show
    counts where there is something to show; whether there is, everywhere.
    """
    about = concerned(truth, asked)
    kinds: dict[str, Callable[[], Tensor]] = {
        "decision": lambda: decision(decisions, about["focal"]),
        "focal": lambda: focal(masks, truth),
        "dice": lambda: dice(masks, truth),
        "pixel": lambda: balanced_bce(masks, truth),
        "absent": lambda: balanced_bce(masks, truth),
    }
    return {kind: (kinds[kind]() * about[kind]).sum() for kind in kinds if wanted.get(kind)}


def answer_counts(truth: Tensor, asked: Tensor, wanted: Mapping[str, float]) -> dict[str, float]:
    """How many queries each kind of error that is wanted is about."""
    return {
        kind: float(queries.sum())
        for kind, queries in concerned(truth, asked).items()
        if wanted.get(kind)
    }


def concerned(truth: Tensor, asked: Tensor) -> dict[str, Tensor]:
    """The queries (n, q) that each kind of error is about."""
    present = truth.flatten(2).any(dim=2) & asked
    masks = dict.fromkeys(("focal", "dice", "pixel"), present)
    return {"decision": asked, **masks, "absent": asked & ~present}


def summed(totals: Totals, counts: Mapping[str, float], weights: Mapping[str, float]) -> Tensor:
    """The weighted sum of the means of all kinds of error, for the counts given."""
    return torch.stack([
        weights[kind] * total / (counts[kind] or 1) for kind, total in totals.items()
    ]).sum()  # fmt: skip
