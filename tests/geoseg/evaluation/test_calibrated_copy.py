import json
import resource
from pathlib import Path

import pytest

from geoseg.errors import CheckpointError
from geoseg.evaluation.calibrated_checkpoint import load_settings
from geoseg.evaluation.calibrated_copy import write_copy
from tiles.errors import OutputError

SETTINGS = {"model_type": "mllmseg", "new": 1}


def checkpoint_in(folder: Path, weights: bytes = b"weights") -> Path:
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"model_type": "mllmseg"}), "utf-8")
    (folder / "model.safetensors").write_bytes(weights)
    return folder


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    return checkpoint_in(tmp_path / "model")


def test_a_copy_leaves_the_checkpoint_as_it_was(checkpoint: Path, tmp_path: Path) -> None:
    before = (checkpoint / "config.json").read_bytes()
    write_copy(checkpoint, tmp_path / "copy", SETTINGS)
    assert (checkpoint / "config.json").read_bytes() == before
    assert load_settings(tmp_path / "copy")["new"] == 1
    assert (tmp_path / "copy" / "model.safetensors").read_bytes() == b"weights"


def test_a_copy_that_cannot_be_made_leaves_nothing(checkpoint: Path, tmp_path: Path) -> None:
    (checkpoint / "model.safetensors").write_bytes(bytes(50_000))
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, former[1]))
    try:
        with pytest.raises(OutputError, match="could not be written"):
            write_copy(checkpoint, tmp_path / "copy", SETTINGS)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, former)
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_copy_can_be_replaced_whatever_lies_beside_the_checkpoint(
    checkpoint: Path, tmp_path: Path
) -> None:
    (checkpoint / "notes.txt").write_text("mine", "utf-8")
    for overwrite in (False, True):
        write_copy(checkpoint, tmp_path / "copy", SETTINGS, overwrite=overwrite)
    names = sorted(path.name for path in (tmp_path / "copy").iterdir())
    assert names == ["config.json", "model.safetensors"]


def test_a_copy_is_not_put_over_the_checkpoint_itself(checkpoint: Path) -> None:
    with pytest.raises(CheckpointError, match="the checkpoint that is read"):
        write_copy(checkpoint, checkpoint, {}, overwrite=True)


def test_a_former_copy_is_replaced_only_where_that_is_asked_for(
    checkpoint: Path, tmp_path: Path
) -> None:
    copy = checkpoint_in(tmp_path / "copy", b"former")
    (copy / "model-00002-of-00002.safetensors").write_bytes(b"former")
    with pytest.raises(CheckpointError, match="exists already"):
        write_copy(checkpoint, copy, SETTINGS)
    write_copy(checkpoint, copy, SETTINGS, overwrite=True)
    assert sorted(path.name for path in copy.iterdir()) == ["config.json", "model.safetensors"]
    assert (copy / "model.safetensors").read_bytes() == b"weights"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy", "model"]


def test_what_geoseg_did_not_write_is_not_replaced(checkpoint: Path, tmp_path: Path) -> None:
    copy = checkpoint_in(tmp_path / "copy")
    (copy / "notes.txt").write_text("mine")
    with pytest.raises(CheckpointError, match=r"notes\.txt"):
        write_copy(checkpoint, copy, SETTINGS, overwrite=True)
    assert (copy / "notes.txt").read_text() == "mine"
