from collections.abc import Callable

import numpy as np
import pytest
import shapely

from geoseg.training.land.place import Block, Place
from geoseg.training.land.things.airfield import aircraft_stands, airfield, airliner, runway

At = Callable[..., Place]
Plot = Callable[..., Block]


def test_an_airliner_is_no_wider_than_its_stand(at: At) -> None:
    for seed in range(12):
        assert 2 * airliner(at(seed), np.zeros(2), 0.0, widest=36.0).half[1] <= 36


def test_aircraft_stand_on_the_apron_and_apart(at: At, plot: Plot) -> None:
    standing = 0
    for seed in range(8):
        things = list(aircraft_stands(at(seed), plot(260, 120)))
        (ground,) = [shapely.Polygon(t.outline) for t in things if t.concept == "apron"]
        jets = [shapely.Polygon(t.outline) for t in things if t.concept == "airplane"]
        standing += len(jets)
        assert all(ground.buffer(4).contains(jet) for jet in jets)
        assert shapely.union_all(jets).area == pytest.approx(
            sum(jet.area for jet in jets), rel=0.02
        )
    assert standing > 10


def test_a_runway_lies_along_the_whole_field(at: At, plot: Plot) -> None:
    things = list(airfield(at(), plot(900, 260)))
    (made,) = [thing for thing in things if thing.concept == "runway"]
    assert 2 * made.half[0] > 850
    assert {"taxiway", "apron", "airplane"} <= {thing.concept for thing in things}


def test_a_dirt_runway_has_no_paint(at: At) -> None:
    line = np.array([(0.0, 0.0), (0.0, 600.0)])
    assert runway(at(), line, 20, paved="dirt").kind == "track"
    assert runway(at(), line, 20).kind == "runway"
