from pathlib import Path

import pytest

from geoseg.training.trial import check_folder
from tiles.errors import OutputError


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
