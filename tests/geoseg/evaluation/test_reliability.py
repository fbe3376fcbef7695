import numpy as np
import pytest

from geoseg.evaluation.reliability import expected_calibration_error


def test_frequencies_told_rightly_have_hardly_any_error() -> None:
    rng = np.random.default_rng(0)
    probability = rng.random(200_000)
    truth = rng.random(200_000) < probability
    assert expected_calibration_error(probability, truth) < 0.01


def test_the_error_is_the_distance_between_what_is_said_and_what_is_so() -> None:
    assert expected_calibration_error(np.full(8, 0.9), np.zeros(8, bool)) == pytest.approx(0.9)
    assert expected_calibration_error(np.ones(4), np.array([1, 1, 0, 0], bool)) == 0.5


def test_errors_in_two_bins_do_not_cancel() -> None:
    probability = np.array([0.2] * 10 + [0.8] * 10)
    truth = np.array([True] * 10 + [False] * 10)
    assert expected_calibration_error(probability, truth) == pytest.approx(0.8)


def test_without_pixels_there_is_no_error() -> None:
    assert np.isnan(expected_calibration_error(np.zeros(0), np.zeros(0, bool)))
