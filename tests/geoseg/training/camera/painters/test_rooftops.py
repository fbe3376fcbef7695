from collections.abc import Callable

import numpy as np
import pytest

Look = Callable[..., np.ndarray]


@pytest.mark.parametrize("use", ["house", "warehouse"])
def test_clutter_stands_on_the_roof_and_leaves_most_of_it_bare(seen: Look, use: str) -> None:
    changed = []
    for tone in range(90, 170, 10):
        made = {"rgb": np.full(3, tone, np.float32), "attributes": {"use": use}}
        bare = seen("flat", look={"clutter": 0.0}, **made)
        full = seen("flat", look={"clutter": 1.0}, **made)
        np.testing.assert_array_equal(bare.any(axis=2), full.any(axis=2))
        changed.append((bare != full).any(axis=2)[bare.any(axis=2)].mean())
    assert 0.01 < np.mean(changed) < 0.5


def test_nothing_stands_on_a_roof_where_pixels_are_coarse(seen: Look) -> None:
    bare, full = (seen("flat", gsd=2.0, look={"clutter": share}) for share in (0.0, 1.0))
    np.testing.assert_array_equal(bare, full)
