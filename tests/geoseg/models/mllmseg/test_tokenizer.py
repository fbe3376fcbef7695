from pathlib import Path

import pytest
from transformers import PreTrainedTokenizerFast

from geoseg.models.mllmseg.tokenizer import CONTROL_TOKENS, word_tokenizer


def test_control_tokens_take_the_first_ids() -> None:
    tokenizer = word_tokenizer(["roof"])
    assert tokenizer.convert_tokens_to_ids(list(CONTROL_TOKENS)) == list(range(9))
    assert len(tokenizer) == 10


def test_words_seen_twice_count_once() -> None:
    assert len(word_tokenizer(["roof", "Roof", "road"])) == 11


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Red  ROOF", ["red", "roof"]),
        ("red,roof", ["red", "<unk>", "roof"]),
        ("", []),
        ("a blue roof", ["<unk>", "<unk>", "roof"]),
    ],
)
def test_text_becomes_words(text: str, expected: list[str]) -> None:
    assert word_tokenizer(["red", "roof"]).tokenize(text) == expected


def test_saving_and_loading_keeps_the_words(tmp_path: Path) -> None:
    saved = word_tokenizer(["red", "roof"])
    saved.save_pretrained(tmp_path)
    loaded = PreTrainedTokenizerFast.from_pretrained(tmp_path)
    assert loaded.get_vocab() == saved.get_vocab()
    assert loaded.added_tokens_encoder == saved.added_tokens_encoder
    assert loaded.tokenize("a red roof[SEG]") == ["<unk>", "red", "roof", "[SEG]"]
