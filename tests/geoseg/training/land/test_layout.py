import numpy as np
import pytest
import shapely

from geoseg.training.land.fillings import FILLINGS
from geoseg.training.land.landscape import STYLES
from geoseg.training.land.layout import (
    CUT_LAYERS,
    Ground,
    Leaf,
    all_inside,
    bounding,
    chosen,
    cut,
    facing,
    filled,
    fitted,
    laid_out,
    parts_of,
    stands_on,
)
from geoseg.training.land.place import Block, Place, new_place
from geoseg.training.land.streets import Street
from geoseg.training.land.thing import Part, Thing, rectangle

QUAD = np.array([(0, 0), (10, 300), (290, 310), (300, -20)], float)
RIVER = shapely.LineString([(0, 150), (300, 170)]).buffer(15)
CELL = Ground(
    QUAD,
    shapely.Polygon(QUAD).difference(RIVER),
    shapely.Polygon(QUAD).buffer(-8).difference(RIVER),
)


def place(style: str, seed: int = 0) -> Place:
    return new_place(np.random.default_rng(seed), None, style)


@pytest.mark.parametrize("style", sorted(STYLES))
def test_leaves_cover_the_land_without_overlap(style: str) -> None:
    leaves = [found for found in laid_out(place(style), CELL) if isinstance(found, Leaf)]
    together = shapely.union_all([leaf.ground for leaf in leaves])
    assert sum(leaf.ground.area for leaf in leaves) == pytest.approx(together.area, rel=1e-6)
    assert together.area > 0.55 * CELL.land.area
    assert together.difference(CELL.land).area < 1e-6
    assert {leaf.filling for leaf in leaves} <= set(FILLINGS)


def test_streets_stay_out_of_the_river() -> None:
    streets = [found for found in laid_out(place("town"), CELL) if isinstance(found, Street)]
    assert streets
    for street in streets:
        assert not shapely.LineString(street.line).intersects(RIVER.buffer(-1))


@pytest.mark.parametrize("style", ["informal", "town", "rural"])
def test_nothing_built_reaches_out_of_its_ground(style: str) -> None:
    here = place(style)
    for leaf in [found for found in laid_out(here, CELL) if isinstance(found, Leaf)][:6]:
        allowed = leaf.ground.buffer(0.01)
        for thing in filled(here, leaf):
            if thing.layer in CUT_LAYERS or thing.concept == "building":
                assert allowed.covers(shapely.Polygon(thing.outline).buffer(0))


def test_nothing_lies_on_a_roof_that_is_gone() -> None:
    centre = np.array([50.0, 50.0])
    ground = shapely.box(0, 0, 100, 52)
    roof, panel = (
        Thing(
            concept="building", kind="flat", layer=layer, rgb=np.zeros(3, np.float32),
            outline=rectangle(centre, (half, half), 0.0), centre=centre, half=(half, half),
            parts=(Part(centre, (half, half), 0.0),),
        )
        for layer, half in (("building", 10.0), ("roof", 1.0))
    )  # fmt: skip
    assert not all_inside([roof], ground)[0]
    assert all_inside([panel], ground)[0]
    assert stands_on(panel, roof)
    assert list(fitted(roof, ground, middle=True)) == []


def test_cutting_keeps_within_the_block() -> None:
    block = Block(np.array([100.0, 100.0]), (150.0, 90.0), 0.4)
    outer = shapely.Polygon(rectangle(block.centre, block.half, block.angle)).buffer(1e-6)
    for found in cut(place("town"), block, 60):
        if not isinstance(found, tuple):
            piece = found.block
            assert outer.covers(shapely.Polygon(rectangle(piece.centre, piece.half, piece.angle)))


def test_a_bounding_block_holds_all_points() -> None:
    block = bounding(np.zeros(2), 0.7, QUAD)
    corners = shapely.Polygon(rectangle(block.centre, block.half, block.angle)).buffer(1e-6)
    assert corners.covers(shapely.Polygon(QUAD))


def test_only_fillings_that_fit_are_chosen() -> None:
    here = place("town")
    small = Block(np.zeros(2), (12.0, 12.0), 0.0)
    shares = {"airfield": 50.0, "park": 1.0}
    assert {chosen(here, small, shares) for _ in range(20)} == {"park"}


def test_parts_are_lines_or_outer_rings() -> None:
    both = shapely.GeometryCollection(
        [shapely.Point(0, 0), shapely.LineString([(0, 0), (0, 5)]), shapely.box(0, 0, 1, 1)]
    )
    assert [len(part) for part in parts_of(both)] == [2, 4]


def test_what_belongs_to_the_sea_faces_it() -> None:
    for angle in (0.0, 1.0, 2.5, 4.0):
        block = Block(np.array([10.0, 20.0]), (30.0, 60.0), angle)
        turned = facing(block, np.array([500.0, 300.0]))
        towards = turned.at(0, 1) - turned.centre
        assert towards @ (np.array([500.0, 300.0]) - turned.centre) > 0
        before, after = (
            shapely.Polygon(rectangle(b.centre, b.half, b.angle)) for b in (block, turned)
        )
        assert before.symmetric_difference(after).area < 1e-6
