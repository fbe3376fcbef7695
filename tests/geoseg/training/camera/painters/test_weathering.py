from collections.abc import Callable

import numpy as np
import pytest

Look = Callable[..., np.ndarray]

BLUE = np.array([70, 110, 170], np.float32)


@pytest.mark.parametrize("name", ["rust", "moss"])
def test_stains_cover_about_the_share_that_is_said(seen: Look, name: str) -> None:
    def other(share: float) -> float:
        picture = seen("flat", rgb=BLUE, look={name: share, "clutter": 0.0, "dirt": 0.0})
        roof = picture[picture.any(axis=2)]
        return float((roof[:, 0] > 0.75 * roof[:, 2]).mean())

    assert other(0.0) < 0.02
    assert 0.02 < other(0.2) < 0.4
    assert other(0.2) < other(0.6) < 0.9


def test_a_neighbour_shades_the_sunny_side_of_a_roof(seen: Look) -> None:
    look = {"clutter": 0.0, "dirt": 0.0}
    plain, dark = seen("flat", look=look), seen("flat", look={**look, "shaded": 0.4})
    changed = (plain != dark).any(axis=2)
    assert changed[90:150].any()  # the sun stands in the north
    assert not changed[160:210].any()
    assert dark[changed].mean() == pytest.approx(0.5 * plain[changed].mean(), rel=0.05)
