"""Tokenizers of whole words, for models that know few."""

# mypy: disable-error-code="no-untyped-call"
# transformers is typed only in parts

import string
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers
from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

from geoseg.mistakes import is_misspelt
from geoseg.models.mllmseg.configuration import IMAGE_END, IMAGE_START, IMAGE_TOKEN, REJ, SEG

PAD, UNKNOWN = "<pad>", "<unk>"
TURN_START, TURN_END = "<|im_start|>", "<|im_end|>"
CONTROL_TOKENS = (
    PAD,
    UNKNOWN,
    IMAGE_START,
    IMAGE_END,
    IMAGE_TOKEN,
    SEG,
    REJ,
    TURN_START,
    TURN_END,
)
"""They take the first ids, in this order."""

GOES_ON: Final = "##"
"""Before letters that continue a word."""

LETTERS: Final = (*string.ascii_lowercase, *string.digits)
MARKS: Final = tuple("-,.?!'\"/:;()&")
"""Punctuation that has tokens of its own."""


def word_tokenizer(words: Iterable[str]) -> PreTrainedTokenizerFast:
    """A tokenizer with one token per word and punctuation mark, whatever the case.

    Words hold no spaces and no punctuation; those seen twice count once.

    >>> tokenizer = word_tokenizer(["roof", "Red"])
    >>> tokenizer.tokenize("RED roof!")
    ['red', 'roof', '<unk>']
    """
    vocabulary = dict.fromkeys([*CONTROL_TOKENS, *(word.lower() for word in words)])
    backend = Tokenizer(
        models.WordLevel({word: i for i, word in enumerate(vocabulary)}, unk_token=UNKNOWN)
    )
    backend.normalizer = normalizers.Lowercase()
    return _finished(backend)


def spelling_tokenizer(words: Iterable[str]) -> PreTrainedTokenizerFast:
    """A tokenizer with one token per known word; it spells other words letter by letter.

    So a misspelt word keeps nearly all the letters of the right one, and no unknown word is read
    as a known one that it begins with. Case and accents do not count.

    >>> tokenizer = spelling_tokenizer(["roof", "Red"])
    >>> tokenizer.tokenize("RED rofo!")
    ['red', 'r', '##o', '##f', '##o', '!']
    """
    whole = (*CONTROL_TOKENS, *(word.lower() for word in words), *MARKS, *LETTERS)
    vocabulary = dict.fromkeys([*whole, *(GOES_ON + letter for letter in LETTERS)])
    backend = Tokenizer(
        models.BPE(
            {word: i for i, word in enumerate(vocabulary)},
            [],
            unk_token=UNKNOWN,
            fuse_unk=True,
            continuing_subword_prefix=GOES_ON,
            ignore_merges=True,  # takes a word that is in the vocabulary as it is
        )
    )
    backend.normalizer = normalizers.Sequence(
        [normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase()]
    )
    backend.decoder = decoders.WordPiece(prefix=GOES_ON, cleanup=False)
    return _finished(backend)


def _finished(backend: Tokenizer) -> PreTrainedTokenizerFast:
    """The tokenizer with its control tokens, cutting text at spaces and punctuation."""
    backend.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation()]
    )
    backend.add_special_tokens([AddedToken(token, normalized=False) for token in CONTROL_TOKENS])
    return PreTrainedTokenizerFast(
        tokenizer_object=backend,
        unk_token=UNKNOWN,
        pad_token=PAD,
        clean_up_tokenization_spaces=False,
    )


def known_words(tokenizer: PreTrainedTokenizerBase) -> frozenset[str]:
    """The words of two letters or more that a tokenizer has tokens for, if it spells all others.

    None for a tokenizer that does not spell: every word may be known to it.

    >>> sorted(known_words(spelling_tokenizer(["roof", "red"])))
    ['red', 'roof']
    """
    vocabulary = tokenizer.get_vocab().keys()
    if not vocabulary >= {GOES_ON + letter for letter in LETTERS}:
        return frozenset()
    words = vocabulary - tokenizer.added_tokens_encoder.keys() - {*MARKS, *LETTERS}
    return frozenset(word for word in words if not word.startswith(GOES_ON))


def strange_words(
    tokenizer: PreTrainedTokenizerBase, text: str, *, learned: Collection[str] = ()
) -> list[str]:
    """The words of a text that a tokenizer does not know, each once.

    A tokenizer that spells unknown words knows those that are one typing mistake away from one of
    its own, or of those that were `learned` by their letters. Others know all but those for which
    they have no token at all.

    >>> strange_words(spelling_tokenizer(["roof"]), "crimson roofs, zeppelin")
    ['crimson', 'zeppelin']
    """
    words = list(_words(tokenizer, text))
    spelt = {word.text for word in words if word.has_tokens and word.is_spelt}
    known = known_words(tokenizer) if spelt else frozenset()
    familiar = known | {*learned}
    lost = {word for word in spelt - familiar if known and not is_misspelt(word, familiar)}
    strange = (word.written for word in words if not word.has_tokens or word.text in lost)
    return list(dict.fromkeys(strange))


def spelt_words(tokenizer: PreTrainedTokenizerBase, text: str) -> list[str]:
    """The words of a text that a tokenizer spells, without accents and in small letters.

    None for a tokenizer that does not spell.

    >>> spelt_words(spelling_tokenizer(["roof"]), "Crimson roof, Zéppelin")
    ['crimson', 'zeppelin']
    """
    if not known_words(tokenizer):
        return []
    words = _words(tokenizer, text)
    return [word.text for word in words if word.has_tokens and word.is_spelt]


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of a text, as a tokenizer takes it."""

    written: str
    """As it stands in the text."""

    text: str
    """What its tokens say."""

    has_tokens: bool
    """Whether nothing of it is unknown."""

    is_spelt: bool
    """Whether it takes several tokens."""


def _words(tokenizer: PreTrainedTokenizerBase, text: str) -> Iterator[_Word]:
    """The words of a text, in turn."""
    encoding = tokenizer(
        text, add_special_tokens=False, split_special_tokens=True, return_offsets_mapping=True
    )
    spans: dict[int | None, list[int]] = {}
    for place, word in enumerate(encoding.word_ids()):
        spans.setdefault(word, []).append(place)
    ids, offsets = encoding["input_ids"], encoding["offset_mapping"]
    for places in spans.values():
        tokens = [ids[place] for place in places]
        letters = tokenizer.convert_ids_to_tokens(tokens)
        yield _Word(
            text[offsets[places[0]][0] : offsets[places[-1]][1]],
            "".join(letter.removeprefix(GOES_ON) for letter in letters),
            tokenizer.unk_token_id not in tokens,
            len(tokens) > 1,
        )
