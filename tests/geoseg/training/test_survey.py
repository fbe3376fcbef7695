import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

from geoseg.training.batches import Example
from geoseg.training.data.own_layer import OwnLayerSource, own_layer_source
from geoseg.training.data.own_options import OwnLayerOptions
from geoseg.training.data.rendered import open_rendered
from geoseg.training.data.sources import open_source
from geoseg.training.data_options import RenderedData
from geoseg.training.opened import open_training, open_validation
from geoseg.training.survey import (
    LOOKED,
    noticed,
    notices_of,
    survey_of,
    survey_of_scenes,
)
from tests.geoseg.training.data.layouts import write_earthreason, write_refsegrs
from tests.geoseg.training.runs import run_options


def test_a_published_data_set_is_counted(tmp_path: Path) -> None:
    source = open_source(f"refsegrs:{write_refsegrs(tmp_path)}?split=val")
    survey = survey_of(source, "learning")
    assert (survey.images, survey.chips, survey.phrases) == (3, 3, 4)
    assert survey.absent == pytest.approx(1 / 4)
    assert set(survey.said) == {
        "the  red roofs",
        "all buildings",
        "the car on the left",
        "the ships",
    }
    assert survey.notices == ()


def test_data_without_any_target_is_noted(tmp_path: Path) -> None:
    source = open_source(f"earthreason:{write_earthreason(tmp_path)}?split=val&threshold=255")
    survey = survey_of(source, "learning")
    assert survey.absent == 1
    assert "none of the phrases has a target" in survey.notices[0]


def test_an_own_layer_tells_its_images_and_what_was_left_out(tmp_path: Path) -> None:
    options = run_options(tmp_path)
    (source,) = open_training(options)
    survey = survey_of(source, "learning")
    assert survey.images == 1
    assert survey.chips == len(source)
    assert survey.own is not None
    assert [image.path.name for image in survey.own.images] == ["scene.tif"]
    validation = open_validation(options)
    assert isinstance(validation, OwnLayerSource)
    assert notices_of(validation) == ()


def test_what_is_to_be_known_of_an_own_layer_names_the_image_it_is_about(tmp_path: Path) -> None:
    options = run_options(tmp_path)
    with rasterio.open(tmp_path / "scene.tif") as file:
        profile, pixels = file.profile, file.read()
    profile |= {"count": 4, "dtype": "uint16", "photometric": "minisblack"}
    with rasterio.open(tmp_path / "scene.tif", "w", **profile) as file:
        file.write(np.concatenate([pixels, pixels[:1]]).astype(np.uint16))
    assert isinstance(options.data, OwnLayerOptions)
    far = options.data.model_copy(update={"images": (*options.data.images, str(moved(tmp_path)))})
    source = own_layer_source(far, "all")
    unmapped, *of_images = notices_of(source)
    assert unmapped.startswith("no polygon lies on '")
    assert "far.tif', so that all of it is taken to be empty" in unmapped
    assert [told.partition(":")[0] for told in of_images] == ["scene.tif", "far.tif"]
    assert all("1, 2, 3 taken as red, green and blue" in told for told in of_images)


def moved(folder: Path) -> Path:
    """The same scene, far from all polygons."""
    shutil.copy(folder / "scene.tif", folder / "far.tif")
    with rasterio.open(folder / "far.tif", "r+") as file:
        file.transform = Affine.translation(0, -50_000) @ file.transform
    return folder / "far.tif"


def test_features_that_are_not_as_they_were_drawn_are_noted(tmp_path: Path) -> None:
    (source,) = open_training(run_options(tmp_path))
    assert isinstance(source, OwnLayerSource)
    own = replace(source.summary(), features=1234, empty=2, invalid=0, outside=1000, mended=1)
    (notice,) = noticed(own)
    assert notice == (
        "of the 1,234 polygons in roofs.gpkg: 2 left out, without an outline; 1,000 on none of the "
        "images; 1 mended, as their outlines crossed themselves"
    )
    assert noticed(replace(own, empty=0, outside=0, mended=0)) == ()


def test_the_commonest_phrases_come_first(tmp_path: Path) -> None:
    (source,) = open_training(run_options(tmp_path))
    said = survey_of(source, "learning").said
    times = [
        sum(phrase in source.phrases(index) for index in range(len(source))) for phrase in said
    ]
    assert times == sorted(times, reverse=True)
    assert len(set(said)) == len(said)


def test_of_rendered_scenes_a_few_are_looked_at() -> None:
    survey = survey_of(open_rendered(count=LOOKED + 9, chip=32, queries=3), "validation")
    assert (survey.images, survey.read) == (LOOKED + 9, LOOKED)
    assert 0 < survey.phrases <= LOOKED * 3


def test_of_scenes_on_disk_the_first_chips_are_looked_at(tmp_path: Path) -> None:
    masks = np.array([[[True]], [[False]]])

    def examples(place: int) -> Example:
        return Example(np.zeros((1, 1, 3), np.uint8), ("here", f"not {place}"), masks, "")

    survey = survey_of_scenes(RenderedData(scenes=tmp_path, shards=3), examples)
    assert (survey.images, survey.chips, survey.read) == (96, 0, LOOKED)
    assert survey.absent == 0.5
    assert survey.said[0] == "here"
    assert len(survey.said) == LOOKED + 1
