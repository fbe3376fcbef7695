import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio.shutil
from typer.testing import CliRunner

from geoseg.checkpoint import published_facts
from geoseg.cli.app import app
from geoseg.cli.info import Pace, matrix_speed
from geoseg.cli.known_model import Known
from geoseg.segmenter import embedded_folder
from tests.geoseg.test_pipeline import write_scene

RUN = CliRunner()

PUBLISHED = "jcwang0602/MLLMSeg_InternVL2_5_8B_GRES"


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    return write_scene(tmp_path / "scene.tif", np.zeros((500, 300, 3), np.uint8))


@pytest.fixture
def stranger(tmp_path: Path) -> Path:
    """A checkpoint of a model that is not MLLMSeg."""
    folder = tmp_path / "stranger"
    folder.mkdir()
    config = {"vision_config": {"image_size": 128}, "parameters": 7}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


def told(*words: str) -> dict[str, Any]:
    result = RUN.invoke(app, ["info", *words, "--json"])
    assert result.exit_code == 0, result.output
    facts: dict[str, Any] = json.loads(result.stdout)
    return facts


def without_measurement(folder: Path, into: Path) -> str:
    """A copy of a checkpoint's configuration whose makers measured nothing."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    del config["chips_per_second"]
    (into / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return str(into)


def test_it_says_what_the_scene_is_and_how_a_run_would_go(scene: Path) -> None:
    facts = told(str(scene), "--overlap", "0")
    assert (facts["rows"], facts["columns"]) == (500, 300)
    assert facts["crs"] == "EPSG:32636"
    assert facts["gsd_m"] == pytest.approx([0.5, 0.5], rel=2e-3)
    assert facts["bands_used"] == [1, 2, 3]
    assert facts["chips"] == -(-500 // facts["chip_size"]) * -(-300 // facts["chip_size"])
    assert facts["seconds_about"] >= 0
    assert "measured" in facts["seconds_are"]


def test_a_vrt_whose_source_is_gone_is_told(scene: Path) -> None:
    vrt = scene.with_suffix(".vrt")
    rasterio.shutil.copy(scene, vrt, driver="VRT")
    assert told(str(vrt))["notices"] == []
    scene.unlink()
    (notice,) = told(str(vrt))["notices"]
    assert f"1 of the files that the scene is made of is not there, such as '{scene}'" in notice


@pytest.mark.parametrize("crs", ["EPSG:5773", "EPSG:4326"])
def test_a_crs_that_cannot_be_is_refused(scene: Path, crs: str) -> None:
    result = RUN.invoke(app, ["info", str(scene), "--assign-crs", crs])
    assert result.exit_code == 2
    assert crs in result.stderr
    assert "EPSG:32633" in result.stderr


def test_without_a_model_named_it_tells_of_the_scene_only(scene: Path) -> None:
    assert "parameters" not in told(str(scene))


def test_more_queries_take_longer_but_not_as_often(scene: Path) -> None:
    def seconds(queries: int) -> float:
        words = (str(scene), "--overlap", "150", "--queries", str(queries))
        return float(told(*words)["seconds_about"])

    assert seconds(1) < seconds(8) < 8 * seconds(1)


def test_a_model_is_told_of_without_a_scene() -> None:
    facts = told("--model", "geoseg-tiny")
    assert facts["kind"] == "own"
    assert facts["parameters"] == sum(facts["parameters_by_part"].values()) == 10_201_702
    assert facts["language_model"] == "qwen2, 4 layers, 256 wide"
    assert facts["can_reject"] is True
    assert facts["weights_float32_bytes"] == 4 * facts["parameters"]
    assert facts["chips_per_second_cpu"] == 25.1
    assert "measured" in facts["cpu_speed_is"]
    assert "rows" not in facts


def test_scene_and_model_are_told_of_together(scene: Path) -> None:
    facts = told(str(scene), "--model", "geoseg-tiny")
    assert {"rows", "chips", "seconds_about", "parameters", "notices"} <= facts.keys()


@pytest.mark.parametrize("name", [PUBLISHED, f"{PUBLISHED}@a1b2c3"])
def test_a_published_model_is_told_of_from_the_sizes_known_of_it(name: str) -> None:
    facts = told("--model", name)
    assert (facts["kind"], facts["told_by"]) == ("published", "the published sizes")
    assert facts["chip_size"] == 448
    assert facts["shared_gflop"] == pytest.approx(5082, rel=1e-3)
    assert facts["chips_per_second_gpu"]["H100"] > facts["chips_per_second_gpu"]["L4"] > 1


@pytest.mark.parametrize(("training", "can_reject"), [("RES", False), ("GRES", True)])
def test_a_published_model_says_by_its_name_whether_it_can_refuse(
    training: str, *, can_reject: bool
) -> None:
    name = f"jcwang0602/MLLMSeg_InternVL2_5_8B_{training}"
    assert told("--model", name)["can_reject"] is can_reject
    shown = RUN.invoke(app, ["info", "--model", name]).stdout
    (line,) = (line for line in shown.splitlines() if "can reject" in line)
    assert ("yes" if can_reject else "no") in line


def test_of_a_model_that_does_not_say_it_refusing_is_unknown(stranger: Path) -> None:
    assert told("--model", str(stranger))["can_reject"] is None
    shown = RUN.invoke(app, ["info", "--model", str(stranger)])
    assert "unknown until it is loaded" in shown.stdout


def test_a_checkpoint_that_cannot_be_loaded_is_said_to_be(tmp_path: Path) -> None:
    assert told("--model", "geoseg-tiny")["notices"] == []
    folder = tmp_path / "copy"
    shutil.copytree(embedded_folder(), folder)
    (folder / "model.safetensors").unlink()
    facts = told("--model", str(folder))
    assert facts["parameters"] == 10_201_702
    (notice,) = facts["notices"]
    assert "cannot be loaded: it has no weights" in notice


def test_a_guess_is_called_one(tmp_path: Path) -> None:
    facts = told("--model", without_measurement(embedded_folder(), tmp_path))
    assert facts["cpu_speed_is"].startswith("guessed: 70%")
    assert "40%" in facts["gpu_speed_is"]


def test_a_guess_is_the_speed_of_this_machine_over_the_arithmetic_of_a_chip() -> None:
    model = Known.by(PUBLISHED)
    assert model.costs is not None
    rate = Pace.of(model).chips_per_second
    assert rate is not None
    assert rate * model.costs.gflop() * 1e9 < 10 * matrix_speed()


def test_more_queries_of_a_chip_are_fewer_chips_a_second() -> None:
    one, four = (told("--model", "geoseg-tiny", "--queries", str(n)) for n in (1, 4))
    assert four["chips_per_second_cpu"] < one["chips_per_second_cpu"]
    assert 1 == one["speed_up"] < four["speed_up"] < 4


def test_a_model_too_large_for_this_machine_is_said_to_be(
    scene: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEOSEG_BATCH", str(10**9))
    (notice,) = told(str(scene), "--model", PUBLISHED)["notices"]
    assert "in float32" in notice
    assert "--dtype bfloat16" in notice


def test_what_is_not_known_of_a_stranger_is_left_out(scene: Path, stranger: Path) -> None:
    facts = told(str(scene), "--model", str(stranger))
    assert (facts["chip_size"], facts["parameters"]) == (128, 7)
    assert facts["kind"] is facts["seconds_about"] is facts["chips_per_second_cpu"] is None
    assert "shared_gflop" not in facts


def test_how_long_a_gpu_takes_is_not_told_of_the_cpu(scene: Path) -> None:
    facts = told(str(scene), "--device", "cuda:0")
    assert facts["seconds_about"] is None
    assert "CPU only" in facts["notices"][0]


def test_a_table_is_shown_without_json(scene: Path) -> None:
    result = RUN.invoke(app, ["info", str(scene), "--model", "geoseg-tiny"])
    assert result.exit_code == 0
    for words in ("EPSG:32636", "10,201,702", "MiB", "can reject", "yes"):
        assert words in result.stdout


def test_nothing_loads_torch() -> None:
    code = (
        "import sys; from geoseg.cli.app import app; "
        "app(['info', '--model', 'geoseg-tiny'], standalone_mode=False); "
        "sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nowhere.tif"], "nowhere.tif"),
        ([], "a scene, --model M, or both"),
        (["SCENE", "--model", "owner/name"], "downloads nothing"),
        (["--model", "owner/name@revision"], "downloads nothing"),
        (["--model", f"{PUBLISHED}S"], f"did you mean '{PUBLISHED}'?"),
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


def test_a_folder_is_told_of_from_its_own_configuration_whatever_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / PUBLISHED
    folder.mkdir(parents=True)
    without_measurement(embedded_folder(), folder)
    monkeypatch.chdir(tmp_path)
    assert published_facts(PUBLISHED) is not None
    assert Known.by(PUBLISHED).facts.chip_size == 160


def test_it_tells_of_the_scene_as_it_would_be_read(scene: Path) -> None:
    facts = told(str(scene), "--gsd", "1", "--overlap", "0")
    assert (facts["rows"], facts["columns"]) == (250, 150)
    assert facts["gsd_m"] == [1, 1]
    assert facts["chips"] == 2
    assert "read at 1 m per pixel; the scene has 0.5" in facts["notices"]


def test_a_gsd_at_which_no_chip_is_filled_is_refused(scene: Path) -> None:
    result = RUN.invoke(app, ["info", str(scene), "--gsd", "5"])
    assert result.exit_code == 2
    assert "less than one chip of 160 pixels; choose a finer GSD" in result.stderr
