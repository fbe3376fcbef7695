import numpy as np
import pytest

from geoseg.training.canvas import Canvas, covered, grid_m, smooth_noise


def flat(window: tuple[slice, slice]) -> np.ndarray:
    height, width = (part.stop - part.start for part in window)
    return np.full((height, width, 3), 7, np.float32)


@pytest.fixture
def canvas() -> Canvas:
    return Canvas(40, 60, gsd=0.5, rng=np.random.default_rng(0))


def test_a_filled_polygon_is_in_picture_and_truth(canvas: Canvas) -> None:
    square_m = np.array([(5, 10), (5, 15), (10, 15), (10, 10)], float)
    canvas.fill(square_m, 3, flat)
    np.testing.assert_array_equal(canvas.ids == 3, canvas.rgb[..., 0] == 7)
    assert (canvas.ids[11:19, 21:29] == 3).all()
    assert (canvas.ids == 3).sum() == pytest.approx(100, abs=25)


def test_label_zero_leaves_the_truth_below(canvas: Canvas) -> None:
    canvas.ids[:] = 5
    canvas.fill(np.array([(0, 0), (0, 30), (20, 30), (20, 0)], float), 0, flat)
    assert (canvas.ids == 5).all()
    assert (canvas.rgb[5:-5, 5:-5] == 7).all()


def test_a_polygon_outside_covers_nothing() -> None:
    assert covered(np.array([(-9, -9), (-9, -2), (-2, -2)], float), (10, 10)) is None
    assert covered(np.array([(12, 1), (12, 5), (15, 5)], float), (10, 10)) is None


def test_noise_is_about_standard_and_as_coarse_as_asked() -> None:
    rng = np.random.default_rng(0)
    for step in (1, 4, 16):
        noise = smooth_noise(rng, (256, 256), step)
        assert noise.shape == (256, 256)
        assert noise.std() == pytest.approx(1, abs=0.25)
    rough, smooth = (smooth_noise(rng, (256, 256), step) for step in (2, 16))
    assert np.abs(np.diff(smooth, axis=0)).mean() < np.abs(np.diff(rough, axis=0)).mean() / 3


def test_the_grid_is_in_metres() -> None:
    rows, columns = grid_m((slice(4, 6), slice(10, 13)), 0.5)
    np.testing.assert_allclose(rows.ravel(), (2, 2.5))
    np.testing.assert_allclose(columns.ravel(), (5, 5.5, 6))
