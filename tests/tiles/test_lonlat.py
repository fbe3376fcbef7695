from collections.abc import Callable

import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError

from tiles.errors import GeoreferenceError
from tiles.lonlat import check_lonlat, rounded, to_lonlat
from tiles.measuring import area_m2

WGS84 = CRS(4326)


def shapes(*polygons: shapely.Geometry) -> NDArray[np.object_]:
    return np.array(polygons, dtype=object)


def frame_of(side: float, hole: float) -> shapely.Polygon:
    """A square with a square hole, both around the origin."""
    return shapely.box(-side, -side, side, side) - shapely.box(-hole, -hole, hole, hole)


def follows_the_standard(polygons: NDArray[np.object_]) -> bool:
    """Valid areas in range, right-handed, of 7 digits at most."""
    parts = shapely.get_parts(polygons)
    lonlat = shapely.get_coordinates(parts)
    holes = [ring for part in parts for ring in part.interiors]
    return bool(
        shapely.is_valid(polygons).all()
        and (shapely.area(polygons) > 0).all()
        and set(shapely.get_type_id(polygons)) <= {3, 6}
        and (np.abs(lonlat) <= (180, 90)).all()
        and (lonlat == np.round(lonlat, 7)).all()
        and shapely.is_ccw(shapely.get_exterior_ring(parts)).all()
        and not shapely.is_ccw(holes).any()
    )


def same_ground(
    polygon: shapely.Geometry, crs: CRS, found: shapely.Geometry, seed: int = 0
) -> bool:
    """Whether points lie in both or in neither, but for those within the rounding of an edge."""
    left, bottom, right, top = polygon.bounds
    margin = 0.2 * max(right - left, top - bottom)
    rng = np.random.default_rng(seed)
    x = rng.uniform(left - margin, right + margin, 2000)
    y = rng.uniform(bottom - margin, top + margin, 2000)
    clear = shapely.distance(polygon.boundary, shapely.points(x, y)) > 1e-3 * margin
    lon, lat = Transformer.from_crs(crs, WGS84, always_xy=True).transform(x, y)
    lon = (lon + 180) % 360 - 180
    known = clear & np.isfinite(lon) & (np.abs(lat) <= 90)
    inside = shapely.contains_xy(polygon, x, y)
    again = shapely.contains_xy(found, lon, lat)
    return bool(known.sum() > 1000 and (inside == again)[known].all())


@pytest.mark.parametrize("epsg", [32633, 2056, 28992, 3857, 3395, 26914, 2272, 27561, 4326, 4269])
def test_polygons_lie_on_the_same_ground(epsg: int) -> None:
    crs = CRS(epsg)
    assert crs.area_of_use is not None
    west, south, east, north = crs.area_of_use.bounds
    middle = Transformer.from_crs(WGS84, crs, always_xy=True).transform(
        (west + east) / 2, np.clip((south + north) / 2, -60, 60)
    )
    size = 0.01 if crs.is_geographic else 1000
    polygon = shapely.transform(frame_of(size, size / 3), lambda xy: xy + middle)
    (found,) = to_lonlat(shapes(polygon), crs)
    assert follows_the_standard(shapes(found))
    assert found.geom_type == "Polygon"
    assert len(found.interiors) == 1
    assert same_ground(polygon, crs, found)


@settings(max_examples=30)
@given(shift=st.floats(-1200, 1200), lat=st.floats(1, 80), hole=st.floats(10, 900))
def test_polygons_at_the_antimeridian_are_cut(shift: float, lat: float, hole: float) -> None:
    crs = CRS(32660)
    east, north = Transformer.from_crs(WGS84, crs, always_xy=True).transform(180.0, lat)
    place = np.array([east + shift, north])
    polygon = shapely.transform(frame_of(1000, hole), lambda xy: xy + place)
    (found,) = to_lonlat(shapes(polygon), crs)
    assert follows_the_standard(shapes(found))
    assert same_ground(polygon, crs, found)
    lon = shapely.get_coordinates(found)[:, 0]
    assert np.abs(lon).min() > 170
    if abs(shift) < 900:
        assert found.geom_type == "MultiPolygon"
        assert lon.min() == -180
        assert lon.max() == 180


