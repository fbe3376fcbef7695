import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from geoseg.cli.app import app
from geoseg.segmenter import embedded_folder
from tests.geoseg.training.data.own_ground import write_config

RUN = CliRunner()

RENDERED = "rendered:seed=900000000&count=16&chip=56&queries=6&absent=0.5"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return Path(shutil.copytree(embedded_folder(), tmp_path / "model"))


def settings(folder: Path) -> dict[str, object]:
    return dict(json.loads((folder / "config.json").read_text("utf-8")))


def calibrate(*words: object, rate: float = 0.25) -> str:
    rated = ["--false-accept", str(rate), "--device", "cpu"]
    result = RUN.invoke(app, ["calibrate", *map(str, words), *rated])
    assert result.exit_code == 0, result.output
    return str(result.stdout)


def test_a_copy_holds_the_calibration_and_can_be_asked(model: Path, tmp_path: Path) -> None:
    copy, before = tmp_path / "calibrated", settings(model)
    told = calibrate(model, RENDERED, "-o", copy)
    assert "empty chips accepted" in told
    assert "on average over" in told
    assert settings(copy)["calibration"]["data"] == "rendered 900000000..900000015"
    assert settings(model) == before
    words = ["evaluate", str(copy), "rendered:seed=1&count=1&chip=56&queries=1", "--json"]
    assert RUN.invoke(app, words).exit_code == 0


def test_a_former_copy_is_replaced_if_that_is_asked_for(model: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(model, tmp_path / "calibrated"))
    words = ["calibrate", str(model), RENDERED, "-o", str(copy), "--false-accept", "0.25"]
    result = RUN.invoke(app, words)
    assert result.exit_code == 2
    assert "exists already; choose another name, or replace it with --overwrite" in result.stderr
    calibrate(model, RENDERED, "-o", copy, "--overwrite")
    assert settings(copy)["calibration"]["false_accept"] == 0.25
    (copy / "notes.txt").write_text("mine")
    result = RUN.invoke(app, [*words, "--overwrite"])
    assert result.exit_code == 2
    assert "notes.txt" in result.stderr


def test_in_place_only_the_configuration_changes(model: Path) -> None:
    weights = (model / "model.safetensors").read_bytes()
    note = json.loads(calibrate(model, RENDERED, "--overwrite", "--json"))
    assert settings(model)["calibration"] == note
    assert note["false_accept"] == 0.25
    assert (model / "model.safetensors").read_bytes() == weights


def test_a_rate_tried_on_hardly_any_images_is_doubted(model: Path) -> None:
    few = "rendered:seed=1&count=4&chip=56"
    words = ["calibrate", str(model), few, "--overwrite", "--json", "--false-accept", "0.5"]
    result = RUN.invoke(app, words)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["accepted_empty_images"] < 5
    assert "with empty chips can hardly tell whether the rate is kept" in result.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["geoseg-tiny", RENDERED, "--overwrite"], "part of the package"),
        (["MODEL", RENDERED], "nowhere to write"),
        (["owner/name", RENDERED, "-o", "new"], "on a hub"),
        (["MODEL", "rendred:1", "--overwrite"], "'rendered'"),
        (["MODEL", RENDERED, "-o", "MODEL"], "exists already"),
        (["MODEL", RENDERED, "-o", "MODEL", "--overwrite"], "leave -o out"),
        (["MODEL", RENDERED, "--overwrite", "--limit", "2"], "at least 9 in the half"),
        (["MODEL", "scenes:a.tif?truth=a.gpkg", "--overwrite"], "give own-layer:"),
        (["MODEL", RENDERED, "--overwrite", "--limit", "0"], "--limit must be at least 1, but 0"),
        (["MODEL", RENDERED, "--overwrite", "--seed", "-1"], "--seed must be at least 0"),
    ],
)
def test_what_cannot_be_done_is_said_before_the_model_is_asked(
    model: Path, words: list[str], says: str
) -> None:
    given = [str(model) if word == "MODEL" else word for word in words]
    result = RUN.invoke(app, ["calibrate", *given, "--false-accept", "0.1"])
    assert result.exit_code == 2
    assert says in result.stderr


@pytest.mark.parametrize("rate", ["1.5", "-0.1", "nan", "0.0", "1.0"])
def test_a_rate_that_is_none_is_refused(rate: str) -> None:
    words = ["calibrate", "geoseg-tiny", RENDERED, "-o", "new", "--false-accept", rate]
    result = RUN.invoke(app, words)
    assert result.exit_code == 2
    assert f"--false-accept must be between 0 and 1, but {rate} was given" in result.stderr


def test_too_few_empty_chips_leave_the_checkpoint_as_it_was(model: Path) -> None:
    before = (model / "config.json").read_bytes()
    words = [
        "calibrate",
        str(model),
        RENDERED,
        "--overwrite",
        "--limit",
        "2",
        "--false-accept",
        "0.001",
    ]
    result = RUN.invoke(app, words)
    assert result.exit_code == 2
    assert "empty chips" in result.stderr
    assert (model / "config.json").read_bytes() == before


def test_a_model_that_cannot_refuse_is_told_what_to_do_instead(model: Path) -> None:
    changed = settings(model) | {"trained_to_reject": False}
    (model / "config.json").write_text(json.dumps(changed), "utf-8")
    words = ["calibrate", str(model), RENDERED, "--overwrite", "--false-accept", "0.5"]
    result = RUN.invoke(app, words)
    assert result.exit_code == 2
    for way_out in ("geoseg train", "--presence"):
        assert way_out in result.stderr


def test_chips_of_another_size_than_the_models_are_refused(model: Path, tmp_path: Path) -> None:
    place = f"own-layer:{write_config(tmp_path)}?split=all"
    words = ["calibrate", str(model), place, "--overwrite", "--false-accept", "0.1"]
    result = RUN.invoke(app, words)
    assert result.exit_code == 2
    assert "chips of 32 pixels, but the model sees 160" in result.stderr


def test_a_published_checkpoint_is_to_be_converted_first(model: Path, tmp_path: Path) -> None:
    published = settings(model) | {"model_type": "internvl_chat"}
    (model / "config.json").write_text(json.dumps(published), "utf-8")
    words = ["calibrate", str(model), RENDERED, "-o", str(tmp_path / "new")]
    result = RUN.invoke(app, [*words, "--false-accept", "0.1"])
    assert result.exit_code == 2
    assert "convert" in result.stderr
