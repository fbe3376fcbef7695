import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from geoseg.training.losses import (
    ALPHA,
    GAMMA,
    LARGEST_WEIGHT,
    answer_counts,
    answer_totals,
    balanced_bce,
    decision,
    dice,
    focal,
    summed,
)

Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]

Arrays = tuple[NDArray[np.float64], NDArray[np.float64]]

ALL = {"decision": 1.0, "focal": 1.0, "dice": 1.0, "pixel": 1.0, "absent": 1.0}


@pytest.fixture
def arrays() -> Arrays:
    rng = np.random.default_rng(0)
    truth = (rng.random((2, 3, 5, 7)) < 0.3).astype(float)
    truth[1, 2] = 0
    return rng.normal(0, 2, truth.shape), truth


def sigmoid(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1 / (1 + np.exp(-values))


def reference_focal(logits: NDArray[np.float64], truth: NDArray[np.float64]) -> float:
    total = 0.0
    for logit, wanted in zip(logits.ravel(), truth.ravel(), strict=True):
        sure = float(sigmoid(logit))
        right, weight = (sure, ALPHA) if wanted else (1 - sure, 1 - ALPHA)
        total -= weight * (1 - right) ** GAMMA * np.log(right)
    return total / logits.size


def reference_bce(logits: NDArray[np.float64], truth: NDArray[np.float64]) -> float:
    share = truth.mean()
    odds = (1 - share) / share if share else np.inf
    weight = np.clip(np.sqrt(odds), 1, LARGEST_WEIGHT)
    probability = sigmoid(logits)
    pixels = -truth * weight * np.log(probability) - (1 - truth) * np.log(1 - probability)
    return float(pixels.mean())


def reference_dice(logits: NDArray[np.float64], truth: NDArray[np.float64]) -> float:
    probability = sigmoid(logits)
    return float(1 - (2 * (probability * truth).sum() + 1) / (probability.sum() + truth.sum() + 1))


@pytest.mark.parametrize(
    ("ours", "reference"),
    [(focal, reference_focal), (balanced_bce, reference_bce), (dice, reference_dice)],
    ids=["focal", "pixel", "dice"],
)
def test_mask_losses_are_those_of_plain_numpy(
    ours: Loss, reference: Callable[..., float], arrays: Arrays
) -> None:
    logits, truth = arrays
    found = ours(torch.from_numpy(logits), torch.from_numpy(truth))
    for chip, query in np.ndindex(2, 3):
        expected = reference(logits[chip, query], truth[chip, query])
        assert found[chip, query].item() == pytest.approx(expected)


def test_without_focus_focal_loss_is_weighted_cross_entropy(
    arrays: Arrays, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geoseg.training.losses.GAMMA", 0.0)
    monkeypatch.setattr("geoseg.training.losses.ALPHA", 0.5)
    logits, truth = map(torch.from_numpy, arrays)
    plain = torch.nn.functional.binary_cross_entropy_with_logits(logits, truth)
    assert focal(logits, truth).mean().item() == pytest.approx(0.5 * plain.item())


@pytest.mark.parametrize("loss", [focal, balanced_bce, dice])
def test_a_perfect_mask_costs_nothing(loss: Loss, arrays: Arrays) -> None:
    truth = torch.from_numpy(arrays[1])
    assert loss((truth - 0.5) * 200, truth).abs().max().item() == pytest.approx(0, abs=1e-6)


def test_the_decision_is_cross_entropy_with_seg_first() -> None:
    logits = torch.tensor([[[2.0, -1.0], [0.5, 0.25]]])
    found = decision(logits, torch.tensor([[True, False]]))
    expected = [np.log1p(np.exp(-3.0)), np.log1p(np.exp(0.25))]
    assert found[0].tolist() == pytest.approx(expected)


def test_masks_count_where_something_is_there_and_decisions_wherever_it_is_asked(
    arrays: Arrays,
) -> None:
    logits, truth = map(torch.from_numpy, arrays)
    asked = torch.tensor([[True, True, False], [True, True, True]])
    counts = answer_counts(truth, asked, ALL)
    assert counts == {"decision": 5, "focal": 4, "dice": 4, "pixel": 4, "absent": 1}
    decisions = torch.zeros(2, 3, 2, dtype=torch.float64)
    totals = answer_totals(logits, decisions, truth=truth, asked=asked, wanted=ALL)
    present = truth.flatten(2).any(dim=2) & asked
    assert totals["dice"].item() == pytest.approx(dice(logits, truth)[present].sum().item())
    assert totals["decision"].item() == pytest.approx(5 * math.log(2))


def test_what_is_not_wanted_is_not_computed(arrays: Arrays) -> None:
    logits, truth = map(torch.from_numpy, arrays)
    asked, decisions = torch.ones(2, 3).bool(), torch.zeros(2, 3, 2)
    wanted = {**ALL, "focal": 0.0, "absent": 0.0}
    totals = answer_totals(logits, decisions, truth=truth, asked=asked, wanted=wanted)
    assert set(totals) == set(answer_counts(truth, asked, wanted)) == {"decision", "dice", "pixel"}


def test_the_sum_is_that_of_weighted_means_and_nothing_from_nothing() -> None:
    totals = {"dice": torch.tensor(6.0), "focal": torch.tensor(0.0)}
    found = summed(totals, {"dice": 3.0, "focal": 0.0}, {"dice": 2.0, "focal": 1.0})
    assert found.item() == 4.0
