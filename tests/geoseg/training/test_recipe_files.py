"""A run goes on, and is finished, with the images and the layer that it began with."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from geoseg.errors import OptionsError
from geoseg.training.recipe import train, try_out
from tests.geoseg.training.data.own_ground import roofs, write_scene
from tests.geoseg.training.runs import SHAPE, Heard, run_options


def write_other_layer(folder: Path) -> None:
    roofs(seed=1, height=SHAPE[0], width=SHAPE[1], count=60).to_file(
        folder / "roofs.gpkg", layer="roofs"
    )


def write_other_image(folder: Path) -> None:
    write_scene(folder / "scene.tif", shape=(SHAPE[0], SHAPE[1] + 8))


@pytest.mark.parametrize(
    ("name", "write_other"), [("roofs.gpkg", write_other_layer), ("scene.tif", write_other_image)]
)
def test_a_run_goes_on_only_with_the_data_that_it_began_with(
    tmp_path: Path, name: str, write_other: Callable[[Path], None]
) -> None:
    options = run_options(tmp_path)
    train(options, Heard())
    (options.run / "finished.json").unlink()
    former = (tmp_path / name).read_bytes()
    write_other(tmp_path)
    told = rf"have changed since: {name} is another; restore them .*'model: .*' to learn on"
    for begin in (try_out, lambda options: train(options, Heard())):
        with pytest.raises(OptionsError, match=told):
            begin(options)
    (tmp_path / name).write_bytes(former)
    again = train(options, heard := Heard())
    assert again is not None
    assert heard.steps == []


def test_a_finished_run_says_that_its_data_has_changed(tmp_path: Path) -> None:
    options = run_options(tmp_path)
    train(options, Heard())
    same = train(options, Heard())
    assert same is not None
    assert same.notice == ""
    write_other_layer(tmp_path)
    other = train(options, Heard())
    assert other is not None
    assert other.before
    assert "have changed since: roofs.gpkg is another; to learn from them" in other.notice


def test_a_run_finished_by_an_earlier_version_says_that_ground_was_parted_otherwise(
    tmp_path: Path,
) -> None:
    options = run_options(tmp_path)
    train(options, Heard())
    told = json.loads((options.run / "finished.json").read_text("utf-8"))
    del told["files"]
    (options.run / "finished.json").write_text(json.dumps(told), "utf-8")
    same = train(options, Heard())
    assert same is not None
    assert same.before
    assert same.notice.startswith("an earlier version parted the ground of own images otherwise")
