"""How far masks and decisions are from the truth, query by query."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

ALPHA, GAMMA = 0.25, 2.0
"""Of the focal loss: weight of object pixels, and how little easy pixels count."""

LARGEST_WEIGHT = 4.0
"""No object pixel counts more than so many others."""


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """One kind of error: its sum over some queries, and how many they are."""

    total: Tensor
    """()."""

    count: Tensor
    """(): may be 0, then the total is."""


Terms = Mapping[str, Term]


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


def among(losses: Tensor, chosen: Tensor) -> Term:
    """The losses of the chosen queries; both (n, q)."""
    return Term((losses * chosen).sum(), chosen.sum())


def answer_terms(
    masks: Tensor, decisions: Tensor, *, truth: Tensor, asked: Tensor, wanted: Mapping[str, float]
) -> dict[str, Term]:
    """Every kind of error that is wanted, of mask logits (n, q, h, w) and decisions (n, q, 2).

    Truth is (n, q, h, w); asked (n, q) is False where a chip asks fewer queries. What masks show
    counts where there is something to show; whether there is, everywhere.
    """
    present = truth.flatten(2).any(dim=2) & asked
    kinds: dict[str, Callable[[], Term]] = {
        "decision": lambda: among(decision(decisions, present), asked),
        "focal": lambda: among(focal(masks, truth), present),
        "dice": lambda: among(dice(masks, truth), present),
        "pixel": lambda: among(balanced_bce(masks, truth), present),
        "absent": lambda: among(balanced_bce(masks, truth), asked & ~present),
    }
    return {kind: term() for kind, term in kinds.items() if wanted.get(kind)}


def summed(terms: Terms, counts: Mapping[str, float], weights: Mapping[str, float]) -> Tensor:
    """The weighted sum of the means of all terms, for the counts given."""
    return torch.stack([
        weights[kind] * term.total / (counts[kind] or 1) for kind, term in terms.items()
    ]).sum()  # fmt: skip
