from collections.abc import Callable

import numpy as np

from geoseg.training.land.outlines import airplane, engine_mouths

Look = Callable[..., np.ndarray]

WHITE = np.array([238, 238, 238], np.float32)


def jet(seen: Look) -> np.ndarray:
    centre, half = np.array([15.0, 15.0]), (14.0, 13.0)
    (away, mouth), *_ = engine_mouths(half, 2)
    return seen("airplane", rgb=WHITE, half=half, centre=centre,
                outline=airplane(centre, half, 0.0, body=3.0, engines=2),
                look={"body_m": 3.0, "engine1_m": away, "mouth1_m": mouth})  # fmt: skip


def test_an_airplane_is_about_symmetric(seen: Look) -> None:
    there = jet(seen).any(axis=2)
    assert (there[:150][::-1] == there[150:]).mean() > 0.98


def test_its_wings_are_duller_than_its_body(seen: Look) -> None:
    picture = jet(seen)
    body = picture[145:155, 120:260]
    wing = picture[190:215, 120:175]
    assert body[body.any(axis=2)].mean() > 1.05 * wing[wing.any(axis=2)].mean()


def test_its_tail_has_another_colour(seen: Look) -> None:
    picture = jet(seen)
    fin = picture[148:152, 15:50]
    body = picture[145:155, 180:220]
    assert np.abs(fin[fin.any(axis=2)].mean(axis=0) - body.mean(axis=(0, 1))).max() > 40
