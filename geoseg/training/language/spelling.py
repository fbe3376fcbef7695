"""How people write: typing mistakes, American spelling, capitals, stops."""

import re
from collections.abc import Callable, Collection
from typing import Final

import numpy as np

AMERICAN: Final = {
    "grey": "gray", "centre": "center", "ploughed": "plowed", "harbour": "harbor",
    "coloured": "colored", "metre": "meter", "metres": "meters", "burnt": "burned",
    "aeroplane": "airplane", "aeroplanes": "airplanes",
}  # fmt: skip
"""British words that Americans spell otherwise."""

NEIGHBOURS: Final = {
    letter: row[max(place - 1, 0) : place] + row[place + 1 : place + 2]
    for row in ("qwertyuiop", "asdfghjkl", "zxcvbnm")
    for place, letter in enumerate(row)
}
"""The keys left and right of each."""

SHORTEST = 4
"""Letters of the shortest word that gets a mistake; shorter ones turn into other words."""

TRIES = 6
"""Mistakes tried until one is no word of its own."""


def american(text: str) -> str:
    """The text as Americans spell it.

    >>> american("grey roofs in the centre")
    'gray roofs in the center'
    """
    return re.sub(r"[a-z]+", lambda word: AMERICAN.get(word[0], word[0]), text)


def swapped(word: str, at: int, key: str) -> str:
    """Two letters in the wrong order."""
    del key
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def dropped(word: str, at: int, key: str) -> str:
    """One letter too few."""
    del key
    return word[:at] + word[at + 1 :]


def doubled(word: str, at: int, key: str) -> str:
    """One letter twice."""
    del key
    return word[: at + 1] + word[at:]


def mistyped(word: str, at: int, key: str) -> str:
    """The next key in place of a letter."""
    return word[:at] + key + word[at + 1 :]


def inserted(word: str, at: int, key: str) -> str:
    """The next key beside a letter."""
    return word[: at + 1] + key + word[at + 1 :]


MISTAKES: Final[tuple[Callable[[str, int, str], str], ...]] = (
    swapped, swapped, dropped, dropped, doubled, mistyped, inserted,
)  # fmt: skip
"""Kinds of mistakes; the most usual ones stand twice."""


def misspelt(text: str, rng: np.random.Generator, *, known: Collection[str]) -> str:
    """The text with one word misspelt so that it is none of the known words.

    First letters stay: people seldom get them wrong.
    """
    words = [found for found in re.finditer(r"[a-z]+", text) if len(found[0]) >= SHORTEST]
    if not words:
        return text
    found = words[int(rng.integers(len(words)))]
    word = found[0]
    for _ in range(TRIES):
        at = int(rng.integers(1, len(word) - 1))
        key = str(rng.choice(list(NEIGHBOURS[word[at]])))
        wrong = MISTAKES[int(rng.integers(len(MISTAKES)))](word, at, key)
        if wrong != word and wrong not in known:
            return text[: found.start()] + wrong + text[found.end() :]
    return text


def restyled(text: str, rng: np.random.Generator) -> str:
    """The same words with capitals, a stop, or more room between them."""
    stop = "" if text.endswith("?") else "."
    styles = (
        text.capitalize(), text.upper(), text.title(), text + stop, text.capitalize() + stop,
        text + stop.replace(".", "!"), f" {text} ", text.replace(" ", "  "), f'"{text}"',
    )  # fmt: skip
    return styles[int(rng.integers(len(styles)))]
