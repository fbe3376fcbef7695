from pathlib import Path

import pytest
import sentencepiece

from geoseg.errors import CheckpointError
from geoseg.models.mllmseg.sentencepiece_model import (
    PieceKind,
    SentencePieceModel,
    open_sentencepiece_model,
)
from tests.geoseg.models.mllmseg.published_tokenizers import (
    NORMAL,
    internlm2_model,
    piece,
    trained_pieces,
)


def opened(tmp_path: Path, content: bytes) -> SentencePieceModel:
    path = tmp_path / "tokenizer.model"
    path.write_bytes(content)
    return open_sentencepiece_model(path)


def complaint(tmp_path: Path, content: bytes) -> str:
    with pytest.raises(CheckpointError, match=r"tokenizer\.model'") as refused:
        opened(tmp_path, content)
    return str(refused.value)


def test_the_pieces_are_those_that_sentencepiece_reads(tmp_path: Path) -> None:
    content = internlm2_model()
    oracle = sentencepiece.SentencePieceProcessor(model_proto=content)
    read = opened(tmp_path, content).pieces
    ids = range(oracle.get_piece_size())
    assert [piece.text for piece in read] == [oracle.id_to_piece(i) for i in ids]
    assert [piece.score for piece in read] == [oracle.get_score(i) for i in ids]
    assert [piece.kind is PieceKind.BYTE for piece in read] == [oracle.is_byte(i) for i in ids]
    assert [piece.kind is PieceKind.CONTROL for piece in read] == [
        oracle.is_control(i) for i in ids
    ]


@pytest.mark.parametrize("leading_space", [True, False])
def test_a_leading_space_is_read(tmp_path: Path, *, leading_space: bool) -> None:
    content = trained_pieces(leading_space=leading_space)
    assert opened(tmp_path, content).adds_leading_space is leading_space


def test_what_the_trainer_was_told_is_read(tmp_path: Path) -> None:
    usual = opened(tmp_path, trained_pieces())
    assert usual.byte_fallback
    assert not usual.drops_extra_spaces
    assert usual.character_map == b""
    other = opened(
        tmp_path,
        trained_pieces(
            byte_fallback=False, remove_extra_whitespaces=True, normalization_rule_name="nmt_nfkc"
        ),
    )
    assert not other.byte_fallback
    assert other.drops_extra_spaces
    assert other.character_map


@pytest.mark.parametrize(
    "choices", [{"model_type": "unigram", "vocab_size": 380}, {"treat_whitespace_as_suffix": True}]
)
def test_a_model_of_another_kind_is_refused(tmp_path: Path, choices: dict[str, object]) -> None:
    message = complaint(tmp_path, trained_pieces(**choices))
    assert "not a byte-pair encoding that writes a space" in message


@pytest.mark.parametrize("kept", [0.0, 0.1, 0.5, 0.9, 0.99])
def test_a_file_cut_short_is_refused(tmp_path: Path, kept: float) -> None:
    content = trained_pieces()
    assert "cut short" in complaint(tmp_path, content[: int(kept * len(content))])


@pytest.mark.parametrize(
    "content", [b"\xff" * 40, b"\x0b", b"\x08\x01", b"{}", b"\x0a\x02\x08\x01"]
)
def test_a_file_of_another_format_is_refused(tmp_path: Path, content: bytes) -> None:
    assert "no sentencepiece model" in complaint(tmp_path, content)


def test_a_piece_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    doubled = trained_pieces() + piece("twice", -900, NORMAL) * 2
    assert "is damaged: of its 442 pieces 441 differ" in complaint(tmp_path, doubled)


def test_a_model_that_lacks_bytes_is_refused(tmp_path: Path) -> None:
    content = trained_pieces()
    place = content.index(b"<0x41>") + len(b"<0x41>")
    kind = content.index(b"\x18\x06", place) + 1
    spoilt = content[:kind] + bytes([NORMAL]) + content[kind + 1 :]
    assert "255 for bytes" in complaint(tmp_path, spoilt)
