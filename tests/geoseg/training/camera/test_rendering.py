from dataclasses import replace

import numpy as np
import pytest

from geoseg.training.camera.rendering import HALO, Rendered, Renderer, lean_of, sun_of
from geoseg.training.camera.scene_options import SceneOptions, View
from geoseg.training.camera.sensor import Sensor, Swath
from geoseg.training.camera.weather import Air
from geoseg.training.land.landscape import LANDS
from geoseg.training.land.world import Land

PLAIN = SceneOptions(land=Land("patchwork"), sensor=Sensor(grain=0, quality=None))


SIDE = 128


def block(options: SceneOptions, *, seed: int = 3, gsd: float = 1.0) -> Rendered:
    return Renderer(seed, gsd, options, side=SIDE).block(0, 0)


@pytest.fixture(scope="module")
def plain() -> Rendered:
    return block(PLAIN)


def test_a_block_is_the_same_however_often_and_after_whatever_it_is_rendered(
    plain: Rendered,
) -> None:
    renderer = Renderer(3, 1.0, PLAIN, side=SIDE)
    renderer.block(0, 1)
    again = renderer.block(0, 0)
    np.testing.assert_array_equal(again.rgb, plain.rgb)
    np.testing.assert_array_equal(again.numbers[again.labels], plain.numbers[plain.labels])


def test_neighbouring_blocks_fit_together() -> None:
    renderer = Renderer(3, 1.0, PLAIN, side=SIDE)
    left, right = (renderer.block(0, column).rgb.astype(float) for column in (0, 1))
    across = np.abs(left[:, -1] - right[:, 0]).mean()
    inside = np.abs(left[:, -1] - left[:, -2]).mean()
    assert across < 1.3 * inside


def test_the_halo_of_a_block_is_painted_like_its_neighbour() -> None:
    renderer = Renderer(3, 1.0, PLAIN, side=SIDE)
    parts = []
    for column in (0, 1):
        canvas, standing = renderer.painted((-HALO, column * SIDE - HALO))
        numbers = np.array([0, 0, *(known.number for known in standing)])
        parts.append((canvas.rgb, numbers[canvas.ids]))
    (left, left_numbers), (right, right_numbers) = parts
    shared_left, shared_right = np.s_[:, -2 * HALO :], np.s_[:, : 2 * HALO]
    np.testing.assert_array_equal(left_numbers[shared_left], right_numbers[shared_right])
    differing = np.abs(left[shared_left] - right[shared_right]).max(axis=2) > 2
    assert differing.mean() < 0.01


def test_the_truth_does_not_depend_on_how_a_scene_is_blocked() -> None:
    small, large = (Renderer(5, 0.5, PLAIN, side=side) for side in (64, 128))
    whole = large.block(0, 0)
    for row in range(2):
        for column in range(2):
            part = small.block(row, column)
            where = np.s_[row * 64 : row * 64 + 64, column * 64 : column * 64 + 64]
            np.testing.assert_array_equal(
                part.numbers[part.labels], whole.numbers[whole.labels][where]
            )


@pytest.mark.parametrize("style", sorted(LANDS))
def test_every_style_shows_something(style: str) -> None:
    found = block(replace(PLAIN, land=Land(style)), gsd=0.7)
    assert found.rgb.std() > 3
    assert (found.labels >= 0).any()


def test_shadows_point_away_from_the_sun() -> None:
    sun = sun_of(View(sun_azimuth=90, sun_elevation=45))
    np.testing.assert_allclose(sun.away, (0, -1), atol=1e-9)  # sun in the east, shadow westwards
    assert sun.length == pytest.approx(1)
    np.testing.assert_allclose(sun_of(View(sun_azimuth=180)).away, (-1, 0), atol=1e-9)


def test_tops_lean_towards_where_they_are_said_to() -> None:
    np.testing.assert_allclose(lean_of(View(lean=45, lean_azimuth=0)), (-1, 0), atol=1e-9)
    np.testing.assert_allclose(lean_of(View(lean=45, lean_azimuth=90)), (0, 1), atol=1e-9)


def test_shadows_clouds_and_haze_leave_the_ground_truth_below_them(plain: Rendered) -> None:
    low = replace(PLAIN, view=View(sun_elevation=20), air=Air(haze=0.3))
    found = block(low)
    np.testing.assert_array_equal(found.numbers[found.labels], plain.numbers[plain.labels])


def test_what_a_cloud_hides_is_not_in_the_truth(plain: Rendered) -> None:
    cloudy = block(replace(PLAIN, air=Air(clouds=0.4)))
    gone = cloudy.labels < 0
    assert 0.01 < gone.mean() < 0.99
    kept = ~gone
    np.testing.assert_array_equal(
        cloudy.numbers[cloudy.labels][kept], plain.numbers[plain.labels][kept]
    )


def test_beyond_the_swath_there_are_no_data() -> None:
    cut = block(replace(PLAIN, swath=Swath(0.0, 1.0, 70.0)))
    assert (cut.rgb[:, 70:] == 0).all()
    assert (cut.rgb[:, :70] > 0).all()
    assert (cut.labels[:, 70:] == -1).all()


def test_leaning_shows_walls() -> None:
    town = replace(PLAIN, land=Land("informal"))
    upright, leaning = (block(replace(town, view=View(lean=lean)), gsd=0.5) for lean in (0, 30))
    area = [
        sum(
            (found.labels == index).sum()
            for index, known in enumerate(found.standing)
            if known.thing.concept == "building"
        )
        for found in (upright, leaning)
    ]
    assert area[1] > area[0]
