import numpy as np

from geoseg.training.camera.canvas import Canvas, covered
from geoseg.training.camera.painters.slopes import inside, pitched, rim
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


def test_the_rim_of_two_wings_is_far_from_both_edges(ell: tuple[Part, ...]) -> None:
    spot = spot_of(ell)
    edges = [inside(spot, part) for part in ell]
    np.testing.assert_array_equal(rim(spot), np.maximum(*edges))
    assert (rim(spot) > -0.5).all()


def test_slopes_fall_from_the_ridge_to_the_eaves(ell: tuple[Part, ...]) -> None:
    faces = pitched(spot_of(ell[:1]), hipped=False)
    assert 0 <= faces.down.min() < 0.3
    assert 2.7 < faces.down.max() < 3.3
    assert set(np.sign(faces.light).tolist()) <= {-1.0, 0.0, 1.0}
