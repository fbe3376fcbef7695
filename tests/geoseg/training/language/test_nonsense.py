import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoseg.models.mllmseg.tokenizer import spelling_tokenizer, strange_words
from geoseg.training.language.nonsense import LONGEST, MAKERS, SHORTEST, long_words, nonsense
from geoseg.training.language.phrases import known_words


@given(st.integers(0, 10**6))
def test_a_made_up_word_is_no_known_one_and_near_none(seed: int) -> None:
    word = nonsense(np.random.default_rng(seed), known_words())
    assert SHORTEST <= len(word) <= LONGEST
    assert word.isalpha()
    assert word not in known_words()


def test_a_made_up_word_is_strange_to_the_tokenizer() -> None:
    speller = spelling_tokenizer(known_words())
    rng = np.random.default_rng(0)
    words = [nonsense(rng, known_words()) for _ in range(50)]
    assert all(strange_words(speller, word) == [word] for word in words)


@pytest.mark.parametrize("maker", MAKERS)
def test_each_way_makes_many_different_words(maker) -> None:  # noqa: ANN001
    rng = np.random.default_rng(0)
    assert len({maker(rng, long_words(known_words())) for _ in range(100)}) > 60
