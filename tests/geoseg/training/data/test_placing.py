from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import rasterio.features
import shapely
import shapely.affinity
from affine import Affine
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from pyproj import Transformer
from rasterio.transform import from_origin

from geoseg.errors import GeosegError
from geoseg.training.data.antimeridian import full_turn
from geoseg.training.data.placing import near, on_grid
from tests.geoseg.training.data.own_ground import CRS, NORTH_UP, roofs

IMAGE = GeoBox((96, 128), NORTH_UP, CRS)

NOWHERE = GeoBox((96, 128), NORTH_UP, None)

SEA = Path("a.tif")


def test_a_layer_is_laid_into_the_crs_of_the_raster_x_before_y() -> None:
    frame = roofs()
    back = on_grid(frame.to_crs(4326), IMAGE, path=SEA)
    moved = shapely.hausdorff_distance(frame.geometry.to_numpy(), back.geometry.to_numpy())
    assert moved.max() < 1e-3


def test_long_edges_follow_the_ground_into_another_crs() -> None:
    long = gpd.GeoDataFrame(geometry=[shapely.box(30, 59, 36, 60)], crs=4326)
    wide = GeoBox((10, 400), Affine(1000, 0, 300_000, 0, -1000, 6_560_000), CRS)
    moved = on_grid(long, wide, path=SEA).geometry[0]
    middle_of_the_southern_edge = gpd.GeoSeries.from_xy([33], [59], crs=4326).to_crs(CRS)[0]
    assert moved.exterior.distance(middle_of_the_southern_edge) < 1


@pytest.mark.parametrize("west", [-180, 0])
def test_polygons_around_the_world_are_laid_onto_a_small_image(west: float) -> None:
    canal = shapely.box(33.0, -1, 33.0002, 1)  # 22.3 m wide
    world = shapely.box(west, -85, west + 360, 85) - canal
    land = gpd.GeoDataFrame(geometry=[world], crs=4326)
    place = GeoBox((20, 90), from_origin(499_980, 100, 1, 1), CRS)
    moved = on_grid(land, place, path=SEA).geometry[0]
    expected = np.ones((20, 90), np.bool_)
    expected[:, 20:42] = False
    seen = rasterio.features.rasterize([moved], (20, 90), transform=place.affine) > 0
    assert np.isfinite(moved.bounds).all()
    np.testing.assert_array_equal(seen, expected)


@pytest.mark.parametrize("west", [-180, 180])
def test_images_across_the_antimeridian_see_both_sides(west: float) -> None:
    sides = [shapely.box(170, -30, 180, 0), shapely.box(west, -30, west + 10, 0)]
    layer = gpd.GeoDataFrame(geometry=sides, crs=4326)
    fiji = GeoBox((40, 60), from_origin(790_000, 8_010_000, 1000, 1000), "EPSG:32760")
    moved = on_grid(layer, fiji, path=SEA).geometry
    burnt = [
        rasterio.features.rasterize([side], (40, 60), transform=fiji.affine) > 0 for side in moved
    ]
    assert all(side.any() for side in burnt)
    assert (burnt[0] ^ burnt[1]).all()


def test_an_image_of_the_pole_sees_all_that_is_around_it() -> None:
    slices = [shapely.box(west, 60, west + 90, 90) for west in (-180, -90, 0, 90)]
    layer = gpd.GeoDataFrame(geometry=slices, crs=4326)
    pole = GeoBox((40, 40), from_origin(-200_000, 200_000, 10_000, 10_000), "EPSG:3413")
    moved = on_grid(layer, pole, path=SEA).geometry
    count = sum(
        rasterio.features.rasterize([one], (40, 40), transform=pole.affine) for one in moved
    )
    assert (count == 1).mean() > 0.99


def test_what_lies_far_away_is_empty_and_keeps_its_place() -> None:
    frame = roofs().to_crs(4326)
    frame.loc[5, "geometry"] = shapely.box(-150, -80, -149, -79)
    moved = on_grid(frame, IMAGE, path=SEA)
    assert moved.geometry.is_empty.tolist() == [number == 5 for number in range(14)]


def test_a_feature_that_has_no_place_in_the_crs_is_named() -> None:
    frame = gpd.GeoDataFrame(geometry=[shapely.box(-180, -90, 180, 90)], crs=4326, index=[77])
    disc = GeoBox((14, 14), from_origin(-7e6, 7e6, 1e6, 1e6), "+proj=ortho +lat_0=0 +lon_0=0")
    with pytest.raises(GeosegError, match=r"feature 77 .* 'a\.tif'; cut it"):
        on_grid(frame, disc, path=SEA)


