import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoseg.training.language.phrases import known_words
from geoseg.training.language.spelling import american, misspelt, restyled

SEEDS = st.integers(0, 10**6)
TEXTS = st.sampled_from(("the red buildings", "find all swimming pools", "ships in the north-west"))


def one_edit_apart(word: str, other: str) -> bool:
    """Whether dropping, adding, changing or swapping once leads from one to the other."""
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    letters = "abcdefghijklmnopqrstuvwxyz"
    near = {a + b[1:] for a, b in cuts} | {a + c + b for a, b in cuts for c in letters}
    near |= {a + c + b[1:] for a, b in cuts for c in letters}
    return other in near | {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}


@given(TEXTS, SEEDS)
def test_one_word_is_one_mistake_away(text: str, seed: int) -> None:
    wrong = misspelt(text, np.random.default_rng(seed), known=known_words())
    changed = [pair for pair in zip(text.split(), wrong.split(), strict=True) if len(set(pair)) > 1]
    assert len(changed) == 1
    assert one_edit_apart(*(word.replace("-", "z") for word in changed[0]))


@given(TEXTS, SEEDS)
def test_a_misspelt_word_is_no_other_word(text: str, seed: int) -> None:
    wrong = misspelt(text, np.random.default_rng(seed), known=known_words())
    strange = {word for part in wrong.split() for word in part.split("-")} - known_words()
    assert len(strange) == 1


def test_short_words_are_spelt_rightly() -> None:
    assert misspelt("the car", np.random.default_rng(0), known=()) == "the car"


@given(TEXTS, SEEDS)
def test_other_letters_are_the_same_words(text: str, seed: int) -> None:
    styled = restyled(text, np.random.default_rng(seed))
    assert " ".join(styled.lower().strip(' ."!').split()) == text


@pytest.mark.parametrize(
    ("british", "other"),
    [("grey roofs", "gray roofs"), ("greyish", "greyish"), ("in the centre", "in the center")],
)
def test_americans_spell_some_words_otherwise(british: str, other: str) -> None:
    assert american(british) == other
