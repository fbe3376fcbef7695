import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from geoseg.training.data.antimeridian import full_turn, joined, turned
from tiles.measuring import Polygons


def array(*outlines: shapely.Geometry) -> Polygons:
    return np.array(outlines, np.object_)


def torn(outlines: Polygons) -> Polygons:
    """What projections make of them: each longitude by itself from -180 to 180."""
    return np.asarray(
        shapely.transform(outlines, lambda xy: np.c_[(xy[:, 0] + 180) % 360 - 180, xy[:, 1]])
    )


def everywhere(outline: shapely.Geometry) -> shapely.Geometry:
    """An outline on one turn of the earth."""
    return turned(array(outline), 360, shapely.box(-180, -90, 180, 90))[0]


def test_a_full_turn_is_counted_in_the_units_of_longitude() -> None:
    assert abs(full_turn(CRS("EPSG:4326")) - 360) < 1e-9
    assert abs(full_turn(CRS("EPSG:4807")) - 400) < 1e-9  # grads
    assert full_turn(CRS("EPSG:32633")) == 0


@pytest.mark.parametrize(
    ("crs", "turn"),
    [
        ("EPSG:3857", 2 * 20037508.342789244),
        ("EPSG:3832", 2 * 20037508.342789244),  # about 150 degrees east
        ("EPSG:4087", 2 * 20037508.342789244),
        ("EPSG:3395", 2 * 20037508.342789244),
        ("ESRI:54004", 2 * 20037508.342789244),
        ("EPSG:6933", 2 * 17367530.445161372),
        ("+proj=merc +lon_0=170 +x_0=1000 +units=us-ft", 2 * 20037508.342789244 * 3937 / 1200),
        ("EPSG:2056", 0),  # oblique
        ("EPSG:3112", 0),  # a cone
        ("+proj=tmerc", 0),
        ("EPSG:3035", 0),
    ],
)
def test_a_turn_of_a_cylinder_is_its_circumference(crs: str, turn: float) -> None:
    assert full_turn(CRS(crs)) == pytest.approx(turn, rel=1e-9)


@given(st.integers(-900, 900), st.integers(2, 170), st.integers(-80, 60))
def test_what_was_torn_is_joined_to_the_same_ground(west: int, width: int, south: int) -> None:
    frame = shapely.box(west, south, west + width, south + 20)
    frame -= shapely.box(west + width / 2, south + 5, west + width / 2 + 0.5, south + 15)
    whole = joined(torn(array(frame)), 360, end=90)[0]
    assert whole.is_valid
    assert abs(whole.area - frame.area) < 1e-6
    there = everywhere(shapely.transform(frame, lambda xy: xy - [360 * (west // 360), 0]))
    assert everywhere(whole).symmetric_difference(there).area < 1e-6


def test_a_hole_may_begin_a_turn_beside_its_polygon() -> None:
    frame = shapely.box(170, 0, 200, 10) - shapely.box(185, 2, 190, 8)
    whole = joined(torn(array(frame)), 360, end=90)[0]
    assert whole.area == frame.area


def test_what_is_wide_without_being_torn_stays_as_it_is() -> None:
    wide = shapely.segmentize(shapely.box(-170, 0, 170, 10), 5)
    sides = shapely.MultiPolygon([shapely.box(-180, 0, -170, 9), shapely.box(170, 0, 180, 9)])
    for outline in (wide, sides):
        assert joined(array(outline), 360, end=90)[0].equals(outline)


def test_only_what_a_turn_brings_to_an_image_is_cut() -> None:
    image = shapely.box(179, -1, 181, 1)
    far, west, east = (
        shapely.box(0, 0, 9, 9),
        shapely.box(170, 0, 180, 9),
        shapely.box(-180, 0, 0, 9),
    )
    moved = turned(array(far, west, east), 360, image)
    assert moved[0] is far
    assert moved[1] is west
    assert moved[2].equals(shapely.box(180, 0, 181, 1))


def test_where_no_turn_brings_anything_the_same_array_comes_back() -> None:
    outlines = array(shapely.box(-180, -90, 180, 90), shapely.Polygon())
    assert turned(outlines, 360, shapely.box(-180, -90, 180, 90)) is outlines
