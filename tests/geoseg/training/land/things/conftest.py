from collections.abc import Callable

import numpy as np
import pytest

from geoseg.training.land.place import Block, Place, new_place


@pytest.fixture
def at() -> Callable[..., Place]:
    """A place by its seed, season and style."""

    def make(seed: int = 0, *, season: str = "summer", style: str = "suburb") -> Place:
        return new_place(np.random.default_rng(seed), None, style, season=season)

    return make


@pytest.fixture
def plot() -> Callable[..., Block]:
    """A turned block of that length and width about (200, 300)."""

    def make(long: float, wide: float) -> Block:
        return Block(np.array([200.0, 300.0]), (long / 2, wide / 2), 0.3)

    return make
