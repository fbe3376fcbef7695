from functools import cache, partial

import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from pyproj import CRS, Geod, Transformer
from pyproj.exceptions import ProjError

from tiles import measuring
from tiles.errors import GeoreferenceError
from tiles.measuring import area_m2, densified, gsd_m, metres_per_unit, simplified

WGS84 = CRS(4326)
PLACES = {
    "UTM": (32633, 15.5, 48.0),
    "UTM at its rim": (32633, 19.5, 60.0),
    "Web Mercator at 60 N": (3857, 25.0, 60.0),
    "World Mercator": (3395, -70.0, 45.0),
    "lon/lat": (4326, 8.0, 47.0),
    "lon/lat at 80 N": (4326, 20.0, 80.0),
    "NAD83 lon/lat": (4269, -100.0, 40.0),
    "Swiss": (2056, 8.2, 46.8),
    "Dutch": (28992, 5.4, 52.1),
    "feet": (2272, -77.5, 40.5),
    "grads from Paris": (27562, 2.3, 47.0),
    "the dateline": (32660, 180.0, -16.5),
    "the Arctic": (3413, -40.0, 85.0),
    "the South Pole": (3031, 0.0, -89.9),
}
SHORT = {False: 30.0, True: 30e-5}
"""Between points closer than that geodesics lose digits."""
NORTH_UP = Affine(0.5, 0, 500_000, 0, -0.5, 5_000_000)


@cache
def from_lonlat(epsg: int) -> Transformer:
    return Transformer.from_crs(WGS84, CRS(epsg), always_xy=True)


def shapes(*polygons: shapely.Geometry) -> NDArray[np.object_]:
    return np.array(polygons, dtype=object)


def placed(place: str, polygon: shapely.Polygon) -> tuple[CRS, shapely.Polygon]:
    """A polygon in metres, moved (and in degrees scaled) to a place in its CRS."""
    epsg, lon, lat = PLACES[place]
    crs = CRS(epsg)
    middle = from_lonlat(epsg).transform(lon, lat)
    scale = 1e-5 if crs.is_geographic else 1.0
    return crs, shapely.transform(polygon, lambda xy: xy * scale + middle)


def geodesic_area(crs: CRS, polygon: shapely.Polygon) -> float:
    """The oracle: geodesics between many points on the outline."""
    left, bottom, right, top = polygon.bounds
    step = max((right - left) / 300, (top - bottom) / 300, SHORT[crs.is_geographic])
    fine = shapely.segmentize(polygon, step)
    to_lonlat = partial(from_lonlat(crs.to_epsg()).transform, direction="INVERSE")
    lonlat = shapely.transform(fine, lambda xy: np.column_stack(to_lonlat(xy[:, 0], xy[:, 1])))
    area, _ = Geod(ellps="WGS84").geometry_area_perimeter(lonlat)
    return abs(float(area))


@settings(max_examples=12)
@given(
    radii=st.lists(st.floats(0.2, 1), min_size=3, max_size=12),
    size=st.sampled_from([30.0, 500.0, 20_000.0]),
)
@pytest.mark.parametrize("place", PLACES)
def test_areas_are_geodesic(place: str, radii: list[float], size: float) -> None:
    turns = np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    outline = size * np.array(radii)[:, None] * np.column_stack([np.cos(turns), np.sin(turns)])
    crs, polygon = placed(place, shapely.Polygon(outline))
    np.testing.assert_allclose(
        area_m2(shapes(polygon), crs), geodesic_area(crs, polygon), rtol=1e-4
    )


@pytest.mark.parametrize("place", PLACES)
def test_an_area_does_not_depend_on_the_other_polygons(place: str) -> None:
    near, far = (placed(place, shapely.box(x, 0, x + 50, 70)) for x in (0, 30_000))
    alone = [area_m2(shapes(polygon), crs)[0] for crs, polygon in (near, far)]
    together = area_m2(shapes(near[1], far[1]), near[0])
    np.testing.assert_allclose(together, alone, rtol=1e-9)


def test_holes_have_no_area() -> None:
    crs, polygon = placed("UTM", shapely.box(0, 0, 100, 100) - shapely.box(20, 20, 60, 60))
    np.testing.assert_allclose(area_m2(shapes(polygon), crs), 8400, rtol=1e-3)


def test_pixels_in_lonlat_are_measured_beyond_180_too() -> None:
    here, there = shapely.box(179, 10, 181, 11), shapely.box(9, 10, 11, 11)
    one, other = area_m2(shapes(here, there), WGS84)
    assert one == pytest.approx(other, rel=1e-9)


def test_all_the_world_is_510_million_square_kilometres() -> None:
    (area,) = area_m2(shapes(shapely.box(-180, -90, 180, 90)), WGS84)
    np.testing.assert_allclose(area, 510_065_621.7e6, rtol=1e-9)


