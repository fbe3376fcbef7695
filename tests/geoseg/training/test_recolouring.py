import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from geoseg.training.language.balance import shows_colours
from geoseg.training.recolouring import PANCHROMATIC, recoloured

Bytes = NDArray[np.uint8]


@pytest.fixture(scope="module")
def landscape() -> Bytes:
    """(40, 40, 3): coloured ground with soft edges."""
    noise = np.random.default_rng(0).normal(0, 1, (40, 40, 3))
    soft = ndimage.gaussian_filter(noise, (4, 4, 0))
    shades: Bytes = np.clip(120 + 45 * soft / soft.std(), 0, 255).astype(np.uint8)
    return shades


def drawn(picture: Bytes, count: int) -> list[Bytes]:
    return [recoloured(picture, np.random.default_rng(seed)) for seed in range(count)]


def test_recolouring_leaves_the_picture_recognisable() -> None:
    rgb = np.random.default_rng(0).integers(30, 220, (20, 20, 3)).astype(np.uint8)
    again = recoloured(rgb, np.random.default_rng(1))
    assert again.dtype == np.uint8
    assert np.corrcoef(rgb.ravel(), again.ravel())[0, 1] > 0.98


def test_what_is_bright_stays_bright_in_every_chip(landscape: Bytes) -> None:
    before = landscape.mean(axis=2).ravel()
    for again in drawn(landscape, 200):
        assert again.shape == landscape.shape
        assert np.corrcoef(before, again.mean(axis=2).ravel())[0, 1] > 0.8


def test_the_same_draw_gives_the_same_chip(landscape: Bytes) -> None:
    first, second = (recoloured(landscape, np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_few_chips_lose_their_colours_and_those_lose_them_wholly(landscape: Bytes) -> None:
    spreads = np.array([np.ptp(again, axis=2).max() for again in drawn(landscape, 600)])
    grey = spreads == 0
    assert PANCHROMATIC / 2 < grey.mean() < PANCHROMATIC * 2
    assert spreads[~grey].min() > 20


def test_a_chip_that_lost_its_colours_is_not_asked_for_any(landscape: Bytes) -> None:
    for again in drawn(landscape, 100):
        assert shows_colours(again) == (np.ptp(again, axis=2).max() > 0)


def test_light_and_tint_differ_from_chip_to_chip(landscape: Bytes) -> None:
    means = np.array([again.mean(axis=(0, 1)) for again in drawn(landscape, 200)])
    assert np.ptp(means.mean(axis=1)) > 60  # darker and lighter
    tints = means - means.mean(axis=1, keepdims=True)
    assert tints.std(axis=0).min() > 4
