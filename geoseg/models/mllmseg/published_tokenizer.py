"""The tokenizer of a checkpoint folder, ours or as published, without running code from it."""

# mypy: disable-error-code="no-untyped-call"
# transformers is typed only in parts

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tokenizers import AddedToken, Tokenizer
from transformers import PreTrainedTokenizerFast

from geoseg.errors import CheckpointError
from geoseg.models.mllmseg import byte_level_bpe, sentencepiece_bpe
from geoseg.models.mllmseg.added_tokens import AddedTokens, open_added_tokens
from geoseg.models.mllmseg.configuration import IMAGE_END, IMAGE_START, IMAGE_TOKEN, REJ, SEG
from geoseg.models.mllmseg.folder import TOKENIZER_FILE, library_errors, load_json

CONTROL_TOKENS = (IMAGE_TOKEN, SEG, REJ)
"""Those whose ids a model's configuration repeats."""

NEEDED = (IMAGE_START, IMAGE_END, *CONTROL_TOKENS)


@dataclass(frozen=True, slots=True)
class Layout:
    """A way to store what text is split into."""

    files: tuple[str, ...]

    open_pieces: Callable[[Path, AddedTokens], Tokenizer]

    usual_roles: Mapping[str, str]
    """The tokens that play a role where no file speaks of it, if there are such tokens."""


def open_tokenizer(folder: Path) -> PreTrainedTokenizerFast:
    """The tokenizer in a folder, with the ids that the published one gives.

    It adds no token of its own accord: not even the one that begins a text.
    """
    layout = layout_of(folder)
    added = open_added_tokens(folder)
    with library_errors(
        f"the tokenizer in '{folder}' cannot be used",
        way_out="copy or download its files again",
    ):
        pieces = layout.open_pieces(folder, added)
        check_needed(folder, added)
        roles = roles_in(folder, pieces, usual=layout.usual_roles, said=added.roles)
        plain = {name: AddedToken(name, normalized=False, special=True) for name in roles.values()}
        special = {**plain, **{token.content: token for token in added.by_id.values()}}
        as_stored = {token.content for token in pieces.get_added_tokens_decoder().values()}
        pieces.add_special_tokens([t for name, t in special.items() if name not in as_stored])
        tokenizer = PreTrainedTokenizerFast(
            tokenizer_object=pieces, clean_up_tokenization_spaces=False, **roles
        )
    check_ids(folder, tokenizer, added)
    return tokenizer


def control_ids(folder: Path) -> dict[str, int]:
    """The ids of `CONTROL_TOKENS` in a folder, read without building its tokenizer."""
    layout_of(folder)
    added = open_added_tokens(folder)
    check_needed(folder, added)
    return {token: added.ids[token] for token in CONTROL_TOKENS}


def open_whole(folder: Path, _: AddedTokens) -> Tokenizer:
    """The tokenizer that tokenizer.json holds."""
    path = folder / TOKENIZER_FILE
    if "model" not in load_json(path):
        raise CheckpointError(f"'{path}' holds no tokenizer; copy or download it again")
    return Tokenizer.from_file(str(path))


LAYOUTS = (
    Layout((TOKENIZER_FILE,), open_whole, {}),
    Layout(
        (byte_level_bpe.VOCABULARY_FILE, byte_level_bpe.MERGES_FILE),
        byte_level_bpe.open_byte_level_bpe,
        byte_level_bpe.USUAL_ROLES,
    ),
    Layout(
        (sentencepiece_bpe.MODEL_FILE,),
        sentencepiece_bpe.open_sentencepiece_bpe,
        sentencepiece_bpe.USUAL_ROLES,
    ),
)
"""The first whose files are in a folder counts."""


def layout_of(folder: Path) -> Layout:
    """The way in which the tokenizer in a folder is stored."""
    for layout in LAYOUTS:
        if all((folder / name).is_file() for name in layout.files):
            return layout
    ways = ", nor ".join(" with ".join(layout.files) for layout in LAYOUTS)
    raise CheckpointError(
        f"'{folder}' has no {ways}; copy the tokenizer files of the MLLMSeg checkpoint into it"
    )


def roles_in(
    folder: Path, pieces: Tokenizer, *, usual: Mapping[str, str], said: Mapping[str, str | None]
) -> dict[str, str]:
    """The tokens that play a role, all of which must have an id."""
    there = {role: token for role, token in usual.items() if pieces.token_to_id(token) is not None}
    roles = {role: token for role, token in {**there, **said}.items() if token is not None}
    if unknown := sorted(t for t in {*roles.values()} if pieces.token_to_id(t) is None):
        raise CheckpointError(
            f"the tokenizer files in '{folder}' speak of {unknown}, but give no id;"
            " copy or download them again"
        )
    return roles


def check_needed(folder: Path, added: AddedTokens) -> None:
    """Raise unless the folder adds every token that MLLMSeg is asked and answers with."""
    if missing := [token for token in NEEDED if token not in added.ids]:
        raise CheckpointError(
            f"the tokenizer in '{folder}' has no {' and no '.join(missing)}, so it is that of"
            " another model; use the tokenizer files of the MLLMSeg checkpoint itself"
        )


def check_ids(folder: Path, tokenizer: PreTrainedTokenizerFast, added: AddedTokens) -> None:
    """Raise unless every added token has the id that the files give it."""
    given = tokenizer.added_tokens_encoder
    if moved := sorted(token for token, i in added.ids.items() if given.get(token) != i):
        raise CheckpointError(
            f"the tokenizer files in '{folder}' contradict each other about {moved};"
            " copy or download them again"
        )
