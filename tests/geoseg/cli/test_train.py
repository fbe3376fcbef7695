from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import geoseg.training.recipe  # noqa: F401 loads torch before the commands, where warnings are errors
from geoseg.cli.app import app
from geoseg.cli.trial import stage_line
from geoseg.training.trial import StageTrial
from tests.geoseg.training.runs import write_run


def called(*words: object) -> Result:
    return CliRunner().invoke(app, ["train", *map(str, words)])


def test_a_run_ends_with_a_checkpoint_and_says_how_good_it_is(tmp_path: Path) -> None:
    result = called(write_run(tmp_path))
    assert result.exit_code == 0, result.output
    assert "after 0 steps: " in result.stderr
    assert "whole 4/4" in result.stderr
    assert f"wrote {tmp_path / 'run' / 'model'}: " in result.stdout
    assert (tmp_path / "run" / "model" / "config.json").exists()


def test_the_same_command_goes_on_where_it_was(tmp_path: Path) -> None:
    config = write_run(tmp_path)
    assert called(config).exit_code == 0
    again = called(config)
    assert again.exit_code == 0
    assert "whole" not in again.stderr
    assert "finished already: the model is in" in again.stdout
    assert "wrote" not in again.stdout


def test_a_dry_run_says_what_it_will_be_like_and_writes_nothing(tmp_path: Path) -> None:
    result = called(write_run(tmp_path), "--dry-run")
    assert result.exit_code == 0, result.output
    heading, learned, measured = result.stdout.splitlines()[:3]
    assert heading.split() == [
        "data", "for", "images", "chips", "phrases", "distinct", "absent"
    ]  # fmt: skip
    assert learned.startswith("roofs.gpkg train  learning")
    assert measured.startswith("roofs.gpkg val    validation")
    assert "roofs.gpkg train: all buildings; " in result.stdout
    assert "the layer holds 60 polygons" in result.stdout
    assert "bands 1, 2, 3 of uint8, 0 to 255 from black to white" in result.stdout
    assert "numbers learn" in result.stdout
    assert "whole: 4 steps of " in result.stdout
    assert "validation: " in result.stdout
    assert "in all about " in result.stdout
    assert not (tmp_path / "run").exists()


def test_a_dry_run_of_a_finished_run_says_so_though_its_data_is_gone(tmp_path: Path) -> None:
    config = write_run(tmp_path)
    assert called(config).exit_code == 0
    (tmp_path / "scene.tif").unlink()
    result = called(config, "--dry-run")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("this run is finished already: the model is in")
    assert "note: the images or the layer cannot be read any more (" in result.stderr


def test_a_stage_is_told_with_what_is_left_of_it() -> None:
    stage = StageTrial("whole", 9, 1.0, 1.0, workers=0, figures={}, memory=0, kept=0, done=6)
    assert stage_line(stage).startswith(
        "whole: 6 of 9 steps are done and kept; the other 3 of 2.00 s are 6 s ("
    )
    assert stage_line(replace(stage, done=9)) == "whole: all 9 steps are done already"
    assert stage_line(replace(stage, done=0)).startswith("whole: 9 steps of 2.00 s are 18 s (")


def test_a_run_that_diverges_fails(tmp_path: Path) -> None:
    wild = {"steps": 30, "batch": 2, "learning_rate": 1e30, "warm_up": 1}
    result = called(write_run(tmp_path, whole=wild))
    assert result.exit_code == 1
    assert "(samples: " in result.stderr


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"whole": {"steps": 0}}, "'whole.steps' must be at least 1"),
        ({"model": "nowhere at all"}, "no model called"),
        ({"data": {"train": "refsegr:/nowhere"}}, "did you mean 'refsegrs'"),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_written(
    tmp_path: Path, changes: dict[str, object], told: str
) -> None:
    result = called(write_run(tmp_path, **changes))
    assert result.exit_code == 2
    assert told in result.stderr
    assert not (tmp_path / "run").exists()


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    result = called(tmp_path / "nothing.yaml")
    assert result.exit_code == 2
    assert "cannot be read" in result.stderr
