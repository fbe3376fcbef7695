import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from geoseg.evaluation.baselines import BASELINES, largest_blob


def test_the_largest_piece_is_kept_and_the_rest_dropped() -> None:
    mask = np.zeros((6, 8), bool)
    mask[0, 0] = mask[1:4, 3:6] = mask[5, 7] = True
    assert largest_blob(mask).sum() == 9


def test_pieces_that_touch_at_corners_only_are_two() -> None:
    assert largest_blob(np.eye(3, dtype=bool)).sum() == 1


@given(mask=arrays(bool, st.tuples(st.integers(1, 6), st.integers(1, 6))))
def test_every_baseline_has_the_shape_of_the_mask_and_the_blob_lies_within_it(
    mask: np.ndarray,
) -> None:
    answers = {name: baseline(mask) for name, baseline in BASELINES.items()}
    assert {answer.shape for answer in answers.values()} == {mask.shape}
    assert not answers["empty"].any()
    assert answers["full"].all()
    assert not (answers["largest blob"] & ~mask).any()
    assert answers["largest blob"].any() == mask.any()
