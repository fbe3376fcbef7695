import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import rasterio
import shapely
import shapely.affinity
from rasterio.transform import from_origin

from geoseg.errors import DataError, OptionsError
from geoseg.evaluation.scene_names import open_scenes
from geoseg.evaluation.scene_truths import open_truth
from tests.geoseg.evaluation.test_scenes import LARGE, SMALL, scene, square


def layer(folder: Path, *, crs: str = "EPSG:32636", name: str = "truth.gpkg") -> Path:
    table = gpd.GeoDataFrame(
        {"query": ["red", "red", "the pool"], "kind": ["roof", "roof", "pool"]},
        geometry=[square(*LARGE), square(*SMALL), square(*LARGE)],
        crs="EPSG:32636",
    )
    table.to_crs(crs).to_file(folder / name)
    return folder / name


def test_a_layer_gives_one_expression_for_each_phrase(tmp_path: Path) -> None:
    found = open_truth(scene(tmp_path), layer(tmp_path))
    assert {one.phrase: len(one.truth) for one in found.expressions} == {"red": 2, "the pool": 1}


def test_a_phrase_whose_row_has_no_polygon_is_absent(tmp_path: Path) -> None:
    path = layer(tmp_path)
    table = gpd.read_file(path)
    table.loc[2, "geometry"] = None
    table.loc[3] = ["red", "roof", None]
    table.to_file(path)
    red, pool = open_truth(scene(tmp_path), path).expressions
    assert (red.phrase, len(red.truth), red.kind) == ("red", 2, "polygons")
    assert (pool.phrase, len(pool.truth), pool.kind) == ("the pool", 0, "empty")


def test_a_layer_without_crs_on_a_scene_with_one_is_refused(tmp_path: Path) -> None:
    layer(tmp_path, name="bare.shp")
    (tmp_path / "bare.prj").unlink()
    with pytest.raises(OptionsError, match=r"layer has no CRS but the other.*scene\.tif'; write"):
        open_truth(scene(tmp_path), tmp_path / "bare.shp")


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")  # the test's own
@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_a_layer_on_a_scene_without_crs_is_taken_as_it_is(tmp_path: Path) -> None:
    pixels, beyond = square(*LARGE, placed=False), square(*np.s_[0:9, 90:99], placed=False)
    table = gpd.GeoDataFrame({"query": ["red", "blue"]}, geometry=[pixels, beyond])
    table.to_file(tmp_path / "truth.gpkg")
    red, blue = open_truth(scene(tmp_path, crs=None), tmp_path / "truth.gpkg").expressions
    assert red.truth.iloc[0].equals(pixels)
    assert (len(blue.truth), blue.kind) == (0, "empty")


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")  # the test's own
def test_a_layer_beside_a_scene_without_crs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OptionsError, match=r"none of the 3 polygons .*or pixels \(x is the column"):
        open_truth(scene(tmp_path, crs=None), layer(tmp_path))


def test_a_layer_in_another_crs_is_moved_onto_the_scene(tmp_path: Path) -> None:
    found = open_truth(scene(tmp_path), layer(tmp_path, crs="EPSG:4326"))
    expected = square(*LARGE)
    assert found.expressions[0].truth.iloc[0].hausdorff_distance(expected) < 0.01


def test_another_column_can_hold_the_phrases(tmp_path: Path) -> None:
    place = f"{scene(tmp_path)}?truth={layer(tmp_path)}&column=kind"
    (found,) = open_scenes(f"scenes:{place}")
    assert [one.phrase for one in found.expressions] == ["roof", "pool"]


def test_a_column_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(OptionsError, match=r"no column 'said'.*'query', 'kind'"):
        open_truth(scene(tmp_path), layer(tmp_path), column="said")


def test_truth_that_is_not_there_is_told_as_such(tmp_path: Path) -> None:
    layer(tmp_path)
    with pytest.raises(DataError, match=r"the truth is not there: .* there is 'truth\.gpkg'"):
        open_truth(scene(tmp_path), tmp_path / "trut.gpkg")
    with pytest.raises(OptionsError, match=r"truth must be on this machine.*'http://a' was given"):
        open_scenes(f"scenes:{scene(tmp_path)}?truth=http://a")


