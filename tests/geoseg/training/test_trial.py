from pathlib import Path

import pytest

from geoseg.training.chips import shard_path
from geoseg.training.data_options import RenderedData
from geoseg.training.trial import StageTrial, check_folder, rendering_of
from tiles.errors import OutputError


@pytest.mark.parametrize(("workers", "pace"), [(0, 5.0), (1, 4.0), (2, 2.0), (8, 1.0)])
def test_processes_make_batches_ready_while_the_model_learns(workers: int, pace: float) -> None:
    trial = StageTrial("whole", 3, 1.0, 4.0, workers=workers, figures={}, memory=0, kept=0)
    assert trial.pace == pace


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


def test_a_run_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"cannot be written to .* name another folder"):
        check_folder(tmp_path / "file" / "run")
