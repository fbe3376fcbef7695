import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from geoseg.cli.app import app
from tests.geoseg.test_pipeline import write_scene

RUN = CliRunner()


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    return write_scene(tmp_path / "scene.tif", np.zeros((500, 300, 3), np.uint8))


def test_it_says_what_the_scene_is_and_how_a_run_would_go(scene: Path) -> None:
    facts = json.loads(RUN.invoke(app, ["info", str(scene), "--json", "--overlap", "0"]).stdout)
    assert (facts["rows"], facts["columns"]) == (500, 300)
    assert facts["crs"] == "EPSG:32636"
    assert facts["gsd_m"] == pytest.approx([0.5, 0.5], rel=2e-3)
    assert facts["bands_used"] == [1, 2, 3]
    assert facts["chips"] == -(-500 // facts["chip_size"]) * -(-300 // facts["chip_size"])
    assert facts["seconds_about"] >= 0


def test_more_queries_take_longer_but_not_as_often(scene: Path) -> None:
    def seconds(queries: int) -> float:
        words = ["info", str(scene), "--json", "--overlap", "220", "--queries", str(queries)]
        return float(json.loads(RUN.invoke(app, words).stdout)["seconds_about"])

    assert seconds(1) < seconds(8) < 8 * seconds(1)


def test_a_table_is_shown_without_json(scene: Path) -> None:
    result = RUN.invoke(app, ["info", str(scene)])
    assert result.exit_code == 0
    assert "EPSG:32636" in result.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nowhere.tif"], "nowhere.tif"),
        (["SCENE", "--model", "owner/name"], "downloads nothing"),
        (["SCENE", "--model", "no-such"], "no-such"),
        (["SCENE", "--overlap", "9999"], "overlap"),
        (["SCENE", "--bands", "7"], "7"),
    ],
)
def test_bad_input_ends_with_code_2(scene: Path, words: list[str], told: str) -> None:
    given = [str(scene) if word == "SCENE" else word for word in words]
    result = RUN.invoke(app, ["info", *given])
    assert result.exit_code == 2
    assert told in result.stderr
