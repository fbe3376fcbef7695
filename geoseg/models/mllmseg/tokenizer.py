"""A tokenizer of whole words, for models that know few."""

# mypy: disable-error-code="no-untyped-call"
# transformers is typed only in parts

from collections.abc import Iterable

from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers
from transformers import PreTrainedTokenizerFast

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