def test_pixels_all_over_the_world_are_measured_where_they_are() -> None:
    crs = CRS(3857)
    x, y = np.meshgrid(np.linspace(-2e7, 1.99e7, 40), np.linspace(-1.5e7, 1.5e7, 30))
    pixels = shapely.box(x.ravel(), y.ravel(), x.ravel() + 1000, y.ravel() + 1000)
    expected = [geodesic_area(crs, pixel) for pixel in pixels[::97]]
    np.testing.assert_allclose(area_m2(pixels, crs)[::97], expected, rtol=1e-4)


def test_areas_without_a_crs_are_unknown() -> None:
    assert np.isnan(area_m2(shapes(shapely.box(0, 0, 1, 1)), None)).all()


def test_areas_off_the_map_are_unknown() -> None:
    geostationary = CRS("+proj=geos +h=35785831 +lon_0=140.7 +sweep=y +datum=WGS84")
    earth, space = shapely.box(0, 0, 1000, 1000), shapely.box(6e6, 6e6, 7e6, 7e6)
    areas = area_m2(shapes(earth, space), geostationary)
    assert areas[0] > 0
    assert np.isnan(areas[1])


def test_a_grid_of_its_own_is_measured_in_its_own_units() -> None:
    site = CRS('LOCAL_CS["site",UNIT["foot",0.3048],AXIS["x",EAST],AXIS["y",NORTH]]')
    np.testing.assert_allclose(area_m2(shapes(shapely.box(0, 0, 10, 10)), site), 9.290304)


def test_no_polygons_have_no_areas() -> None:
    assert area_m2(shapes(), CRS(32633)).shape == (0,)
    assert area_m2(shapes(), None).shape == (0,)


def test_a_crs_of_odc_geo_will_do() -> None:
    polygons = shapes(shapely.box(500_000, 5e6, 500_100, 5_000_100))
    geobox = GeoBox((10, 10), NORTH_UP, "EPSG:32633")
    np.testing.assert_equal(area_m2(polygons, geobox.crs), area_m2(polygons, CRS(32633)))


@pytest.mark.parametrize("place", PLACES)
def test_metres_per_unit_turn_pixels_into_ground(place: str) -> None:
    epsg, _, _ = PLACES[place]
    crs, pixel = placed(place, shapely.box(0, 0, 1, 1))
    side = 1e-5 if crs.is_geographic else 1.0
    middle = shapely.get_coordinates(shapely.centroid(pixel))[0]
    affine = Affine(side, 0, middle[0] - 50 * side, 0, -side, middle[1] + 50 * side)
    per_y, per_x = metres_per_unit(GeoBox((100, 100), affine, f"EPSG:{epsg}"))
    np.testing.assert_allclose(per_y * per_x * side**2, geodesic_area(crs, pixel), rtol=1e-3)


def test_metres_per_unit_come_in_the_order_y_x() -> None:
    affine = Affine(1e-5, 0, 10, 0, -1e-5, 60)
    per_y, per_x = metres_per_unit(GeoBox((10, 10), affine, "EPSG:4326"))
    np.testing.assert_allclose((per_y, per_x), (111_412, 55_800), rtol=1e-4)


@pytest.mark.parametrize(
    "affine", [NORTH_UP, Affine(0.5, 0, 5e5, 0, 0.5, 5e6), Affine(0.4, 0.3, 5e5, 0.3, -0.4, 5e6)]
)
def test_metres_per_unit_are_those_of_the_crs_however_the_pixels_lie(affine: Affine) -> None:
    per_y, per_x = metres_per_unit(GeoBox((10, 10), affine, "EPSG:32633"))
    np.testing.assert_allclose((per_y, per_x), 1 / 0.9996, rtol=1e-6)


def test_metres_per_unit_are_unknown_without_a_crs() -> None:
    assert np.isnan(metres_per_unit(GeoBox((10, 10), Affine.identity(), None))).all()


PIXELS = st.lists(
    st.tuples(st.integers(0, 11), st.integers(0, 11)), min_size=1, max_size=120, unique=True
)


def traced(pixels: list[tuple[int, int]]) -> NDArray[np.object_]:
    """4-connected objects of these pixels, in pixel coordinates."""
    boxes = [shapely.box(column, row, column + 1, row + 1) for row, column in pixels]
    return np.asarray(shapely.get_parts(shapely.union_all(boxes)))


@settings(max_examples=60)
@given(pixels=PIXELS, tolerance=st.floats(0.1, 20))
def test_simplified_polygons_stay_valid_and_near(
    pixels: list[tuple[int, int]], tolerance: float
) -> None:
    geobox = GeoBox((12, 12), NORTH_UP, "EPSG:32633")
    objects = shapely.transform(traced(pixels), lambda xy: xy * (0.5, -0.5) + (5e5, 5e6))
    simple = simplified(objects, tolerance, geobox)
    assert len(simple) == len(objects)
    assert shapely.is_valid(simple).all()
    assert (shapely.area(simple) > 0).all()
    assert (shapely.get_type_id(simple) == shapely.GeometryType.POLYGON).all()
    assert (shapely.get_num_interior_rings(simple) == shapely.get_num_interior_rings(objects)).all()
    assert (shapely.hausdorff_distance(simple, objects) <= tolerance / 0.999).all()
    assert (shapely.get_num_coordinates(simple) <= shapely.get_num_coordinates(objects)).all()


