import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from geoseg.training.data.run_lengths import decoded, runs
from tests.geoseg.training.data.layouts import counts_of, packed

MASKS = arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, max_side=40))


@given(mask=MASKS)
def test_a_mask_comes_back_from_its_runs(mask: NDArray[np.bool_]) -> None:
    counts = counts_of(mask)
    shape = (mask.shape[0], mask.shape[1])
    np.testing.assert_array_equal(decoded(counts, shape), mask)
    np.testing.assert_array_equal(decoded(packed(counts), shape), mask)


@given(counts=st.lists(st.integers(0, 10**7), max_size=30))
def test_packed_numbers_come_back(counts: list[int]) -> None:
    assert runs(packed(counts)) == counts


@settings(max_examples=40)
@given(seed=st.integers(0, 10**6))
def test_masks_packed_by_pycocotools_are_read(seed: int) -> None:
    oracle = pytest.importorskip("pycocotools.mask")
    rng = np.random.default_rng(seed)
    height, width = (int(side) for side in rng.integers(1, 120, 2))
    mask = rng.random((height, width)) < rng.random() ** 3
    rle = oracle.encode(np.asfortranarray(mask.astype(np.uint8)))
    np.testing.assert_array_equal(decoded(rle["counts"].decode(), (height, width)), mask)
    assert packed(counts_of(mask)) == rle["counts"].decode()


@pytest.mark.parametrize("text", ["0é", "0 ", "0\n", "P"])
def test_damaged_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="run lengths"):
        runs(text)


@pytest.mark.parametrize("counts", [[], [3], [7], [-1, 7], [2, 2, 3]])
def test_runs_that_do_not_fill_the_mask_are_refused(counts: list[int]) -> None:
    with pytest.raises(ValueError, match="the mask has 6"):
        decoded(counts, (2, 3))
