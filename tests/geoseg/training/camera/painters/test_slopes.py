import numpy as np
import shapely
from numpy.typing import NDArray

from geoseg.training.camera.canvas import Canvas, covered
from geoseg.training.camera.painters.slopes import pitched, rim
from geoseg.training.camera.painters.spot import Spot, Sun
from geoseg.training.land.outlines import outline_of
from geoseg.training.land.thing import Part, Thing

SUN = Sun(away=np.array([1.0, 0.0]), length=1.0, dark=0.5)


def spot_of(parts: tuple[Part, ...]) -> Spot:
    canvas = Canvas(120, 120, gsd=0.25, rng=np.random.default_rng(0))
    thing = Thing(concept="building", kind="gabled", layer="building", parts=parts,
                  rgb=np.full(3, 120, np.float32), outline=outline_of(parts),
                  centre=np.array([15.0, 15.0]), half=(12.0, 6.0))  # fmt: skip
    found = covered(canvas.pixels(thing.outline), canvas.shape)
    assert found is not None
    return Spot(canvas, thing, SUN, window=found[0], mask=found[1])


def to_the_edge(spot: Spot) -> NDArray[np.float64]:
    """Metres from each pixel of a roof to its outline, each (n,)."""
    rows, columns = spot.offset
    places = shapely.points(spot.thing.centre[0] + rows, spot.thing.centre[1] + columns)
    edge = shapely.Polygon(spot.thing.outline).exterior
    return np.asarray(shapely.distance(places, edge))


def test_the_rim_of_one_wing_is_the_way_to_its_outline(ell: tuple[Part, ...]) -> None:
    spot = spot_of(ell[:1])
    np.testing.assert_allclose(rim(spot), to_the_edge(spot), atol=0.01)


def test_the_rim_of_two_wings_is_nowhere_further_than_the_outline(ell: tuple[Part, ...]) -> None:
    spot = spot_of(ell)
    way = to_the_edge(spot)
    assert (rim(spot) < way + 0.01).all()
    at_the_edge = way < 0.5
    np.testing.assert_allclose(rim(spot)[at_the_edge], way[at_the_edge], atol=0.15)


def test_slopes_fall_from_the_ridge_to_the_eaves(ell: tuple[Part, ...]) -> None:
    faces = pitched(spot_of(ell[:1]), hipped=False)
    assert 0 <= faces.down.min() < 0.3
    assert 2.7 < faces.down.max() < 3.3


def test_the_slope_that_falls_towards_the_sun_is_lit_and_the_other_is_not(
    ell: tuple[Part, ...],
) -> None:
    spot = spot_of(ell[:1])
    faces = pitched(spot, hipped=False)
    rows = spot.thing.centre[0] + spot.offset[0]
    ridge = ell[0].centre[0]
    assert set(faces.light[rows < ridge - 0.2].tolist()) == {1.0}  # light falls along the rows
    assert set(faces.light[rows > ridge + 0.2].tolist()) == {-1.0}
