from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
from PIL import Image
from typer.testing import CliRunner

from geoseg.cli.app import app


def test_the_demo_writes_files_in_one_place_that_fit_each_other(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    words = ["demo", str(folder), "--rows", "300", "--columns", "400", "--seed", "3"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    names = {"scene.tif", "found.geojson", "found.gpkg", "found.tif", "overview.png"}
    assert {path.name for path in folder.iterdir()} == names
    with rasterio.open(folder / "scene.tif") as scene, rasterio.open(folder / "found.tif") as mask:
        assert scene.bounds == mask.bounds
        assert scene.crs == mask.crs
        assert mask.count == 5
        assert mask.descriptions[0] == "the buildings"
    found = gpd.read_file(folder / "found.gpkg")
    assert len(found) > 0
    assert len(found) == len(gpd.read_file(folder / "found.geojson"))
    assert np.asarray(Image.open(folder / "overview.png")).std() > 10


def test_files_of_the_user_are_not_replaced_unasked(tmp_path: Path) -> None:
    (tmp_path / "scene.tif").write_text("precious")
    result = CliRunner().invoke(app, ["demo", str(tmp_path)])
    assert result.exit_code == 2
    assert "scene.tif" in result.stderr
    assert (tmp_path / "scene.tif").read_text() == "precious"


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = CliRunner().invoke(app, ["demo", str(tmp_path / "file")])
    assert result.exit_code == 2
    assert "cannot be made" in result.stderr


def test_the_same_seed_gives_the_same_scene(tmp_path: Path) -> None:
    for name in ("a", "b"):
        words = ["demo", str(tmp_path / name), "--rows", "100", "--columns", "120"]
        assert CliRunner().invoke(app, words).exit_code == 0
    assert (tmp_path / "a/found.tif").stat().st_size == (tmp_path / "b/found.tif").stat().st_size
    with rasterio.open(tmp_path / "a/scene.tif") as a, rasterio.open(tmp_path / "b/scene.tif") as b:
        np.testing.assert_array_equal(a.read(), b.read())
