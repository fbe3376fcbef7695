import geopandas as gpd
import numpy as np
import shapely

from geoseg.training.data.outlines import drawn, valid, without_area

SQUARE, LINE = shapely.box(0, 0, 1, 1), shapely.LineString([(0, 0), (9, 9)])

BOW = shapely.Polygon([(2, 0), (4, 2), (4, 0), (2, 2)])


def array(*outlines: shapely.Geometry) -> np.ndarray:
    return np.array(outlines, np.object_)


def test_the_features_that_have_an_outline_are_drawn() -> None:
    frame = gpd.GeoDataFrame(geometry=[SQUARE, None, shapely.Polygon()])
    assert drawn(frame).index.tolist() == [0]


def test_kinds_without_area_are_told_for_each() -> None:
    lines = shapely.GeometryCollection([LINE])
    mixed = shapely.GeometryCollection([lines, shapely.GeometryCollection([SQUARE])])
    found = without_area(array(SQUARE, LINE, lines, mixed, shapely.Point(0, 0)))
    assert found.tolist() == ["LineString", "GeometryCollection", "Point"]


def test_the_polygons_of_a_collection_are_mended_too() -> None:
    collection = shapely.GeometryCollection([BOW, LINE, shapely.GeometryCollection([SQUARE])])
    (ground,) = valid(array(collection))
    assert ground.is_valid
    assert ground.area == 3
    assert ground.geom_type == "MultiPolygon"


def test_what_holds_no_ground_becomes_empty() -> None:
    spike = shapely.Polygon([(0, 0), (1, 0), (0, 0)])
    assert shapely.is_empty(valid(array(LINE, spike))).all()


def test_outlines_that_are_right_stay_as_they_are() -> None:
    outlines = array(SQUARE, shapely.MultiPolygon([SQUARE, shapely.box(5, 5, 6, 6)]))
    assert [a is b for a, b in zip(valid(outlines), outlines, strict=True)] == [True, True]