def test_geoparquet_is_truth_too(tmp_path: Path) -> None:
    gpd.read_file(layer(tmp_path)).to_parquet(tmp_path / "truth.parquet")
    found = open_truth(scene(tmp_path), tmp_path / "truth.parquet")
    assert {one.phrase: len(one.truth) for one in found.expressions} == {"red": 2, "the pool": 1}


def test_the_polygons_of_a_collection_are_truth(tmp_path: Path) -> None:
    table = gpd.read_file(layer(tmp_path))
    table.geometry = [shapely.GeometryCollection([one, one.boundary]) for one in table.geometry]
    table.to_file(tmp_path / "mixed.gpkg")
    red, _ = open_truth(scene(tmp_path), tmp_path / "mixed.gpkg").expressions
    assert set(red.truth.geom_type) == {"Polygon"}


def test_truth_beyond_180_degrees_lies_on_a_scene_across_it(tmp_path: Path) -> None:
    place = from_origin(179.999, 0.001, 2e-5, 2e-5)
    profile = {"driver": "GTiff", "height": 100, "width": 100, "count": 1, "dtype": "uint8"}
    with rasterio.open(tmp_path / "a.tif", "w", **profile, crs=4326, transform=place) as file:
        file.write(np.ones((1, 100, 100), np.uint8))
    east = shapely.box(-180, 0, -179.9995, 0.0005)
    table = gpd.GeoDataFrame({"query": ["blue"]}, geometry=[east], crs=4326)
    table.to_file(tmp_path / "truth.gpkg")
    (blue,) = open_truth(tmp_path / "a.tif", tmp_path / "truth.gpkg").expressions
    assert blue.kind == "polygons"
    np.testing.assert_allclose(blue.truth.total_bounds, [180, 0, 180.0005, 0.0005], atol=1e-9)


def test_a_layer_that_lies_elsewhere_is_refused(tmp_path: Path) -> None:
    table = gpd.read_file(layer(tmp_path))
    table.geometry = table.translate(50_000)
    table.to_file(tmp_path / "else.gpkg")
    with pytest.raises(OptionsError, match=r"none of the 3 polygons of .*else\.gpkg' lies on"):
        open_truth(scene(tmp_path), tmp_path / "else.gpkg")


def test_truth_is_drawn_as_polygons(tmp_path: Path) -> None:
    table = gpd.read_file(layer(tmp_path))
    table.geometry = table.boundary
    table.to_file(tmp_path / "lines.gpkg")
    with pytest.raises(OptionsError, match="holds LineString; truth is drawn as polygons"):
        open_truth(scene(tmp_path), tmp_path / "lines.gpkg")
    (tmp_path / "bare.csv").write_text("query,area\nred,3\n", "utf-8")
    with pytest.raises(DataError, match="a table without geometry"):
        open_truth(scene(tmp_path), tmp_path / "bare.csv")


def test_a_table_of_styles_is_no_second_layer(tmp_path: Path) -> None:
    path = layer(tmp_path)
    pyogrio.write_dataframe(pd.DataFrame({"styleName": ["a"]}), path, layer="layer_styles")
    assert len(open_truth(scene(tmp_path), path).expressions) == 2


def said(folder: Path, *phrases: object) -> Path:
    """A layer of one square with these phrases."""
    table = gpd.GeoDataFrame(
        {"query": list(phrases)}, geometry=[square(*LARGE)] * len(phrases), crs="EPSG:32636"
    )
    table.to_file(folder / "said.gpkg")
    return folder / "said.gpkg"


def test_a_phrase_is_the_same_whatever_its_case_and_spaces(tmp_path: Path) -> None:
    found = open_truth(scene(tmp_path), said(tmp_path, "the  red", "The Red ", "pool"))
    assert {one.phrase: len(one.truth) for one in found.expressions} == {"the red": 2, "pool": 1}
    assert found.notices == ()


def test_rows_without_a_phrase_are_left_out_and_told(tmp_path: Path) -> None:
    found = open_truth(scene(tmp_path), said(tmp_path, "red", "", None, "  "))
    assert [one.phrase for one in found.expressions] == ["red"]
    (notice,) = found.notices
    assert notice.startswith("3 of 4 rows of ")
    assert "have no phrase in the column 'query'" in notice


