"""A run that is killed goes on to the same end."""

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from geoseg.errors import OptionsError
from geoseg.training.examiner import Examiner
from geoseg.training.learner import DivergedError
from geoseg.training.loop import state_path, steps_done
from geoseg.training.opened import files_of
from geoseg.training.options import lasting, open_options
from geoseg.training.recipe import train
from geoseg.training.states import State, write_state
from tests.geoseg.training.runs import SETTINGS, Heard, run_options, write_run

LONG = {
    "whole": {"steps": 60, "batch": 2, "learning_rate": 0.001, "warm_up": 2},
    "keep": {**SETTINGS["keep"], "every": 10, "validate_every": 20},
}

TO_KILL = """
import sys
from pathlib import Path
from geoseg.training.options import open_options
from geoseg.training.progress import lines
from geoseg.training.recipe import train
train(open_options(Path(sys.argv[1])), lines(print))
"""

PATIENCE = 120.0
"""Seconds until a process that learns nothing is given up."""


def curve(folder: Path, table: str = "whole") -> list[dict[str, str]]:
    with (folder / "run" / f"{table}.csv").open(encoding="utf-8") as file:
        return [
            {name: value for name, value in row.items() if name != "seconds"}
            for row in csv.DictReader(file)
        ]


def killed(config: Path, *, after: int) -> None:
    """Train in another process, and kill it without warning after so many steps or some more."""
    table = config.parent / "run" / "whole.csv"
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", TO_KILL, str(config)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + PATIENCE
        while not (table.exists() and table.read_bytes().count(b"\n") > after):
            assert process.poll() is None, "it ended before it was killed"
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run from start to end."""
    folder = tmp_path_factory.mktemp("unbroken")
    train(run_options(folder, **LONG), Heard())
    return folder


def test_a_run_killed_without_warning_goes_on_to_the_same_curve(
    tmp_path: Path, unbroken: Path
) -> None:
    config = write_run(tmp_path, **LONG)
    killed(config, after=23)
    heard = Heard()
    train(open_options(config), heard)
    first = heard.steps[0][1]
    assert first > 20
    assert (first - 1) % 10 == 0
    assert curve(tmp_path) == curve(unbroken)
    assert curve(tmp_path, "validation") == curve(unbroken, "validation")
    weights = [folder / "run" / "model" / "model.safetensors" for folder in (tmp_path, unbroken)]
    assert weights[0].read_bytes() == weights[1].read_bytes()


@pytest.mark.parametrize("step", [20, 60])
def test_a_run_broken_off_while_it_measures_measures_again(
    tmp_path: Path, unbroken: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    draw = Examiner.write_pictures

    def broken_off(examiner: Examiner, now: int) -> None:
        if now == step:
            raise KeyboardInterrupt
        draw(examiner, now)

    options = run_options(tmp_path, **LONG)
    with monkeypatch.context() as patched:
        patched.setattr(Examiner, "write_pictures", broken_off)
        with pytest.raises(KeyboardInterrupt):
            train(options, Heard())
    heard = Heard()
    train(open_options(tmp_path / "data.yaml"), heard)
    assert heard.measured[0] == step
    assert curve(tmp_path, "validation") == curve(unbroken, "validation")
    assert curve(tmp_path) == curve(unbroken)


def test_a_finished_run_does_nothing_again(unbroken: Path) -> None:
    before = (unbroken / "run" / "whole.csv").read_bytes()
    heard = Heard()
    train(open_options(unbroken / "data.yaml"), heard)
    assert heard.steps == heard.measured == []
    assert (unbroken / "run" / "whole.csv").read_bytes() == before


def test_measuring_does_not_change_what_is_learned(tmp_path: Path, unbroken: Path) -> None:
    seldom: dict[str, Any] = {**LONG, "keep": {**LONG["keep"], "validate_every": 1000}}
    train(run_options(tmp_path, **seldom), Heard())
    assert curve(tmp_path) == curve(unbroken)
    assert [row["step"] for row in curve(tmp_path, "validation")] == ["0", "60"]
    assert [row["step"] for row in curve(unbroken, "validation")] == ["0", "20", "40", "60"]


def test_other_settings_do_not_go_on_with_a_run(tmp_path: Path) -> None:
    train(run_options(tmp_path), Heard())
    with pytest.raises(OptionsError, match=r"seed was 0 and is 1, whole\.learning_rate was"):
        train(
            run_options(tmp_path, seed=1, whole={**SETTINGS["whole"], "learning_rate": 0.1}),
            Heard(),
        )


def test_the_steps_that_are_kept_can_be_told_however_many_processes_go_on(tmp_path: Path) -> None:
    options = run_options(tmp_path)
    assert steps_done(options, "whole") == 0
    settings = {**lasting(options), "processes": 8}
    state = State("whole", 2, settings, {}, {}, {}, files=files_of(options))
    write_state(state_path(options, "whole"), state)
    assert steps_done(options, "whole") == 2
    with pytest.raises(OptionsError, match="seed was 0 and is 1"):
        steps_done(options.model_copy(update={"seed": 1}), "whole")


def test_a_run_that_diverges_stops_and_leaves_the_last_good_state(tmp_path: Path) -> None:
    train(run_options(tmp_path), Heard())
    state = (tmp_path / "run" / "whole.state").read_bytes()
    wild = {"steps": 30, "batch": 2, "learning_rate": 1e30, "warm_up": 1}
    other = tmp_path / "wild"
    other.mkdir()
    with pytest.raises(DivergedError):
        train(run_options(other, whole=wild), Heard())
    assert not (other / "run" / "model").exists()
    assert (tmp_path / "run" / "whole.state").read_bytes() == state
