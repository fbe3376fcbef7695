from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import rasterio.features
import shapely
from affine import Affine
from odc.geo.geobox import GeoBox
from rasterio.transform import from_origin

from geoseg.errors import GeosegError
from geoseg.training.data.layer import on_grid, open_layer
from tests.geoseg.training.data.own_ground import CRS, NORTH_UP, roofs
from tiles.errors import GeoreferenceError

IMAGE = GeoBox((96, 128), NORTH_UP, CRS)

NOWHERE = GeoBox((96, 128), NORTH_UP, None)

SEA = Path("a.tif")


@pytest.mark.parametrize("ending", [".gpkg", ".geojson", ".shp", ".fgb"])
def test_polygons_come_back_with_their_attributes(tmp_path: Path, ending: str) -> None:
    frame = roofs()
    path = tmp_path / f"roofs{ending}"
    (frame.to_crs(4326) if ending == ".geojson" else frame).to_file(path)
    layer = open_layer(path).table.to_crs(CRS)
    assert sorted(layer["colour"]) == sorted(frame["colour"])
    assert layer.geometry.union_all().symmetric_difference(frame.geometry.union_all()).area < 0.01


def test_of_several_layers_one_must_be_named(tmp_path: Path) -> None:
    path = tmp_path / "both.gpkg"
    roofs().to_file(path, layer="roofs")
    roofs(1, count=3).to_file(path, layer="trees")
    with pytest.raises(
        GeosegError, match=r"^'.*both.gpkg' has the layers 'roofs', 'trees'.*layer_name"
    ):
        open_layer(path)
    assert len(open_layer(path, name="trees").table) == 3
    with pytest.raises(GeosegError, match="no layer 'tree'"):
        open_layer(path, name="tree")


def test_lines_and_points_are_refused(tmp_path: Path) -> None:
    frame = roofs()
    frame.loc[3, "geometry"] = frame.geometry[3].exterior
    frame.to_file(tmp_path / "a.geojson")
    with pytest.raises(GeosegError, match=r"1 of 14 features .* are LineString"):
        open_layer(tmp_path / "a.geojson")


def test_empty_layers_and_other_files_are_refused(tmp_path: Path) -> None:
    roofs()[:0].to_file(tmp_path / "empty.gpkg")
    with pytest.raises(GeosegError, match="is empty"):
        open_layer(tmp_path / "empty.gpkg")
    (tmp_path / "a.gpkg").write_text("hello")
    with pytest.raises(GeosegError, match="cannot be read"):
        open_layer(tmp_path / "a.gpkg")
    (tmp_path / "table.csv").write_text("class,colour\nbuilding,red\n")
    with pytest.raises(GeosegError, match="without geometry"):
        open_layer(tmp_path / "table.csv")


def test_crossed_outlines_are_mended(tmp_path: Path) -> None:
    bow = shapely.Polygon([(0, 0), (4, 4), (4, 0), (0, 4)])
    gpd.GeoDataFrame({"a": [1]}, geometry=[bow], crs=CRS).to_file(tmp_path / "bow.gpkg")
    layer = open_layer(tmp_path / "bow.gpkg")
    assert layer.table.geometry.is_valid.all()
    assert layer.table.geometry.area.sum() == 8
    assert (layer.features, layer.mended, layer.invalid) == (1, 1, 0)


def test_what_became_of_the_features_is_counted(tmp_path: Path) -> None:
    spike = shapely.Polygon([(0, 0), (4, 0), (4, 4), (0, 0), (9, 0), (0, 0)])
    line = shapely.Polygon([(0, 0), (4, 0), (0, 0)])
    shapes = [None, spike, line, shapely.Polygon(), shapely.box(0, 0, 1, 1)]
    gpd.GeoDataFrame({"a": range(5)}, geometry=shapes, crs=CRS).to_file(tmp_path / "a.gpkg")
    layer = open_layer(tmp_path / "a.gpkg")
    assert (layer.features, layer.empty, layer.invalid, layer.mended) == (5, 2, 1, 1)
    assert layer.table["a"].tolist() == [1, 4]
    assert layer.table.geometry.geom_type.tolist() == ["Polygon", "Polygon"]
    assert layer.table.index.tolist() == [2, 5]  # numbers in a GeoPackage begin with 1


def test_tables_without_geometry_beside_a_layer_are_no_layers(tmp_path: Path) -> None:
    path = tmp_path / "styled.gpkg"
    roofs().to_file(path, layer="roofs")
    pyogrio.write_dataframe(pd.DataFrame({"styleName": ["a"]}), path, layer="layer_styles")
    assert len(open_layer(path).table) == 14


def test_coordinates_that_are_no_numbers_are_refused_with_the_feature(tmp_path: Path) -> None:
    frame = roofs()
    frame.loc[3, "geometry"] = shapely.Polygon([(0, 0), (np.inf, 0), (1, 1)])
    frame.to_file(tmp_path / "a.gpkg")
    with pytest.raises(GeosegError, match=r"feature 4 .* no numbers"):
        open_layer(tmp_path / "a.gpkg")


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


def test_the_crs_of_a_layer_can_be_said(tmp_path: Path) -> None:
    roofs().to_crs(3857).to_file(tmp_path / "a.gpkg")
    assert open_layer(tmp_path / "a.gpkg", crs=CRS).table.crs == CRS
    with pytest.raises(GeoreferenceError, match=r"no CRS|not a CRS"):
        open_layer(tmp_path / "a.gpkg", crs="EPSG:1")
