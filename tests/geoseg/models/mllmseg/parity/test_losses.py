import math

import pytest
import torch

from geoseg.models.mllmseg.parity.losses import dice_loss, focal_loss, token_loss


def test_dice_of_a_perfect_mask_is_nothing_and_of_an_absent_one_nearly_all() -> None:
    truth = torch.zeros(10, 10)
    truth[:5] = 1
    assert dice_loss(truth, truth).item() == pytest.approx(0)
    assert dice_loss(1 - truth, truth).item() == pytest.approx(1 - 1 / 101)


def test_an_absent_mask_for_an_absent_truth_costs_nothing() -> None:
    nothing = torch.zeros(4, 4)
    assert dice_loss(nothing, nothing) == 0
    assert focal_loss(nothing, nothing) == 0


def test_focal_loss_puts_a_second_sigmoid_over_probabilities() -> None:
    probability, truth = torch.full((1, 1), 0.3), torch.ones(1, 1)
    entropy = math.log(1 + math.exp(-0.3))
    assert focal_loss(probability, truth).item() == pytest.approx(0.25 * 0.7**2 * entropy)


def test_a_token_is_learned_from_the_one_before_it() -> None:
    labels = torch.tensor([[-100, 2, 0]])
    logits = torch.full((1, 3, 3), -50.0)
    logits[0, 0, 2] = logits[0, 1, 0] = 50.0
    assert token_loss(logits, labels).item() == pytest.approx(0, abs=1e-6)
    assert token_loss(logits.roll(1, dims=1), labels).item() > 1
