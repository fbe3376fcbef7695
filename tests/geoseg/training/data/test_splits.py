import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from geoseg.training.data.splits import parted


def boxes(seed: int, count: int, size: float) -> NDArray[np.float64]:
    corner = np.random.default_rng(seed).uniform(-500, 500, (count, 2))
    return np.concatenate([corner, corner + size], axis=1)


@settings(max_examples=60)
@given(
    seed=st.integers(0, 10**6), count=st.integers(1, 60), size=st.floats(5, 80),
    blocks=st.floats(1, 5), share=st.floats(0, 0.9),
)  # fmt: skip
def test_no_ground_is_in_both_parts(
    seed: int, count: int, size: float, blocks: float, share: float
) -> None:
    placed = boxes(seed, count, size)
    parts = parted(placed, side=size * blocks, share=share, seed=seed)
    known = np.array([part or "" for part in parts])
    for a in placed[known == "train"]:
        for b in placed[known == "val"]:
            apart = a[0] >= b[2] or b[0] >= a[2] or a[1] >= b[3] or b[1] >= a[3]
            assert apart


@given(seed=st.integers(0, 10**6), share=st.floats(0.05, 0.95))
def test_without_overlap_all_is_used_in_the_shares_asked_for(seed: int, share: float) -> None:
    rows, columns = np.mgrid[:10, :10]
    corner = np.stack([columns.ravel(), rows.ravel()], axis=1) * 30.0 + 7
    parts = parted(np.concatenate([corner, corner + 30], axis=1), side=30, share=share, seed=seed)
    assert None not in parts
    assert parts.count("val") == min(max(round(share * 100), 1), 99)


def test_the_split_is_the_same_every_time_and_another_for_another_seed() -> None:
    placed = boxes(1, 80, 20)
    first = parted(placed, side=40, share=0.3, seed=0)
    assert first == parted(placed, side=40, share=0.3, seed=0)
    assert first != parted(placed, side=40, share=0.3, seed=1)
    assert set(first) == {"train", "val", None}


def test_one_square_of_ground_is_trained_on() -> None:
    assert parted(np.array([[0.0, 0.0, 9.0, 9.0]]), side=10, share=0.5, seed=0) == ("train",)
    assert parted(np.zeros((0, 4)), side=10, share=0.5, seed=0) == ()
