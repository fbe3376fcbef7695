import numpy as np
import pytest

from geoseg.training.canvas import Canvas
from geoseg.training.painting import FACES, OUTLINES, Sun, gabled_faces, paint
from geoseg.training.thing import Thing, rectangle

SUN = Sun(away=np.array([1.0, 0.0]), length=1.0, dark=0.5)
"""The sun stands in the north: shadows point south."""


def thing(kind: str, layer: str, half: tuple[float, float] = (6.0, 4.0)) -> Thing:
    centre = np.array([10.0, 12.0])
    return Thing(
        concept=layer,
        kind=kind,
        layer=layer,
        rgb=np.array([120, 90, 60], np.float32),
        outline=rectangle(centre, half, 0.0),
        centre=centre,
        half=half,
    )


def painted(what: Thing) -> Canvas:
    canvas = Canvas(80, 96, gsd=0.25, rng=np.random.default_rng(0))
    paint(canvas, what, label=7, sun=SUN)
    return canvas


@pytest.mark.parametrize("kind", sorted(FACES))
def test_a_roof_is_labelled_where_it_is_painted(kind: str) -> None:
    canvas = painted(thing(kind, "building"))
    np.testing.assert_array_equal(canvas.ids == 7, canvas.rgb.any(axis=2))
    assert (canvas.ids == 7).sum() == pytest.approx(12 * 8 / 0.25**2, rel=0.1)


@pytest.mark.parametrize("kind", sorted(OUTLINES))
def test_a_crown_lies_about_its_middle(kind: str) -> None:
    canvas = painted(thing(kind, "tree", (4.0, 4.0)))
    rows, columns = np.nonzero(canvas.ids == 7)
    assert rows.mean() == pytest.approx(40, abs=4)
    assert columns.mean() == pytest.approx(48, abs=4)
    assert 0.3 < len(rows) / (np.pi * 16**2) < 1.4


def test_the_slope_towards_the_sun_is_lighter() -> None:
    roof = thing("gabled", "building")
    across = np.array([[-2.0, 2.0]], np.float32)  # metres across the ridge; rows grow southwards
    light = gabled_faces(roof, np.zeros_like(across), across, SUN)
    assert light[0, 0] > light[0, 1]


def test_a_wing_is_painted_like_its_house() -> None:
    canvas = painted(thing("wing:hipped", "building"))
    assert (canvas.ids == 7).any()


def test_a_car_has_dark_windows() -> None:
    canvas = painted(thing("car", "car", (2.2, 0.9)))
    body = canvas.rgb[canvas.ids == 7].mean(axis=1)
    assert body.min() < 0.5 * body.max()
