import numpy as np
import pytest

from geoseg.errors import GeosegError
from geoseg.training.data.rendered import Looks, RenderedSource, open_rendered
from geoseg.training.language.balance import Balance
from geoseg.training.scenes import Scene, random_scene

SEEDS = range(3, 8)


def test_the_same_seed_gives_the_same_samples() -> None:
    source = open_rendered(seed=11, count=2, chip=56, queries=3)
    once, again = source[1], open_rendered(seed=12, count=1, chip=56, queries=3)[0]
    np.testing.assert_array_equal(once.image, again.image)
    assert [asked.phrase for asked in once.asked] == [asked.phrase for asked in again.asked]
    assert source.phrases(1) == tuple(asked.phrase for asked in once.asked)
    assert once.image.shape == (56, 56, 3)
    assert source.problems(0) == ()


def test_an_index_beyond_the_count_is_none() -> None:
    source = open_rendered(seed=3, count=2)
    assert len(source) == 2
    with pytest.raises(IndexError):
        source[2]


def test_a_phrase_is_asked_once() -> None:
    sample = open_rendered(seed=20, count=1, chip=96, queries=12)[0]
    texts = [asked.phrase.casefold() for asked in sample.asked]
    assert 0 < len(texts) == len(set(texts)) <= 12


@pytest.mark.parametrize("settings", [{"absent": 1.0}, {"empty": 1.0}])
def test_nothing_is_there_where_only_absent_things_are_asked_for(
    settings: dict[str, float],
) -> None:
    sample = open_rendered(seed=30, count=1, chip=96, queries=4, **settings)[0]
    assert sample.asked
    assert not any(asked.present for asked in sample.asked)


def test_numbers_that_make_no_data_set_are_refused() -> None:
    with pytest.raises(GeosegError, match="chip=0"):
        RenderedSource(seed=0, count=1, queries=1, balance=Balance(), looks=Looks(chip=0))


def test_resolution_and_density_can_be_set() -> None:
    looks = ({}, {"gsd": 2.0}, {"density": 0.0})
    usual, coarse, bare = (open_rendered(seed=41, count=3, chip=96, **look) for look in looks)
    for other in (coarse, bare):
        assert any(not np.array_equal(usual[i].image, other[i].image) for i in range(3))


def test_fewer_things_stand_where_the_density_is_low() -> None:
    full, empty = (
        sum(things_in(random_scene(192, 192, seed=seed, gsd=0.5, density=each)) for seed in SEEDS)
        for each in (1.0, 0.0)
    )
    assert empty == 0 < full


def things_in(scene: Scene) -> int:
    """How many buildings, trees and cars are seen."""
    return sum(thing.concept in ("building", "tree", "car") for thing in scene.objects)
