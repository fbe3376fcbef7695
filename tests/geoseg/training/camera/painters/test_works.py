from collections.abc import Callable

import numpy as np
import pytest

from geoseg.training.land.outlines import circle

Look = Callable[..., np.ndarray]

CENTRE = np.array([15.0, 15.0])
ROUND = {"outline": circle(CENTRE, 10.0, 40), "half": (10.0, 10.0)}
WHITE = np.array([232, 232, 228], np.float32)


def test_a_silo_is_lighter_towards_the_sun(seen: Look) -> None:
    picture = seen("silo", **ROUND)
    assert picture[70:120, 130:170].mean() > 1.3 * picture[180:230, 130:170].mean()


def test_a_floating_roof_lies_in_the_shade_of_its_wall(seen: Look) -> None:
    sunk = seen("tank", rgb=WHITE, attributes={"roof": "floating"}, **ROUND)
    fixed = seen("tank", rgb=WHITE, attributes={"roof": "fixed"}, **ROUND)
    near_sun = np.s_[58:75, 135:165]
    assert sunk[near_sun].mean() < 0.75 * fixed[near_sun].mean()


def test_panels_have_light_frames(seen: Look) -> None:
    picture = seen("panels", rgb=np.array([36, 50, 84], np.float32), gsd=0.05)
    inside = picture[220:380, 100:500].mean(axis=2)
    assert np.percentile(inside, 98) > 1.5 * np.median(inside)


def test_a_container_has_ribs_across(seen: Look) -> None:
    picture = seen("container")[100:200, 60:240].mean(axis=2)
    assert picture.mean(axis=0).std() > 1.5 * picture.mean(axis=1).std()


def test_the_spans_of_a_greenhouse_lie_side_by_side(seen: Look) -> None:
    picture = seen("greenhouse", rgb=WHITE, look={"span_m": 4.0})[92:208, 60:240].mean(axis=(1, 2))
    power = np.abs(np.fft.rfft(picture - picture.mean()))
    assert 11.6 / int(np.argmax(power)) == pytest.approx(4.0, rel=0.2)


def test_the_ground_shows_through_a_crane(seen: Look) -> None:
    picture = seen("lattice", rgb=WHITE, half=(12.0, 1.0))[140:160, 50:250].mean(axis=2)
    assert picture.min() < 0.75 * picture.max()
