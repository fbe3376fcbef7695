import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from rasterio.features import rasterize

from geoseg.training.camera.canvas import Canvas, covered, grid_m
from geoseg.training.land.thing import rectangle


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


def test_canvases_of_one_scene_see_parts_of_one_field() -> None:
    whole = Canvas(40, 60, gsd=0.5, rng=np.random.default_rng(0))
    part = Canvas(20, 30, gsd=0.5, rng=np.random.default_rng(0), corner=(10, 20))
    for size_m in (0.1, 2.0, 9.0):
        np.testing.assert_allclose(part.noise(size_m), whole.noise(size_m)[10:30, 20:50], atol=2e-4)


@pytest.mark.parametrize("side", [3.0, 9.0, 60.0])
def test_polygons_are_covered_as_exactly_as_gdal_does_it(side: float) -> None:
    rng = np.random.default_rng(0)
    shares = []
    for _ in range(40):
        corners = rectangle(rng.uniform(90, 110, 2), (side, side / 2), rng.uniform(0, np.pi))
        found = covered(corners, (200, 200))
        assert found is not None
        mask = np.zeros((200, 200), np.bool_)
        mask[found[0]] = found[1]
        exact = rasterize([(shapely.Polygon(corners[:, ::-1]), 1)], (200, 200)).astype(bool)
        shares.append((mask & exact).sum() / max((mask | exact).sum(), 1))
    assert np.mean(shares) > 0.92


@given(st.integers(-40, 40), st.integers(-40, 40), st.integers(0, 1000))
def test_polygons_fall_alike_wherever_the_canvas_begins(down: int, right: int, seed: int) -> None:
    corners = np.random.default_rng(seed).uniform(0, 60, (5, 2))
    whole, part = np.zeros((160, 160), np.bool_), np.zeros((160, 160), np.bool_)
    for mask, corner in ((whole, (-50, -50)), (part, (down, right))):
        found = covered(corners - corner, (100, 100))
        if found is not None:
            rows, columns = (
                slice(window.start + first + 50, window.stop + first + 50)
                for window, first in zip(found[0], corner, strict=True)
            )
            mask[rows, columns] = found[1]
    shared = np.s_[
        max(down, -50) + 50 : min(down + 100, 50) + 50,
        max(right, -50) + 50 : min(right + 100, 50) + 50,
    ]
    np.testing.assert_array_equal(part[shared], whole[shared])


def test_the_grid_is_in_metres() -> None:
    rows, columns = grid_m((slice(4, 6), slice(10, 13)), 0.5)
    np.testing.assert_allclose(rows.ravel(), (2, 2.5))
    np.testing.assert_allclose(columns.ravel(), (5, 5.5, 6))
