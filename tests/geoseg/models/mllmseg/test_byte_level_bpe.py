from pathlib import Path

import pytest
from tokenizers import Tokenizer

from geoseg.errors import CheckpointError
from geoseg.models.mllmseg.added_tokens import AddedTokens, open_added_tokens
from geoseg.models.mllmseg.byte_level_bpe import open_byte_level_bpe, read_merges
from tests.geoseg.models.mllmseg.published_tokenizers import (
    trained_bpe,
    write_json,
    write_qwen2,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_qwen2(tmp_path)


def opened(folder: Path) -> Tokenizer:
    return open_byte_level_bpe(folder, open_added_tokens(folder))


def complaint(folder: Path) -> str:
    with pytest.raises(CheckpointError) as refused:
        opened(folder)
    return str(refused.value)


def test_merges_are_read_with_and_without_their_heading(tmp_path: Path) -> None:
    path = tmp_path / "merges.txt"
    pairs = [("#", "a"), ("Ġ", "#version:")]
    for heading in ("#version: 0.2\n", ""):
        path.write_text(f"{heading}# a\nĠ #version:\n", encoding="utf-8")
        assert read_merges(path) == pairs


def test_letters_and_their_marks_are_composed(folder: Path) -> None:
    tokenizer = opened(folder)
    assert tokenizer.encode("A\u030angstro\u0308m").ids == tokenizer.encode("Ångström").ids


def test_a_line_cut_short_is_refused(folder: Path) -> None:
    path = folder / "merges.txt"
    path.write_text(path.read_text(encoding="utf-8").rstrip()[:-2].rstrip(), encoding="utf-8")
    assert "merges.txt" in complaint(folder)


@pytest.mark.parametrize("kept", [0, 1, 30])
def test_merges_cut_short_are_refused(folder: Path, kept: int) -> None:
    lines = (folder / "merges.txt").read_text(encoding="utf-8").splitlines()
    (folder / "merges.txt").write_text("\n".join(lines[:kept]), encoding="utf-8")
    missing = len(trained_bpe()[1]) - max(kept - 1, 0)
    assert f"{missing} tokens have no merge" in complaint(folder)


@pytest.mark.parametrize("lost", ["a", "Ġ", "the"])
def test_a_vocabulary_that_lacks_a_token_is_refused(folder: Path, lost: str) -> None:
    vocabulary = dict(trained_bpe()[0])
    lost = lost if lost in vocabulary else next(token for token in vocabulary if len(token) > 1)
    del vocabulary[lost]
    write_json(folder / "vocab.json", vocabulary)
    assert "1 merged tokens have no id" in complaint(folder)


@pytest.mark.parametrize("token_id", [0, "zero", None, 0.5])
def test_a_vocabulary_without_an_id_for_each_token_is_refused(
    folder: Path, token_id: object
) -> None:
    write_json(folder / "vocab.json", {**trained_bpe()[0], "a": token_id})
    assert "does not give each token an id of its own" in complaint(folder)


def test_added_tokens_may_stand_in_the_vocabulary_too(folder: Path) -> None:
    vocabulary = trained_bpe()[0]
    write_json(folder / "vocab.json", {**vocabulary, "[SEG]": len(vocabulary) + 12})
    assert opened(folder).token_to_id("[SEG]") == len(vocabulary) + 12


def test_a_folder_without_added_tokens_has_only_its_pieces(folder: Path) -> None:
    pieces = open_byte_level_bpe(folder, AddedTokens({}, {}))
    assert pieces.get_vocab() == trained_bpe()[0]
