import numpy as np
import pytest

from geoseg.training.camera.canvas import Canvas
from geoseg.training.camera.painting import Sun
from geoseg.training.camera.shadows import LONGEST_M, cast_shadows, shadow_m
from geoseg.training.land.thing import Thing, rectangle

WEST = Sun(away=np.array([0.0, -1.0]), length=1.0, dark=0.5)
"""The sun stands in the east: shadows point west."""


def house(height: float, *, clear: float = 0.0, outline: np.ndarray | None = None) -> Thing:
    centre = np.array([20.0, 20.0])
    return Thing(
        concept="building", kind="flat", layer="building", rgb=np.zeros(3, np.float32),
        outline=rectangle(centre, (3, 3), 0.0) if outline is None else outline, centre=centre,
        half=(3, 3), height=height, clear=clear,
    )  # fmt: skip


def shadow(*things: Thing) -> np.ndarray:
    canvas = Canvas(40, 40, gsd=1.0, rng=np.random.default_rng(0))
    canvas.rgb[:] = 100
    cast_shadows(canvas, things, WEST)
    return canvas.rgb[..., 1] < 99


def test_shadows_point_away_from_the_sun() -> None:
    dark = shadow(house(6))
    assert dark[20, 12:17].all()
    assert not dark[20, 25:].any()


def test_higher_things_have_longer_shadows() -> None:
    assert shadow(house(8)).sum() > shadow(house(3)).sum()


def test_without_things_there_is_no_shadow() -> None:
    assert not shadow().any()


def test_what_hangs_clear_of_the_ground_throws_its_shadow_apart() -> None:
    dark = shadow(house(9, clear=8))
    assert dark[20, 9:14].all()
    assert not dark[20, 18:].any()


def test_a_bent_house_has_a_bent_shadow() -> None:
    corner = np.array([(12, 12), (12, 28), (16, 28), (16, 16), (28, 16), (28, 12)], float)
    dark = shadow(house(2, outline=corner))
    assert dark[14, 11]
    assert not dark[24, 22]


@pytest.mark.parametrize(("height", "most"), [(10, 10), (39, LONGEST_M), (100, 100)])
def test_only_towers_throw_very_long_shadows(height: float, most: float) -> None:
    assert shadow_m(house(height), WEST) == pytest.approx(most)
