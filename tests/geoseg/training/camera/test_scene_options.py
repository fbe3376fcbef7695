import numpy as np
import pytest

from geoseg.training.camera.scene_options import SceneOptions, View, random_scene_options
from geoseg.training.land.landscape import LANDS
from geoseg.training.land.place import SEASONS


def test_scenes_are_varied() -> None:
    drawn = [random_scene_options(np.random.default_rng(s), gsd=0.3) for s in range(400)]
    assert {options.land.style for options in drawn} == set(LANDS)
    assert {options.land.season for options in drawn} == set(SEASONS)
    shares = {
        "clouds": np.mean([options.air.clouds > 0 for options in drawn]),
        "swath": np.mean([options.swath is not None for options in drawn]),
        "grey": np.mean([options.sensor.saturation == 0 for options in drawn]),
    }
    assert all(0.02 < share < 0.15 for share in shares.values())
    assert 0.2 < np.mean([options.view.lean > 0 for options in drawn]) < 0.4


def test_the_same_generator_draws_the_same_scene() -> None:
    first, second = (random_scene_options(np.random.default_rng(5), gsd=0.3) for _ in range(2))
    assert first == second
    assert first != SceneOptions()


@pytest.mark.parametrize(("name", "wrong"), [("sun_elevation", 2.0), ("lean", 60.0)])
def test_a_view_that_cannot_be_is_refused(name: str, wrong: float) -> None:
    with pytest.raises(ValueError, match=name):
        View(**{name: wrong})
