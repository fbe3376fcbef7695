from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from geoseg.errors import GeosegError
from geoseg.training.data.layer import open_layer
from tests.geoseg.training.data.own_ground import CRS, roofs
from tiles.errors import GeoreferenceError


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


def test_the_crs_of_a_layer_can_be_said(tmp_path: Path) -> None:
    roofs().to_crs(3857).to_file(tmp_path / "a.gpkg")
    assert open_layer(tmp_path / "a.gpkg", crs=CRS).table.crs == CRS
    with pytest.raises(GeoreferenceError, match=r"no CRS|not a CRS"):
        open_layer(tmp_path / "a.gpkg", crs="EPSG:1")


def test_a_crs_that_replaces_another_is_told(tmp_path: Path) -> None:
    roofs().to_file(tmp_path / "a.gpkg")
    (tmp_path / "bare.csv").write_text('WKT,a\n"POLYGON((0 0,1 0,1 1,0 0))",b\n')
    (notice,) = open_layer(tmp_path / "a.gpkg", crs="EPSG:32635").notices
    assert notice == "the layer says EPSG:32636; EPSG:32635 was given as layer_crs and is used"
    for name, crs in (("a.gpkg", CRS), ("a.gpkg", None), ("bare.csv", CRS)):
        assert open_layer(tmp_path / name, crs=crs).notices == ()


def test_of_a_collection_the_polygons_are_taken(tmp_path: Path) -> None:
    inner, line = shapely.box(2, 0, 3, 1), shapely.LineString([(0, 0), (9, 9)])
    shapes = [
        shapely.GeometryCollection([shapely.box(0, 0, 1, 1), line]),
        shapely.GeometryCollection([shapely.GeometryCollection([inner, shapely.Point(5, 5)])]),
        shapely.box(0, 0, 4, 4),
    ]
    gpd.GeoDataFrame({"a": range(3)}, geometry=shapes, crs=CRS).to_file(tmp_path / "a.gpkg")
    layer = open_layer(tmp_path / "a.gpkg")
    assert layer.table.geometry.area.tolist() == [1, 1, 16]
    assert set(layer.table.geometry.geom_type) == {"Polygon"}
    assert (layer.mended, layer.invalid) == (0, 0)


def test_collections_without_polygons_are_refused(tmp_path: Path) -> None:
    line = shapely.GeometryCollection([shapely.LineString([(0, 0), (9, 9)])])
    frame = gpd.GeoDataFrame(geometry=[line, shapely.box(0, 0, 4, 4)], crs=CRS)
    frame.to_file(tmp_path / "a.gpkg")
    with pytest.raises(GeosegError, match=r"1 of 2 features in .* are GeometryCollection, which"):
        open_layer(tmp_path / "a.gpkg")


def test_a_layer_whose_outlines_hold_no_ground_is_refused(tmp_path: Path) -> None:
    flat = shapely.Polygon([(0, 0), (4, 4), (0, 0), (0, 0)])
    gpd.GeoDataFrame({"a": [1, 2]}, geometry=[flat, flat], crs=CRS).to_file(tmp_path / "a.gpkg")
    with pytest.raises(GeosegError, match=r"none of the 2 outlines in .*a\.gpkg' holds ground"):
        open_layer(tmp_path / "a.gpkg")
