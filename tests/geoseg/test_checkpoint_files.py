import json
import shutil
from pathlib import Path

import pytest

from geoseg.checkpoint_files import lacks
from geoseg.segmenter import embedded_folder
from tests.geoseg.models.mllmseg.published import Published

NAME = "model.safetensors"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of a checkpoint that can be broken."""
    return Path(shutil.copytree(embedded_folder(), tmp_path / "copy"))


def test_a_whole_checkpoint_lacks_nothing(folder: Path) -> None:
    assert lacks(folder) == ""


@pytest.mark.parametrize(
    "published", [Published(files="bin"), Published(parts=3), Published(files="bin", parts=2)]
)
def test_a_published_checkpoint_lacks_nothing(tmp_path: Path, published: Published) -> None:
    assert lacks(published.save(tmp_path / "published")) == ""


def test_weights_that_were_copied_in_part_are_seen(folder: Path) -> None:
    whole = (folder / NAME).stat().st_size
    with (folder / NAME).open("r+b") as file:
        file.truncate(whole - 1000)
    assert lacks(folder) == f"{whole - 1000:,} bytes of {NAME}, which should be {whole:,}"


@pytest.mark.parametrize(
    "content", [b"", b"short", b"\x08" + b"\0" * 7 + b"not JSON", b"\xff" * 99]
)
def test_weights_of_something_else_are_damaged(folder: Path, content: bytes) -> None:
    (folder / NAME).write_bytes(content)
    assert lacks(folder) == f"a damaged {NAME}"


def test_a_file_that_the_index_names_is_missed(folder: Path) -> None:
    (folder / NAME).rename(folder / "model-00001-of-00002.safetensors")
    index = {
        "weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002.safetensors"}
    }
    (folder / f"{NAME}.index.json").write_text(json.dumps(index), "utf-8")
    assert lacks(folder) == "no model-00002.safetensors"


@pytest.mark.parametrize("index", [None, "[]", '{"weight_map": 3}', "{", "{}"])
def test_without_weights_both_names_are_told(folder: Path, index: str | None) -> None:
    (folder / NAME).unlink()
    if index is not None:
        (folder / f"{NAME}.index.json").write_text(index, "utf-8")
    assert lacks(folder) == f"no weights ({NAME} or pytorch_model.bin)"


def test_a_tokenizer_is_missed(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    assert lacks(folder) == "no tokenizer (tokenizer.json, tokenizer.model or vocab.json)"