@settings(max_examples=30)
@given(west=st.floats(-540, 540), width=st.floats(0.01, 30), lat=st.floats(-80, 70))
@pytest.mark.parametrize("epsg", [4326, 4269])
def test_longitudes_beyond_180_are_brought_back(
    epsg: int, west: float, width: float, lat: float
) -> None:
    polygon = shapely.box(west, lat, west + width, lat + 5)
    (found,) = to_lonlat(shapes(polygon), CRS(epsg))
    assert follows_the_standard(shapes(found))
    np.testing.assert_allclose(
        area_m2(shapes(found), WGS84), area_m2(shapes(polygon), CRS(epsg)), rtol=1e-4
    )
    middle = (west + width / 2 + 180) % 360 - 180
    assert shapely.intersects_xy(found, middle, lat + 2)


def test_a_polygon_that_spans_the_world_stays_whole() -> None:
    (found,) = to_lonlat(shapes(shapely.box(-180, -60, 180, 60)), WGS84)
    assert found.equals(shapely.box(-180, -60, 180, 60))


def test_a_polygon_that_touches_the_antimeridian_is_not_cut() -> None:
    (found,) = to_lonlat(shapes(shapely.box(180, 10, 181, 11)), WGS84)
    assert found.equals(shapely.box(-180, 10, -179, 11))


POLAR = {
    "round the pole": frame_of(500_000, 100),
    "a ring round the pole": frame_of(500_000, 200_000),
    "a corner on the pole": shapely.box(0, 0, 300_000, 400_000),
    "an edge through the pole": shapely.box(0, -300_000, 300_000, 450_000),
    "across the antimeridian": shapely.box(-1000, 700_000, 1000, 701_000),
    "far from the pole": shapely.box(700_000, 700_000, 701_000, 701_000),
}


@pytest.mark.parametrize("polygon", POLAR.values(), ids=POLAR)
@pytest.mark.parametrize("epsg", [3413, 3995, 3031, 3976])
def test_polar_polygons_lie_on_the_same_ground(epsg: int, polygon: shapely.Polygon) -> None:
    crs = CRS(epsg)
    turns: list[Callable[[NDArray[np.float64]], NDArray[np.float64]]] = [
        lambda xy: xy,
        lambda xy: xy[:, ::-1],
        lambda xy: -xy,
    ]
    for turn in turns:
        turned = shapely.transform(polygon, turn)
        (found,) = to_lonlat(shapes(turned), crs)
        assert follows_the_standard(shapes(found))
        assert same_ground(turned, crs, found)


def test_long_edges_bend_with_the_projection() -> None:
    crs = CRS(32633)
    polygon = shapely.box(300_000, 6_600_000, 700_000, 6_900_000)
    (found,) = to_lonlat(shapes(polygon), crs)
    np.testing.assert_allclose(
        area_m2(shapes(found), WGS84), area_m2(shapes(polygon), crs), rtol=2e-6
    )


@settings(max_examples=40)
@given(
    size=st.floats(1e-4, 1.0),
    x=st.floats(0, 1),
    y=st.floats(0, 1),
    corners=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=60),
)
def test_no_object_of_tiny_pixels_vanishes(
    size: float, x: float, y: float, corners: list[tuple[int, int]]
) -> None:
    pixels = [shapely.box(column, row, column + 1, row + 1) for row, column in set(corners)]
    crs = CRS(32633)
    objects = shapely.get_parts(shapely.union_all(pixels))
    placed = shapely.transform(objects, lambda xy: xy * size + (500_000 + x, 5_000_000 + y))
    found = to_lonlat(placed, crs)
    assert len(found) == len(placed)
    assert follows_the_standard(found)
    away = shapely.distance(shapely.centroid(found), _centroids_in_lonlat(placed, crs))
    assert (away < 10 * size * 1e-5 + 3e-7).all()


def _centroids_in_lonlat(polygons: NDArray[np.object_], crs: CRS) -> NDArray[np.object_]:
    xy = shapely.get_coordinates(shapely.centroid(polygons))
    lonlat = Transformer.from_crs(crs, WGS84, always_xy=True).transform(*xy.T)
    return np.asarray(shapely.points(*lonlat))


def test_what_is_smaller_than_a_step_becomes_a_step() -> None:
    (found,) = rounded(shapes(shapely.box(10.00000001, 5.00000001, 10.00000002, 5.00000002)))
    np.testing.assert_allclose(found.bounds, (10, 5, 10.0000001, 5.0000001), atol=1e-12)


def test_the_last_step_before_the_edge_of_the_world_stays_inside() -> None:
    (found,) = rounded(shapes(shapely.box(179.99999999, 89.99999999, 180, 90)))
    assert found.bounds == (179.9999999, 89.9999999, 180, 90)


