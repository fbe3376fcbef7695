from pathlib import Path
from typing import BinaryIO

import pytest

from geoseg.errors import OptionsError
from geoseg.training import trial
from geoseg.training.chips import shard_path
from geoseg.training.data_options import RenderedData
from geoseg.training.trial import (
    StageTrial,
    Trial,
    check_alone,
    check_folder,
    rendering_of,
    times_measured,
)
from tests.geoseg.training.runs import run_options
from tiles.errors import OutputError


@pytest.mark.parametrize(("workers", "pace"), [(0, 5.0), (1, 4.0), (2, 2.0), (8, 1.0)])
def test_processes_make_batches_ready_while_the_model_learns(workers: int, pace: float) -> None:
    stage = StageTrial("whole", 3, 1.0, 4.0, workers=workers, figures={}, memory=0, kept=0)
    assert stage.pace == pace


def test_what_is_done_already_takes_no_time() -> None:
    begun = StageTrial("whole", 9, 1.0, 4.0, workers=0, figures={}, memory=0, kept=0, done=6)
    seen = Trial((), (), 1, 1, rendering=None, stages=(begun,), examining=2.0, free=0)
    assert begun.left == 3
    assert seen.seconds == 3 * 5 + 2


@pytest.mark.parametrize(
    ("steps", "done", "times"),
    [(4, 0, 3), (8, 0, 4), (10, 0, 5), (10, 3, 4), (10, 4, 3), (10, 8, 2), (10, 10, 1)],
)
def test_measurements_are_counted_from_where_a_run_is(
    tmp_path: Path, steps: int, done: int, times: int
) -> None:
    whole = {"steps": steps, "batch": 1, "learning_rate": 0.001}
    options = run_options(tmp_path, whole=whole, keep={"validate_every": 4})
    assert times_measured(options, done=done) == times


def test_nothing_is_rendered_where_all_scenes_are_there(tmp_path: Path) -> None:
    data = RenderedData(scenes=tmp_path, shards=2)
    for seed in (0, 32):
        shard_path(tmp_path, seed).write_text("{}")
    found = rendering_of(data, workers=1)
    assert (found.there, found.missing, found.seconds, found.size) == (2, 0, 0, 0)


def test_looking_at_the_folder_of_a_run_leaves_nothing_behind(tmp_path: Path) -> None:
    check_folder(tmp_path / "a" / "b")
    assert not list(tmp_path.iterdir())
    (tmp_path / "kept").mkdir()
    check_folder(tmp_path / "kept")
    assert (tmp_path / "kept").is_dir()


def test_what_somebody_keeps_in_the_folder_of_a_run_meanwhile_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(dir: Path) -> BinaryIO:  # noqa: A002 as the function it stands for
        return (dir / "whole.state").open("wb")

    monkeypatch.setattr(trial, "TemporaryFile", busy)
    check_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b" / "whole.state").is_file()


def test_only_one_process_looks_at_a_run() -> None:
    check_alone({})
    check_alone({"RANK": "0", "WORLD_SIZE": "1"})
    with pytest.raises(OptionsError, match=r"one of 8; call it without torchrun"):
        check_alone({"RANK": "0", "WORLD_SIZE": "8"})


def test_a_run_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"cannot be written to .* name another folder"):
        check_folder(tmp_path / "file" / "run")
