import numpy as np

from geoseg.training.palette import CARS, COLOURS, ROOFS, shade, weighted


def test_every_colour_word_has_roofs_and_cars() -> None:
    assert set(ROOFS) == set(COLOURS) == set(CARS)


def test_shades_stay_near_their_anchor() -> None:
    rng = np.random.default_rng(0)
    drawn = np.stack([shade(rng, ((100, 150, 50),)) for _ in range(200)])
    np.testing.assert_allclose(drawn.mean(axis=0), (99, 149, 50), atol=4)
    assert drawn.min() >= 8


def test_what_weighs_nothing_is_never_drawn() -> None:
    rng = np.random.default_rng(0)
    assert {weighted(rng, {"a": 0.0, "b": 1.0, "c": 2.0}) for _ in range(50)} == {"b", "c"}
