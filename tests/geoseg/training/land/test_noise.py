import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoseg.training.land.noise import Relief, picture_noise

PLACE = st.integers(min_value=-5000, max_value=5000)


@settings(max_examples=25)
@given(PLACE, PLACE, st.sampled_from([1, 2, 7, 40]))
def test_windows_of_one_field_fit_together(row: int, column: int, step: int) -> None:
    whole = picture_noise(3, step, corner=(row, column), shape=(40, 50))
    part = picture_noise(3, step, corner=(row + 11, column + 17), shape=(20, 30))
    np.testing.assert_allclose(part, whole[11:31, 17:47], atol=2e-4)


@pytest.mark.parametrize("step", [1, 3, 12])
def test_noise_is_about_standard(step: int) -> None:
    noise = picture_noise(0, step, corner=(0, 0), shape=(256, 256))
    assert noise.mean() == pytest.approx(0, abs=0.2)
    assert noise.std() == pytest.approx(1, abs=0.25)


def test_seeds_and_sizes_tell_fields_apart() -> None:
    fields = [
        picture_noise(seed, step, corner=(0, 0), shape=(64, 64))
        for seed, step in ((0, 1), (1, 1), (0, 2))
    ]
    for index, field in enumerate(fields):
        for other in fields[:index]:
            assert abs(np.corrcoef(field.ravel(), other.ravel())[0, 1]) < 0.3


def test_a_relief_is_smooth_and_the_same_at_every_call() -> None:
    relief = Relief(1, 2, 500.0)
    rows, columns = np.full(200, 1e6), np.arange(200) * 10.0
    values = relief.at(rows, columns)
    np.testing.assert_array_equal(values, relief.at(rows, columns))
    assert np.abs(np.diff(values)).max() < 0.2
    assert values.std() > 0.1
