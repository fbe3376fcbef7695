"""What the pages say is what the code does."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import geoseg
import geoseg.models.mllmseg.segmenter  # loads torch before the examples, where warnings are errors
from geoseg.cli.app import app
from tests.geoseg.test_pipeline import write_scene

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "CONTRIBUTING.md",
    *ROOT.glob("docs/*.md"),
]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    pixels = np.random.default_rng(0).integers(0, 255, (300, 280, 3), np.uint8)
    write_scene(tmp_path / "scene.tif", pixels)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("example", re.findall(r"```python\n(.*?)```", README, re.DOTALL))
def test_the_python_examples_run(example: str, place: Path) -> None:
    names: dict[str, object] = {}
    exec(compile(example, "README.md", "exec"), names)  # noqa: S102 our own page
    result = names["result"]
    assert isinstance(result, geoseg.SceneResult)
    assert result.report.chips > 0
    assert (place / "scene.tif").exists()


COMMANDS = re.findall(r"^geoseg (?:segment|info) .*$", README, re.MULTILINE)
DOWNLOADS = re.compile(r"^geoseg segment .*--model \w+/")


@pytest.mark.parametrize("line", [line for line in COMMANDS if not DOWNLOADS.match(line)])
def test_the_commands_run(line: str, place: Path) -> None:
    result = CliRunner().invoke(app, shlex.split(line)[1:])
    assert result.exit_code == 0, result.output
    assert {path.name for path in place.iterdir()} <= {
        "scene.tif", "found.geojson", "found.gpkg", "mask.tif",
    }  # fmt: skip


def test_the_first_two_commands_of_the_readme_are_targets_of_make() -> None:
    commands = re.findall(r"^make (\w+)", README, re.MULTILINE)
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert commands == ["demo", "test"]
    assert set(commands) <= set(targets)


def test_options_and_command_line_pages_are_up_to_date() -> None:
    check = [sys.executable, str(ROOT / "docs/generate.py"), "--check"]
    done = subprocess.run(check, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_choices_are_listed_and_every_group_of_a_training_run_has_its_keys() -> None:
    options = (ROOT / "docs/options.md").read_text("utf-8")
    assert "one of `auto`, `gres`, `res`, `mask`" in options
    assert options.count("list of whole numbers") == 1
    page = (ROOT / "docs/train-options.md").read_text("utf-8")
    groups = re.findall(r"^## (.*)$", page, re.MULTILINE)
    assert {"ask", "parts.lora", "tower and whole", "data, second form"} <= {*groups}
    assert {"focal", "dice", "steps", "average", "tensorboard", "template"} <= {
        *re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_public_names_are_sorted_and_few() -> None:
    assert geoseg.__all__ == sorted(geoseg.__all__)
    assert all(hasattr(geoseg, name) for name in geoseg.__all__)
    assert len(geoseg.__all__) < 12
