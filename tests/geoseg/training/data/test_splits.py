import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from geoseg.training.data.splits import Ground, Part, parted


def boxes(seed: int, count: int, size: float) -> NDArray[np.float64]:
    corner = np.random.default_rng(seed).uniform(-500, 500, (count, 2))
    return np.concatenate([corner, corner + size], axis=1)


def alone(
    placed: NDArray[np.float64], *, side: float, share: float, seed: int
) -> list[Part | None]:
    """The parts of the boxes of one ground."""
    (parts,) = parted([Ground(placed, side)], share=share, seed=seed)
    return parts


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


@given(seed=st.integers(0, 10**6), share=st.floats(0.05, 0.95))
def test_without_overlap_all_is_used_in_the_shares_asked_for(seed: int, share: float) -> None:
    rows, columns = np.mgrid[:10, :10]
    corner = np.stack([columns.ravel(), rows.ravel()], axis=1) * 30.0 + 7
    parts = alone(np.concatenate([corner, corner + 30], axis=1), side=30, share=share, seed=seed)
    assert None not in parts
    assert parts.count("val") == min(max(round(share * 100), 1), 99)


def test_the_split_is_the_same_every_time_and_another_for_another_seed() -> None:
    placed = boxes(1, 80, 20)
    first = alone(placed, side=40, share=0.3, seed=0)
    assert first == alone(placed, side=40, share=0.3, seed=0)
    assert first != alone(placed, side=40, share=0.3, seed=1)
    assert set(first) == {"train", "val", None}


def test_one_square_of_ground_is_trained_on() -> None:
    assert alone(np.array([[0.0, 0.0, 9.0, 9.0]]), side=10, share=0.5, seed=0) == ["train"]
    assert alone(np.zeros((0, 4)), side=10, share=0.5, seed=0) == []


@pytest.mark.parametrize(
    ("seed", "count", "size", "side", "digest"),
    [(1, 80, 20, 40, "336c01be3d0e9d16"), (5, 300, 7.3, 31.9, "5f86556faa151491")],
)
def test_one_ground_is_split_as_it_always_was(
    seed: int, count: int, size: float, side: float, digest: str
) -> None:
    ground = Ground(boxes(seed, count, size), side)
    (parts,) = parted([ground], share=0.3, seed=seed)
    told = repr((tuple(parts), tuple(ground.middles())))  # as of version 0.1
    assert hashlib.sha256(told.encode()).hexdigest().startswith(digest)


@given(seed=st.integers(0, 10**6), count=st.integers(2, 30), share=st.floats(0.05, 0.9))
def test_the_squares_of_all_grounds_are_shared_out_together(
    seed: int, count: int, share: float
) -> None:
    grounds = [Ground(np.array([[0.0, 0.0, 9.0, 9.0]]), 10.0 + number) for number in range(count)]
    parts = [part for (part,) in parted(grounds, share=share, seed=seed)]
    assert parts.count("val") == min(max(round(share * count), 1), count - 1)
    assert parts.count("train") == count - parts.count("val")


def test_each_ground_has_squares_of_its_own_size() -> None:
    small, large = (Ground(boxes(3, 90, size), 2.0 * size) for size in (10, 100))
    empty = Ground(np.zeros((0, 4)), 0)
    parts = parted([small, empty, large], share=0.4, seed=0)
    assert [len(found) for found in parts] == [90, 0, 90]
    assert {*parts[0]} == {*parts[2]} == {"train", "val", None}
    assert len(set(small.middles())) > 2 * len(set(large.middles()))
