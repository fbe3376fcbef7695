"""What a sentencepiece model file (`tokenizer.model`) says."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from geoseg.errors import CheckpointError

BPE = 2
"""The number of byte-pair encoding among sentencepiece's kinds of model."""

PIECES, TRAINING, PREPARATION = 1, 2, 3
"""The parts of a file; all numbers here are those of sentencepiece_model.proto."""

TEXT, SCORE, KIND = 1, 2, 3
"""The fields of a piece."""

MODEL_TYPE, SPACES_BEHIND, BYTE_FALLBACK = 3, 24, 35
"""The fields of `TRAINING` that matter here."""

CHARACTER_MAP, LEADING_SPACE, EXTRA_SPACES, MARKED_SPACES = 2, 3, 4, 5
"""The fields of `PREPARATION` that matter here."""

NUMBER, SIZED = 0, 2
"""Kinds of protobuf field: a number, and bytes behind their size."""

BYTES = 256
"""How many different bytes there are."""

FIXED_SIZES = {1: 8, 5: 4}
"""The sizes of the other kinds, in bytes."""

Field = int | bytes


class PieceKind(IntEnum):
    """What a piece is for; the numbers are those of the file."""

    NORMAL = 1
    UNKNOWN = 2
    CONTROL = 3
    USER_DEFINED = 4
    UNUSED = 5
    BYTE = 6


@dataclass(frozen=True, slots=True)
class Piece:
    """One entry of the vocabulary; its id is its place."""

    text: str
    """With "▁" for a space."""

    score: float
    """Of two merges that text allows, the one whose piece has the higher score is made first."""

    kind: PieceKind


@dataclass(frozen=True, slots=True)
class SentencePieceModel:
    """A vocabulary and how text is prepared for it."""

    pieces: tuple[Piece, ...]

    byte_fallback: bool
    """True where a character without a piece becomes its bytes, False where it is unknown."""

    adds_leading_space: bool
    """True where a space is put before every text ("dummy prefix")."""

    drops_extra_spaces: bool
    """True where spaces at both ends go and those within become one."""

    character_map: bytes
    """Replacements of characters, in the library's own compiled form; empty for none."""


def open_sentencepiece_model(path: Path) -> SentencePieceModel:
    """The model in a file; only byte-pair encodings are taken."""
    try:
        parts = list(fields(path.read_bytes()))
        pieces = tuple(piece_of(value) for number, value in parts if number == PIECES)
        training, preparation = settings(parts, TRAINING), settings(parts, PREPARATION)
        model = SentencePieceModel(
            pieces=pieces,
            byte_fallback=bool(training.get(BYTE_FALLBACK, 0)),
            adds_leading_space=bool(preparation.get(LEADING_SPACE, 1)),
            drops_extra_spaces=bool(preparation.get(EXTRA_SPACES, 1)),
            character_map=as_bytes(preparation.get(CHARACTER_MAP, b"")),
        )
    except (OSError, ValueError, LookupError, struct.error) as error:
        raise CheckpointError(
            f"'{path}' is damaged, cut short or no sentencepiece model ({error});"
            " copy or download it again"
        ) from error
    # the file leaves out what has its usual value, so the defaults are those of sentencepiece
    is_bpe = training.get(MODEL_TYPE, 1) == BPE
    if not is_bpe or training.get(SPACES_BEHIND, 0) or not preparation.get(MARKED_SPACES, 1):
        raise CheckpointError(
            f"'{path}' is a sentencepiece model, but not a byte-pair encoding that writes a space"
            " as '▁' before the word; use the tokenizer files of an MLLMSeg checkpoint"
        )
    check_whole(path, model)
    return model


def check_whole(path: Path, model: SentencePieceModel) -> None:
    """Raise unless the pieces differ and those that every model has are there."""
    kinds = [piece.kind for piece in model.pieces]
    distinct = len({piece.text for piece in model.pieces})
    unknown = kinds.count(PieceKind.UNKNOWN)
    in_bytes = kinds.count(PieceKind.BYTE)
    if distinct < len(kinds) or unknown != 1 or (model.byte_fallback and in_bytes != BYTES):
        raise CheckpointError(
            f"'{path}' is damaged: of its {len(kinds)} pieces {distinct} differ, {unknown} stand"
            f" for unknown text and {in_bytes} for bytes; copy or download it again"
        )


def piece_of(message: Field) -> Piece:
    """The piece that a message describes."""
    entries = dict(fields(as_bytes(message)))
    (score,) = struct.unpack("<f", as_bytes(entries.get(SCORE, bytes(4))))
    return Piece(
        text=as_bytes(entries.get(TEXT, b"")).decode(),
        score=score,
        kind=PieceKind(int(entries.get(KIND, PieceKind.NORMAL))),
    )


def settings(parts: list[tuple[int, Field]], wanted: int) -> dict[int, Field]:
    """The fields of the part of that number, which must be there."""
    found = [as_bytes(value) for number, value in parts if number == wanted]
    if not found:
        raise ValueError(f"part {wanted} is not there")
    return dict(fields(found[-1]))


def fields(message: bytes) -> Iterator[tuple[int, Field]]:
    r"""Number and value of each field of a protobuf message; all but numbers stays bytes.

    >>> list(fields(b"\x08\x96\x01\x12\x02hi"))
    [(1, 150), (2, b'hi')]
    """
    place = 0
    while place < len(message):
        key, place = varint(message, place)
        number, kind = key >> 3, key & 7
        if kind == NUMBER:
            value, place = varint(message, place)
            yield number, value
            continue
        size, place = varint(message, place) if kind == SIZED else (FIXED_SIZES[kind], place)
        if place + size > len(message):
            raise ValueError(f"a field of {size} bytes ends behind the file")
        yield number, message[place : place + size]
        place += size


def varint(message: bytes, place: int) -> tuple[int, int]:
    r"""The number written from that place on, seven bits a byte, and the place behind it.

    >>> varint(b"\x96\x01", 0)
    (150, 2)
    """
    number = shift = 0
    while message[place] & 0x80:
        number |= (message[place] & 0x7F) << shift
        shift += 7
        place += 1
    return number | message[place] << shift, place + 1


def as_bytes(value: Field) -> bytes:
    """The value, which must be bytes here."""
    if isinstance(value, int):
        raise ValueError(f"there is the number {value} where text should be")  # noqa: TRY004
    return value
