import json
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from geoseg.cli.app import app
from tests.geoseg.evaluation.test_scene_truths import layer
from tests.geoseg.evaluation.test_scenes import scene
from tests.geoseg.training.data.own_ground import roofs, write_config, write_scene

RUN = CliRunner()

RENDERED = "rendered:seed=950000100&count=2&chip=56&queries=2"


def test_it_writes_reports_and_failures_and_shows_a_table(tmp_path: Path) -> None:
    names = [str(tmp_path / name) for name in ("report.md", "report.json", "failures.png")]
    page, machine, failures = names
    words = ["evaluate", "geoseg-tiny", RENDERED, "-o", page, "-o", machine]
    result = RUN.invoke(app, [*words, "--failures", failures, "--device", "cpu"])
    assert result.exit_code == 0, result.output
    assert "N-acc" in result.stdout
    report = json.loads(Path(machine).read_text("utf-8"))
    assert report["origin"]["model"] == "geoseg-tiny"
    assert report["rows"][0]["images"] == 2
    assert report["shown"] == {"whole": 2}
    assert RENDERED in Path(page).read_text("utf-8")
    with Image.open(failures) as sheet:
        assert sheet.width > 0


def test_json_goes_to_the_screen_when_asked_for() -> None:
    words = ["evaluate", "geoseg-tiny", RENDERED, "--limit", "1", "--json", "--protocol", "chips"]
    result = RUN.invoke(app, words)
    assert json.loads(result.stdout)["shown"] == {"chips": 1}


def test_a_whole_scene_with_a_truth_layer_is_measured(tmp_path: Path) -> None:
    place = f"scenes:{scene(tmp_path)}?truth={layer(tmp_path)}"
    result = RUN.invoke(app, ["evaluate", "geoseg-tiny", place, "--json"])
    report = json.loads(result.stdout)
    assert report["shown"] == {"scene": 1}
    assert report["counted"] == 2
    assert report["instance_f1"]["low"] is None  # one scene tells nothing of others
    assert report["risk"] == {}


def test_how_a_scene_was_read_and_asked_is_told(tmp_path: Path) -> None:
    place = f"scenes:{scene(tmp_path)}?truth={layer(tmp_path)}&gsd=0.25"
    result = RUN.invoke(app, ["evaluate", "geoseg-tiny", place, "--json"])
    told = json.loads(result.stdout)["origin"]["notices"]
    (notice,) = (one for one in told if "0.25 m" in one)
    assert notice.startswith("scene.tif: ")
    assert f"note: {notice}" in result.stderr


def test_what_became_of_an_own_layer_and_of_its_chips_is_noted(tmp_path: Path) -> None:
    frame = roofs()
    frame.loc[0, "geometry"] = None
    frame.to_file(tmp_path / "roofs.gpkg", layer="roofs")
    write_scene(tmp_path / "scene.tif")
    place = f"own-layer:{write_config(tmp_path)}?split=all"
    words = ["evaluate", "geoseg-tiny", place, "--limit", "1", "--json"]
    result = RUN.invoke(app, words)
    assert "note: of the 14 polygons in roofs.gpkg: 1 left out, without" in result.stderr
    assert "note: the data is cut into chips of 32 pixels and resized to the 160" in result.stderr
    assert "write 'chip: 160'" in json.loads(result.stdout)["origin"]["notices"][-1]
    cut = RUN.invoke(app, [*words, "--protocol", "chips"])
    assert "resized" not in cut.stderr
    assert json.loads(cut.stdout)["origin"]["notices"] == []


@pytest.mark.parametrize("data", ["scene", "chips"])
def test_the_presence_asked_for_is_the_one_answered_with(tmp_path: Path, data: str) -> None:
    place = f"scenes:{scene(tmp_path)}?truth={layer(tmp_path)}"
    words = [place] if data == "scene" else [RENDERED, "--protocol", "chips"]
    told = []
    for presence in ("0", "1"):
        asked = ["evaluate", "geoseg-tiny", *words, "--json", "--presence", presence]
        told.append(json.loads(RUN.invoke(app, asked).stdout))
    assert [report["presence"] for report in told] == [0, 1]
    answered = [report["rows"][0]["figures"]["oIoU"]["value"] for report in told]
    assert answered[0] > answered[1] == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["rendred:seed=1"], "'rendered'"),
        (["scene:a.tif?truth=b.gpkg"], "did you mean 'scenes'?"),
        ([RENDERED, "--protocol", "tiles"], "whole or chips"),
        ([RENDERED, "-o", "report.pdf"], ".md or .json"),
        ([RENDERED, "--device", "tpu"], "auto, cpu"),
        (["Scenes:a.tif"], "truth="),
        (["scenes:a.jsonl", "--failures", "sheet.jpg"], "not whole scenes"),
        ([RENDERED, "--failures", "sheet.tif"], ".jpg or"),
        ([RENDERED, "--presence", "2"], "--presence must be from 0 to 1, but 2.0 was given"),
        (["scenes:a.jsonl", "--protocol", "whole"], "through the pipeline"),
    ],
)
def test_what_cannot_be_done_is_said_with_the_way_out(words: list[str], says: str) -> None:
    result = RUN.invoke(app, ["evaluate", "geoseg-tiny", *words])
    assert result.exit_code == 2
    assert says in result.stderr


@pytest.mark.parametrize(("name", "value"), [("DEVICE", "tpu"), ("MODE", "loud")])
def test_device_and_mode_may_be_set_in_the_environment(name: str, value: str) -> None:
    words = ["evaluate", "geoseg-tiny", RENDERED]
    result = RUN.invoke(app, words, env={f"GEOSEG_{name}": value})
    assert result.exit_code == 2
    assert f"GEOSEG_{name})" in result.stderr
    assert value in result.stderr
    given = [*words[:2], "lost:a", f"--{name.lower()}", "auto"]
    assert "'lost'" in RUN.invoke(app, given, env={f"GEOSEG_{name}": value}).stderr
