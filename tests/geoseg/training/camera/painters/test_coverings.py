from collections.abc import Callable

import numpy as np
import pytest

Look = Callable[..., np.ndarray]


@pytest.mark.parametrize("material", ["metal", "tiles", "thatch", "concrete"])
def test_what_is_finer_than_a_pixel_leaves_no_stripes(seen: Look, material: str) -> None:
    picture = seen("shed", gsd=2.0, attributes={"material": material})
    row = picture[6, 2:13].mean(axis=1)
    assert row.std() < 0.12 * row.mean()


def test_patches_have_other_colours_and_fade_where_pixels_are_coarse(seen: Look) -> None:
    def spread(gsd: float, share: float) -> float:
        picture = seen("shed", gsd=gsd, attributes={"material": "metal"}, look={"patched": share})
        hue = picture[picture.any(axis=2)]
        return float((hue[:, 0] / hue[:, 2]).std())

    assert spread(0.1, 0.6) > 2 * spread(0.1, 0.0)
    assert spread(2.0, 0.6) < 1.1 * spread(2.0, 0.0) + 0.01


def test_a_few_patches_leave_most_of_a_roof_as_it_was(seen: Look) -> None:
    plain = seen("shed", attributes={"material": "metal"})
    mended = seen("shed", attributes={"material": "metal"}, look={"patched": 0.15})
    same = np.abs(plain - mended).max(axis=2) < 1
    assert 0.6 < same[plain.any(axis=2)].mean() < 1
