import pytest

from geoseg.evaluation.evaluation import spread


@pytest.mark.parametrize("limit", [1, 3, 7, 10])
def test_spread_choices_are_different_and_within(limit: int) -> None:
    chosen = list(spread(10, limit))
    assert len(set(chosen)) == limit
    assert set(chosen) <= set(range(10))
