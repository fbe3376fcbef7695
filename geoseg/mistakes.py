"""Words that are one typing mistake apart."""

from collections.abc import Iterable
from typing import Final

SWAPPED: Final = 2
"""Letters that change places in a mistake."""

SHORTEST: Final = 4
"""Letters of the shortest word that is recognised though misspelt."""


def is_one_mistake(word: str, other: str) -> bool:
    """Whether one letter more, less or other, or two swapped, lead from one to the other.

    >>> [is_one_mistake("roof", wrong) for wrong in ("rooof", "rof", "rood", "rofo", "rope")]
    [True, True, True, True, False]
    """
    start = _shared(word, other)
    word, other = word[start:], other[start:]
    end = _shared(word[::-1], other[::-1])
    word, other = word[: len(word) - end], other[: len(other) - end]
    longer = max(len(word), len(other))
    return longer <= 1 or (longer == SWAPPED and word == other[::-1])


def is_misspelt(word: str, known: Iterable[str]) -> bool:
    """Whether a word may be one of the known ones with a mistake; first letters are right.

    >>> is_misspelt("buildngs", ["buildings"]), is_misspelt("goats", ["boats"])
    (True, False)
    """
    return len(word) >= SHORTEST and any(
        len(other) >= SHORTEST and word[0] == other[0] and is_one_mistake(word, other)
        for other in known
    )


def _shared(word: str, other: str) -> int:
    """How many letters both begin with."""
    pairs = zip(word, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(word), len(other)))
