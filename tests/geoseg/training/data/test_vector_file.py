import shutil
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet
import pytest
import shapely

from geoseg.errors import DataError
from geoseg.training.data.templates import in_words
from geoseg.training.data.vector_file import open_table
from tests.geoseg.training.data.own_ground import roofs
from tiles.vectors import write_polygons

SQUARE = "POLYGON((0 0,1 0,1 1,0 0))"


def table(path: Path, name: str | None = None) -> gpd.GeoDataFrame:
    return open_table(path, "the layer", name=name, setting="layer_name")


def refused(path: Path, says: str) -> None:
    with pytest.raises(DataError, match=says):
        table(path)


@pytest.mark.parametrize("ending", [".parquet", ".geoparquet"])
def test_geoparquet_is_read_as_segment_writes_it(tmp_path: Path, ending: str) -> None:
    path, frame = tmp_path / f"roofs{ending}", roofs()
    write_polygons(path, frame)
    read = table(path)
    assert read.crs == frame.crs
    assert read["colour"].tolist() == frame["colour"].tolist()
    np.testing.assert_array_equal(read.geometry, frame.geometry)
    assert len(table(path, "roofs")) == 14
    with pytest.raises(DataError, match="no layer 'trees', but 'roofs'"):
        table(path, "trees")


def test_the_index_of_geoparquet_is_an_attribute_like_others(tmp_path: Path) -> None:
    frame = roofs().set_index("colour")
    frame.to_parquet(tmp_path / "a.parquet")
    read = table(tmp_path / "a.parquet")
    assert read["colour"].tolist() == frame.index.tolist()
    assert read.index.tolist() == list(range(14))


def test_parquet_without_geometry_and_other_files_of_its_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pd.DataFrame({"colour": ["red"]}).to_parquet(path)
    refused(path, "table without geometry")
    path.write_text("hello")
    refused(path, "cannot be read")


@pytest.mark.parametrize("surface", ["TIN Z", "POLYHEDRALSURFACE Z"])
def test_surfaces_are_refused_with_what_makes_polygons_of_them(
    tmp_path: Path, surface: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f'a,WKT\n1,"{surface}(((0 0 0,1 0 0,1 1 0,0 0 0)))"\n')
    refused(
        path, r"a TIN, a polyhedral surface .* ogr2ogr -nlt MULTIPOLYGON plain\.gpkg '.*a\.csv'"
    )


@pytest.mark.parametrize("column", ["WKT", "geom", "the_geom", "geometry"])
def test_outlines_of_a_csv_may_stand_in_columns_of_several_names(
    tmp_path: Path, column: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f'colour,{column}\nred,"{SQUARE}"\n')
    read = table(path)
    assert read.geometry.tolist() == [shapely.from_wkt(SQUARE)]
    assert read["colour"].tolist() == ["red"]


def test_a_csv_without_outlines_is_told_how_to_have_them(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("colour,x,y\nred,1,2\n")
    refused(path, r"without geometry; .*in a CSV, as WKT in a column such as WKT or geom")


def test_text_in_another_encoding_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f'colour,WKT\ngr\xfcn,"{SQUARE}"\n', "latin-1")
    refused(path, r"not written in UTF-8; save it as UTF-8")


def test_a_shapefile_without_the_files_that_belong_to_it_is_refused(tmp_path: Path) -> None:
    roofs().to_file(tmp_path / "whole.shp")
    for name, endings, lost in (("a", [".dbf"], "shx"), ("b", [".shx"], "dbf")):
        for ending in (".shp", *endings):
            shutil.copy(tmp_path / f"whole{ending}", tmp_path / f"{name}{ending}")
        refused(tmp_path / f"{name}.shp", rf"lacks '{name}\.{lost}'; a shapefile is several files")
    (tmp_path / "whole.shx").rename(tmp_path / "whole.SHX")
    assert len(table(tmp_path / "whole.shp")) == 14


def test_a_zipped_shapefile_and_a_folder_of_esri_are_read(tmp_path: Path) -> None:
    assert len(table(zipped(tmp_path / "a.zip", parts(tmp_path, "a")))) == 14
    roofs()[["colour", "geometry"]].to_file(tmp_path / "a.gdb", driver="OpenFileGDB")
    assert len(table(tmp_path / "a.gdb")) == 14
    refused(tmp_path / "b.gdb", "cannot be read")


def zipped(path: Path, members: dict[str, Path]) -> Path:
    with zipfile.ZipFile(path, "w") as packed:
        for member, source in members.items():
            packed.write(source, member)
    return path


def parts(folder: Path, stem: str) -> dict[str, Path]:
    """The files of a shapefile, by their names."""
    roofs().to_file(folder / f"{stem}.shp")
    return {f"{stem}{end}": folder / f"{stem}{end}" for end in (".shp", ".shx", ".dbf", ".prj")}


@pytest.mark.parametrize("inside", ["roofs", "download/Dächer 2024", "v1.2"])
@pytest.mark.parametrize("name", ["a.zip", "a.shp.zip", "A.ZIP"])
def test_a_shapefile_may_be_zipped_with_its_folder(tmp_path: Path, inside: str, name: str) -> None:
    members = {f"{inside}/{one}": path for one, path in parts(tmp_path, "roofs").items()}
    assert len(table(zipped(tmp_path / name, members))) == 14


def test_the_layers_of_a_zipped_folder_have_names(tmp_path: Path) -> None:
    both = parts(tmp_path, "a") | parts(tmp_path, "b")
    path = zipped(tmp_path / "ab.zip", {f"ab/{one}": source for one, source in both.items()})
    assert len(table(path, "b")) == 14
    refused(path, "has the layers 'a', 'b'; say which one with layer_name")


