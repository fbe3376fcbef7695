from collections.abc import Callable

import numpy as np
import pytest

from geoseg.training.camera.painters.ground import GROUNDS, TEXTURES

Look = Callable[..., np.ndarray]


@pytest.mark.parametrize("kind", sorted(set(GROUNDS) - {"burnt", "snow", "boulder"}))
def test_ground_has_about_its_own_colour(seen: Look, kind: str) -> None:
    picture = seen(kind, rgb=np.array([140, 120, 90], np.float32))
    found = picture[picture.any(axis=2)].mean(axis=0)
    np.testing.assert_allclose(found, (140, 120, 90), rtol=0.2)


@pytest.mark.parametrize("kind", sorted(TEXTURES))
def test_ground_is_not_flat(seen: Look, kind: str) -> None:
    picture = seen(kind)
    assert picture[picture.any(axis=2)].std(axis=0).min() > 2


def test_concrete_has_dark_joints(seen: Look) -> None:
    grey = seen("concrete")[100:200, 40:260].mean(axis=2)
    assert grey.mean(axis=0).min() < 0.95 * np.median(grey) or grey.mean(axis=1).min() < 0.95 * (
        np.median(grey)
    )


def test_burnt_ground_is_dark_and_snow_is_light(seen: Look) -> None:
    burnt = seen("burnt", rgb=np.array([50, 46, 44], np.float32))
    snow = seen("snow", rgb=np.array([240, 242, 245], np.float32))
    assert burnt[burnt.any(axis=2)].mean() < 80
    assert snow[snow.any(axis=2)].mean() > 200


def test_a_stone_is_lighter_on_the_sunny_side(seen: Look) -> None:
    picture = seen("boulder", half=(6.0, 6.0))
    assert picture[95:120, 100:200].mean() > picture[180:205, 100:200].mean()
