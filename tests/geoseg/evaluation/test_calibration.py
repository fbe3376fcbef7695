import numpy as np
import pytest

from geoseg.errors import ModelError
from geoseg.evaluation.calibration import FEWEST, Half, calibration_of, presence_logit

PROBABILITY = np.full((8, 8), 0.9, np.float32)


def seen(pixels: int) -> Half:
    """A half in which one answer was seen whose truth has so many pixels."""
    half, mask = Half(), np.zeros((8, 8), bool)
    mask.ravel()[:pixels] = True
    half.see(mask, PROBABILITY, presence=0.7, rng=np.random.default_rng(0))
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
    chosen_on.empty += [0.1, 0.2, 0.3]
    found = calibration_of(chosen_on, Half(), false_accept=0.25)
    assert found.accepted_empty.of == 0
    assert np.isnan(found.ece).all()
    assert np.isnan(found.mean_iou).all()


def test_a_model_that_is_wholly_sure_of_empty_chips_cannot_be_calibrated() -> None:
    with pytest.raises(ModelError, match="wholly sure"):
        presence_logit(float(np.nextafter(1, 2)))


def test_accepting_everything_needs_no_threshold() -> None:
    assert presence_logit(0.0) < -10
