from collections.abc import Callable

import numpy as np
import pytest

from geoseg.training.land.outlines import rounded

Look = Callable[..., np.ndarray]

CENTRE = np.array([15.0, 15.0])
WHITE = np.array([235, 235, 235], np.float32)


@pytest.mark.parametrize("kind", ["car", "van"])
def test_a_car_has_dark_windows(seen: Look, kind: str) -> None:
    half = (2.2, 0.9)
    picture = seen(kind, rgb=WHITE, half=half, outline=rounded(CENTRE, half, 0.0))
    body = picture[picture.any(axis=2)].mean(axis=1)
    assert body.min() < 0.4 * body.max()
    assert 0.03 < (body < 120).mean() < 0.5


def test_a_windscreen_looks_forward(seen: Look) -> None:
    half = (2.2, 0.9)
    picture = seen("car", rgb=WHITE, half=half, outline=rounded(CENTRE, half, 0.0))
    columns = picture[146:154].mean(axis=(0, 2))
    dark = np.flatnonzero((columns > 0) & (columns < 150))
    windscreen, rear = dark[dark > 150], dark[dark < 150]
    assert len(windscreen) > len(rear)
    assert windscreen.max() < 165  # the bonnet is before it


def test_a_lorry_has_a_gap_behind_its_cab(seen: Look) -> None:
    picture = seen("truck", rgb=WHITE, half=(6.0, 1.3))
    columns = picture[145:155, 92:208].mean(axis=(0, 2))
    assert columns.min() < 0.5 * np.median(columns)


def test_the_wagons_of_a_train_have_gaps(seen: Look) -> None:
    line = np.array([(15.0, 3.0), (15.0, 27.0)])
    picture = seen("train", rgb=WHITE, line=line, half=(12.0, 1.5), look={"wagon_m": 8.0},
                   attributes={"type": "passenger"})  # fmt: skip
    columns = picture[140:160, 32:268].mean(axis=(0, 2))
    dark = np.flatnonzero(columns < 0.55 * np.median(columns))
    assert {round((place + 2) / 80) for place in dark} >= {1, 2}


def test_goods_wagons_have_many_colours(seen: Look) -> None:
    line = np.array([(15.0, 3.0), (15.0, 27.0)])
    picture = seen("train", rgb=WHITE, line=line, half=(12.0, 1.5), look={"wagon_m": 3.0},
                   attributes={"type": "freight"})  # fmt: skip
    middles = [picture[150, 30 + 30 * n + 15] for n in range(8)]
    assert np.std(middles, axis=0).max() > 20


def test_a_bus_is_of_one_colour_with_a_dark_rim(seen: Look) -> None:
    picture = seen("bus", rgb=np.array([200, 40, 40], np.float32), half=(6.0, 1.3))
    red, green, _ = picture[145:155, 100:200].mean(axis=(0, 1))
    assert red > 2 * green
