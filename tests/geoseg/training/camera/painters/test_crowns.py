from collections.abc import Callable

import numpy as np
import pytest

from geoseg.training.land.outlines import circle

Look = Callable[..., np.ndarray]

ROUND = {"outline": circle(np.array([15.0, 15.0]), 6.0), "half": (6.0, 6.0)}


@pytest.mark.parametrize("kind", ["round", "dark", "spire", "palm", "bush"])
def test_a_crown_is_lighter_towards_the_sun(seen: Look, kind: str) -> None:
    picture = seen(kind, **ROUND)
    assert picture[100:130, 120:180].mean() > 1.08 * picture[170:200, 120:180].mean()


def test_the_ground_shows_through_bare_branches(seen: Look) -> None:
    leafless, leafy = seen("leafless", **ROUND), seen("round", **ROUND)
    assert leafless[110:190, 110:190].mean() < 0.75 * leafy[110:190, 110:190].mean()


def test_a_forest_has_crowns_as_far_apart_as_asked_for(seen: Look) -> None:
    look = {"crown_m": 3.0, "jitter": 0.0, "radius": 0.6, "variety": 0.0}
    grey = seen("canopy", look=look)[95:205, 40:260].mean(axis=(0, 2))
    power = np.abs(np.fft.rfft(grey - grey.mean()))
    power[:3] = 0
    assert 22 / int(np.argmax(power)) == pytest.approx(3.0, rel=0.15)


def test_an_orchard_shows_both_trees_and_ground(seen: Look) -> None:
    green = np.array([50, 100, 40], np.float32)
    picture = seen("grove", rgb=green, look={"crown_m": 4.0, "jitter": 0.1, "radius": 0.4})
    inside = picture[100:200, 50:250].reshape(-1, 3)
    leaves = inside[:, 1] > inside[:, 0]
    assert 0.1 < leaves.mean() < 0.9


def test_mixed_forests_have_dark_trees_among_light_ones(seen: Look) -> None:
    look = {"crown_m": 2.0, "radius": 0.7, "variety": 0.0}
    plain, mixed = (seen("canopy", look=look | {"conifers": share}) for share in (0.0, 0.5))
    assert mixed[100:200, 50:250].mean() < plain[100:200, 50:250].mean()


def test_a_hedge_has_two_flanks(seen: Look) -> None:
    picture = seen("hedge", half=(12.0, 6.0))
    assert abs(picture[95:130].mean() - picture[170:205].mean()) > 3
