import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from geoseg.cli.app import app
from geoseg.cli.convert import DTYPES as COMMAND_DTYPES
from geoseg.cli.convert import bytes_in
from geoseg.errors import OptionsError
from geoseg.models.mllmseg.checkpoint import load_model
from geoseg.models.mllmseg.saving import DTYPES
from tests.geoseg.models.mllmseg.published import Published, Sizes

COMMIT = "0123abcd" * 5


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return Published(Sizes(llm="internlm2", lora=3), dtype=torch.bfloat16).save(tmp_path / "source")


def convert(*words: object) -> str:
    """What it says when it has done what was asked."""
    result = CliRunner().invoke(app, ["convert", *map(str, words)])
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(*words: object) -> str:
    """What it says when it cannot do what was asked."""
    result = CliRunner().invoke(app, ["convert", *map(str, words)])
    assert result.exit_code == 2, result.output
    return result.stderr


def test_a_published_checkpoint_becomes_one_of_ours(source: Path, tmp_path: Path) -> None:
    said = convert(source, tmp_path / "new")
    config = json.loads((tmp_path / "new" / "config.json").read_text())
    assert config["model_type"] == "mllmseg"
    assert config["source"] == "source"
    assert f"{config['parameters']:,} parameters in bfloat16" in said
    assert said.endswith("in 1 file\n")
    assert load_model(tmp_path / "new", dtype=torch.float32) is not None


def test_dtype_and_size_of_files_can_be_chosen(source: Path, tmp_path: Path) -> None:
    said = convert(source, tmp_path / "new", "--dtype", "fp32", "--shard-size", "300KB")
    assert "in float32" in said
    assert len(list((tmp_path / "new").glob("model-*.safetensors"))) > 2


def test_a_dtype_has_two_names(source: Path, tmp_path: Path) -> None:
    short = convert(source, tmp_path / "new", "--dtype", "fp16")
    assert convert(source, tmp_path / "new", "--dtype", "float16", "--overwrite") == short


def test_our_own_checkpoint_is_written_in_another_dtype(source: Path, tmp_path: Path) -> None:
    convert(source, tmp_path / "new", "--dtype", "fp32")
    convert(tmp_path / "new", tmp_path / "small", "--dtype", "bf16")
    size = (tmp_path / "small" / "model.safetensors").stat().st_size
    assert size < 0.6 * (tmp_path / "new" / "model.safetensors").stat().st_size


def test_a_checkpoint_is_replaced_only_when_asked(source: Path, tmp_path: Path) -> None:
    convert(source, tmp_path / "new")
    assert "--overwrite" in refused(source, tmp_path / "new")
    convert(source, tmp_path / "new", "--overwrite")


@pytest.mark.parametrize("revision", ["", "@v1", f"@{COMMIT}"])
def test_a_hub_id_is_noted_with_its_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, revision: str
) -> None:
    cache = tmp_path / "hub" / "models--owner--name"
    Published().save(cache / "snapshots" / COMMIT)
    (cache / "refs").mkdir()
    for name in ("main", "v1"):
        (cache / "refs" / name).write_text(COMMIT)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    convert(f"owner/name{revision}", tmp_path / "new")
    config = json.loads((tmp_path / "new" / "config.json").read_text())
    assert (config["source"], config["source_commit"]) == ("owner/name", COMMIT)


def test_the_dtypes_of_the_command_are_those_of_the_writer() -> None:
    assert tuple(DTYPES) == COMMAND_DTYPES


def test_a_wrong_dtype_is_told_before_torch_is_loaded() -> None:
    code = (
        "import sys; from geoseg.cli.app import app\n"
        "try: app(['convert', 'geoseg-tiny', 'new', '--dtype', 'fp9'])\n"
        "except SystemExit as end: sys.exit(end.code + 10 * ('torch' in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)
    assert done.returncode == 2


def test_bad_input_is_told_and_leaves_nothing(source: Path, tmp_path: Path) -> None:
    assert "dtype 'int4' is unknown" in refused(source, tmp_path / "new", "--dtype", "int4")
    assert "--shard-size 'large'" in refused(source, tmp_path / "new", "--shard-size", "large")
    assert "no model called" in refused("no-such", tmp_path / "new")
    assert "lies in" in refused(source, source / "new")
    (tmp_path / "empty").mkdir()
    assert "has no config.json" in refused(tmp_path / "empty", tmp_path / "new")
    assert {path.name for path in tmp_path.iterdir()} == {"source", "empty"}
    assert not (source / "new").exists()


def test_what_the_user_put_beside_a_checkpoint_is_not_lost(source: Path, tmp_path: Path) -> None:
    convert(source, tmp_path / "new")
    (tmp_path / "new" / "notes.txt").write_text("mine")
    assert "(notes.txt)" in refused(source, tmp_path / "new", "--overwrite")
    assert (tmp_path / "new" / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("size", "bytes_meant"),
    [("5GB", 5 * 10**9), ("1.5 gb", 15 * 10**8), ("500MiB", 500 * 2**20), ("300kb", 300_000)],
)
def test_sizes_are_read_as_people_write_them(size: str, bytes_meant: int) -> None:
    assert bytes_in(size) == bytes_meant


@pytest.mark.parametrize("size", ["", "GB", "-5GB", "0", "5 apples", "1e9", "5iB"])
def test_a_size_that_is_none_is_refused(size: str) -> None:
    with pytest.raises(OptionsError, match="is no size"):
        bytes_in(size)
