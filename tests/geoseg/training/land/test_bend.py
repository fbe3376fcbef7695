import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoseg.training.land.bend import bent, centred, moved, new_bend
from geoseg.training.land.thing import Thing, directions, rectangle

SEEDS = st.integers(min_value=0, max_value=10_000)


def house(centre: tuple[float, float], angle: float) -> Thing:
    middle = np.array(centre)
    return Thing(
        concept="building", kind="flat", layer="building", rgb=np.zeros(3, np.float32),
        outline=rectangle(middle, (6.0, 4.0), angle), centre=middle, half=(6.0, 4.0), angle=angle,
    )  # fmt: skip


def lengths(outline: np.ndarray) -> np.ndarray:
    return np.hypot(*(np.roll(outline, -1, 0) - outline).T)


@settings(max_examples=30)
@given(SEEDS, st.floats(0, 1))
def test_a_house_keeps_its_shape_and_its_corners_belong_to_its_angle(
    seed: int, strength: float
) -> None:
    bend = new_bend(seed, strength)
    before = house((1e6, 1e6), 0.4)
    (after,) = bent(bend, [before])
    np.testing.assert_allclose(lengths(after.outline), lengths(before.outline))
    along, _ = directions(after.angle)
    edge = after.outline[3] - after.outline[0]
    np.testing.assert_allclose(edge / np.hypot(*edge), along, atol=1e-9)


@settings(max_examples=30)
@given(SEEDS)
def test_without_strength_the_plan_is_only_turned(seed: int) -> None:
    bend = new_bend(seed, 0.0)
    places = np.random.default_rng(seed).uniform(9e5, 1.1e6, (8, 2))
    np.testing.assert_allclose(bend.plan(bend.ground(places)), places, atol=1e-6)
    assert bend.reach == 0


@settings(max_examples=30)
@given(SEEDS)
def test_nothing_is_shifted_farther_than_the_reach(seed: int) -> None:
    bend = new_bend(seed, 1.0)
    places = np.random.default_rng(seed).uniform(9e5, 1.1e6, (50, 2))
    shift = bend.plan(bend.ground(places)) - places
    assert np.hypot(*shift.T).max() <= bend.reach + 1e-6


@settings(max_examples=20)
@given(SEEDS)
def test_directions_turn_as_the_ground_does(seed: int) -> None:
    bend = new_bend(seed, 0.6)
    place = np.array([[1.0e6, 1.02e6]])
    turns = []
    for angle in np.linspace(0, np.pi, 8, endpoint=False):
        step = bend.ground(place + directions(angle)[0] * 0.01) - bend.ground(place)
        turns.append(np.arctan2(step[0, 0], step[0, 1]) - angle)
    mean = np.angle(np.mean(np.exp(1j * np.array(turns))))
    assert np.cos(mean - bend.turned(place)[0]) > 0.999


def test_a_place_can_be_put_near_the_first_corner() -> None:
    place = np.array([1.0e6, 1.0e6])
    ground = centred(new_bend(3, 0.8), place).ground(place[None])
    np.testing.assert_allclose(ground, [[100, 100]], atol=1e-6)


def test_moving_a_thing_moves_all_of_it() -> None:
    before = house((10, 20), 0.0)
    after = moved(before, np.array([5.0, -3.0]))
    np.testing.assert_allclose(after.outline - before.outline, np.tile((5, -3), (4, 1)))
    assert after.centre == pytest.approx((15, 17))