def test_stairs_become_a_slope() -> None:
    stairs = traced([(row, column) for row in range(12) for column in range(row + 1)])
    geobox = GeoBox((12, 12), Affine.identity(), "EPSG:32633")
    (slope,) = simplified(stairs, 1.0, geobox)
    assert len(slope.exterior.coords) < 7


def test_degrees_are_simplified_by_metres_on_the_ground() -> None:
    step = 1e-5  # 1.1 m to the north, 0.56 m to the east
    geobox = GeoBox((10, 10), Affine(step, 0, 10, 0, -step, 60), "EPSG:4326")
    outline = [(0, 0), (0, 10), (1, 10), (1, 11), (2, 11), (2, 10), (9, 10), (9, 0)]
    wide = shapely.transform(shapely.Polygon(outline), lambda xy: xy * step + (10, 60))
    tall = shapely.transform(wide, lambda xy: (xy - (10, 60))[:, ::-1] + (10, 60))
    simple = simplified(shapes(wide, tall), 0.8, geobox)
    assert simple[0].bounds[3] == pytest.approx(60 + 11 * step, abs=1e-9)  # 1.1 m stay
    assert simple[1].bounds[2] == pytest.approx(10 + 10 * step, abs=1e-9)  # 0.56 m go


def test_rectangles_stay_as_they_are() -> None:
    geobox = GeoBox((12, 12), NORTH_UP, "EPSG:32633")
    pixel = shapely.box(500_000, 4_999_999, 500_000.5, 4_999_999.5)
    (simple,) = simplified(shapes(pixel), 100, geobox)
    assert simple.equals(pixel)


def test_a_tolerance_of_nothing_changes_nothing() -> None:
    objects = traced([(0, 0), (0, 1), (1, 0)])
    assert simplified(objects, 0, GeoBox((2, 2), Affine.identity(), None)) is objects


def test_metres_mean_nothing_without_a_crs() -> None:
    geobox = GeoBox((2, 2), Affine.identity(), None)
    with pytest.raises(GeoreferenceError, match=r"by 2 m.*--assign-crs"):
        simplified(traced([(0, 0)]), 2, geobox)


def test_only_long_edges_get_corners() -> None:
    short, long = shapely.box(0, 0, 900, 900), shapely.box(0, 0, 9000, 100)
    dense = densified(shapes(short, long), CRS(32633))
    assert dense[0].equals(short)
    assert shapely.get_num_coordinates(dense)[1] == 2 * 9 + 2 + 1
    assert dense[1].equals(long)


NOT_MEASURABLE = {
    "geocentric": CRS(4978),
    "heights alone": CRS(5703),
}


@pytest.mark.parametrize("crs", NOT_MEASURABLE.values(), ids=NOT_MEASURABLE)
def test_what_is_no_position_on_the_ground_is_not_measured(crs: CRS) -> None:
    geobox = GeoBox((10, 10), NORTH_UP, crs.to_wkt())
    assert np.isnan(area_m2(shapes(shapely.box(5e5, 5e6, 500_100, 5_000_100)), crs)).all()
    assert np.isnan(metres_per_unit(geobox)).all()


def test_what_proj_cannot_compute_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_crs: CRS) -> None:
        raise ProjError("Error creating Transformer from CRS.")

    monkeypatch.setattr(measuring, "_to_degrees", refuse)
    geobox = GeoBox((10, 10), NORTH_UP, "EPSG:32633")
    assert np.isnan(area_m2(shapes(shapely.box(0, 0, 1, 1)), CRS(32633))).all()
    assert np.isnan(metres_per_unit(geobox)).all()


def test_latitudes_beyond_the_pole_are_not_measured() -> None:
    assert np.isnan(area_m2(shapes(shapely.box(0, 180, 10, 190)), WGS84)).all()


@pytest.mark.parametrize(
    ("epsg", "affine", "expected"),
    [
        (32633, Affine(0.3, 0, 5e5, 0, -0.5, 5e6), (0.5, 0.3)),
        (32633, Affine.translation(5e5, 5e6) * Affine.rotation(40) * Affine.scale(0.3), (0.3, 0.3)),
        (3857, Affine(1, 0, 2.8e6, 0, -1, 8399738), (0.5, 0.5)),
        (2272, Affine(1, 0, 2.6e6, 0, -1, 3e5), (0.3048, 0.3048)),
        (4326, Affine(1e-5, 0, 25, 0, -1e-5, 60), (1.1141, 0.558)),
    ],
)
def test_a_gsd_is_metres_down_and_across(
    epsg: int, affine: Affine, expected: tuple[float, float]
) -> None:
    assert gsd_m(GeoBox((2, 2), affine, f"EPSG:{epsg}")) == pytest.approx(expected, rel=3e-3)


def test_a_gsd_without_a_crs_is_not_known() -> None:
    assert np.isnan(gsd_m(GeoBox((2, 2), NORTH_UP, None))).all()
