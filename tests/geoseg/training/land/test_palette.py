import numpy as np

from geoseg.training.land.concepts import CONCEPTS
from geoseg.training.land.palette import CARS, COLOURS, PAINT, ROOFS, TRAINS, shade, weighted


def test_every_colour_word_has_roofs_cars_and_painted_steel() -> None:
    assert set(ROOFS) == set(COLOURS) == set(CARS) == set(PAINT)


def test_every_colour_of_a_train_can_be_drawn() -> None:
    assert set(TRAINS) == set(CONCEPTS["train"].colours)


def test_shades_stay_near_their_anchor() -> None:
    rng = np.random.default_rng(0)
    drawn = np.stack([shade(rng, ((100, 150, 50),)) for _ in range(200)])
    np.testing.assert_allclose(drawn.mean(axis=0), (99, 149, 50), atol=4)
    assert drawn.min() >= 8


def test_what_weighs_nothing_is_never_drawn() -> None:
    rng = np.random.default_rng(0)
    assert {weighted(rng, {"a": 0.0, "b": 1.0, "c": 2.0}) for _ in range(50)} == {"b", "c"}


def test_keys_are_drawn_as_often_as_they_weigh() -> None:
    rng = np.random.default_rng(0)
    drawn = [weighted(rng, {"a": 1.0, "b": 3.0}) for _ in range(2000)]
    assert abs(drawn.count("b") / 2000 - 0.75) < 0.04
