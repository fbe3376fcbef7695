from collections.abc import Callable

import numpy as np
import pytest

from geoseg.training.camera.painters.ships import HULLS
from geoseg.training.land.concepts import CONCEPTS
from geoseg.training.land.outlines import ship
from geoseg.training.land.things.harbour import BOATS, SHIPS

Look = Callable[..., np.ndarray]


def afloat(seen: Look, kind: str, rgb: tuple[int, int, int] = (160, 60, 50)) -> np.ndarray:
    half = (12.0, 2.4)
    return seen("vessel", rgb=np.array(rgb, np.float32), half=half, attributes={"type": kind},
                outline=ship(np.array([15.0, 15.0]), half, 0.0))  # fmt: skip


def test_every_type_of_ship_and_boat_can_be_painted() -> None:
    assert set(SHIPS) == set(CONCEPTS["ship"].attributes["type"])
    assert set(BOATS) == set(CONCEPTS["boat"].attributes["type"])
    assert set(HULLS) == {*SHIPS, *BOATS}


@pytest.mark.parametrize("kind", ["container", "tanker", "bulk", "barge"])
def test_the_white_house_stands_aft(seen: Look, kind: str) -> None:
    picture = afloat(seen, kind)
    white = picture.min(axis=2) > 190
    assert white[:, :120].sum() > white[:, 180:].sum()


def test_a_container_ship_carries_many_colours(seen: Look) -> None:
    centre, half = np.array([15.0, 15.0]), (60.0, 9.0)
    picture = seen("vessel", half=half, attributes={"type": "container"},
                   outline=ship(centre, half, 0.0))  # fmt: skip
    assert picture[100:200, 50:250].reshape(-1, 3).std(axis=0).min() > 15


@pytest.mark.parametrize("kind", ["ferry", "motor", "sailing"])
def test_a_white_vessel_stays_mostly_white(seen: Look, kind: str) -> None:
    picture = afloat(seen, kind, (236, 236, 234))
    body = picture[picture.any(axis=2)]
    assert (body.min(axis=1) > 170).mean() > 0.4
