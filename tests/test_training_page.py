"""What the page about training says is what the code does."""

import inspect
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from geoseg.cli.app import app
from geoseg.training.data.own_options import OwnLayerOptions
from geoseg.training.data.sources import SOURCES
from geoseg.training.options import open_options

PAGE = (Path(__file__).parent.parent / "docs" / "training.md").read_text(encoding="utf-8")

EXAMPLE, OTHER_DATA = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)

COMMANDS = re.findall(r"^(?:torchrun .* )?(geoseg \w+ .*)$", PAGE, re.MULTILINE)

CELLS = dict(re.findall(r"^\| `([a-z-]+):[^|]*\| ([^|]*) \|$", PAGE, re.MULTILINE))

KEYS = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", PAGE, re.MULTILINE)


def test_the_example_describes_a_run(tmp_path: Path) -> None:
    (tmp_path / "north.yaml").write_text(EXAMPLE, "utf-8")
    options = open_options(tmp_path / "north.yaml")
    assert isinstance(options.data, OwnLayerOptions)
    assert options.run == Path("runs/impervious")


def test_other_data_is_named_as_a_run_takes_it() -> None:
    assert list(yaml.safe_load(OTHER_DATA)["data"]) == ["train", "validation"]


@pytest.mark.parametrize("line", COMMANDS)
def test_every_flag_of_a_command_is_there(line: str) -> None:
    words = shlex.split(line)[1:]
    group: Any = typer.main.get_command(app)
    command = group.commands[words[0]]
    flags = {flag for one in command.params for flag in [*one.opts, *one.secondary_opts]}
    assert {word for word in words if re.match(r"--?[a-z]", word)} <= flags


@pytest.mark.parametrize("kind", SOURCES)
def test_every_kind_of_data_set_is_there_with_all_of_its_settings(kind: str) -> None:
    settings = set(inspect.signature(SOURCES[kind]).parameters) - {"path"}
    assert settings <= set(re.findall(r"`(\w+)`", CELLS[kind]))


def test_every_key_of_an_own_layer_is_there() -> None:
    told = {key for keys in KEYS for key in re.findall(r"\w+", keys)}
    assert set(OwnLayerOptions.model_fields) <= told
