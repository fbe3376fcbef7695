import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox

from geoseg.objects import found_objects, on_the_ground
from geoseg.options import PolygonOptions
from geoseg.query import Query
from tiles.vectorising import Traced

BOX = GeoBox((100, 100), Affine(0.5, 0, 452000, 0, -0.5, 37000), "EPSG:32636")
QUERIES = [Query("red"), Query("blue")]


def squares(query: int, *places: tuple[int, int]) -> Traced:
    """2 x 2 pixel squares at (row, column)."""
    polygons = np.array([shapely.box(c, r, c + 2, r + 2) for r, c in places], object)
    count = len(places)
    return Traced(query, polygons, np.full(count, 0.75), np.full(count, 4), np.array(places))


@given(st.permutations([squares(1, (5, 5)), squares(0, (9, 1), (2, 8)), squares(0, (2, 3))]))
def test_the_table_does_not_depend_on_the_order_of_tracing(batches: list[Traced]) -> None:
    found = found_objects(batches, QUERIES, BOX, PolygonOptions())
    assert list(found["id"]) == [1, 2, 3, 4]
    assert list(found["query"]) == ["red", "red", "red", "blue"]
    corners = [
        (round((37000 - g.bounds[3]) * 2), round((g.bounds[0] - 452000) * 2))
        for g in found.geometry
    ]
    assert corners == [(2, 3), (2, 8), (9, 1), (5, 5)]


def test_nothing_traced_is_an_empty_table_with_all_columns() -> None:
    found = found_objects([], QUERIES, BOX, PolygonOptions())
    assert list(found.columns) == ["id", "query", "score", "area_m2", "geometry"]
    assert found.empty
    assert found.crs == "EPSG:32636"


def test_without_a_crs_objects_stay_in_pixels_and_have_no_area() -> None:
    found = found_objects(
        [squares(0, (3, 4))], QUERIES, GeoBox((9, 9), Affine.identity(), None), PolygonOptions()
    )
    assert found.crs is None
    assert found.geometry[0].equals(shapely.box(4, 3, 6, 5))
    assert np.isnan(found["area_m2"]).all()


@pytest.mark.parametrize("turn", [0, 30, 90, 200])
def test_pixels_are_moved_as_the_affine_says(turn: float) -> None:
    affine = Affine(0.5, 0.1, 10, 0.2, -0.7, 20) @ Affine.rotation(turn)
    polygons = np.array([shapely.box(1, 2, 3, 5)], object)
    (placed,) = on_the_ground(polygons, GeoBox((9, 9), affine, "EPSG:32636"))
    corners = shapely.get_coordinates(polygons)
    expected = [
        (affine.a * x + affine.b * y + affine.c, affine.d * x + affine.e * y + affine.f)
        for x, y in corners
    ]
    np.testing.assert_allclose(shapely.get_coordinates(placed), expected)
