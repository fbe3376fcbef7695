from collections.abc import Callable

import numpy as np
import pytest

from geoseg.training.camera.painters.roofs import ROOFS
from geoseg.training.land.outlines import circle, outline_of
from geoseg.training.land.thing import Part

Look = Callable[..., np.ndarray]


@pytest.mark.parametrize("kind", ["gabled", "hipped"])
def test_the_slope_towards_the_sun_is_lighter(seen: Look, kind: str) -> None:
    picture = seen(kind, attributes={"material": "concrete"})
    north, south = picture[105:140, 100:200], picture[160:195, 100:200]
    assert north.mean() > 1.1 * south.mean()


def test_the_ends_of_a_hipped_roof_are_neither_light_nor_dark(seen: Look) -> None:
    picture = seen("hipped", attributes={"material": "concrete"})
    north, south = picture[100:125, 120:180].mean(), picture[175:200, 120:180].mean()
    assert south < picture[140:160, 35:55].mean() < north


def test_the_wings_of_an_l_meet_in_a_valley(seen: Look, ell: tuple[Part, ...]) -> None:
    picture = seen("gabled", parts=ell, outline=outline_of(ell), half=(12.0, 6.0),
                   attributes={"material": "concrete"})  # fmt: skip
    assert picture[170, 250].any()  # in the second wing
    assert not picture[190, 100].any()  # in the yard between the wings
    east, west = picture[170:200, 248:265].mean(), picture[170:200, 215:232].mean()
    assert east == pytest.approx(west, rel=0.1)  # the sun shines along this ridge


def test_a_sawtooth_roof_has_bands_of_glass(seen: Look) -> None:
    row = seen("sawtooth")[150, 40:260].mean(axis=1)
    assert (row < 0.85 * np.median(row)).mean() > 0.08


def test_an_arched_roof_darkens_away_from_the_sun(seen: Look) -> None:
    picture = seen("arched")
    assert picture[95:110, 50:250].mean() > picture[190:205, 50:250].mean()


def test_a_dome_is_light_on_the_sunny_side(seen: Look) -> None:
    centre = np.array([15.0, 15.0])
    picture = seen("round roof", outline=circle(centre, 6.0), half=(6.0, 6.0))
    assert picture[100:120, 140:160].mean() > 1.15 * picture[180:200, 140:160].mean()


def test_a_flat_roof_has_no_lit_side(seen: Look) -> None:
    picture = seen("flat")
    assert picture[110:140, 50:250].mean() == pytest.approx(
        picture[160:190, 50:250].mean(), rel=0.12
    )


@pytest.mark.parametrize("kind", sorted(set(ROOFS) - {"stands"}))
def test_a_roof_keeps_its_colour(seen: Look, kind: str) -> None:
    picture = seen(kind, rgb=np.array([180, 70, 60], np.float32))
    red, green, blue = picture[picture.any(axis=2)].mean(axis=0)
    assert red > 1.25 * max(green, blue)
