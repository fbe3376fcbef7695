import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geoseg.training.land.groups import LAYER_OF, Standing, grouped, in_order
from geoseg.training.land.thing import LAYERS, Thing, rectangle

THROWS = np.array([[1.5, 0.0], [0.0, 0.0]])
"""Shadows fall southwards, one and a half times as long as things are high."""


def standing(
    row: float, *, layer: str = "building", height: float = 0.0, rank: int = 1
) -> Standing:
    centre = np.array([row, 5.0])
    made = Thing(
        concept="building", kind="flat", layer=layer, rgb=np.zeros(3, np.float32), height=height,
        outline=rectangle(centre, (1.0, 1.0), 0.0), centre=centre,
    )  # fmt: skip
    return Standing(made, 1, rank)


@given(st.lists(st.floats(-50, 60), min_size=0, max_size=20))
def test_what_touches_a_rectangle_is_found_and_nothing_else(rows: list[float]) -> None:
    group = grouped([standing(row) for row in rows])
    low, high = np.array([0.0, 0.0]), np.array([10.0, 10.0])
    found = [known.thing.centre[0] for known in group.near(low, high, THROWS)]
    assert found == [row for row in rows if -1 < row < 11]


def test_what_throws_its_shadow_into_a_rectangle_is_found() -> None:
    group = grouped([standing(-6, height=4.0), standing(16, height=4.0), standing(-9, height=4.0)])
    found = list(group.near(np.array([0.0, 0.0]), np.array([10.0, 10.0]), THROWS))
    assert [known.thing.centre[0] for known in found] == [-6]


def test_things_are_painted_from_the_ground_up_and_otherwise_in_order() -> None:
    mixed = [standing(i, layer=LAYERS[i % 4], rank=i % 2) for i in range(12)]
    ordered = in_order(mixed)
    keys = [(LAYER_OF[k.thing.layer], k.rank, k.thing.centre[0]) for k in ordered]
    assert keys == sorted(keys)
