import json
import sqlite3
import warnings
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyarrow.parquet
import pyogrio
import pytest
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from tiles.errors import GeoreferenceError, OutputError
from tiles.vectors import AT_ONCE, LAYER, write_polygons, write_style

COLUMNS = ["id", "query", "score", "area_m2", "geometry"]
QUERIES = ["the “red” roofs & <barns>", "水 trees"]
IN_SCENE_CRS = [".gpkg", ".fgb", ".parquet", ".geoparquet"]
EVERY = [".geojson", ".json", *IN_SCENE_CRS]


def ground(count: int) -> NDArray[np.object_]:
    """Squares in rows, every third with a hole."""
    row, column = np.divmod(np.arange(count), 50)
    squares = shapely.box(
        5e5 + 20 * column, 5e6 - 20 * row, 5e5 + 20 * column + 9, 5e6 - 20 * row + 9
    )
    holes = shapely.box(
        5e5 + 20 * column + 3, 5e6 - 20 * row + 3, 5e5 + 20 * column + 5, 5e6 - 20 * row + 5
    )
    squares[::3] = shapely.difference(squares, holes)[::3]
    return np.asarray(squares)


def frame_of(polygons: NDArray[np.object_], crs: CRS | str | None) -> gpd.GeoDataFrame:
    count = len(polygons)
    return gpd.GeoDataFrame(
        {
            "id": np.arange(1, count + 1),
            "query": np.array(QUERIES, object)[np.arange(count) % 2],
            "score": np.linspace(0.5, 1, count) / 3,
            "area_m2": np.linspace(1, 1e6, count) / 7,
        },
        geometry=polygons,
        crs=crs,
    )


def scene_frame(count: int = 7) -> gpd.GeoDataFrame:
    return frame_of(ground(count), "EPSG:32633")


def read(path: Path) -> gpd.GeoDataFrame:
    if "parquet" in path.suffix:
        return gpd.read_parquet(path)
    return pyogrio.read_dataframe(path, layer=LAYER)


def read_json(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


@pytest.mark.parametrize("extension", IN_SCENE_CRS)
def test_polygons_come_back_exactly_in_the_crs_of_the_scene(extension: str, tmp_path: Path) -> None:
    frame = scene_frame()
    write_polygons(tmp_path / f"a{extension}", frame)
    found = read(tmp_path / f"a{extension}").sort_values("id").reset_index(drop=True)
    assert list(found.columns) == COLUMNS
    assert found.crs == frame.crs
    for column in COLUMNS[:4]:
        assert list(found[column]) == list(frame[column])
    assert shapely.equals_exact(
        shapely.normalize(found.geometry), shapely.normalize(frame.geometry)
    ).all()


@pytest.mark.parametrize("extension", [".geojson", ".json"])
def test_geojson_lies_on_the_same_ground(extension: str, tmp_path: Path) -> None:
    frame = scene_frame()
    write_polygons(tmp_path / f"a{extension}", frame)
    found = read(tmp_path / f"a{extension}")
    assert list(found.columns) == COLUMNS
    assert found.crs == "EPSG:4326"
    assert list(found["id"]) == list(frame["id"])
    assert list(found["query"]) == list(frame["query"])
    np.testing.assert_allclose(found["score"], frame["score"], rtol=1e-14)
    np.testing.assert_allclose(found["area_m2"], frame["area_m2"], rtol=1e-14)
    back = found.to_crs(frame.crs).geometry
    assert (shapely.hausdorff_distance(back, frame.geometry) < 0.02).all()


def test_geojson_follows_its_standard(tmp_path: Path) -> None:
    write_polygons(tmp_path / "a.geojson", scene_frame())
    collection = read_json(tmp_path / "a.geojson")
    assert collection["type"] == "FeatureCollection"
    assert "crs" not in collection
    for feature in collection["features"]:
        assert feature["type"] == "Feature"
        assert list(feature["properties"]) == COLUMNS[:4]
        assert feature["geometry"]["type"] == "Polygon"
        for place, ring in enumerate(feature["geometry"]["coordinates"]):
            assert ring[0] == ring[-1]
            assert len(ring) >= 4
            assert all(len(position) == 2 for position in ring)
            assert shapely.is_ccw(shapely.LinearRing(ring)) == (place == 0)
            digits = [len(f"{number!r}".partition(".")[2]) for point in ring for number in point]
            assert max(digits) <= 7


def test_geojson_at_the_antimeridian_is_cut(tmp_path: Path) -> None:
    to_zone_60 = Transformer.from_crs("EPSG:4326", "EPSG:32660", always_xy=True)
    east, north = to_zone_60.transform(180, 52)
    polygons = shapely.box([east - 1000], [north], [east + 1000], [north + 1000])
    write_polygons(tmp_path / "a.geojson", frame_of(polygons, "EPSG:32660"))
    (feature,) = read_json(tmp_path / "a.geojson")["features"]
    assert feature["geometry"]["type"] == "MultiPolygon"
    (found,) = read(tmp_path / "a.geojson").geometry
    assert (found.bounds[0], found.bounds[2]) == (-180, 180)


def test_geojson_without_a_crs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GeoreferenceError, match=r"GeoPackage \(\.gpkg\).*--assign-crs"):
        write_polygons(tmp_path / "a.geojson", frame_of(ground(1), None))
    assert not (tmp_path / "a.geojson").exists()


