from collections.abc import Callable

import numpy as np
import pytest

Look = Callable[..., np.ndarray]


def test_still_water_is_smooth(seen: Look) -> None:
    picture = seen("water")[100:200, 50:250]
    assert np.abs(np.diff(picture, axis=1)).mean() < 6


def test_a_river_is_shallow_along_its_banks(seen: Look) -> None:
    line = np.array([(15.0, 2.0), (15.0, 28.0)])
    picture = seen("river", line=line, rgb=np.array([40, 60, 80], np.float32))
    assert picture[92:98, 60:240, 0].mean() > picture[140:160, 60:240, 0].mean() + 10


def test_surf_breaks_along_its_line(seen: Look) -> None:
    line = np.array([(15.0, 2.0), (15.0, 28.0)])
    picture = seen("surf", line=line, rgb=np.array([240, 240, 240], np.float32))
    assert picture[140:160, 60:240].mean() > 2 * picture[92:102, 60:240].mean()


def test_a_wake_fades_behind_its_ship(seen: Look) -> None:
    picture = seen("wake", rgb=np.array([240, 240, 240], np.float32))
    assert picture[120:180, 200:260].mean() > picture[120:180, 40:100].mean()


@pytest.mark.parametrize("kind", ["sea", "pool"])
def test_water_keeps_its_colour(seen: Look, kind: str) -> None:
    picture = seen(kind, rgb=np.array([60, 120, 180], np.float32))
    red, green, blue = picture[picture.any(axis=2)].mean(axis=0)
    assert red < green < blue
