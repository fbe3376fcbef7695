from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoseg.training.camera.canvas import Canvas
from geoseg.training.camera.painters.spot import Spot, Sun, along_line, dashes, mixed, stroke, wave
from geoseg.training.land.thing import Thing, rectangle

SUN = Sun(away=np.array([1.0, 0.0]), length=1.0, dark=0.5)


def spot(angle: float = 0.0, at: tuple[float, float] = (5.0, 5.0)) -> Spot:
    canvas = Canvas(20, 20, gsd=0.5, rng=np.random.default_rng(0))
    centre = np.array(at)
    thing = Thing(concept="", kind="grass", layer="lot", rgb=np.full(3, 100, np.float32),
                  outline=rectangle(centre, (3, 2), angle), centre=centre, half=(3.0, 2.0),
                  angle=angle)  # fmt: skip
    return Spot(canvas, thing, SUN, window=np.s_[0:20, 0:20], mask=np.ones((20, 20), bool))


@given(angle=st.floats(0, 6.3))
def test_places_along_and_across_are_as_far_from_the_centre_as_rows_and_columns(
    angle: float,
) -> None:
    made = spot(angle)
    np.testing.assert_allclose(np.hypot(*made.local), np.hypot(*made.offset), rtol=1e-3, atol=1e-3)


def test_without_a_turn_along_means_columns_and_across_means_rows() -> None:
    made = spot()
    np.testing.assert_allclose(made.local, made.offset[::-1], atol=1e-6)


def test_the_traits_of_a_thing_do_not_change_when_it_is_moved() -> None:
    np.testing.assert_array_equal(spot(at=(5, 5)).traits, spot(at=(2, 9)).traits)


def test_two_things_of_other_colours_have_other_traits() -> None:
    one = spot()
    other = spot()
    other.thing = replace(other.thing, rgb=np.full(3, 101, np.float32))
    assert (one.traits != other.traits).any()


def test_noise_finer_than_a_pixel_fades() -> None:
    made = spot()
    assert made.noise(0.05).std() < 0.3 * made.noise(0.5).std()


def test_a_slope_that_falls_towards_the_sun_faces_it() -> None:
    assert spot().facing(np.array([-1.0, 0.0])) == 1.0
    assert spot().facing(np.array([1.0, 0.0])) == -1.0


@given(along=st.floats(1, 48), side=st.floats(-4, 4), angle=st.floats(0, 6.3))
def test_a_place_beside_a_straight_line_is_found_by_how_far_and_on_which_side(
    along: float, side: float, angle: float
) -> None:
    way = np.array([np.sin(angle), np.cos(angle)])
    across = np.array([way[1], -way[0]])
    line = np.linspace(0, 50, 6)[:, None] * way
    place = way * along + across * side
    found = along_line(line, *(np.array([value], np.float32) for value in place))
    np.testing.assert_allclose(np.ravel(found), (along, side), atol=2e-3)


def test_a_line_that_turns_back_is_followed_to_its_nearest_piece() -> None:
    line = np.array([(0, 0), (0, 20), (10, 20), (10, 0)], float)
    along, side = along_line(line, np.array([9.0], np.float32), np.array([5.0], np.float32))
    assert along[0] == pytest.approx(20 + 10 + 15)
    assert abs(side[0]) == pytest.approx(1.0)


@pytest.mark.parametrize("gsd", [0.05, 0.3, 1.0])
def test_a_stroke_covers_as_much_as_it_is_wide(gsd: float) -> None:
    distance = (np.arange(-40, 40) + 0.3) * np.float32(gsd)
    assert stroke(distance, 0.6, gsd).sum() * gsd == pytest.approx(0.6, rel=0.25)


def test_stripes_finer_than_a_pixel_are_gone() -> None:
    place = np.linspace(0, 30, 100, dtype=np.float32)
    assert not wave(place, 0.4, 0.5).any()
    assert wave(place, 3.0, 0.1).std() > 0.6


def test_dashes_are_as_long_as_their_share() -> None:
    assert dashes(np.linspace(0, 90, 9000, dtype=np.float32), 9.0, 0.4).mean() == pytest.approx(
        0.4, abs=0.01
    )


def test_mixing_ends_at_the_colours_that_are_mixed() -> None:
    one, other = np.array([10, 20, 30], np.float32), np.array([110, 120, 130], np.float32)
    np.testing.assert_allclose(mixed(one, other, np.array([0, 1, 0.5], np.float32)),
                               [one, other, (one + other) / 2])  # fmt: skip
