import numpy as np
import pytest

from geoseg.training.camera import cast_shadows, jpeg, new_sun, photograph
from geoseg.training.canvas import Canvas
from geoseg.training.painting import Sun
from geoseg.training.thing import Thing, rectangle

WEST = Sun(away=np.array([0.0, -1.0]), length=1.0, dark=0.5)
"""The sun stands in the east: shadows point west."""


def house(height: float) -> Thing:
    centre = np.array([20.0, 20.0])
    return Thing(
        concept="building",
        kind="flat",
        layer="building",
        rgb=np.zeros(3, np.float32),
        outline=rectangle(centre, (3, 3), 0.0),
        centre=centre,
        half=(3, 3),
        height=height,
    )


def shadow(height: float) -> np.ndarray:
    canvas = Canvas(40, 40, gsd=1.0, rng=np.random.default_rng(0))
    canvas.rgb[:] = 100
    cast_shadows(canvas, [house(height)], WEST)
    return canvas.rgb[..., 1] < 99


def test_shadows_point_away_from_the_sun() -> None:
    dark = shadow(6)
    assert dark[20, 12:17].all()
    assert not dark[20, 25:].any()


def test_higher_things_have_longer_shadows() -> None:
    assert shadow(8).sum() > shadow(3).sum()


def test_without_things_there_is_no_shadow() -> None:
    canvas = Canvas(10, 10, gsd=1.0, rng=np.random.default_rng(0))
    canvas.rgb[:] = 100
    cast_shadows(canvas, [], WEST)
    assert (canvas.rgb == 100).all()


def test_a_photograph_keeps_light_and_dark_apart() -> None:
    painted = np.full((64, 64, 3), 60, np.float32)
    painted[:, 32:] = 190
    for seed in range(10):
        seen = photograph(painted, np.random.default_rng(seed), 0.3)
        assert seen.shape == (64, 64, 3)
        assert seen.dtype == np.uint8
        assert seen[:, 40:].mean() > seen[:, :24].mean() + 20


def test_jpeg_changes_little() -> None:
    smooth = np.tile(np.linspace(0, 255, 64).astype(np.uint8)[:, None, None], (1, 64, 3))
    assert np.abs(jpeg(smooth, 90).astype(int) - smooth).mean() < 4


def test_the_sun_shines_from_somewhere_above() -> None:
    for seed in range(20):
        sun = new_sun(np.random.default_rng(seed))
        assert np.hypot(*sun.away) == pytest.approx(1)
        assert 0 < sun.length < 2
        assert 0 < sun.dark < 1
