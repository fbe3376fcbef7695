import numpy as np
import pytest
import torch

from geoseg.errors import ModelError
from geoseg.evaluation.calibration import FEWEST, Half, calibration_of, presence_logit
from geoseg.evaluation.rejection import rejection_threshold
from geoseg.models.mllmseg.segmenter import likelihood

PROBABILITY = np.full((8, 8), 0.9, np.float32)


def seen(pixels: int) -> Half:
    """A half in which one answer was seen whose truth has so many pixels."""
    half, mask = Half(), np.zeros((8, 8), bool)
    mask.ravel()[:pixels] = True
    half.see(mask, PROBABILITY, presence=0.7, image="a", rng=np.random.default_rng(0))
    return half


@pytest.mark.parametrize(
    ("pixels", "empty", "present"), [(0, 1, 0), (FEWEST - 1, 0, 0), (FEWEST, 0, 1)]
)
def test_a_chip_with_a_sliver_of_its_target_is_neither_empty_nor_present(
    pixels: int, empty: int, present: int
) -> None:
    half = seen(pixels)
    assert (len(half.empty), len(half.present)) == (empty, present)


def test_what_cannot_be_tried_has_no_rate() -> None:
    chosen_on = seen(40)
    chosen_on.empty |= {"a": [0.1], "b": [0.2], "c": [0.3]}
    found = calibration_of(chosen_on, Half(), false_accept=0.25)
    assert found.accepted_empty.of == 0
    assert np.isnan(found.ece).all()
    assert np.isnan(found.mean_iou).all()


@pytest.mark.parametrize("mean", [4, 6, 7, 8, 10])
def test_float32_lets_no_more_empty_chips_through_than_were_allowed(mean: float) -> None:
    rng = np.random.default_rng(0)
    trials, chips, allowed = 300, 400, 7  # 0.02 * 401, less the one that is taken to be wrong
    lost = 0
    for logits in rng.normal(mean, 1, (trials, chips)).astype(np.float32):
        raw = torch.from_numpy(logits)
        presence = likelihood(raw).astype(float)
        threshold = rejection_threshold(list(presence[:, None]), false_accept=0.02)
        moved = likelihood(raw - presence_logit(threshold))
        answered = int((moved >= 0.5).sum())
        surer = int((presence >= threshold).sum())
        assert answered <= surer <= allowed
        lost += surer - answered
    # sigmoids of logits near 12 lie a step or two of float32 apart: some go with their neighbours
    assert lost <= 0.12 * trials


def test_a_model_that_is_wholly_sure_of_empty_chips_cannot_be_calibrated() -> None:
    with pytest.raises(ModelError, match="wholly sure"):
        presence_logit(float(np.nextafter(1, 2)))


def test_accepting_everything_needs_no_threshold() -> None:
    assert presence_logit(0.0) < -10