@pytest.mark.parametrize("ending", [".gpkg", ".geojson", ".fgb"])
def test_a_zipped_file_may_lie_in_a_folder_beside_others(tmp_path: Path, ending: str) -> None:
    layer, other = tmp_path / f"a{ending}", tmp_path / "readme.txt"
    roofs().to_crs(4326).to_file(layer)
    other.write_text("about")
    members = {f"x/a{ending}": layer, "x/readme.txt": other, f"__MACOSX/x/._a{ending}": other}
    assert len(table(zipped(tmp_path / "a.zip", members))) == 14


@pytest.mark.parametrize("name", ["a.zip", "a.gdb.zip"])
@pytest.mark.parametrize("inside", ["", "x/"])
def test_a_zipped_folder_of_esri_is_read(tmp_path: Path, name: str, inside: str) -> None:
    place = tmp_path / "a.gdb"
    roofs()[["colour", "geometry"]].to_file(place, driver="OpenFileGDB")
    members = {f"{inside}a.gdb/{one.name}": one for one in place.iterdir()}
    assert len(table(zipped(tmp_path / name, members))) == 14


def test_vector_files_in_several_places_of_a_zip_are_told_apart(tmp_path: Path) -> None:
    one, other = parts(tmp_path, "a"), parts(tmp_path, "b")
    two = one | {f"x/{name}": source for name, source in other.items()}
    refused(zipped(tmp_path / "2.zip", two), r"not read together: 'a\.shp', 'x/b\.shp'; unpack it")
    many = {f"{place}.gpkg": one["a.shp"] for place in range(6)}
    refused(zipped(tmp_path / "6.zip", many), r"'3\.gpkg', 2 more; unpack it")


@pytest.mark.parametrize("members", [[], ["readme.txt"]])
def test_a_zip_without_a_vector_file_is_told_as_such(tmp_path: Path, members: list[str]) -> None:
    text = tmp_path / "readme.txt"
    text.write_text("about")
    path = zipped(tmp_path / "a.zip", dict.fromkeys(members, text))
    refused(path, "nothing in it is a vector file; zip a GeoPackage, or all files of a shapefile$")
    shutil.copy(text, path)
    refused(path, "it is damaged, or nothing in it is a vector file")


@pytest.mark.parametrize("column", ["WKT", "wkt", "geom", "Geom", "geometry", "_WKT_roof"])
def test_outlines_that_are_no_wkt_are_refused(tmp_path: Path, column: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f'c,{column}\n1,"{SQUARE}"\n2,\n3,nonsense\n')
    refused(path, rf"row 3 of '.*a\.csv' has 'nonsense' for an outline, in its column '{column}'")
    path.write_text(f'c,{column}\n1,"{SQUARE}"\n2,"{SQUARE[:-2]}"\n3,{"no " * 99}\n4,\n')
    refused(path, r"row 2 .* which is no WKT \(so for 2 rows in all\); correct it, or leave it out")


def test_a_row_of_a_csv_may_have_no_outline(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f'c,WKT\n1,"{SQUARE}"\n2,\n3," "\n4,POLYGON EMPTY\n')
    assert table(path).geometry.isna().tolist() == [False, True, True, False]


def test_other_warnings_about_a_csv_are_given_on(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f'c,WKT\n99999999999,"{SQUARE}"\n')
    path.with_suffix(".csvt").write_text('"Integer","WKT"')
    with pytest.warns(RuntimeWarning, match="integer overflow"):
        table(path)


def test_points_of_numbers_in_a_csv_are_no_wkt_and_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("c,x,y\n1,2,3\n2,,\n")
    path.with_suffix(".csvt").write_text('"String","CoordX","CoordY"')
    assert table(path).geometry.isna().tolist() == [False, True]


def test_a_path_that_is_wrong_is_told_as_such(tmp_path: Path) -> None:
    roofs().to_file(tmp_path / "roofs.gpkg")
    refused(tmp_path / "roof.gpkg", r"the layer is not there: .* there is 'roofs\.gpkg'")


def test_a_file_without_layers_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.kml"
    path.write_text('<kml xmlns="http://www.opengis.net/kml/2.2"><Document></Document></kml>')
    refused(path, r"a\.kml' holds no layer; give a file with polygons")


@pytest.mark.parametrize("ending", [".gpkg", ".geojson", ".fgb", ".parquet"])
def test_yes_and_no_stay_so_where_some_are_empty(tmp_path: Path, ending: str) -> None:
    path, frame = tmp_path / f"a{ending}", roofs(count=4)[["floors", "geometry"]].to_crs(4326)
    frame["flat"] = pd.array([True, None, False, True], "boolean")
    frame["sure"] = True
    frame["share"] = [1.0, np.nan, 0.0, 1.0]
    frame.to_parquet(path) if ending == ".parquet" else frame.to_file(path)
    read = table(path)
    assert sorted(map(in_words, read["flat"])) == ["", "no", "yes", "yes"]
    assert set(map(in_words, read["sure"])) == {"yes"}
    assert sorted(map(in_words, read["share"])) == ["", "0", "1", "1"]


@pytest.mark.parametrize("values", ["red,blue", "true,false"])
def test_columns_of_one_name_are_refused(tmp_path: Path, values: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f'WKT,colour,colour\n"{SQUARE}",{values}\n"{SQUARE}",,\n')
    refused(path, r"a\.csv' has 2 columns 'colour'; give each a name of its own, or take one out")


def test_columns_of_one_name_are_refused_in_geoparquet(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    roofs().to_parquet(path)
    read = pyarrow.parquet.read_table(path)
    again = read.append_column(read.schema.field("colour"), read.column("colour"))
    pyarrow.parquet.write_table(again, path)
    refused(path, r"a\.parquet' has 2 columns 'colour'")
