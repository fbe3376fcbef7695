import json
import os
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from typer.testing import CliRunner

import geoseg.pipeline
from geoseg.cli.app import app
from geoseg.cli.segment import merged, progress_bar
from tests.geoseg.oracle import BrokenSegmenter, OracleSegmenter
from tests.geoseg.test_pipeline import blobs, write_scene

RUN = CliRunner()


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    return write_scene(tmp_path / "scene.tif", blobs(2, 60, 70, 0.3))


@pytest.fixture(autouse=True)
def _oracle(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oracle in place of the model: the command line never sees the difference."""
    models = {"oracle": OracleSegmenter(16), "broken": BrokenSegmenter(16)}
    real = geoseg.pipeline.load_segmenter
    monkeypatch.setattr(
        geoseg.pipeline,
        "load_segmenter",
        lambda name, running: models.get(name) or real(name, running),
    )


def asked(*words: object, model: str = "oracle") -> list[str]:
    return ["segment", *map(str, words), "--model", model, "--overlap", "4", "--no-progress"]


def test_files_are_written_and_the_summary_names_them(scene: Path, tmp_path: Path) -> None:
    outputs = [tmp_path / name for name in ("a.geojson", "a.gpkg", "a.tif")]
    flags = [word for path in outputs for word in ("-o", path)]
    result = RUN.invoke(
        app,
        asked(scene, "-q", "red", "-q", "blue", *flags, "--scores", tmp_path / "s.tif"),
        env={"COLUMNS": "200"},
    )
    assert result.exit_code == 0, result.output
    assert all(path.exists() for path in (*outputs, tmp_path / "s.tif"))
    assert "red" in result.stdout
    assert "a.gpkg" in result.stdout
    assert len(gpd.read_file(outputs[0])) == len(gpd.read_file(outputs[1])) > 0


def test_json_is_for_machines(scene: Path, tmp_path: Path) -> None:
    result = RUN.invoke(app, asked(scene, "-q", "red", "-o", tmp_path / "a.gpkg", "--json"))
    report = json.loads(result.stdout)
    assert result.exit_code == 0
    assert report["queries"][0]["query"] == "red"
    assert report["chips"] == report["asked"] + report["skipped"]
    assert report["options"]["chips"]["overlap"] == 4


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["-q", " ", "-o", "a.gpkg"], "query is empty"),
        (["-q", "the [SEG]", "-o", "a.gpkg"], "control token"),
        (["-q", "red", "-o", "a.xyz"], ".gpkg"),
        (["-q", "red", "-o", "a.gpkg", "--threshold", "1.5"], "--threshold"),
        (["-q", "red", "-o", "a.gpkg", "--bands", "1,9"], "9"),
        (["-q", "red", "-o", "a.gpkg", "--bands", "red"], "--bands"),
        (["-q", "red", "-o", "a.gpkg", "--overlap", "16"], "overlap"),
        (["-q", "red", "-o", "a.gpkg", "--device", "abacus"], "abacus"),
        (["-q", "red", "-o", "a.gpkg", "--config", "nowhere.yaml"], "nowhere.yaml"),
    ],
)
def test_bad_input_ends_with_code_2_and_one_readable_block(
    scene: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = RUN.invoke(app, [*asked(scene), *words])
    assert result.exit_code == 2, result.output
    assert result.stderr.startswith("Error: ")
    assert told in result.stderr
    assert "Traceback" not in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["scene.tif"]


def test_a_missing_scene_ends_with_code_2(tmp_path: Path) -> None:
    result = RUN.invoke(app, asked(tmp_path / "no.tif", "-q", "red", "-o", tmp_path / "a.gpkg"))
    assert result.exit_code == 2
    assert "no.tif" in result.stderr


def test_a_truncated_scene_ends_with_code_2(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 255, (256, 256, 3), np.uint8)
    tiled = {"tiled": True, "blockxsize": 64, "blockysize": 64}
    scene = write_scene(tmp_path / "scene.tif", pixels, **tiled)
    scene.write_bytes(scene.read_bytes()[:120_000])
    result = RUN.invoke(app, asked(scene, "-q", "red", "-o", tmp_path / "a.tif"))
    assert result.exit_code == 2, result.output
    assert not (tmp_path / "a.tif").exists()


def test_brackets_are_text_and_not_markup(tmp_path: Path) -> None:
    (tmp_path / "x[").mkdir()
    scene = write_scene(tmp_path / "x[" / "red].tif", blobs(2, 20, 20, 0.3))
    models_words = asked(scene, "-q", "red", "-o", tmp_path / "[bold]a.gpkg")
    result = RUN.invoke(app, models_words, env={"COLUMNS": "300"})
    assert result.exit_code == 0, result.output
    assert "[bold]a.gpkg" in result.stdout
    assert "x[/red].tif" in RUN.invoke(app, ["info", str(scene)], env={"COLUMNS": "300"}).stdout


@pytest.mark.parametrize("content", ["run: 3\n", "mask: [1]\n", "3\n"])
def test_a_config_of_the_wrong_form_ends_with_code_2(
    scene: Path, tmp_path: Path, content: str
) -> None:
    (tmp_path / "run.yaml").write_text(content)
    words = asked(scene, "-q", "red", "-o", tmp_path / "a.gpkg", "--config", tmp_path / "run.yaml")
    result = RUN.invoke(app, words)
    assert result.exit_code == 2, result.output
    assert result.stderr.startswith("Error: ")


def test_a_failed_chip_ends_with_code_1(tmp_path: Path) -> None:
    pixels = np.zeros((32, 32, 3), np.uint8)
    pixels[3, 20, 2] = 13
    scene = write_scene(tmp_path / "scene.tif", pixels)
    words = asked(scene, "-q", "red", "-o", tmp_path / "a.tif", model="broken")
    stopped = RUN.invoke(app, words)
    assert stopped.exit_code == 1
    assert "thirteen" in stopped.stderr
    assert not (tmp_path / "a.tif").exists()
    finished = RUN.invoke(app, [*words, "--keep-going"])
    assert finished.exit_code == 1
    assert "chips failed" in finished.stderr
    assert (tmp_path / "a.tif").exists()


def test_flags_win_over_environment_and_that_over_the_file(scene: Path, tmp_path: Path) -> None:
    config = tmp_path / "run.yaml"
    config.write_text("mask:\n  threshold: 0.1\n  presence: 0.1\nchips:\n  batch: 2\n")
    words = asked(scene, "-q", "red", "-o", tmp_path / "a.gpkg", "--json", "--config", config)
    env = {"GEOSEG_PRESENCE": "0.2", "GEOSEG_THRESHOLD": "0.2"}
    options = json.loads(RUN.invoke(app, [*words, "--threshold", "0.3"], env=env).stdout)["options"]
    assert options["mask"]["threshold"] == 0.3
    assert options["mask"]["presence"] == 0.2
    assert options["chips"]["batch"] == 2


def test_a_group_that_is_no_mapping_is_left_to_be_refused() -> None:
    assert merged({"mask": 3}, {}) == {"mask": 3}
    assert merged({}, {"mask": 3}) == {"mask": 3}


def test_the_progress_bar_moves() -> None:
    with progress_bar(shown=True) as moved:
        assert moved is not None
        moved(1, 2)
    with progress_bar(shown=False) as moved:
        assert moved is None


def test_help_comes_without_torch() -> None:
    code = (
        "import sys; from geoseg.cli import main\n"
        "sys.argv = ['geoseg', 'segment', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "sys.exit('torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "200"},
    )
    assert done.returncode == 0
    assert "--min-area" in done.stdout
    assert "Default: 0.5." in done.stdout
