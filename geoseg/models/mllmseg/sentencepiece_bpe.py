"""A sentencepiece model as a tokenizer of the tokenizers library."""

import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers

from geoseg.models.mllmseg.added_tokens import AddedTokens
from geoseg.models.mllmseg.folder import listed
from geoseg.models.mllmseg.sentencepiece_model import (
    Piece,
    PieceKind,
    SentencePieceModel,
    open_sentencepiece_model,
)
from geoseg.models.mllmseg.vocabulary import with_added

MODEL_FILE = "tokenizer.model"

USUAL_ROLES = {
    "unk_token": "<unk>",
    "bos_token": "<s>",
    "eos_token": "</s>",
    "pad_token": "</s>",
}

SPACE = "▁"


def open_sentencepiece_bpe(folder: Path, added: AddedTokens) -> Tokenizer:
    """A tokenizer that gives text between added tokens the ids that sentencepiece gives it."""
    model = open_sentencepiece_model(folder / MODEL_FILE)
    if found := list(differences(model)):
        warnings.warn(
            f"the tokenizer in '{folder}' may read some words otherwise than the published one:"
            f" {'; '.join(found)}",
            stacklevel=3,
        )
    pairs = merges(model)
    spare = spare_ids(model, pairs)
    vocabulary = {piece.text: token_id for token_id, piece in enumerate(model.pieces)}
    tokenizer = Tokenizer(
        models.BPE(
            with_added(folder, vocabulary, added.by_id, spare=spare),
            pairs,
            unk_token=next(p.text for p in model.pieces if p.kind is PieceKind.UNKNOWN),
            fuse_unk=True,
            byte_fallback=model.byte_fallback,
        )
    )
    tokenizer.normalizer = normalizer(model)
    tokenizer.decoder = decoder(model)
    tokenizer.add_tokens(list(never_cut(model, added)))
    return tokenizer


def never_cut(model: SentencePieceModel, added: AddedTokens) -> Iterator[AddedToken]:
    """The pieces that stay whole wherever they are in a text, as if they were added.

    They are looked for in text whose spaces are written as "▁"; those with a space are never found.
    Those that an added token has taken over are no more.
    """
    rewrites_ends = model.adds_leading_space or model.drops_extra_spaces
    for token_id, piece in enumerate(model.pieces):
        is_found = piece.kind is PieceKind.USER_DEFINED and " " not in piece.text
        if is_found and token_id not in added.by_id:
            yield AddedToken(piece.text, normalized=not rewrites_ends, special=False)


def merges(model: SentencePieceModel) -> list[tuple[str, str]]:
    """The pairs of pieces that make a piece, best first.

    sentencepiece joins whatever makes a piece, so every way to cut a piece in two counts. Which
    of them comes first makes no difference: they join the same text into the same piece.
    """
    normal = {piece.text for piece in model.pieces if piece.kind is PieceKind.NORMAL}
    wanted = sorted((p for p in model.pieces if p.text in normal), key=lambda piece: -piece.score)
    return [
        (first, second)
        for piece in wanted
        for first, second in halves(piece)
        if first in normal and second in normal
    ]


def halves(piece: Piece) -> Iterator[tuple[str, str]]:
    """Every way to cut a piece in two.

    >>> list(halves(Piece("▁a1", -1.0, PieceKind.NORMAL)))
    [('▁', 'a1'), ('▁a', '1')]
    """
    for cut in range(1, len(piece.text)):
        yield piece.text[:cut], piece.text[cut:]


def spare_ids(model: SentencePieceModel, pairs: list[tuple[str, str]]) -> set[int]:
    """The pieces that no text can become, such as those kept free for later tokens."""
    made = {first + second for first, second in pairs}
    return {
        token_id
        for token_id, piece in enumerate(model.pieces)
        if len(piece.text) > 1
        and piece.text not in made
        and piece.kind not in (PieceKind.BYTE, PieceKind.UNKNOWN)
    }


def normalizer(model: SentencePieceModel) -> normalizers.Normalizer:
    """What is done to text before it is split into pieces."""
    steps: list[normalizers.Normalizer] = []
    if model.character_map:
        steps.append(normalizers.Precompiled(model.character_map))
    if model.drops_extra_spaces:
        steps.append(normalizers.Replace(Regex(rf"\A +|[ {SPACE}]+\z"), ""))
        steps.append(normalizers.Replace(Regex(" {2,}"), " "))
    if model.adds_leading_space:
        steps.append(normalizers.Prepend(SPACE))
    return normalizers.Sequence([*steps, normalizers.Replace(" ", SPACE)])


def decoder(model: SentencePieceModel) -> decoders.Decoder:
    """How tokens become text again."""
    steps = [decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse()]
    if model.adds_leading_space:
        steps.append(decoders.Strip(" ", left=1))
    return decoders.Sequence(steps)


def differences(model: SentencePieceModel) -> Iterator[str]:
    """What this tokenizer does not do just as sentencepiece does it, in a few words each."""
    known = {piece.text for piece in model.pieces}
    made = made_of_characters(model)
    scores = Counter(piece.score for piece in made)
    if shared := sorted(piece.text for piece in made if scores[piece.score] > 1):
        yield f"some pieces have the same score, which leaves their order open ({listed(shared)})"
    if loose := sorted({letter for piece in made for letter in piece.text} - known):
        yield f"some characters are no pieces themselves ({listed(loose)})"
    if off := sorted(piece.text for piece in made if piece.kind is PieceKind.UNUSED):
        yield f"some pieces are switched off ({listed(off)})"
    if model.character_map:
        yield "letters are replaced first, and rare marks on letters may stay"
    whole = sorted(piece.text for piece in model.pieces if piece.kind is PieceKind.USER_DEFINED)
    if whole and (model.adds_leading_space or model.drops_extra_spaces):
        yield f"spaces beside pieces that are never cut are read otherwise ({listed(whole)})"


def made_of_characters(model: SentencePieceModel) -> list[Piece]:
    """The pieces that joining characters can lead to, be they switched on or off."""
    made: list[Piece] = []
    known: set[str] = set()
    for piece in sorted(model.pieces, key=lambda piece: len(piece.text)):
        if piece.kind in (PieceKind.NORMAL, PieceKind.UNUSED) and any(
            all(len(half) == 1 or half in known for half in both) for both in halves(piece)
        ):
            made.append(piece)
            known.add(piece.text)
    return made
