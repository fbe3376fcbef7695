from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from odc.geo import crs

from geoseg.errors import GeosegError
from geoseg.training.data.layer import on_grid, open_layer
from tests.geoseg.training.data.own_ground import CRS, roofs
from tiles.errors import GeoreferenceError


@pytest.mark.parametrize("ending", [".gpkg", ".geojson", ".shp", ".fgb"])
def test_polygons_come_back_with_their_attributes(tmp_path: Path, ending: str) -> None:
    frame = roofs()
    path = tmp_path / f"roofs{ending}"
    (frame.to_crs(4326) if ending == ".geojson" else frame).to_file(path)
    layer = open_layer(path).to_crs(CRS)
    assert sorted(layer["colour"]) == sorted(frame["colour"])
    assert layer.geometry.union_all().symmetric_difference(frame.geometry.union_all()).area < 0.01


def test_of_several_layers_one_must_be_named(tmp_path: Path) -> None:
    path = tmp_path / "both.gpkg"
    roofs().to_file(path, layer="roofs")
    roofs(1, count=3).to_file(path, layer="trees")
    with pytest.raises(GeosegError, match=r"'roofs', 'trees'.*layer_name"):
        open_layer(path)
    assert len(open_layer(path, name="trees")) == 3
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
    with pytest.raises(GeosegError, match="no geometry"):
        open_layer(tmp_path / "table.csv")


def test_crossed_outlines_are_mended(tmp_path: Path) -> None:
    bow = shapely.Polygon([(0, 0), (4, 4), (4, 0), (0, 4)])
    gpd.GeoDataFrame({"a": [1]}, geometry=[bow], crs=CRS).to_file(tmp_path / "bow.gpkg")
    layer = open_layer(tmp_path / "bow.gpkg")
    assert layer.geometry.is_valid.all()
    assert layer.geometry.area.sum() == 8


def test_a_layer_is_laid_into_the_crs_of_the_raster_x_before_y() -> None:
    frame = roofs()
    back = on_grid(frame.to_crs(4326), crs.CRS(CRS), path=Path("a.tif"))
    moved = shapely.hausdorff_distance(frame.geometry.to_numpy(), back.geometry.to_numpy())
    assert moved.max() < 1e-3


def test_long_edges_follow_the_ground_into_another_crs() -> None:
    long = gpd.GeoDataFrame(geometry=[shapely.box(30, 59, 36, 60)], crs=4326)
    moved = on_grid(long, crs.CRS(CRS), path=Path("a.tif")).geometry[0]
    middle_of_the_southern_edge = gpd.GeoSeries.from_xy([33], [59], crs=4326).to_crs(CRS)[0]
    assert moved.exterior.distance(middle_of_the_southern_edge) < 1


def test_a_crs_on_one_side_only_is_refused_with_the_way_out() -> None:
    frame = roofs()
    with pytest.raises(GeosegError, match=r"image has no CRS .* assign_crs"):
        on_grid(frame, None, path=Path("a.tif"))
    with pytest.raises(GeosegError, match=r"layer has no CRS .* layer_crs"):
        on_grid(frame.set_crs(None, allow_override=True), crs.CRS(CRS), path=Path("a.tif"))
    same = on_grid(frame.set_crs(None, allow_override=True), None, path=Path("a.tif"))
    np.testing.assert_array_equal(same.geometry, frame.geometry)


def test_the_crs_of_a_layer_can_be_said(tmp_path: Path) -> None:
    roofs().to_crs(3857).to_file(tmp_path / "a.gpkg")
    assert open_layer(tmp_path / "a.gpkg", crs=CRS).crs == CRS
    with pytest.raises(GeoreferenceError, match=r"no CRS|not a CRS"):
        open_layer(tmp_path / "a.gpkg", crs="EPSG:1")
