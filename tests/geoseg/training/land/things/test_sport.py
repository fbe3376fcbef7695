from collections.abc import Callable

import pytest
import shapely

from geoseg.training.land.place import Block, Place
from geoseg.training.land.things.sport import (
    baseball,
    courts,
    football_pitch,
    running_track,
    school,
    sports_ground,
    stadium,
)

At = Callable[..., Place]
Plot = Callable[..., Block]


def test_a_pitch_on_enough_ground_has_its_full_size(at: At, plot: Plot) -> None:
    made = football_pitch(at(), plot(200, 120))
    assert 97 < 2 * made.half[0] <= 105
    assert made.half[0] / made.half[1] == pytest.approx(105 / 68)


def test_a_pitch_on_small_ground_fits_it(at: At, plot: Plot) -> None:
    made = football_pitch(at(), plot(50, 30))
    block = plot(50, 30)
    assert made.half[0] <= block.half[0]
    assert made.half[1] <= block.half[1]


def test_a_track_runs_round_a_pitch(at: At, plot: Plot) -> None:
    track, green, pitch = running_track(at(), plot(190, 110))
    outer = shapely.Polygon(track.outline)
    assert outer.contains(shapely.Polygon(green.outline))
    assert outer.contains(shapely.Polygon(pitch.outline))
    lanes = outer.area - shapely.Polygon(green.outline).area
    assert lanes / (400 + 8 * 1.22 * 3.14) == pytest.approx(8 * 1.22, rel=0.1)


@pytest.mark.parametrize("fill", [sports_ground, courts, baseball, stadium, school])
def test_grounds_for_sport_stay_on_their_block(
    at: At, plot: Plot, fill: Callable[..., object]
) -> None:
    for seed in range(6):
        ground, *things = fill(at(seed), plot(220, 140))
        block = shapely.Polygon(ground.outline).buffer(8)
        for thing in things:
            if thing.concept not in ("", "tree"):
                assert block.contains(shapely.Polygon(thing.outline)), thing.concept


def test_courts_lie_apart(at: At, plot: Plot) -> None:
    found = [shapely.Polygon(thing.outline) for thing in courts(at(1), plot(120, 80))
             if thing.concept in ("tennis court", "basketball court")]  # fmt: skip
    assert len(found) > 4
    assert shapely.union_all(found).area == pytest.approx(sum(one.area for one in found), rel=0.01)


def test_a_stadium_encloses_its_pitch(at: At, plot: Plot) -> None:
    things = list(stadium(at(), plot(260, 190)))
    (stands,) = [t for t in things if t.attributes.get("use") == "stadium"]
    (pitch,) = [t for t in things if t.concept == "football pitch"]
    assert shapely.Polygon(stands.outline).contains(shapely.Polygon(pitch.outline))
    assert pitch.layer == "roof"  # painted after the stands, which have no hole
