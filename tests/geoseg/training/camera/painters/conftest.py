from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from geoseg.training.camera.canvas import Canvas
from geoseg.training.camera.painters.spot import Sun
from geoseg.training.camera.painting import paint
from geoseg.training.land.thing import Part, Thing, rectangle

Picture = NDArray[np.float32]

SUN = Sun(away=np.array([1.0, 0.0]), length=1.0, dark=0.5)
"""The sun stands in the north: shadows point south, down the rows."""


@pytest.fixture
def seen() -> Callable[..., Picture]:
    """Paints a thing of 24 by 12 m in the middle of 30 m at 0.1 m; (300, 300, 3), 0 outside."""

    def look(kind: str, *, gsd: float = 0.1, **more: object) -> Picture:
        centre, half = np.array([15.0, 15.0]), (12.0, 6.0)
        usual: dict[str, object] = {
            "concept": "", "kind": kind, "layer": "lot", "half": half, "centre": centre,
            "rgb": np.array([120, 110, 100], np.float32), "outline": rectangle(centre, half, 0.0),
        }  # fmt: skip
        side = round(30 / gsd)
        canvas = Canvas(side, side, gsd=gsd, rng=np.random.default_rng(1))
        paint(canvas, Thing(**(usual | more)), label=1, sun=SUN)  # type: ignore[arg-type]
        return canvas.rgb

    return look


@pytest.fixture
def ell() -> tuple[Part, ...]:
    """Two wings that meet at right angles."""
    return (
        Part(np.array([12.0, 15.0]), (12.0, 3.0), 0.0),
        Part(np.array([15.0, 24.0]), (6.0, 3.0), np.pi / 2),
    )