def test_a_polygon_off_the_map_is_refused() -> None:
    geostationary = CRS("+proj=geos +h=35785831 +lon_0=140.7 +sweep=y +datum=WGS84")
    space = shapely.box(6e6, 6e6, 7e6, 7e6)
    with pytest.raises(GeoreferenceError, match=r"1 of 1 polygons .* write a GeoPackage"):
        to_lonlat(shapes(space), geostationary)


def test_nothing_gives_nothing() -> None:
    assert len(to_lonlat(shapes(), CRS(32633))) == 0
    assert len(to_lonlat(shapes(), WGS84)) == 0


NOWHERE = {
    "a site of its own": CRS('LOCAL_CS["site",UNIT["foot",0.3048],AXIS["x",EAST],AXIS["y",NORTH]]'),
    "engineering": CRS(
        'ENGCRS["site",EDATUM["d"],CS[Cartesian,2],AXIS["x",east],AXIS["y",north],'
        'LENGTHUNIT["metre",1]]'
    ),
    "geocentric": CRS(4978),
    "heights alone": CRS(5703),
}
UTM_PLACE = Affine(0.5, 0, 500_000, 0, -0.5, 5_000_000)
OFF_THE_EARTH = {
    "latitudes of 180": ("EPSG:4326", Affine(0.1, 0, 0, 0, -0.1, 190)),
    "a corner beyond the pole": ("EPSG:4326", Affine(0.1, 0, 0, 0, -0.1, 92)),
    "far off the zone": ("EPSG:32633", Affine(1e4, 0, 5e8, 0, -1e4, 5e6)),
}


@pytest.mark.parametrize("name", NOWHERE)
def test_a_crs_without_longitude_and_latitude_is_refused(name: str) -> None:
    crs = NOWHERE[name]
    with pytest.raises(GeoreferenceError, match=r"no longitude and latitude.*\.gpkg.*--assign-crs"):
        check_lonlat(GeoBox((100, 100), UTM_PLACE, crs.to_wkt()))
    with pytest.raises(GeoreferenceError, match=r"no longitude and latitude.*\.gpkg"):
        to_lonlat(shapes(shapely.box(0, 0, 1, 1)), crs)


def test_no_crs_is_refused() -> None:
    with pytest.raises(GeoreferenceError, match=r"no CRS.*\.gpkg.*--assign-crs"):
        check_lonlat(GeoBox((100, 100), UTM_PLACE, None))


def test_what_proj_cannot_transform_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ProjError("Source and target ellipsoid do not belong to the same celestial body")

    monkeypatch.setattr(Transformer, "from_crs", refuse)
    with pytest.raises(GeoreferenceError, match=r"no longitude and latitude on the earth"):
        check_lonlat(GeoBox((100, 100), UTM_PLACE, "EPSG:32633"))
    with pytest.raises(GeoreferenceError, match=r"no longitude and latitude on the earth"):
        to_lonlat(shapes(shapely.box(0, 0, 1, 1)), CRS(32633))


@pytest.mark.parametrize(("crs", "place"), OFF_THE_EARTH.values(), ids=OFF_THE_EARTH)
def test_a_scene_off_the_earth_is_refused(crs: str, place: Affine) -> None:
    with pytest.raises(GeoreferenceError, match=r"--assign-crs"):
        check_lonlat(GeoBox((100, 100), place, crs))


@pytest.mark.parametrize(
    ("crs", "place"),
    [
        ("EPSG:32633", UTM_PLACE),
        ("EPSG:3413", Affine(1e5, 0, -5e6, 0, -1e5, 5e6)),
        ("EPSG:4326", Affine(3.6, 0, -180, 0, -1.8, 90.000_000_1)),
        ("EPSG:4326", Affine(3.6, 0, 0, 0, -1.8, 90)),
        (
            "+proj=geos +h=35785831 +lon_0=140.7 +sweep=y +datum=WGS84",
            Affine(1.1e5, 0, -5.5e6, 0, -1.1e5, 5.5e6),
        ),
    ],
    ids=["UTM", "polar", "the world", "the world from Greenwich", "a disc"],
)
def test_a_scene_on_the_earth_may_become_geojson(crs: str, place: Affine) -> None:
    check_lonlat(GeoBox((100, 100), place, crs))


def test_a_latitude_off_by_rounding_ends_at_the_pole() -> None:
    (found,) = to_lonlat(shapes(shapely.box(0, 89, 10, 90.000_000_1)), WGS84)
    assert found.bounds == (0, 89, 10, 90)


def test_a_latitude_beyond_the_pole_is_refused() -> None:
    with pytest.raises(GeoreferenceError, match="1 of 1 polygons"):
        to_lonlat(shapes(shapely.box(0, 180, 10, 190)), WGS84)