def test_geojson_keeps_where_it_is_from(tmp_path: Path) -> None:
    write_polygons(tmp_path / "a.geojson", scene_frame(), tags={"model": "“tiny”"})
    assert read_json(tmp_path / "a.geojson")["provenance"] == {"model": "“tiny”"}


def test_geojson_of_many_polygons_is_one_collection(tmp_path: Path) -> None:
    count = AT_ONCE + 3
    write_polygons(tmp_path / "a.geojson", scene_frame(count))
    ids = [feature["properties"]["id"] for feature in read_json(tmp_path / "a.geojson")["features"]]
    assert ids == list(range(1, count + 1))


@pytest.mark.parametrize("extension", EVERY)
def test_nothing_found_is_a_valid_file_too(extension: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{extension}"
    write_polygons(path, scene_frame(0))
    found = read(path)
    assert len(found) == 0
    if extension not in (".geojson", ".json"):  # GeoJSON has no schema
        assert list(found.columns) == COLUMNS
        assert found.crs == "EPSG:32633"
    if "parquet" not in extension:
        assert pyogrio.read_info(path, layer=LAYER)["features"] in (0, -1)


@pytest.mark.parametrize("extension", [".gpkg", ".fgb"])
def test_an_empty_layer_knows_its_schema(extension: str, tmp_path: Path) -> None:
    write_polygons(tmp_path / f"a{extension}", scene_frame(0))
    info = pyogrio.read_info(tmp_path / f"a{extension}", layer=LAYER)
    assert info["geometry_type"] == "Polygon"
    assert dict(zip(info["fields"], info["ogr_types"], strict=True)) == {
        "id": "OFTInteger64",
        "query": "OFTString",
        "score": "OFTReal",
        "area_m2": "OFTReal",
    }


@pytest.mark.parametrize("extension", IN_SCENE_CRS)
def test_pixel_coordinates_need_no_crs(extension: str, tmp_path: Path) -> None:
    frame = frame_of(shapely.box([0, 3], 0, [2, 5], 1), None)
    write_polygons(tmp_path / f"a{extension}", frame)
    found = read(tmp_path / f"a{extension}")
    assert found.crs is None or "Undefined" in found.crs.name
    assert found.total_bounds.tolist() == [0, 0, 5, 1]


@pytest.mark.parametrize("extension", IN_SCENE_CRS)
def test_polygons_in_several_parts_can_be_written(extension: str, tmp_path: Path) -> None:
    parts = shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(2, 0, 3, 1)])
    frame = frame_of(np.array([parts, shapely.box(5, 5, 6, 6)], object), "EPSG:32633")
    write_polygons(tmp_path / f"a{extension}", frame)
    found = read(tmp_path / f"a{extension}").sort_values("id")
    assert shapely.equals(found.geometry.to_numpy(), frame.geometry.to_numpy()).all()


