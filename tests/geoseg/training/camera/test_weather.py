import numpy as np
import pytest

from geoseg.training.camera.weather import Air, Sight, cloudiness, hazy, overcast

SIGHT = Sight(3, (0, 0), (120, 130), 4.0)


def test_more_clouds_cover_more() -> None:
    shares = [float((cloudiness(SIGHT, clouds) > 0.4).mean()) for clouds in (0.05, 0.3, 0.7)]
    assert shares[0] < shares[1] < shares[2]


def test_clouds_of_neighbouring_windows_fit_together() -> None:
    part = cloudiness(Sight(3, (20, 30), (50, 60), 4.0), 0.4)
    np.testing.assert_allclose(part, cloudiness(SIGHT, 0.4)[20:70, 30:90], atol=1e-3)


def test_a_clear_sky_changes_nothing() -> None:
    rgb = np.full((120, 130, 3), 90, np.float32)
    assert overcast(rgb, SIGHT, Air(), np.zeros(2)) is None
    assert (rgb == 90).all()


def test_clouds_are_white_and_their_shadows_dark() -> None:
    rgb = np.full((120, 130, 3), 110, np.float32)
    hidden = overcast(rgb, SIGHT, Air(clouds=0.4), np.array([0.2, 0.1]))
    assert hidden is not None
    assert 0.02 < hidden.mean() < 0.98
    assert rgb[hidden].mean() > 150
    assert rgb[~hidden].min() < 90


@pytest.mark.parametrize("haze", [0.0, 0.2, 0.9])
def test_haze_takes_contrast_away(haze: float) -> None:
    rgb = np.stack([np.full((4, 4), 20), np.full((4, 4), 220)], axis=2).astype(np.float32)
    rgb = rgb[..., [0, 1, 1]]
    before = np.ptp(rgb)
    hazy(rgb, haze)
    assert np.ptp(rgb) == pytest.approx(before * (1 - haze), abs=30 * haze + 0.01)
