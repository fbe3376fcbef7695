import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from geoseg.training.data.splits import Ground, Part, parted, side_of


def boxes(seed: int, count: int, size: float) -> NDArray[np.float64]:
    corner = np.random.default_rng(seed).uniform(-500, 500, (count, 2))
    return np.concatenate([corner, corner + size], axis=1)


def alone(
    placed: NDArray[np.float64], *, side: float, share: float, seed: int
) -> list[Part | None]:
    """The parts of the boxes of a plane that never begins anew."""
    return parted(Ground(placed, side), share=share, seed=seed)


@settings(max_examples=60)
@given(
    seed=st.integers(0, 10**6), count=st.integers(1, 60), size=st.floats(5, 80),
    blocks=st.floats(1, 5), share=st.floats(0, 0.9),
)  # fmt: skip
def test_no_ground_is_in_both_parts(
    seed: int, count: int, size: float, blocks: float, share: float
) -> None:
    placed = boxes(seed, count, size)
    parts = alone(placed, side=size * blocks, share=share, seed=seed)
    known = np.array([part or "" for part in parts])
    for a in placed[known == "train"]:
        for b in placed[known == "val"]:
            apart = a[0] >= b[2] or b[0] >= a[2] or a[1] >= b[3] or b[1] >= a[3]
            assert apart


def squares(count: int, side: float) -> NDArray[np.float64]:
    """Boxes that each fill one square, in so many rows and columns."""
    rows, columns = np.mgrid[:count, :count]
    corner = np.stack([columns.ravel(), rows.ravel()], axis=1) * side
    return np.concatenate([corner, corner + side], axis=1)


@settings(max_examples=20)
@given(seed=st.integers(0, 10**6), share=st.floats(0.05, 0.95))
def test_without_overlap_all_is_used_in_the_shares_asked_for(seed: int, share: float) -> None:
    parts = alone(squares(60, 30), side=30, share=share, seed=seed)
    assert None not in parts
    assert abs(parts.count("val") / 3600 - share) < 5 * np.sqrt(share * (1 - share) / 3600)


@settings(max_examples=60)
@given(
    seed=st.integers(0, 10**6), count=st.integers(1, 60), kept=st.integers(1, 60),
    side=st.floats(20, 200),
)  # fmt: skip
def test_ground_stays_in_its_part_whatever_else_there_is(
    seed: int, count: int, kept: int, side: float
) -> None:
    placed = boxes(seed, count, 20)
    some = placed[:kept]
    assert (
        alone(some, side=side, share=0.3, seed=seed)
        == (alone(placed, side=side, share=0.3, seed=seed)[:kept])
    )
    assert Ground(some, side).middles() == Ground(placed, side).middles()[:kept]


def test_a_larger_share_keeps_what_a_smaller_one_kept() -> None:
    parts = [alone(squares(9, 10), side=10, share=share, seed=4) for share in (0, 0.2, 0.6, 1)]
    kept = [{place for place, part in enumerate(found) if part == "val"} for found in parts]
    assert set() == kept[0] < kept[1] < kept[2] < kept[3] == set(range(81))


def test_the_split_is_the_same_every_time_and_another_for_another_seed() -> None:
    placed = boxes(1, 80, 20)
    first = alone(placed, side=40, share=0.3, seed=0)
    assert first == alone(placed, side=40, share=0.3, seed=0)
    assert first != alone(placed, side=40, share=0.3, seed=1)
    assert set(first) == {"train", "val", None}


def test_without_a_box_there_is_no_part() -> None:
    assert alone(np.zeros((0, 4)), side=10, share=0.5, seed=0) == []


@pytest.mark.parametrize(
    ("seed", "count", "size", "side", "digest"),
    [(1, 80, 20, 40, "997d5f807f291be1"), (5, 300, 7.3, 31.9, "68d559bc901e8287")],
)
def test_one_ground_is_split_as_it_always_was(
    seed: int, count: int, size: float, side: float, digest: str
) -> None:
    ground = Ground(boxes(seed, count, size), side)
    parts = parted(ground, share=0.3, seed=seed)
    told = repr((tuple(parts), tuple(ground.middles())))
    assert hashlib.sha256(told.encode()).hexdigest().startswith(digest)


def test_the_squares_of_each_plane_are_drawn_apart() -> None:
    first, second = (Ground(squares(9, 10), 10, name=name) for name in ("zone 35", "zone 36"))
    assert parted(first, share=0.3, seed=0) != parted(second, share=0.3, seed=0)


@given(
    seed=st.integers(0, 10**6), size=st.floats(0.1, 20), chips=st.floats(1, 5),
    turns=st.integers(-2, 2),
)  # fmt: skip
def test_where_a_plane_begins_anew_the_squares_are_the_same(
    seed: int, size: float, chips: float, turns: int
) -> None:
    ground = Ground(boxes(seed, 20, size), side_of(size * chips, 360), 360)
    again = Ground(ground.boxes + np.array([360, 0, 360, 0]) * turns, ground.side, 360)
    assert again.touched() == ground.touched()
    assert again.middles() == ground.middles()
    assert parted(again, share=0.3, seed=seed) == parted(ground, share=0.3, seed=seed)


def around(seed: int, west: float, span: float) -> NDArray[np.float64]:
    """Boxes on a part of the earth, each counted from -180 or from 180."""
    rng = np.random.default_rng(seed)
    low = np.column_stack([west + rng.uniform(0, span, 40), rng.uniform(-9, 9, 40)])
    placed = np.concatenate([low, low + rng.uniform(0.1, 2.0, (40, 2))], axis=1)
    placed[:, [0, 2]] += 360 * rng.integers(-1, 2, (40, 1))
    return placed


def meet(a: NDArray[np.float64], b: NDArray[np.float64]) -> bool:
    """Whether two boxes share ground, however their longitudes are counted."""
    some = max(a[1], b[1]) < min(a[3], b[3])
    turns = (-1080, -720, -360, 0, 360, 720, 1080)
    return bool(some and any(max(a[0], b[0] + by) < min(a[2], b[2] + by) for by in turns))


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.floats(-180, 180), st.sampled_from([0.5, 20, 340, 360]))
def test_no_ground_is_in_both_parts_however_its_longitudes_are_counted(
    seed: int, west: float, span: float
) -> None:
    placed = around(seed, west, span)
    parts = parted(Ground(placed, side_of(4.0, 360), 360), share=0.5, seed=seed)
    for box, part in zip(placed, parts, strict=True):
        for other, known in zip(placed, parts, strict=True):
            assert {part, known} != {"train", "val"} or not meet(box, other)


@given(least=st.floats(1e-6, 1e8), turn=st.sampled_from([0.0, 360.0, 40_075_016.68]))
def test_squares_are_hardly_longer_than_asked_for(least: float, turn: float) -> None:
    side = side_of(least, turn)
    assert side >= least * (0.97 - 1e-9) or side == turn
    assert side <= 1.3 * least * (1 + side / turn if turn else 1)
    if turn:
        assert turn / side == pytest.approx(round(turn / side), rel=1e-12)
    else:
        assert side_of(side) == side


def test_pixels_a_little_larger_leave_the_squares_as_they_are() -> None:
    assert {side_of(448 * 4 * gsd) for gsd in (0.2987, 0.3, 0.3012)} == {640.0}
    for side in (160.0, 320.0, 640.0):  # chips of 160 pixels of 0.25, 0.5 and 1 m
        assert {side_of(side * part) for part in (0.999, 1.0, 1.0000001, 1.02)} == {side}