@pytest.mark.parametrize(
    ("phrases", "says"),
    [
        (["", " "], r"none of the 2 rows of '.*said\.gpkg' has a phrase in the column 'query'"),
        (
            ["red", "the [SEG]", "the [SEG]"],
            r"column 'query' of '.*said\.gpkg' has 2 of 3 rows with 'the \[SEG\]', which cannot",
        ),
    ],
)
def test_phrases_that_cannot_be_asked_are_told_with_file_column_and_rows(
    tmp_path: Path, phrases: list[str], says: str
) -> None:
    with pytest.raises(DataError, match=says):
        open_truth(scene(tmp_path), said(tmp_path, *phrases))


def test_truth_around_the_world_is_cut_to_the_scene(tmp_path: Path) -> None:
    land = shapely.box(-180, -85, 180, 85) - shapely.box(-100, -80, -90, 80)
    table = gpd.GeoDataFrame({"query": ["land"]}, geometry=[land], crs="EPSG:4326")
    table.to_file(tmp_path / "land.gpkg")
    (found,) = open_truth(scene(tmp_path), tmp_path / "land.gpkg").expressions
    assert np.isfinite(found.truth.total_bounds).all()
    assert found.truth.iloc[0].covers(square(np.s_[0:60], np.s_[0:80]))


def test_what_lies_beside_the_scene_is_not_on_it(tmp_path: Path) -> None:
    table = gpd.read_file(layer(tmp_path))
    table.loc[2, "geometry"] = shapely.affinity.translate(table.geometry[2], 50_000)
    table.to_file(tmp_path / "beside.gpkg")
    red, pool = open_truth(scene(tmp_path), tmp_path / "beside.gpkg").expressions
    assert (len(red.truth), red.kind) == (2, "polygons")
    assert (len(pool.truth), pool.kind) == (0, "empty")


def test_crossed_outlines_are_mended(tmp_path: Path) -> None:
    left, bottom, right, top = square(*LARGE).bounds
    bow = shapely.Polygon([(left, bottom), (right, top), (right, bottom), (left, top)])
    table = gpd.GeoDataFrame({"query": ["bow"]}, geometry=[bow], crs="EPSG:32636")
    table.to_file(tmp_path / "bow.gpkg")
    (found,) = open_truth(scene(tmp_path), tmp_path / "bow.gpkg").expressions
    assert found.truth.is_valid.all()


FLAT = shapely.Polygon([(452010, 36990), (452020, 36980), (452010, 36990), (452010, 36990)])
"""An outline that goes there and back."""


@pytest.mark.parametrize("crs", [None, "EPSG:32636"])
@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")  # the test's own
@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_rows_whose_outline_holds_no_ground_are_left_out_and_told(
    tmp_path: Path, crs: str | None
) -> None:
    red = square(*LARGE, placed=crs is not None)
    shapes = [red, FLAT, FLAT, None]
    table = {"query": ["red", "red", "blue", "green"]}
    gpd.GeoDataFrame(table, geometry=shapes, crs=crs).to_file(tmp_path / "a.gpkg")
    found = open_truth(scene(tmp_path, crs=crs), tmp_path / "a.gpkg")
    assert {one.phrase: len(one.truth) for one in found.expressions} == {"red": 1, "green": 0}
    assert not any(one.truth.is_empty.any() for one in found.expressions)
    (notice,) = found.notices
    assert notice.startswith("2 of the outlines of ")
    assert "hold no ground" in notice


def test_a_column_of_lists_holds_no_phrases(tmp_path: Path) -> None:
    table = gpd.read_file(layer(tmp_path))
    table.to_crs(4326).to_file(tmp_path / "a.geojson")
    content = json.loads((tmp_path / "a.geojson").read_text("utf-8"))
    content["features"][0]["properties"]["query"] = ["red", "roof"]
    (tmp_path / "a.geojson").write_text(json.dumps(content), "utf-8")
    with pytest.raises(DataError, match=r"the column 'query' of '.*a\.geojson' holds lists or"):
        open_truth(scene(tmp_path), tmp_path / "a.geojson")
