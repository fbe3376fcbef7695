from collections.abc import Callable

import numpy as np
import pytest

from geoseg.training.land.outlines import circle

Look = Callable[..., np.ndarray]


GREEN = np.array([60, 130, 50], np.float32)


def period_m(line: np.ndarray) -> float:
    """The most frequent period of a profile sampled every 0.1 m."""
    power = np.abs(np.fft.rfft(line - line.mean()))
    power[:4] = 0
    return len(line) * 0.1 / int(np.argmax(power))


def profile(picture: np.ndarray) -> np.ndarray:
    """Mean grey of each row inside the field, far from its ends."""
    return np.asarray(picture[95:205, 60:240].mean(axis=(1, 2)))


@pytest.mark.parametrize(("kind", "rows_m"), [("sown", 1.1), ("ploughed", 1.57), ("vines", 2.2)])
def test_rows_are_as_far_apart_as_asked_for(seen: Look, kind: str, rows_m: float) -> None:
    picture = seen(kind, rgb=GREEN, look={"rows_m": rows_m, "closed": 0.2})
    assert period_m(profile(picture)) == pytest.approx(rows_m, rel=0.12)


def test_rows_run_along_the_field(seen: Look) -> None:
    picture = seen("sown", rgb=GREEN, look={"rows_m": 1.0, "closed": 0.1})[100:200, 60:240].mean(
        axis=2
    )
    assert picture.mean(axis=1).std() > 2 * picture.mean(axis=0).std()


def test_the_headland_is_worked_across(seen: Look) -> None:
    picture = seen("sown", rgb=GREEN, look={"rows_m": 1.0, "closed": 0.1, "headland_m": 5.0})
    end = picture[100:200, 35:75].mean(axis=2)
    assert end.mean(axis=0).std() > 1.5 * end.mean(axis=1).std()


def test_a_closed_crop_hides_the_earth(seen: Look) -> None:
    open_rows, closed = (seen("sown", rgb=GREEN, look={"rows_m": 1.0, "closed": share})
                         for share in (0.1, 1.0))  # fmt: skip
    redness = [picture[100:200, 50:250, 0].mean() for picture in (open_rows, closed)]
    assert redness[0] > redness[1] + 10


def test_straw_lies_in_swaths(seen: Look) -> None:
    picture = seen("harvested", rgb=np.array([150, 130, 90], np.float32), look={"swath_m": 4.0})
    assert profile(picture).max() > 1.1 * profile(picture).min()


def test_a_round_field_has_rings(seen: Look) -> None:
    centre = np.array([15.0, 15.0])
    picture = seen("circled", outline=circle(centre, 12.0, 48), half=(12.0, 12.0),
                   look={"rows_m": 2.0})  # fmt: skip
    grey = picture.mean(axis=2)
    rows, columns = np.mgrid[:300, :300]
    ring = (np.hypot(rows - 150, columns - 150) / 5).astype(int)
    rings = np.bincount(ring.ravel(), grey.ravel()) / np.bincount(ring.ravel())
    assert rings[2:20].std() > 2


def test_rice_stands_in_water_between_banks(seen: Look) -> None:
    picture = seen("flooded", rgb=np.array([100, 140, 70], np.float32), look={"rows_m": 6.0})
    assert picture[100:200, 50:250].std() > 8


def test_beds_of_vegetables_differ(seen: Look) -> None:
    rows = profile(seen("beds", look={"rows_m": 0.6}))
    assert rows.std() > 5
