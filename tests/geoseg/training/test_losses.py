import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from geoseg.training.losses import (
    ABSENT_SHARE,
    LARGEST_WEIGHT,
    balanced_bce,
    decision_loss,
    dice,
    mask_loss,
)

Arrays = tuple[NDArray[np.float64], NDArray[np.float64]]


@pytest.fixture
def arrays() -> Arrays:
    rng = np.random.default_rng(0)
    truth = (rng.random((2, 3, 5, 7)) < 0.3).astype(float)
    truth[1, 2] = 0
    return rng.normal(0, 2, truth.shape), truth


def sigmoid(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1 / (1 + np.exp(-values))


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


def test_cross_entropy_is_that_of_plain_numpy(arrays: Arrays) -> None:
    logits, truth = arrays
    ours = balanced_bce(torch.from_numpy(logits), torch.from_numpy(truth))
    for chip, query in np.ndindex(2, 3):
        expected = reference_bce(logits[chip, query], truth[chip, query])
        assert ours[chip, query].item() == pytest.approx(expected)


def test_dice_is_that_of_plain_numpy(arrays: Arrays) -> None:
    logits, truth = arrays
    ours = dice(torch.from_numpy(logits), torch.from_numpy(truth))
    for chip, query in np.ndindex(2, 3):
        expected = reference_dice(logits[chip, query], truth[chip, query])
        assert ours[chip, query].item() == pytest.approx(expected)


def test_a_perfect_mask_costs_nothing(arrays: Arrays) -> None:
    truth = torch.from_numpy(arrays[1])
    assert mask_loss((truth - 0.5) * 200, truth).item() == pytest.approx(0, abs=1e-6)


def test_an_absent_query_costs_only_a_share(arrays: Arrays) -> None:
    logits, truth = torch.from_numpy(arrays[0]), torch.zeros(2, 3, 5, 7, dtype=torch.float64)
    expected = ABSENT_SHARE * balanced_bce(logits, truth).mean()
    assert mask_loss(logits, truth).item() == pytest.approx(expected.item())


def test_masks_learn_from_absent_and_present_queries(arrays: Arrays) -> None:
    logits = torch.from_numpy(arrays[0]).requires_grad_()
    torch.autograd.backward(mask_loss(logits, torch.from_numpy(arrays[1])))
    assert logits.grad is not None
    assert (logits.grad.abs().amax(dim=(2, 3)) > 0).all()


def test_the_decision_is_cross_entropy_with_seg_first() -> None:
    logits = torch.tensor([[[2.0, -1.0], [0.5, 0.25]]])
    present = torch.tensor([[True, False]])
    expected = (np.log1p(np.exp(-3.0)) + np.log1p(np.exp(0.25))) / 2
    assert decision_loss(logits, present).item() == pytest.approx(expected)
