from pathlib import Path

import numpy as np
import pytest
import rasterio

from geoseg.errors import DataError
from geoseg.training.data.own_images import own_images
from tests.geoseg.training.data.own_ground import CRS, NORTH_UP, write_scene


def write_numbers(path: Path, dtype: str = "int64") -> Path:
    """A raster of the number of the thing at each pixel, as `geoseg scene --ids` writes it."""
    profile = {"driver": "GTiff", "dtype": dtype, "count": 1, "height": 8, "width": 8,
               "transform": NORTH_UP, "crs": CRS}  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        file.write(np.ones((1, 8, 8), dtype))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A picture, the numbers of the things on it, and a mask that a run made of it."""
    write_scene(tmp_path / "p.tif")
    write_numbers(tmp_path / "p.ids.tif")
    with rasterio.open(write_scene(tmp_path / "roofs.tif"), "r+") as file:
        file.update_tags(GEOSEG_MODEL="geoseg-tiny")
    return tmp_path


def test_a_pattern_names_no_masks_and_numbers(folder: Path) -> None:
    images = own_images(["*.tif", "*.tif"], folder)
    assert [path.name for path in images.paths] == ["p.tif"]
    assert [path.name for path in images.left_out] == ["p.ids.tif", "roofs.tif"]
    (notice,) = images.notices
    assert notice.startswith("left out, though a pattern under 'images' matches: 'p.ids.tif', 'ro")


def test_a_file_that_is_named_itself_stays(folder: Path) -> None:
    images = own_images(["*.tif", "p.ids.tif", str(folder / "roofs.tif")], folder)
    assert [path.name for path in images.paths] == ["p.tif", "p.ids.tif", "roofs.tif"]
    assert (images.left_out, images.notices) == ((), ())


def test_images_that_are_only_called_like_numbers_stay(tmp_path: Path) -> None:
    write_scene(tmp_path / "a.ids.tif")
    write_numbers(tmp_path / "heights.tif")
    assert [path.name for path in own_images(["*"], tmp_path).paths] == ["a.ids.tif", "heights.tif"]


def test_what_is_no_raster_is_told_when_it_is_opened_as_one(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_text("hello")
    assert own_images(["*.tif"], tmp_path).paths == (tmp_path / "a.tif",)


def test_a_pattern_of_nothing_but_masks_is_refused(folder: Path) -> None:
    with pytest.raises(DataError, match=r"nothing but masks.*: 'roofs\.tif'; name the images"):
        own_images(["r*.tif"], folder)
