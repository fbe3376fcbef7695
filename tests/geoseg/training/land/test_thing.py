import numpy as np
import pytest
from shapely.geometry import Polygon

from geoseg.training.land.thing import beside, blob, directions, rectangle, strip


def test_a_rectangle_has_its_area_at_any_angle() -> None:
    for angle in (0, 0.4, 1.3, 2.9):
        corners = rectangle(np.array([10.0, 20.0]), (4, 1.5), angle)
        assert Polygon(corners).area == pytest.approx(8 * 3)
        np.testing.assert_allclose(corners.mean(axis=0), (10, 20))


def test_along_the_column_axis_means_angle_zero() -> None:
    along, across = directions(0.0)
    np.testing.assert_allclose(along, (0, 1))
    np.testing.assert_allclose(across, (1, 0))


def test_a_strip_is_as_wide_as_asked() -> None:
    line = np.stack([np.linspace(0, 30, 7), np.linspace(0, 40, 7)], axis=1)
    assert Polygon(strip(line, 5)).area == pytest.approx(50 * 5)


def test_beside_keeps_the_distance() -> None:
    line = np.stack([np.zeros(5), np.arange(5.0)], axis=1)
    np.testing.assert_allclose(np.abs(beside(line, 3)[:, 0]), 3)


def test_a_blob_is_about_as_large_as_asked() -> None:
    areas = [
        Polygon(blob(np.random.default_rng(seed), np.zeros(2), (10, 6))).area for seed in range(50)
    ]
    assert np.mean(areas) == pytest.approx(np.pi * 60, rel=0.2)
