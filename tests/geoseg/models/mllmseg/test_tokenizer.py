from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import PreTrainedTokenizerFast

from geoseg.models.mllmseg.tokenizer import (
    CONTROL_TOKENS,
    LETTERS,
    MARKS,
    known_words,
    spelling_tokenizer,
    spelt_words,
    strange_words,
    word_tokenizer,
)

WORDS = ("roof", "red", "buildings", "car", "a", "ship", "ships")


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


@pytest.fixture(scope="module")
def speller() -> PreTrainedTokenizerFast:
    return spelling_tokenizer(WORDS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Red  ROOF", ["red", "roof"]),
        ("red-roof?", ["red", "-", "roof", "?"]),
        ("bulidings", ["b", *("##" + letter for letter in "ulidings")]),
        ("carpet", ["c", "##a", "##r", "##p", "##e", "##t"]),
        ("a réd röof", ["a", "red", "roof"]),
        ("房子 roof", ["<unk>", "roof"]),
        ("room 12", ["r", "##o", "##o", "##m", "1", "##2"]),
        ("", []),
    ],
)
def test_known_words_are_whole_and_others_are_spelt(
    text: str, expected: list[str], speller: PreTrainedTokenizerFast
) -> None:
    assert speller.tokenize(text) == expected


def test_a_speller_has_words_marks_and_each_letter_twice() -> None:
    whole = len({*CONTROL_TOKENS, *WORDS, *MARKS, *LETTERS})
    assert len(spelling_tokenizer(WORDS)) == whole + len(LETTERS)


def test_a_speller_has_the_control_tokens_first(speller: PreTrainedTokenizerFast) -> None:
    assert speller.convert_tokens_to_ids(list(CONTROL_TOKENS)) == list(range(9))


@given(st.text(alphabet="abcdefg hijk-.,lmnopqrstuvwxyz0123456789", max_size=40))
def test_no_plain_text_is_unknown_and_spelling_loses_nothing(text: str) -> None:
    speller = spelling_tokenizer(WORDS)
    tokens = speller.tokenize(text)
    assert "<unk>" not in tokens
    spelt = "".join(token.removeprefix("##") for token in tokens)
    assert spelt == text.replace(" ", "")


@given(st.text(max_size=40))
def test_no_text_becomes_a_control_token(text: str) -> None:
    speller = spelling_tokenizer(WORDS)
    ids = speller.encode(f"{text}[SEG]<IMG_CONTEXT>", split_special_tokens=True)
    assert {*ids} & {*range(9)} <= {speller.unk_token_id}


def test_saving_and_loading_a_speller_changes_nothing(
    tmp_path: Path, speller: PreTrainedTokenizerFast
) -> None:
    speller.save_pretrained(tmp_path)
    loaded = PreTrainedTokenizerFast.from_pretrained(tmp_path)
    text = "Red rofos, the ships[SEG]"
    assert loaded.get_vocab() == speller.get_vocab()
    assert loaded.encode(text) == speller.encode(text)
    assert known_words(loaded) == frozenset(WORDS) - {"a"}
    assert loaded.decode(loaded.encode("red rofos")) == "red rofos"


@pytest.mark.parametrize(
    ("text", "strange"),
    [
        ("the red roof", ["the"]),
        ("red rofo, a buildngs", []),
        ("Crimson crimson zeppelin", ["Crimson", "crimson", "zeppelin"]),
        ("shop chips", ["chips"]),
        ("cars 2024 b 房子", ["cars", "2024", "房子"]),
        ("<b>", ["<", ">"]),
    ],
)
def test_words_are_strange_unless_one_mistake_leads_to_a_known_one(
    text: str, strange: list[str], speller: PreTrainedTokenizerFast
) -> None:
    assert strange_words(speller, text) == strange


def test_words_that_were_learned_by_their_letters_are_strange_no_more(
    speller: PreTrainedTokenizerFast,
) -> None:
    text = "Impervious red surfces, zeppelin"
    assert spelt_words(speller, text) == ["impervious", "surfces", "zeppelin"]
    assert strange_words(speller, text, learned=["impervious", "surfaces"]) == ["zeppelin"]


def test_a_letter_that_has_no_token_is_strange_whatever_was_learned(
    speller: PreTrainedTokenizerFast,
) -> None:
    assert spelt_words(speller, "房子 zeppelin") == ["zeppelin"]
    assert strange_words(speller, "房子", learned=["房子"]) == ["房子"]


def test_a_tokenizer_of_whole_words_spells_nothing() -> None:
    assert spelt_words(word_tokenizer(["red"]), "red zeppelin") == []


def test_words_without_a_token_are_strange_to_a_tokenizer_of_words() -> None:
    assert strange_words(word_tokenizer(["red", "roof"]), "a red rooof") == ["a", "rooof"]


def test_a_tokenizer_of_another_kind_names_no_known_words() -> None:
    assert known_words(word_tokenizer(["red", "roof"])) == frozenset()