def test_a_crs_on_one_side_only_is_refused_with_the_way_out() -> None:
    frame = roofs()
    with pytest.raises(GeosegError, match=r"image has no CRS .* assign_crs"):
        on_grid(frame, NOWHERE, path=SEA)
    with pytest.raises(GeosegError, match=r"layer has no CRS .* layer_crs"):
        on_grid(frame.set_crs(None, allow_override=True), IMAGE, path=SEA)
    same = on_grid(frame.set_crs(None, allow_override=True), NOWHERE, path=SEA)
    np.testing.assert_array_equal(same.geometry, frame.geometry)


def seen(layer: gpd.GeoDataFrame, image: GeoBox) -> list[NDArray[np.bool_]]:
    """The pixels of an image in each of the polygons."""
    outlines = on_grid(layer, image, path=SEA).geometry
    assert outlines.is_valid.all()
    return [
        rasterio.features.rasterize(
            [] if outline.is_empty else [outline],
            image.shape,
            transform=image.affine,
        )
        > 0
        for outline in outlines
    ]


def beyond(crs: str) -> gpd.GeoDataFrame:
    """West of 180 degrees, east of it, and a frame on both sides; in lon/lat from -180."""
    frame = shapely.box(179.9995, -0.0009, 180.0005, -0.0003)
    frame -= shapely.box(179.9999, -0.0007, 180.0001, -0.0005)
    east = [shapely.box(179.9995, 0, 179.9999, 0.0005), shapely.box(180, 0, 180.0005, 0.0005)]
    outlines = np.array([*east, frame], np.object_)
    if crs.startswith("lon/lat"):
        _, first, code = crs.split()
        turned = [
            shapely.transform(outlines, lambda xy, by=by: xy + np.array([by, 0]))
            for by in (-360, 0, 360)
        ]
        half = shapely.box(float(first), -1, float(first) + 360, 1)
        whole = shapely.union_all(
            np.stack([shapely.intersection(one, half) for one in turned]), axis=0
        )
        return gpd.GeoDataFrame(geometry=whole, crs=code)
    project = Transformer.from_crs(4326, crs, always_xy=True).transform
    flat = shapely.transform(outlines, lambda xy: np.column_stack(project(*xy.T)))
    return gpd.GeoDataFrame(geometry=flat, crs=crs)


@pytest.mark.parametrize("west", [179.999, -180.001])
@pytest.mark.parametrize(
    "crs",
    ["lon/lat -180 EPSG:4326", "lon/lat 0 EPSG:4326", "lon/lat -180 EPSG:4258",
     "lon/lat 0 EPSG:4258", "EPSG:32660", "EPSG:32701", "EPSG:3832"],
)  # fmt: skip
@pytest.mark.parametrize("own", ["EPSG:4326", "EPSG:3857"])
def test_an_image_across_180_degrees_sees_both_sides(crs: str, own: str, west: float) -> None:
    degree = full_turn(pyproj.CRS(own)) / 360  # near the equator, in each direction
    place = from_origin(west * degree, 0.001 * degree, 1e-5 * degree, 1e-5 * degree)
    image = GeoBox((200, 200), place, own)
    expected = np.zeros((3, 200, 200), np.bool_)
    expected[0, 50:100, 50:90] = True
    expected[1, 50:100, 100:150] = True
    expected[2, 130:190, 50:150] = True
    expected[2, 150:170, 90:110] = False
    for mask, wanted in zip(seen(beyond(crs), image), expected, strict=True):
        np.testing.assert_array_equal(mask, wanted)


@pytest.mark.parametrize("first", ["-180", "0"])
@pytest.mark.parametrize("west", [-180, 0])
def test_a_map_of_the_world_may_begin_at_another_meridian_than_the_layer(
    first: str, west: float
) -> None:
    image = GeoBox((18, 36), from_origin(west, 90, 10, 10), "EPSG:4326")
    world = shapely.box(float(first), -90, float(first) + 360, 90)
    africa = shapely.box(0, -20, 20, 20)  # beside the end of longitudes from 0
    layer = gpd.GeoDataFrame(geometry=[world, africa], crs="EPSG:4326")
    everywhere, part = seen(layer, image)
    assert everywhere.all()
    assert part.sum() == 2 * 4
    assert part[:, 18 if west else 0].sum() == 4


def test_a_ring_around_the_pole_is_one_on_a_map_of_the_world() -> None:
    centre = shapely.Point(0, 0)
    ice = gpd.GeoDataFrame(geometry=[centre.buffer(2e6) - centre.buffer(1e6)], crs="EPSG:3413")
    (mask,) = seen(ice, GeoBox((90, 360), from_origin(-180, 90, 1, 1), "EPSG:4326"))
    project = Transformer.from_crs("EPSG:3413", 4326, always_xy=True).transform
    latitudes = [project(0, -distance)[1] for distance in (2e6, 1e6)]
    middles = 89.5 - np.arange(90)
    expected = (middles > latitudes[0]) & (middles < latitudes[1])
    np.testing.assert_array_equal(mask, np.repeat(expected[:, None], 360, axis=1))


