from collections.abc import Callable

import numpy as np

from geoseg.training.land.thing import strip

Look = Callable[..., np.ndarray]

LINE = np.array([(15.0, 3.0), (15.0, 15.0), (15.0, 27.0)])
DARK = np.array([80, 80, 82], np.float32)


def test_a_marked_road_has_a_light_line_in_its_middle(seen: Look) -> None:
    picture = seen("carriageway", rgb=DARK, line=LINE, look={"lanes": 2.0, "marked": 1.0})
    grey = picture[95:205, 40:260].mean(axis=(1, 2))
    assert 50 <= int(np.argmax(grey)) <= 60
    assert grey.max() > 1.1 * np.median(grey)


def test_an_unmarked_road_has_none(seen: Look) -> None:
    picture = seen("carriageway", rgb=DARK, line=LINE, look={"lanes": 2.0})
    assert picture.max() < 150


def test_a_marked_road_that_bends_keeps_its_line_in_the_middle(seen: Look) -> None:
    line = np.array([(8.0, 3.0), (12.0, 9.0), (13.0, 15.0), (12.0, 21.0), (8.0, 27.0)])
    picture = seen("carriageway", rgb=DARK, line=line, outline=strip(line, 8.0), half=(14.0, 4.0),
                   look={"lanes": 2.0, "marked": 1.0})  # fmt: skip
    rows, columns = np.nonzero(picture.mean(axis=2) > 125)
    assert len(rows)
    away = np.abs(rows / 10 - np.interp(columns / 10, line[:, 1], line[:, 0]))
    assert np.median(away) < 0.6


def test_each_track_has_two_bright_rails(seen: Look) -> None:
    picture = seen("railway", line=LINE, look={"tracks": 2.0, "gap_m": 4.5})
    grey = picture[95:205, 60:240].mean(axis=(1, 2))
    rails = np.flatnonzero(grey > 1.2 * np.median(grey))
    groups = 1 + int((np.diff(rails) > 1).sum())
    assert groups == 4


def test_a_bridge_has_light_edges(seen: Look) -> None:
    picture = seen("deck", rgb=DARK, line=LINE, look={"lanes": 2.0})
    assert picture[91:96, 60:240].mean() > 1.5 * picture[140:145, 60:240].mean()


def test_a_zebra_crossing_has_bars(seen: Look) -> None:
    row = seen("zebra")[150, 40:260].mean(axis=1)
    assert (row > 120).mean() > 0.2
    assert (row < 60).mean() > 0.2


def test_a_runway_has_bars_at_both_ends(seen: Look) -> None:
    half = (150.0, 20.0)
    outline = np.array([(-5, -135), (-5, 165), (35, 165), (35, -135)], float)
    centre = np.array([15.0, 165.0 - 150.0])
    picture = seen("runway", rgb=DARK, half=half, outline=outline, centre=centre)
    assert picture.max() < 250
    shift = np.array([0.0, 140.0])
    end = seen("runway", rgb=DARK, half=half, outline=outline - shift, centre=centre - shift)
    assert (end > 180).any()


def test_a_car_park_has_lines_between_its_stalls(seen: Look) -> None:
    look = {"marked": 1.0, "first_m": 0.0, "every_m": 30.0, "deep_m": 5.0, "reach_m": 11.0}
    row = seen("stalls", rgb=DARK, look=look)[125, 45:255].mean(axis=1)
    lines = np.flatnonzero(row > 140)
    steps = np.diff(lines)
    assert 24 <= np.median(steps[steps > 5]) <= 27


def test_planks_lie_across_a_pier(seen: Look) -> None:
    picture = seen("boards", line=LINE)[100:200, 60:240].mean(axis=2)
    assert picture.mean(axis=0).std() > 2 * picture.mean(axis=1).std()
