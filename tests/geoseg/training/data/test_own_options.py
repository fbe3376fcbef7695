from pathlib import Path

import pytest
from pydantic import ValidationError

from geoseg.training.data.own_options import OwnLayerOptions

LEAST = {"images": ["a.tif"], "layer": "a.gpkg", "phrases": [{"template": "the roofs"}]}


def test_images_a_layer_and_phrases_are_enough() -> None:
    options = OwnLayerOptions.model_validate(LEAST)
    assert options.phrases[0].template == "the roofs"
    assert (options.fewest_pixels, options.absent_phrases) == (16, ())


def test_absent_phrases_are_read_as_queries() -> None:
    options = OwnLayerOptions.model_validate({**LEAST, "absent_phrases": ["  the  ships "]})
    assert options.absent_phrases == ("the ships",)


@pytest.mark.parametrize(
    ("said", "overlap"), [({}, 64), ({"chip": 64}, 32), ({"chip": 64, "overlap": 63}, 63)]
)
def test_chips_share_what_those_of_a_run_share(said: dict[str, object], overlap: int) -> None:
    assert OwnLayerOptions.model_validate({**LEAST, **said}).least_overlap == overlap


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"images": []}, "images"),
        ({"phrases": []}, "phrases"),
        ({"absent_phrases": [" "]}, "empty"),
        ({"empty_share": 1}, "empty_share"),
        ({"validation_share": 1}, "validation_share"),
        ({"fewest_pixels": 0}, "fewest_pixels"),
        ({"tile": 3}, "tile"),
        ({"chip": 64, "overlap": 64}, r"overlap\n.* must be 0 to 63 for chips of 64 pixels"),
        ({"chip": 4097}, r"chip\n.* less than or equal to 4096"),
        ({"images": ["a.tif", "https://x.org/b.tif"]}, r"images\n.* must be on this machine"),
        ({"images": ["/vsicurl/https://x.org/b.tif"]}, "must be on this machine"),
        ({"layer": "/vsizip/a.zip"}, r"layer\n.* \.zip of a shapefile can be given"),
    ],
)
def test_what_makes_no_sense_is_refused(changes: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        OwnLayerOptions.model_validate({**LEAST, **changes})


def test_the_own_folder_can_be_written_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/anne")
    options = OwnLayerOptions.model_validate(
        {**LEAST, "images": ["~/a.tif", "b.tif", "~nobody-here/c.tif"], "layer": "~/a.gpkg"}
    )
    assert options.images == ("/home/anne/a.tif", "b.tif", "~nobody-here/c.tif")
    assert options.layer == "/home/anne/a.gpkg"


def written(folder: str) -> object:
    """What a run keeps of its options, whose paths are joined with the folder of their file."""
    options = OwnLayerOptions.model_validate(LEAST)
    paths = {"images": (f"{folder}/*.tif", f"{folder}/./a.tif"), "layer": f"{folder}/a.gpkg"}
    return options.model_copy(update=paths).model_dump(mode="json")


def test_written_down_the_same_files_are_the_same_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data" / "below").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "data")
    here = written(".")
    assert written("../data") == here
    monkeypatch.chdir(tmp_path / "data" / "below")
    assert written("..") == here
    assert written(".") != here
