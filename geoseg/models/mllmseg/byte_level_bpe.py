"""The byte-level tokenizer of Qwen2, from its published files."""

# mypy: disable-error-code="no-untyped-call"
# transformers is typed only in parts

from collections.abc import Mapping
from pathlib import Path

from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import Qwen2Tokenizer

from geoseg.errors import CheckpointError
from geoseg.models.mllmseg.added_tokens import AddedTokens, read_object
from geoseg.models.mllmseg.folder import listed
from geoseg.models.mllmseg.vocabulary import with_added

VOCABULARY_FILE, MERGES_FILE = "vocab.json", "merges.txt"

USUAL_ROLES = {
    "unk_token": "<|endoftext|>",
    "eos_token": "<|endoftext|>",
    "pad_token": "<|endoftext|>",
}


def open_byte_level_bpe(folder: Path, added: AddedTokens) -> Tokenizer:
    """Qwen2's way of splitting text, with the vocabulary and merges in a folder."""
    vocabulary = read_vocabulary(folder / VOCABULARY_FILE)
    merges = read_merges(folder / MERGES_FILE)
    check_complete(folder, vocabulary, merges, added=added)
    usual = Qwen2Tokenizer().backend_tokenizer
    tokenizer = Tokenizer(models.BPE(with_added(folder, vocabulary, added.by_id), merges))
    tokenizer.normalizer = usual.normalizer
    tokenizer.pre_tokenizer = usual.pre_tokenizer
    tokenizer.decoder = usual.decoder
    return tokenizer


def read_vocabulary(path: Path) -> dict[str, int]:
    """The id of each token."""
    vocabulary = read_object(path)
    ids = set(vocabulary.values())
    if not vocabulary or len(ids) < len(vocabulary) or not all(type(i) is int for i in ids):
        raise CheckpointError(
            f"'{path}' does not give each token an id of its own; copy or download it again"
        )
    return vocabulary


def read_merges(path: Path) -> list[tuple[str, str]]:
    """The pairs of tokens to join, most wanted first."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, ValueError) as error:
        raise CheckpointError(
            f"'{path}' cannot be read: {error}; copy or download it again"
        ) from error
    if lines[0].startswith("#version:"):
        del lines[0]
    pairs = [tuple(line.split()) for line in lines if line.strip()]
    merges = [(pair[0], pair[1]) for pair in pairs if len(pair) == 2]  # noqa: PLR2004
    if len(merges) < len(pairs):
        raise CheckpointError(
            f"'{path}' has lines that are no pair of tokens; copy or download it again"
        )
    return merges


def check_complete(
    folder: Path,
    vocabulary: Mapping[str, int],
    merges: list[tuple[str, str]],
    *,
    added: AddedTokens,
) -> None:
    """Raise unless bytes and merges make exactly the tokens of the vocabulary."""
    made = {*pre_tokenizers.ByteLevel.alphabet(), *(first + second for first, second in merges)}
    used = made.union(*merges)
    without_id = used - vocabulary.keys()
    unreachable = vocabulary.keys() - made - added.ids.keys()
    if odd := sorted(without_id or unreachable):
        raise CheckpointError(
            f"{VOCABULARY_FILE} and {MERGES_FILE} in '{folder}' do not fit together:"
            f" {len(without_id)} merged tokens have no id, {len(unreachable)} tokens have no merge"
            f" ({listed(odd)}); one of the files is damaged or cut short, so copy or download both"
            " again"
        )