@pytest.mark.parametrize("by", [-1, 0])
def test_a_layer_in_web_mercator_may_count_on_beyond_its_end(by: int) -> None:
    half = full_turn(pyproj.CRS("EPSG:3857")) / 2
    there = shapely.box(half - 20, 0, half + 30, 10)
    layer = gpd.GeoDataFrame(
        geometry=[shapely.affinity.translate(there, 2 * half * by)], crs="EPSG:3857"
    )
    for west in (half - 50, -half - 50):
        (mask,) = seen(layer, GeoBox((10, 100), from_origin(west, 10, 1, 1), "EPSG:3857"))
        assert mask[:, 30:80].all()
        assert mask.sum() == 500


def test_polygons_of_the_same_ground_in_lon_lat_stay_as_they_are() -> None:
    layer = gpd.GeoDataFrame(geometry=[shapely.box(-180, -90, 180, 90)], crs="EPSG:4326")
    image = GeoBox((4, 4), from_origin(10, 10, 1, 1), "EPSG:4326")
    assert on_grid(layer, image, path=SEA) is layer


AROUND = {
    "the same": (CRS, IMAGE),
    "degrees": ("EPSG:4326", IMAGE),
    "in degrees": ("EPSG:4326", GeoBox((96, 128), from_origin(32.56, 0.33, 1e-5, 1e-5), 4326)),
    "across 180": ("EPSG:4326", GeoBox((40, 60), from_origin(79e4, 801e4, 1000, 1000), 32760)),
    "beyond 180": ("EPSG:4326", GeoBox((40, 60), from_origin(179.8, -18, 0.01, 0.01), 4326)),
    "before -180": ("EPSG:4258", GeoBox((40, 60), from_origin(-180.2, -18, 0.01, 0.01), 4326)),
    "a pole": ("EPSG:4326", GeoBox((40, 40), from_origin(-2e5, 2e5, 1e4, 1e4), 3413)),
    "metres": ("EPSG:3857", GeoBox((96, 128), from_origin(32.56, 0.33, 1e-5, 1e-5), 4326)),
}  # fmt: skip


def scattered(crs: str, image: GeoBox) -> gpd.GeoDataFrame:
    """Small and large polygons all over the earth, some of them around an image."""
    rng = np.random.default_rng(0)
    to_degrees = Transformer.from_crs(image.crs.proj, 4326, always_xy=True)
    middle = to_degrees.transform(*image.extent.geom.centroid.coords[0])
    lon = np.concatenate([rng.uniform(-180, 180, 600), middle[0] + rng.normal(0, 0.5, 600)])
    lat = np.concatenate([rng.uniform(-80, 80, 600), middle[1] + rng.normal(0, 0.5, 600)])
    reach = rng.exponential(0.2, 1200)
    outlines = shapely.box(lon, lat.clip(-89, 89), lon + reach, (lat + reach).clip(-89, 89.9))
    return gpd.GeoDataFrame({"a": range(1200)}, geometry=outlines, crs=4326).to_crs(crs)


@pytest.mark.parametrize(("crs", "image"), AROUND.values(), ids=AROUND)
def test_what_is_near_an_image_comes_out_as_it_does_among_all_others(
    crs: str, image: GeoBox
) -> None:
    layer = scattered(crs, image)
    rows = near(layer, image)
    every = on_grid(layer, image, path=SEA).geometry.to_numpy()
    some = on_grid(layer.iloc[rows], image, path=SEA).geometry.to_numpy()
    on_image = np.flatnonzero(shapely.intersects(every, image.extent.geom))
    kept = shapely.intersects(some, image.extent.geom)
    assert len(on_image)
    assert len(rows) < 900
    assert rows[kept].tolist() == on_image.tolist()
    assert shapely.equals_exact(some[kept], every[on_image]).all()


def test_where_nobody_can_tell_all_may_lie_on_an_image() -> None:
    frame = roofs()
    disc = GeoBox((14, 14), from_origin(-7e6, 7e6, 1e6, 1e6), "+proj=ortho +lat_0=0 +lon_0=0")
    for layer, image in (
        (frame.set_crs(None, allow_override=True), NOWHERE),
        (frame, NOWHERE),
        (frame.to_crs(4326), disc),
    ):
        assert near(layer, image).tolist() == list(range(14))


def test_a_layer_far_from_an_image_is_laid_out_as_nothing() -> None:
    far = roofs().set_geometry(roofs().translate(5e5, 3e6))
    for crs in (CRS, "EPSG:4326", "EPSG:3857"):
        layer = far.to_crs(crs)
        assert near(layer, IMAGE).tolist() == []
        assert on_grid(layer.iloc[[]], IMAGE, path=SEA).empty
