import numpy as np
import pytest

from geoseg.training.camera.scene_options import random_sensor
from geoseg.training.camera.sensor import Sensor, Swath, exposed, filed, jpeg
from geoseg.training.camera.weather import Sight

SIGHT = Sight(0, (0, 0), (64, 64), 0.5)


def halves() -> np.ndarray:
    painted = np.full((64, 64, 3), 60, np.float32)
    painted[:, 32:] = 190
    return painted


def test_every_camera_keeps_light_and_dark_apart() -> None:
    for seed in range(30):
        sensor = random_sensor(np.random.default_rng(seed), 0.5)
        seen = filed(exposed(halves(), sensor, SIGHT), sensor.quality)
        assert seen.dtype == np.uint8
        assert seen[:, 40:].mean() > seen[:, :24].mean() + 15


def test_the_plain_camera_changes_nothing() -> None:
    seen = exposed(halves(), Sensor(blur_px=0.01, grain=0, quality=None), SIGHT)
    np.testing.assert_allclose(seen, halves(), atol=0.1)


def test_without_saturation_all_is_grey() -> None:
    painted = np.tile(np.array([20, 120, 220], np.float32), (64, 64, 1))
    seen = exposed(painted, Sensor(saturation=0), SIGHT)
    assert np.ptp(seen, axis=2).max() < 0.01


def test_a_cast_favours_a_colour() -> None:
    seen = exposed(halves(), Sensor(gain=(0.6, 0.9, 1.2), grain=0), SIGHT)
    red, green, blue = seen.mean(axis=(0, 1))
    assert red < green < blue


def test_zero_is_kept_for_no_data() -> None:
    assert filed(np.full((16, 16, 3), -40, np.float32), 60).min() >= 1


def test_jpeg_changes_little() -> None:
    smooth = np.tile(np.linspace(0, 255, 64).astype(np.uint8)[:, None, None], (1, 64, 3))
    assert np.abs(jpeg(smooth, 90).astype(int) - smooth).mean() < 4


@pytest.mark.parametrize(("down", "right", "gone"), [(1.0, 0.0, (48, 64)), (0.0, 1.0, (64, 48))])
def test_a_swath_ends_at_its_edge(down: float, right: float, gone: tuple[int, int]) -> None:
    missing = Swath(down, right, 8.0).missing(SIGHT)
    assert missing.sum() == gone[0] * gone[1]
    assert missing[-1, -1]
