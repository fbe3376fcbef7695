import numpy as np
import pytest
import shapely

from geoseg.training.camera.canvas import Canvas
from geoseg.training.camera.painting import PAINTERS, Sun, paint
from geoseg.training.land.thing import Thing, rectangle

SUN = Sun(away=np.array([0.8, 0.6]), length=1.0, dark=0.5)

LOOK = {
    "crown_m": 3.0, "wagon_m": 6.0, "depth_m": 3.0, "body_m": 2.0, "base_m": 5.0, "home_m": 5.0,
    "reach_m": 10.0, "first_m": -2.0, "every_m": 6.0, "deep_m": 2.5, "lanes": 2.0, "marked": 1.0,
}  # fmt: skip
"""What some painters want to know."""


def thing(kind: str, *, centre: tuple[float, float] = (14.0, 15.0)) -> Thing:
    middle, half = np.array(centre), (9.0, 6.0)
    attributes = {"type": "ferry", "roof": "floating", "material": "tiles"}
    return Thing(
        concept="", kind=kind, layer="lot", rgb=np.array([120, 90, 60], np.float32), half=half,
        outline=rectangle(middle, half, 0.4), centre=middle, angle=0.4, look=LOOK,
        attributes=attributes,
    )  # fmt: skip


def painted(kind: str, *, gsd: float = 0.25, corner: tuple[int, int] = (0, 0)) -> Canvas:
    """The same ground, seen from a canvas that begins somewhere else."""
    side = round(30 / gsd)
    canvas = Canvas(side, side, gsd=gsd, rng=np.random.default_rng(0), corner=corner)
    canvas.rgb[:] = 100
    shift = np.array(corner) * gsd
    paint(canvas, thing(kind, centre=tuple(np.array([14.0, 15.0]) - shift)), label=7, sun=SUN)
    return canvas


@pytest.mark.parametrize("kind", PAINTERS)
@pytest.mark.parametrize("gsd", [0.1, 0.5, 3.0])
def test_every_kind_has_a_colour_everywhere_at_every_resolution(kind: str, gsd: float) -> None:
    canvas = painted(kind, gsd=gsd)
    seen = canvas.rgb[canvas.ids == 7]
    assert len(seen)
    assert np.isfinite(seen).all()
    assert seen.min() > -60
    assert seen.max() < 420


@pytest.mark.parametrize("kind", PAINTERS)
def test_a_thing_is_labelled_exactly_where_its_outline_is(kind: str) -> None:
    canvas = painted(kind)
    outline = shapely.Polygon(thing(kind).outline)
    rows, columns = np.mgrid[:120, :120] * 0.25 + 0.125
    inside = shapely.contains_xy(outline.buffer(-0.3), rows, columns)
    outside = ~shapely.contains_xy(outline.buffer(0.3), rows, columns)
    assert (canvas.ids[inside] == 7).all()
    assert (canvas.ids[outside] == 0).all()
    assert (canvas.rgb[outside] == 100).all()


@pytest.mark.parametrize("kind", PAINTERS)
def test_a_thing_looks_the_same_on_every_canvas_that_shows_it(kind: str) -> None:
    whole, part = painted(kind), painted(kind, corner=(20, 36))
    one, other = whole.rgb[20:, 36:], part.rgb[:-20, :-36]
    difference = np.abs(one - other).max(axis=2)
    assert (difference > 1).mean() < 2e-3  # a float may fall on the other side of a step


def test_label_zero_leaves_the_truth_below() -> None:
    canvas = Canvas(120, 120, gsd=0.25, rng=np.random.default_rng(0))
    canvas.ids[:] = 5
    paint(canvas, thing("grass"), label=0, sun=SUN)
    assert (canvas.ids == 5).all()
    assert canvas.rgb.any()


def test_what_lies_outside_is_not_painted() -> None:
    canvas = Canvas(40, 40, gsd=0.25, rng=np.random.default_rng(0))
    paint(canvas, thing("grass", centre=(400.0, 400.0)), label=3, sun=SUN)
    assert not canvas.rgb.any()
