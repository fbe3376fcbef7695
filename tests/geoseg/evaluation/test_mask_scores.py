import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import expit

from geoseg.evaluation.mask_scores import (
    LEVELS,
    MaskScale,
    best_level,
    best_scale,
    iou_by_level,
    logits_of,
    mask_scale,
)
from geoseg.evaluation.reliability import expected_calibration_error

RNG = np.random.default_rng(0)


def cross_entropy(probability: NDArray[np.float64], truth: NDArray[np.bool_]) -> float:
    """The mean, in nats, as written in textbooks."""
    return float(-np.log(np.where(truth, probability, 1 - probability)).mean())


def test_iou_by_level_is_that_of_cutting_at_each_level() -> None:
    logits, truth = RNG.normal(0, 3, (20, 30)), RNG.random((20, 30)) < 0.3
    expected = [
        ((logits >= level) & truth).sum() / ((logits >= level) | truth).sum() for level in LEVELS
    ]
    np.testing.assert_allclose(iou_by_level(logits, truth), expected)


@given(scale=st.floats(0.2, 4))
def test_the_scale_that_spoilt_logits_is_found_again(scale: float) -> None:
    rng = np.random.default_rng(1)
    right = rng.normal(0, 2, 4000)
    truth = rng.random(4000) < expit(right)
    assert best_scale(right / scale, truth) == pytest.approx(scale, rel=0.12)


def test_the_best_scale_is_a_minimum() -> None:
    logits = RNG.normal(0, 4, 3000)
    truth = RNG.random(3000) < expit(logits / 3)
    best = best_scale(logits, truth)
    losses = [cross_entropy(expit(best * factor * logits), truth) for factor in (0.8, 1, 1.25)]
    assert losses[1] == min(losses)


def test_too_sure_scores_become_frequencies() -> None:
    logits = RNG.normal(0, 6, 20_000)
    truth = RNG.random(20_000) < expit(logits / 3)
    scale = MaskScale(best_scale(logits, truth), 0.0)
    before = expected_calibration_error(expit(logits), truth)
    assert expected_calibration_error(scale.apply(logits), truth) < before / 4


def test_a_threshold_that_is_off_is_moved_to_where_overlap_is_best() -> None:
    truth = np.zeros((40, 200), bool)
    truth[:, :60] = True
    logits = np.where(truth, -1.0, -3.0) + RNG.normal(0, 0.3, truth.shape)
    iou = np.stack([iou_by_level(*pair) for pair in zip(logits, truth, strict=True)])
    found = mask_scale(iou, logits.ravel(), truth.ravel())
    assert -2.5 < found.level < -1.5
    np.testing.assert_array_equal(found.apply(logits) >= 0.5, logits >= found.level)


def test_a_threshold_that_is_as_good_as_any_stays() -> None:
    assert best_level(np.ones((5, len(LEVELS)))) == 0
    nearly = np.full((50, len(LEVELS)), 0.5)
    nearly[:, 0] += np.tile([0.1, -0.09], 25)
    assert best_level(nearly) == 0


def test_logits_of_certain_pixels_are_large_but_finite() -> None:
    logits = logits_of(np.float32([0, 0.5, 1]))
    assert logits.tolist() == pytest.approx([-16, 0, 16])
