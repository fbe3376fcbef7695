import numpy as np

from geoseg.training.camera.painters.cells import CELLS, cells, posts_in_cells


def grid(side: float) -> tuple[np.ndarray, np.ndarray]:
    u, v = np.meshgrid(*[np.arange(0.05, side, 0.1)] * 2)
    return u.ravel().astype(np.float32), v.ravel().astype(np.float32)


def test_without_jitter_each_cell_is_a_square_of_its_own() -> None:
    posts = posts_in_cells(np.random.default_rng(0), jitter=0.0, radius=0.6)
    posts[:, 2] = 0.6
    found = cells(*grid(4.0), posts)
    assert len(np.unique(found.number)) == 16
    np.testing.assert_allclose(np.abs(found.off_u).max(), 0.5, atol=0.06)


def test_a_dome_is_highest_in_its_middle() -> None:
    posts = posts_in_cells(np.random.default_rng(0), jitter=0.8, radius=0.7)
    found = cells(*grid(10.0), posts)
    away = np.hypot(found.off_u, found.off_v)
    assert found.height[away < 0.1].mean() > found.height[away > 0.4].mean() + 0.2


def test_the_pattern_repeats_and_works_left_of_zero() -> None:
    posts = posts_in_cells(np.random.default_rng(0), jitter=0.8, radius=0.7)
    u, v = grid(3.0)
    one, other = cells(u, v, posts), cells(u - CELLS, v - CELLS, posts)
    np.testing.assert_array_equal(one.number, other.number)
    np.testing.assert_allclose(one.height, other.height, atol=1e-4)


def test_gaps_hold_no_dome() -> None:
    posts = posts_in_cells(np.random.default_rng(0), jitter=0.0, radius=0.5, gaps=1.0)
    assert (cells(*grid(3.0), posts).height < 0.02).all()
