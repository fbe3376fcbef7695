"""A fingerprint changes with what is learned, and with nothing else."""

import shutil
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
import rasterio
from affine import Affine

from geoseg.training.data.fingerprint import NAMED, changes, fingerprint_of
from geoseg.training.data.own_layer import open_own_options
from geoseg.training.data.own_options import OwnLayerOptions
from tests.geoseg.training.data.own_ground import roofs, write_ground, write_scene


def options_in(folder: Path) -> OwnLayerOptions:
    """Data with every image of a folder."""
    known = open_own_options(folder / "data.yaml")
    return known.model_copy(
        update={"images": (str(folder / "*.tif"),), "layer": str(folder / known.layer)}
    )


@pytest.fixture
def ground(tmp_path: Path) -> Path:
    write_ground(tmp_path)
    return tmp_path


def edited(folder: Path, edit: Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]) -> str:
    """What is said to have changed once the layer is written anew."""
    former = fingerprint_of(options_in(folder))
    edit(roofs()).to_file(folder / "roofs.gpkg", layer="roofs")
    return changes(former, fingerprint_of(options_in(folder)))


def recoloured(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame.assign(colour=["black", *frame["colour"][1:]])


def moved(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame.set_geometry(frame.geometry.translate(0.5))


@pytest.mark.parametrize(
    "edit", [moved, recoloured, lambda frame: frame[1:], lambda frame: frame.to_crs("EPSG:4326")]
)
def test_a_layer_with_other_polygons_or_attributes_is_another(
    ground: Path, edit: Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]
) -> None:
    assert edited(ground, edit) == "roofs.gpkg is another"


def test_what_no_phrase_speaks_of_makes_no_difference(ground: Path) -> None:
    assert edited(ground, lambda frame: frame.assign(floors=0, note="mended")) == ""


def test_copies_of_the_same_files_are_the_same(ground: Path) -> None:
    former = fingerprint_of(options_in(ground))
    for name in ("scene.tif", "roofs.gpkg"):
        shutil.copyfile(ground / name, ground / "copy")
        (ground / "copy").replace(ground / name)
    assert fingerprint_of(options_in(ground)) == former


def test_files_are_the_same_from_wherever_they_are_named(
    ground: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = fingerprint_of(options_in(ground))
    monkeypatch.chdir(ground)
    assert fingerprint_of(options_in(Path())) == whole


def test_images_that_come_move_or_go_are_named(ground: Path) -> None:
    write_scene(ground / "east.tif")
    former = fingerprint_of(options_in(ground))
    (ground / "east.tif").rename(ground / "west.tif")
    with rasterio.open(ground / "scene.tif", "r+") as file:
        file.transform = Affine.translation(1, 0) @ file.transform
    now = fingerprint_of(options_in(ground))
    assert changes(former, now) == "east.tif is gone, scene.tif is another, west.tif is new"


def test_of_many_changes_a_few_are_named() -> None:
    told = changes({}, {f"/{number}.tif": "mark" for number in range(NAMED + 3)})
    assert told.endswith("3.tif is new, 3 more")
