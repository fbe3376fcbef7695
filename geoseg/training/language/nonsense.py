"""Made-up words, so that words nobody has ever heard are refused."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Final

import numpy as np

from geoseg.mistakes import is_misspelt

SHORTEST, LONGEST = 3, 13
"""Letters of a made-up word."""

END: Final = "."
START: Final = "^^"


def nonsense(rng: np.random.Generator, known: frozenset[str]) -> str:
    """A word that is none of the known ones, and that nobody takes for one of them misspelt."""
    words = long_words(known)
    while True:
        word = MAKERS[int(rng.integers(len(MAKERS)))](rng, words)
        if SHORTEST <= len(word) <= LONGEST and word not in known and not is_misspelt(word, words):
            return word


@cache
def long_words(known: frozenset[str]) -> tuple[str, ...]:
    """The known words of four letters and more, sorted."""
    return tuple(sorted(word for word in known if len(word) > SHORTEST))


def spliced(rng: np.random.Generator, words: Sequence[str]) -> str:
    """The front of one word with the back of another."""
    front, back = (words[int(at)] for at in rng.integers(len(words), size=2))
    return front[: rng.integers(2, len(front))] + back[rng.integers(1, len(back) - 1) :]


def babbled(rng: np.random.Generator, words: Sequence[str]) -> str:
    """Letters that follow each other as in the words."""
    after = followers(tuple(words))
    word = START
    while not word.endswith(END):
        letters = after[word[-2:]]
        word += letters[int(rng.integers(len(letters)))]
    return word[len(START) : -len(END)]


@cache
def followers(words: tuple[str, ...]) -> Mapping[str, str]:
    """The letters that follow each two letters in the words, as often as they do."""
    after: dict[str, str] = {}
    for word in words:
        text = START + word + END
        for at in range(len(text) - 2):
            after[text[at : at + 2]] = after.get(text[at : at + 2], "") + text[at + 2]
    return after


def syllables(rng: np.random.Generator, words: Sequence[str]) -> str:
    """One to three syllables that no language needs to have."""
    del words
    count = int(rng.integers(1, 4))
    parts = ("bcdfghklmnprstvwz", "aeiou", "nrstlmkp")
    return "".join(part[int(rng.integers(len(part)))] for _ in range(count) for part in parts)


MAKERS: Final[tuple[Callable[[np.random.Generator, Sequence[str]], str], ...]] = (
    spliced, babbled, syllables,
)  # fmt: skip
"""The ways to make up a word."""
