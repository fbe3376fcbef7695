"""A vocabulary that holds the added tokens too."""

from collections.abc import Collection, Mapping
from pathlib import Path

from tokenizers import AddedToken

from geoseg.errors import CheckpointError


def with_added(
    folder: Path,
    vocabulary: Mapping[str, int],
    added: Mapping[int, AddedToken],
    *,
    spare: Collection[int] = (),
) -> dict[str, int]:
    """The vocabulary with the added tokens under their ids.

    An added token may take over a spare id, whose own spelling is then forgotten; any other id of
    the vocabulary is its own.
    """
    spellings = {token_id: spelling for spelling, token_id in vocabulary.items()}
    for token_id, token in added.items():
        own = spellings.get(token_id, token.content)
        if own != token.content and token_id not in spare:
            raise CheckpointError(
                f"the tokenizer files in '{folder}' add {token.content!r} as token {token_id},"
                f" which is {own!r} in the vocabulary; they belong to different models"
            )
        if vocabulary.get(token.content, token_id) != token_id:
            raise CheckpointError(
                f"the tokenizer files in '{folder}' add {token.content!r} as token {token_id},"
                f" but the vocabulary has it as {vocabulary[token.content]};"
                " they belong to different models"
            )
        spellings[token_id] = token.content
    return {spelling: token_id for token_id, spelling in spellings.items()}
