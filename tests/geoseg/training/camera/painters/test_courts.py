from collections.abc import Callable

import numpy as np
import pytest

from geoseg.training.land.outlines import oval
from geoseg.training.land.thing import rectangle

Look = Callable[..., np.ndarray]

CENTRE = np.array([60.0, 60.0])
GREEN = np.array([70, 110, 60], np.float32)


def court(seen: Look, kind: str, half: tuple[float, float], **more: object) -> np.ndarray:
    """The court seen from 30 m of ground at its middle, 0.1 m a pixel."""
    centre = np.array([15.0, 15.0])
    outline = more.pop("outline", rectangle(centre, half, 0.0))
    return seen(kind, rgb=GREEN, half=half, outline=outline, **more)


def chalk(picture: np.ndarray) -> np.ndarray:
    return np.asarray(picture.min(axis=2) > 150)


def test_a_football_pitch_has_a_middle_line_and_a_circle(seen: Look) -> None:
    lines = chalk(court(seen, "football", (52.5, 34.0)))
    assert lines[:, 148:153].any(axis=1).mean() > 0.9
    assert lines[150 - 95 : 150 - 88, 145:155].any()  # 9.15 m north of the spot


def test_a_tennis_court_has_its_lines_where_the_rules_put_them(seen: Look) -> None:
    lines = chalk(court(seen, "tennis", (17.2, 8.5)))
    across = [np.flatnonzero(lines[100:140, 150 + sign * 64 - 3 : 150 + sign * 64 + 4].any(axis=0))
              for sign in (-1, 1)]  # fmt: skip
    assert all(len(found) for found in across)  # service lines, 6.4 m from the net
    assert lines[150 + 40 : 150 + 43, 100:140].any()  # singles line, 4.1 m from the middle


def test_a_basketball_court_has_a_middle_circle(seen: Look) -> None:
    lines = chalk(court(seen, "basketball", (14.0, 7.5)))
    turn = np.linspace(0, 2 * np.pi, 60)
    rows, columns = (150 + 18 * np.sin(turn)).astype(int), (150 + 18 * np.cos(turn)).astype(int)
    near = [lines[row - 2 : row + 3, column - 2 : column + 3].any()
            for row, column in zip(rows, columns, strict=True)]  # fmt: skip
    assert np.mean(near) > 0.9


def test_the_infield_of_a_baseball_field_is_bare(seen: Look) -> None:
    look = {"base_m": 18.3, "home_m": 5.0, "reach_m": 70.0}
    picture = court(seen, "baseball", (35.0, 35.0), look=look)
    bare = picture[..., 0] > 1.15 * picture[..., 1]
    assert bare[picture.any(axis=2)].mean() > 0.05


@pytest.mark.parametrize("gsd", [0.1, 0.3])
def test_lanes_of_a_track_are_122_cm_wide(seen: Look, gsd: float) -> None:
    half = (14.0, 14.0)
    picture = seen("running track", rgb=GREEN, half=half, gsd=gsd,
                   outline=oval(np.array([15.0, 15.0]), half, 0.0))  # fmt: skip
    middle = round(15 / gsd)
    line = picture[middle, : round(9 / gsd)].mean(axis=1)
    peaks = np.flatnonzero((line[1:-1] > line[:-2]) & (line[1:-1] >= line[2:])
                           & (line[1:-1] > np.median(line) * 1.12))  # fmt: skip
    assert np.median(np.diff(peaks)) * gsd == pytest.approx(1.22, abs=0.35)
