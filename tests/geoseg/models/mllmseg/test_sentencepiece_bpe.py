from pathlib import Path

import pytest
import sentencepiece
from hypothesis import given, settings
from tokenizers import Tokenizer

from geoseg.models.mllmseg.added_tokens import AddedTokens
from geoseg.models.mllmseg.sentencepiece_bpe import (
    differences,
    merges,
    open_sentencepiece_bpe,
    spare_ids,
)
from geoseg.models.mllmseg.sentencepiece_model import Piece, PieceKind, SentencePieceModel
from tests.geoseg.models.mllmseg.published_tokenizers import (
    NORMAL,
    PLAIN_TEXT,
    UNUSED,
    USER_DEFINED,
    piece,
    trained_pieces,
    with_reserved,
)


def opened(tmp_path: Path, content: bytes) -> Tokenizer:
    (tmp_path / "tokenizer.model").write_bytes(content)
    return open_sentencepiece_bpe(tmp_path, AddedTokens({}, {}))


@pytest.mark.parametrize("reserved", [NORMAL, UNUSED, USER_DEFINED])
@pytest.mark.parametrize(
    "choices",
    [
        {},
        {"byte_fallback": False},
        {"split_digits": False, "split_by_whitespace": False},
        {"user_defined_symbols": "    ,▁▁,the,12"},
    ],
)
def test_every_text_has_the_ids_of_sentencepiece(
    tmp_path: Path, choices: dict[str, object], reserved: int
) -> None:
    content = with_reserved(trained_pieces(**choices), reserved)
    oracle = sentencepiece.SentencePieceProcessor(model_proto=content)
    tokenizer = opened(tmp_path, content)

    @settings(max_examples=60)
    @given(PLAIN_TEXT)
    def check(text: str) -> None:
        assert tokenizer.encode(text).ids == oracle.encode(text)

    check()


@pytest.mark.parametrize("leading_space", [True, False])
@pytest.mark.parametrize("drops", [True, False])
def test_spaces_are_kept_as_sentencepiece_keeps_them(
    tmp_path: Path, *, leading_space: bool, drops: bool
) -> None:
    content = trained_pieces(leading_space=leading_space, remove_extra_whitespaces=drops)
    oracle = sentencepiece.SentencePieceProcessor(model_proto=content)
    tokenizer = opened(tmp_path, content)

    @settings(max_examples=60)
    @given(PLAIN_TEXT)
    def check(text: str) -> None:
        assert tokenizer.encode(text).ids == oracle.encode(text)

    check()


def model(*pieces: Piece, leading_space: bool = False) -> SentencePieceModel:
    return SentencePieceModel(
        pieces=pieces,
        byte_fallback=False,
        adds_leading_space=leading_space,
        drops_extra_spaces=False,
        character_map=b"",
    )


def normal(text: str, score: float) -> Piece:
    return Piece(text, score, PieceKind.NORMAL)


LETTERS = (normal("a", -8), normal("b", -9))


def test_a_piece_is_joined_from_every_way_to_cut_it() -> None:
    pieces = (normal("aba", -2), normal("ab", -1), normal("ba", -3), *LETTERS)
    assert merges(model(*pieces)) == [("a", "b"), ("a", "ba"), ("ab", "a"), ("b", "a")]


def test_control_pieces_are_not_joined_from_text() -> None:
    assert merges(model(Piece("ab", 0, PieceKind.CONTROL), *LETTERS)) == []


def test_pieces_that_text_cannot_become_are_spare() -> None:
    reserved = (normal("[free]", -5), Piece("</s>", 0, PieceKind.CONTROL))
    byte = Piece("<0x41>", 0, PieceKind.BYTE)
    pieces = (*reserved, normal("ab", -1), byte, *LETTERS)
    assert spare_ids(model(*pieces), [("a", "b")]) == {0, 1}


def test_a_trained_model_is_read_without_doubt(tmp_path: Path) -> None:
    opened(tmp_path, with_reserved(trained_pieces()))  # a warning would be an error


@pytest.mark.parametrize(
    ("pieces", "told"),
    [
        ((normal("ab", -1), normal("ba", -1)), "open (ab, ba)"),
        ((normal("ac", -1),), "no pieces themselves (c)"),
        ((Piece("ab", -1, PieceKind.UNUSED),), "switched off (ab)"),
    ],
)
def test_what_cannot_be_done_exactly_is_said(pieces: tuple[Piece, ...], told: str) -> None:
    (said,) = differences(model(*pieces, *LETTERS))
    assert told in said


def test_kept_pieces_and_a_leading_space_are_not_exact() -> None:
    kept = Piece("[x]", 0, PieceKind.USER_DEFINED)
    assert list(differences(model(kept, *LETTERS))) == []
    (said,) = differences(model(kept, *LETTERS, leading_space=True))
    assert "never cut are read otherwise ([x])" in said


def test_doubts_are_told_when_the_tokenizer_is_opened(tmp_path: Path) -> None:
    content = trained_pieces() + piece("therof", -5, NORMAL)
    with pytest.warns(UserWarning, match="may read some words otherwise than the published one"):
        opened(tmp_path, content + piece("roofs", -5, NORMAL) + piece("tt", -5, NORMAL))
