from itertools import pairwise

import numpy as np
import pytest

from geoseg.training.fillings import FILLINGS, lots
from geoseg.training.layout import BLOCK_M, STYLES, plan
from geoseg.training.painting import PAINTERS
from geoseg.training.place import Block, Place, new_place
from geoseg.training.thing import LAYERS


def place(style: str, seed: int = 0) -> Place:
    return new_place(np.random.default_rng(seed), (80.0, 100.0), style)


@pytest.mark.parametrize("style", sorted(STYLES))
def test_everything_planned_can_be_painted(style: str) -> None:
    things = list(plan(place(style)))
    assert things
    assert {thing.layer for thing in things} <= set(LAYERS)
    assert {thing.kind.removeprefix("wing:") for thing in things} <= set(PAINTERS)


def test_every_style_has_known_fillings_and_a_block_size() -> None:
    assert set(STYLES) == set(BLOCK_M)
    assert {filling for shares in STYLES.values() for filling in shares} <= set(FILLINGS)


@pytest.mark.parametrize("name", sorted(FILLINGS))
def test_every_filling_covers_its_ground_first(name: str) -> None:
    block = Block(np.array([40.0, 50.0]), (30.0, 25.0), 0.3)
    things = list(FILLINGS[name](place("mixed"), block))
    assert things[0].layer == "cover"


def test_a_wing_follows_the_house_it_belongs_to() -> None:
    things = [thing for thing in plan(place("suburb", 3)) if thing.layer == "building"]
    for before, after in pairwise(things):
        if after.kind.startswith("wing:"):
            assert before.concept == "building"
            assert before.colour == after.colour


def test_lots_cover_their_block() -> None:
    block = Block(np.zeros(2), (30.0, 20.0), 0.7)
    areas = [4 * lot.half[0] * lot.half[1] for lot in lots(block, 10, np.random.default_rng(0))]
    assert sum(areas) == pytest.approx(4 * 30 * 20)
    assert len(areas) == 24


def test_what_is_far_outside_is_not_seen() -> None:
    here = place("town")
    assert here.sees(np.array([40.0, 50.0]), 1)
    assert here.sees(np.array([-3.0, 50.0]), 5)
    assert not here.sees(np.array([40.0, 130.0]), 5)
