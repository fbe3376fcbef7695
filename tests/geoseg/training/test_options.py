import re
from pathlib import Path

import pytest
import yaml

from geoseg.errors import OptionsError
from geoseg.training.data.own_options import OwnLayerOptions
from geoseg.training.data_options import NamedData, RenderedData
from geoseg.training.options import lasting, open_options
from tests.geoseg.training.runs import run_options, write_run

ROOT = Path(__file__).parents[3]

CONFIGS = sorted((ROOT / "configs" / "train").glob("*.yaml"))

LEAST = {"run": "run", "model": "geoseg-tiny", "data": {"train": "a"}, "whole": {"steps": 1}}


def refusal(folder: Path, **changes: object) -> str:
    path = folder / "run.yaml"
    path.write_text(yaml.safe_dump({**LEAST, **changes}))
    with pytest.raises(OptionsError) as caught:
        open_options(path)
    return str(caught.value)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_every_ready_file_can_be_read(path: Path) -> None:
    assert open_options(path).whole.steps > 0


def test_geoseg_tiny_is_trained_from_nothing_with_everything_at_once() -> None:
    options = open_options(next(path for path in CONFIGS if path.stem == "tiny"))
    assert isinstance(options.data, RenderedData)
    assert options.model.new is not None
    assert options.model.new.chip == 160
    assert options.tower is None
    assert options.losses.tower > 0
    assert options.learning.vision
    assert options.learning.statistics


def test_geoseg_tiny_comes_of_one_file() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert re.findall(r"geoseg train (\S+)", makefile) == ["configs/train/tiny.yaml"]


def test_a_checkpoint_learns_as_published_and_in_the_two_rows_of_the_head() -> None:
    options = open_options(next(path for path in CONFIGS if path.stem == "lora"))
    assert isinstance(options.data, NamedData)
    learning = options.learning
    assert (learning.language, learning.lora.rank, learning.lora.strength) == ("lora", 64, 2.0)
    assert (learning.norm, learning.decoder, learning.head_rows) == (True, True, True)
    assert (learning.vision, learning.projector, learning.statistics) == (False, False, False)


def test_paths_of_an_own_layer_are_relative_to_the_file(tmp_path: Path) -> None:
    data = run_options(tmp_path).data
    assert isinstance(data, OwnLayerOptions)
    assert data.layer == str(tmp_path / "roofs.gpkg")
    assert data.images == (str(tmp_path / "scene.tif"),)


def test_the_users_own_folder_can_be_a_tilde(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    options = run_options(tmp_path, run="~/runs/x", data={"scenes": "~/scenes"})
    assert isinstance(options.data, RenderedData)
    assert (options.run, options.data.scenes) == (tmp_path / "runs" / "x", tmp_path / "scenes")


def test_unknown_settings_are_named(tmp_path: Path) -> None:
    assert "'whole.stepz' is not known here" in refusal(tmp_path, whole={"steps": 1, "stepz": 2})
    assert "'foo' is not known here" in refusal(tmp_path, data={"train": "a", "foo": 1})


def test_unknown_parts_and_changes_are_refused_with_those_there_are(tmp_path: Path) -> None:
    assert "there are vision, " in refusal(tmp_path, optimiser={"rates": {"wings": 2}})
    assert "there are turned, " in refusal(tmp_path, ask={"chances": {"spun": 1}})


def test_a_run_starts_from_one_model(tmp_path: Path) -> None:
    assert "and not both" in refusal(tmp_path, model={})
    assert "and not both" in refusal(tmp_path, model={"name": "geoseg-tiny", "new": {}})


def test_only_rendered_scenes_teach_the_tower(tmp_path: Path) -> None:
    assert "only rendered scenes" in refusal(tmp_path, tower={"steps": 3})
    assert "only rendered scenes" in refusal(tmp_path, losses={"tower": 0.5})


def test_calibration_needs_data(tmp_path: Path) -> None:
    assert "needs data to calibrate on" in refusal(tmp_path, calibrate=0.01)


def test_calibration_needs_a_share_of_an_own_layer(tmp_path: Path) -> None:
    path = write_run(tmp_path, calibrate=0.1)
    content = yaml.safe_load(path.read_text("utf-8"))
    content["data"]["validation_share"] = 0
    path.write_text(yaml.safe_dump(content), "utf-8")
    with pytest.raises(OptionsError, match="give a 'validation_share' above 0"):
        open_options(path)


def test_muon_is_not_for_lora(tmp_path: Path) -> None:
    told = refusal(tmp_path, model="geoseg-tiny", optimiser={"kind": "muon"})
    assert "use adamw" in told


def test_missing_data_is_told_with_an_example(tmp_path: Path) -> None:
    assert "data: {train: NAME}" in refusal(tmp_path, data=None)


def test_where_and_how_often_is_no_lasting_setting(tmp_path: Path) -> None:
    options = run_options(tmp_path)
    other = options.model_copy(update={"run": tmp_path / "other"})
    assert lasting(options) == lasting(other)
    assert lasting(options) != lasting(options.model_copy(update={"seed": 1}))
