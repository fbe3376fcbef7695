"""The tokens that a checkpoint folder adds to its vocabulary, as its JSON files name them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenizers import AddedToken

from geoseg.errors import CheckpointError
from geoseg.models.mllmseg.folder import TOKENIZER_FILE, load_json

ADDED_FILE = "added_tokens.json"
SPECIAL_FILE = "special_tokens_map.json"
SETTINGS_FILE = "tokenizer_config.json"

ROLES = ("unk_token", "bos_token", "eos_token", "pad_token")
"""What a token can stand for: unknown text, begin and end of text, filling."""

SHAPES = ("lstrip", "rstrip", "single_word")
"""Whether a token takes the spaces beside it along, and whether it must stand alone."""


@dataclass(frozen=True, slots=True)
class AddedTokens:
    """Tokens that are found in text as they are spelled, before it is split into pieces."""

    by_id: Mapping[int, AddedToken]

    roles: Mapping[str, str | None]
    """The tokens that play the roles in `ROLES`, or None, for those that the files speak of."""

    @property
    def ids(self) -> dict[str, int]:
        """The id of each token."""
        return {token.content: token_id for token_id, token in self.by_id.items()}


def open_added_tokens(folder: Path) -> AddedTokens:
    """The added tokens of a folder, each with one id."""
    by_id: dict[int, AddedToken] = {}
    for token_id, token in declared(folder):
        earlier = by_id.setdefault(token_id, token)
        if earlier.content != token.content:
            raise CheckpointError(
                f"the tokenizer files in '{folder}' give the id {token_id} both to"
                f" {earlier.content!r} and to {token.content!r}; copy or download them again"
            )
    added = AddedTokens(by_id, dict(roles(folder)))
    if twice := sorted({t.content for i, t in by_id.items() if added.ids[t.content] != i}):
        raise CheckpointError(
            f"the tokenizer files in '{folder}' give {twice} two ids; copy or download them again"
        )
    return added


def declared(folder: Path) -> Iterator[tuple[int, AddedToken]]:
    """Each added token that a file names, with its id, as often as it is named."""
    whole = read_object(folder / TOKENIZER_FILE).get("added_tokens") or []
    decoder = read_object(folder / SETTINGS_FILE).get("added_tokens_decoder") or {}
    try:
        for entry in whole:
            yield int(entry["id"]), token_of(entry)
        for token_id, entry in decoder.items():
            yield int(token_id), token_of(entry)
        for spelling, token_id in read_object(folder / ADDED_FILE).items():
            yield int(token_id), token_of({"content": spelling})
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        raise CheckpointError(
            f"the tokenizer files in '{folder}' name an added token without its spelling or id"
            f" ({error}); copy or download them again"
        ) from error


def token_of(entry: Mapping[str, Any]) -> AddedToken:
    """The token that an entry describes.

    All are special, so that text whose special tokens are to be split holds none of them.
    """
    shape = {name: bool(entry.get(name, False)) for name in SHAPES}
    return AddedToken(str(entry["content"]), normalized=False, special=True, **shape)


def roles(folder: Path) -> Iterator[tuple[str, str | None]]:
    """The token that plays each role, for the roles that the files speak of."""
    said = {**read_object(folder / SPECIAL_FILE), **read_object(folder / SETTINGS_FILE)}
    for role in ROLES:
        token = said.get(role)
        spelling = token.get("content") if isinstance(token, dict) else token
        if role in said:
            yield role, spelling if isinstance(spelling, str) else None


def read_object(path: Path) -> dict[str, Any]:
    """The object in a JSON file; empty where there is no file."""
    if not path.is_file():
        return {}
    try:
        return load_json(path)
    except CheckpointError as error:
        raise CheckpointError(
            f"the tokenizer in '{path.parent}' cannot be used: {error}"
        ) from error
