"""The kit's tokenizer: one token for each character."""

# mypy: disable-error-code="no-untyped-call"
# transformers is typed only in parts

from collections.abc import Mapping

from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers
from transformers import PreTrainedTokenizerFast

PLAIN = 128
"""Characters below it are their own token."""

WIDE = 160
"""Tokens that all other characters share."""

FREE = 0x1000
"""From here on lie characters that no text of a kit holds."""


def toy_tokenizer(special: Mapping[str, int], characters: str) -> PreTrainedTokenizerFast:
    """A tokenizer for texts of these characters, with these control tokens."""
    # a vocabulary holds one text per id: characters that share an id share a stand-in, and of
    # control tokens with one id the first is kept
    stand_ins = {
        character: chr(FREE + ord(character) % WIDE)
        for character in sorted(set(characters))
        if ord(character) >= PLAIN
    }
    texts = {PLAIN + ord(stand_in) - FREE: stand_in for stand_in in stand_ins.values()}
    texts |= {code: chr(code) for code in range(PLAIN)}
    control = {number: token for token, number in reversed(list(special.items()))}
    vocabulary = {text: number for number, text in {**texts, **control}.items()}
    backend = Tokenizer(models.WordLevel(vocabulary, unk_token=chr(0)))
    backend.normalizer = normalizers.Sequence(
        [normalizers.Replace(character, stand_in) for character, stand_in in stand_ins.items()]
    )
    backend.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), behavior="isolated")
    backend.add_special_tokens([AddedToken(token, normalized=False) for token in control.values()])
    return PreTrainedTokenizerFast(tokenizer_object=backend)
