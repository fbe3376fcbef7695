import json
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from geoseg.cli.app import app
from tests.geoseg.evaluation.test_scene_truths import layer
from tests.geoseg.evaluation.test_scenes import scene

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


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["rendred:seed=1"], "'rendered'"),
        ([RENDERED, "--protocol", "tiles"], "whole or chips"),
        ([RENDERED, "-o", "report.pdf"], ".md or .json"),
        ([RENDERED, "--device", "tpu"], "auto, cpu"),
        (["scenes:a.tif"], "truth="),
        (["scenes:a.jsonl", "--failures", "sheet.jpg"], "not whole scenes"),
        ([RENDERED, "--failures", "sheet.tif"], ".jpg or"),
        (["scenes:a.jsonl", "--protocol", "whole"], "through the pipeline"),
    ],
)
def test_what_cannot_be_done_is_said_with_the_way_out(words: list[str], says: str) -> None:
    result = RUN.invoke(app, ["evaluate", "geoseg-tiny", *words])
    assert result.exit_code == 2
    assert says in result.stderr
