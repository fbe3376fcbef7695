import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoseg.training.land import outlines
from geoseg.training.land.outlines import outline_of, placed
from geoseg.training.land.thing import Part, Points

CENTRE = np.array([30.0, 40.0])

angles = st.floats(0, 6.3)

SHAPES = {
    "circle": lambda _: outlines.circle(CENTRE, 5.0),
    "lobed": lambda angle: outlines.lobed(CENTRE, 5.0, angle),
    "palm": lambda angle: outlines.star(CENTRE, 5.0, angle, rays=8, inner=0.4),
    "oval": lambda angle: outlines.oval(CENTRE, (9.0, 4.0), angle),
    "rounded": lambda angle: outlines.rounded(CENTRE, (2.2, 0.9), angle),
    "sector": lambda angle: outlines.sector(CENTRE, 60.0, angle),
    "ship": lambda angle: outlines.ship(CENTRE, (60.0, 9.0), angle),
    "jet": lambda angle: outlines.airplane(CENTRE, (19.0, 17.5), angle, body=4.0, engines=2),
    "wide jet": lambda angle: outlines.airplane(CENTRE, (35.0, 32.0), angle, body=6.3, engines=4),
    "light": lambda angle: outlines.light_airplane(CENTRE, (3.9, 5.3), angle),
    "rotor": lambda angle: outlines.rotor(CENTRE, 25.0, angle),
}


@pytest.mark.parametrize("name", SHAPES)
@given(angle=angles)
def test_an_outline_never_crosses_itself(name: str, angle: float) -> None:
    assert shapely.Polygon(SHAPES[name](angle)).is_valid


@pytest.mark.parametrize("name", sorted(set(SHAPES) - {"sector"}))
def test_an_outline_lies_about_its_centre(name: str) -> None:
    found = shapely.Polygon(SHAPES[name](0.7))
    assert found.buffer(1.0).contains(shapely.Point(CENTRE))


def test_a_circle_of_few_corners_has_the_area_of_a_circle() -> None:
    assert shapely.Polygon(outlines.circle(CENTRE, 5.0, 12)).area == pytest.approx(25 * np.pi)


def test_an_oval_as_wide_as_long_is_a_circle() -> None:
    found = shapely.Polygon(outlines.oval(CENTRE, (5.0, 5.0), 0.3))
    assert found.area == pytest.approx(25 * np.pi, rel=0.02)


@given(angle=angles)
def test_turning_a_shape_keeps_its_area(angle: float) -> None:
    shape = np.array([(0, 0), (4, 0), (4, 1), (1, 1), (1, 3), (0, 3)], float)
    assert shapely.Polygon(placed(shape, CENTRE, angle)).area == pytest.approx(6.0)


def wings(*rectangles: tuple[float, float, float, float]) -> Points:
    return outline_of(
        tuple(Part(np.array([row, col]), (long, wide), 0.0) for row, col, long, wide in rectangles)
    )


def test_two_wings_that_overlap_have_one_outline_with_six_or_eight_corners() -> None:
    ell = wings((0, 0, 10, 3), (5, 7, 3, 8))
    assert len(ell) in (6, 8)
    assert shapely.Polygon(ell).area < 20 * 6 + 6 * 16


def test_a_wing_that_stands_apart_is_left_out() -> None:
    assert len(wings((0, 0, 10, 3), (50, 50, 3, 3))) == 4
