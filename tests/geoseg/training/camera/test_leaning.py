import numpy as np
import pytest

from geoseg.training.camera.canvas import Canvas
from geoseg.training.camera.leaning import paint_walls, risen, seen_outline
from geoseg.training.camera.painting import Sun
from geoseg.training.land.thing import Thing, rectangle

NORTH = np.array([-0.5, 0.0])
"""Tops move northwards, half a metre for each metre of height."""

SUN = Sun(away=np.array([0.0, -1.0]), length=1.0, dark=0.5)


def house() -> Thing:
    centre = np.array([20.0, 20.0])
    return Thing(
        concept="building", kind="flat", layer="building", rgb=np.full(3, 150, np.float32),
        outline=rectangle(centre, (5, 5), 0.0), centre=centre, half=(5, 5), height=8.0,
    )  # fmt: skip


def test_a_roof_moves_by_its_height() -> None:
    assert risen(house(), NORTH).centre == pytest.approx((16, 20))


def test_only_walls_that_the_camera_sees_are_painted() -> None:
    canvas = Canvas(40, 40, gsd=1.0, rng=np.random.default_rng(0))
    paint_walls(canvas, house(), NORTH, label=3, sun=SUN)
    rows, columns = np.nonzero(canvas.ids == 3)
    assert (rows.min(), rows.max()) == (21, 24)
    assert (columns.min(), columns.max()) == pytest.approx((15, 24), abs=1)


def test_the_outline_seen_holds_roof_and_walls() -> None:
    seen = seen_outline(house(), NORTH)
    assert seen.bounds == pytest.approx((11, 15, 25, 25))
    assert seen.area == pytest.approx(140)


def test_from_straight_above_only_the_roof_is_seen() -> None:
    assert seen_outline(house(), np.zeros(2)).area == pytest.approx(100)
    canvas = Canvas(40, 40, gsd=1.0, rng=np.random.default_rng(0))
    paint_walls(canvas, house(), np.zeros(2), label=3, sun=SUN)
    assert not canvas.ids.any()