def rows(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute(sql).fetchall()


def test_a_geopackage_is_registered_as_its_standard_asks(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    write_polygons(path, scene_frame(), tags={"model": "tiny"})
    assert rows(path, "PRAGMA application_id") == [(int.from_bytes(b"GPKG", "big"),)]
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]
    assert rows(path, "PRAGMA foreign_key_check") == []
    assert rows(path, "SELECT table_name, data_type FROM gpkg_contents") == [
        ("polygons", "features")
    ]
    assert rows(path, "SELECT geometry_type_name, srs_id, z, m FROM gpkg_geometry_columns") == [
        ("POLYGON", 32633, 0, 0)
    ]
    assert ("gpkg_rtree_index",) in rows(path, "SELECT extension_name FROM gpkg_extensions")
    assert {entry.name for entry in tmp_path.iterdir()} == {"a.gpkg"}


def test_a_geopackage_is_one_layer_that_every_reader_opens(tmp_path: Path) -> None:
    write_polygons(tmp_path / "a.gpkg", scene_frame())
    assert len(gpd.read_file(tmp_path / "a.gpkg")) == len(scene_frame())  # and no warning


def test_a_geopackage_can_tell_qgis_its_style(tmp_path: Path) -> None:
    write_polygons(tmp_path / "a.gpkg", scene_frame())
    write_style(tmp_path / "a.gpkg", ["the roofs"])
    sql = "SELECT f_table_name, f_geometry_column, useAsDefault, styleQML FROM layer_styles"
    ((table, geometry, default, qml),) = rows(tmp_path / "a.gpkg", sql)
    assert (table, geometry, default) == ("polygons", "geom", 1)
    assert 'attr="query"' in qml
    columns = rows(tmp_path / "a.gpkg", "SELECT column_name FROM gpkg_geometry_columns")
    assert columns == [("geom",)]


def test_a_geopackage_keeps_where_it_is_from(tmp_path: Path) -> None:
    write_polygons(tmp_path / "a.gpkg", scene_frame(), tags={"model": "“tiny”"})
    assert pyogrio.read_info(tmp_path / "a.gpkg", layer=LAYER)["dataset_metadata"] == {
        "model": "“tiny”"
    }


def test_pixel_coordinates_are_undefined_cartesian_in_a_geopackage(tmp_path: Path) -> None:
    write_polygons(tmp_path / "a.gpkg", frame_of(ground(1), None))
    assert rows(tmp_path / "a.gpkg", "SELECT srs_id FROM gpkg_geometry_columns") == [(-1,)]


def test_a_flatgeobuf_has_its_index(tmp_path: Path) -> None:
    write_polygons(tmp_path / "a.fgb", scene_frame(100))
    info = pyogrio.read_info(tmp_path / "a.fgb")
    assert info["capabilities"]["fast_spatial_filter"]
    found = pyogrio.read_dataframe(tmp_path / "a.fgb", bbox=(5e5, 5e6, 500_001, 5_000_001))
    assert list(found["id"]) == [1]


def test_a_geoparquet_is_of_version_1_1_with_bounds(tmp_path: Path) -> None:
    write_polygons(tmp_path / "a.parquet", scene_frame())
    file = pyarrow.parquet.ParquetFile(tmp_path / "a.parquet")
    geo = json.loads(file.schema_arrow.metadata[b"geo"])
    assert geo["version"] == "1.1.0"
    assert geo["columns"]["geometry"]["geometry_types"] == ["Polygon"]
    assert set(geo["columns"]["geometry"]["covering"]["bbox"]) == {"xmin", "ymin", "xmax", "ymax"}
    assert file.metadata.row_group(0).column(0).compression == "ZSTD"
    found = gpd.read_parquet(tmp_path / "a.parquet", bbox=(5e5, 5e6, 500_001, 5_000_001))
    assert list(found["id"]) == [1]


@pytest.mark.parametrize("extension", EVERY)
def test_writing_warns_of_nothing(extension: str, tmp_path: Path) -> None:
    crs = "EPSG:32633" if "json" in extension else None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        write_polygons(tmp_path / f"a{extension}", frame_of(ground(3), crs))


def test_columns_of_others_are_kept(tmp_path: Path) -> None:
    frame = scene_frame().assign(height_m=np.nan, roof="tin")
    for extension in EVERY:
        write_polygons(tmp_path / f"a{extension}", frame)
        found = read(tmp_path / f"a{extension}")
        assert list(found["roof"]) == ["tin"] * 7
        assert found["height_m"].isna().all()


def test_a_raster_holds_no_polygons(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="holds no polygons"):
        write_polygons(tmp_path / "a.tif", scene_frame())


@pytest.mark.parametrize("extension", EVERY)
def test_a_place_that_cannot_be_written_is_told(extension: str, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="could not be written"):
        write_polygons(tmp_path / f"missing/a{extension}", scene_frame())


@pytest.mark.parametrize("extension", EVERY)
def test_separators_of_lines_in_an_attribute_are_kept(extension: str, tmp_path: Path) -> None:
    roof = 'tin\u2028and\u2029tile\x85\x0cor "slate"\n'
    write_polygons(tmp_path / f"a{extension}", scene_frame().assign(roof=roof))
    assert list(read(tmp_path / f"a{extension}")["roof"]) == [roof] * 7
