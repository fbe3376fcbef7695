from dataclasses import replace

import numpy as np

from geoseg.training.land.coarse import as_seen, too_small
from geoseg.training.land.thing import Thing, rectangle


def thing(side: float, concept: str = "tree", rgb: float = 30.0) -> Thing:
    centre = np.zeros(2)
    return Thing(
        concept=concept, kind="grass", layer="cover", rgb=np.full(3, rgb, np.float32),
        outline=rectangle(centre, (side / 2, side / 2), 0.0), centre=centre,
        half=(side / 2, side / 2),
    )  # fmt: skip


GROUND = thing(50.0, "grass", 130.0)


def test_what_fills_less_than_a_pixel_and_a_half_is_too_small() -> None:
    assert [too_small(thing(3.0), gsd) for gsd in (1.0, 2.0, 3.0)] == [False, False, True]


def test_a_line_is_too_small_when_it_is_thin() -> None:
    road = replace(thing(200.0), line=np.array([(0.0, -100.0), (0.0, 100.0)]), half=(100.0, 2.0))
    assert not too_small(road, 5.0)
    assert too_small(road, 10.0)


def test_where_all_is_seen_nothing_changes() -> None:
    things = [GROUND, thing(4.0), thing(6.0)]
    assert as_seen(things, 0.5, 2500.0) == things


def test_unseen_things_tint_their_ground() -> None:
    (ground,) = as_seen([GROUND, *[thing(4.0)] * 20], 5.0, 2500.0)
    assert 100 < ground.rgb[0] < 130
    assert ground.concept == "grass"


def test_ground_that_is_mostly_something_else_has_no_name() -> None:
    (ground,) = as_seen([GROUND, *[thing(4.0)] * 100], 5.0, 2500.0)
    assert ground.concept == ""
