from pathlib import Path

import geopandas as gpd
import pytest

from geoseg.errors import DataError, OptionsError
from geoseg.evaluation.scene_names import open_scenes
from geoseg.options import ImageOptions
from tests.geoseg.evaluation.test_scene_truths import layer
from tests.geoseg.evaluation.test_scenes import scene


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("scenes:a.tif", "truth=truth.gpkg"),
        ("scenes:a.tif?truht=b.gpkg", "no setting 'truht'; known are truth, layer, column"),
        ("scenes:lost.jsonl", "cannot be read"),
        ("scenes:lost.jsonl?column=name", "column= says nothing"),
        ("scenes:a.tif?truth=b.gpkg,column=name", "write &column= instead of ,column="),
        ("scenes:a.tif?truth=b.gpkg&stretch=loud", "'stretch' .*'loud'"),
        ("scenes:a.tif?truth=b.gpkg&gsd=fine", "'gsd' must be a number"),
        ("scenes:a.tif?truth=b.gpkg&gsd=-1", "'gsd' must be at least 0.01"),
    ],
)
def test_a_name_that_says_too_little_is_refused(name: str, says: str) -> None:
    with pytest.raises(OptionsError, match=says):
        open_scenes(name)


def test_a_name_says_how_scenes_are_read(tmp_path: Path) -> None:
    place = f"scenes:{scene(tmp_path)}?truth={layer(tmp_path)}"
    assert [truth.image for truth in open_scenes(place)] == [None]
    (finer,) = open_scenes(f"{place}&gsd=0.25&bands=3,2,1")
    assert finer.image == ImageOptions(gsd=0.25, bands=(3, 2, 1))


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")  # the test's own
def test_a_crs_that_is_given_places_the_truth(tmp_path: Path) -> None:
    bare = f"scenes:{scene(tmp_path, crs=None)}?truth={layer(tmp_path)}"
    with pytest.raises(OptionsError, match="CRS"):
        open_scenes(bare)


def test_characters_that_part_settings_can_be_in_a_path(tmp_path: Path) -> None:
    folder = tmp_path / "why? & 100% so, %41 %26"
    folder.mkdir()
    scene(folder)
    layer(folder)
    place = str(folder).replace("%26", "%2526").replace("?", "%3F").replace("&", "%26")
    (found,) = open_scenes(f"Scenes:{place}/scene.tif?truth={place}/truth.gpkg")
    assert found.scene == folder / "scene.tif"


def test_of_several_layers_one_must_be_named(tmp_path: Path) -> None:
    path = layer(tmp_path)
    table = gpd.read_file(path)
    table[:1].to_file(path, layer="one")
    name = f"scenes:{scene(tmp_path)}?truth={path}"
    with pytest.raises(DataError, match=r"has the layers 'truth', 'one'; say .* layer="):
        open_scenes(name)
    (found,) = open_scenes(f"{name}&layer=one")
    assert [one.phrase for one in found.expressions] == ["red"]
    with pytest.raises(DataError, match="no layer 'two'"):
        open_scenes(f"{name}&layer=two")


def test_the_own_folder_can_be_written_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    scene(tmp_path)
    layer(tmp_path)
    (found,) = open_scenes("scenes:~/scene.tif?truth=~/truth.gpkg")
    assert found.scene == tmp_path / "scene.tif"
