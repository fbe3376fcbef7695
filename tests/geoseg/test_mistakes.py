import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoseg.mistakes import is_misspelt, is_one_mistake

WORDS = st.text(alphabet="abc", min_size=1, max_size=7)


def swap_add_drop_change(word: str) -> set[str]:
    """Every text that one mistake makes of a word."""
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    added = {head + letter + tail for head, tail in cuts for letter in "abc"}
    dropped = {head + tail[1:] for head, tail in cuts}
    changed = {head + letter + tail[1:] for head, tail in cuts if tail for letter in "abc"}
    swapped = {head + tail[1] + tail[0] + tail[2:] for head, tail in cuts if len(tail) > 1}
    return added | dropped | changed | swapped | {word}


@given(WORDS, WORDS)
def test_one_mistake_is_what_one_mistake_makes(word: str, other: str) -> None:
    assert is_one_mistake(word, other) == (other in swap_add_drop_change(word))


@given(WORDS, WORDS)
def test_mistakes_go_both_ways(word: str, other: str) -> None:
    assert is_one_mistake(word, other) == is_one_mistake(other, word)


@pytest.mark.parametrize(
    ("word", "expected"), [("shps", True), ("ship", True), ("hips", False), ("sho", False)]
)
def test_short_words_and_wrong_first_letters_are_not_recognised(
    word: str, *, expected: bool
) -> None:
    assert is_misspelt(word, ["ships", "shop"]) == expected
