"""Which of the phrases about an image are asked, and how many of them in vain."""

import re
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from geoseg.training.data.samples import Asked, Sample
from geoseg.training.options import AskOptions

WORD = re.compile(r"[a-z]{4,}")
"""Words that may say what a thing is; shorter ones seldom do."""

Elsewhere = Callable[[], Sequence[str]]
"""Phrases about some other image of the data."""

LOOKS = 4
"""Other images whose phrases are looked at."""


def chosen(
    sample: Sample, options: AskOptions, rng: np.random.Generator, *, elsewhere: Elsewhere
) -> tuple[Asked, ...]:
    """At most as many phrases as are asked of one chip; the share of absent ones holds on average.

    A chip without anything present is asked for absent things only, and so are some others.
    """
    present = shuffled([asked for asked in sample.asked if asked.present], rng)
    absent = shuffled([asked for asked in sample.asked if not asked.present], rng)
    if not absent and options.borrow:
        absent = borrowed(sample, elsewhere)[: options.queries]
    if absent and (not present or rng.random() < options.all_empty):
        return tuple(absent[: options.queries])
    return tuple(mixed(present, absent, options, rng))


def mixed(
    present: Sequence[Asked], absent: Sequence[Asked], options: AskOptions, rng: np.random.Generator
) -> Iterator[Asked]:
    """Present and absent phrases in the share wanted, until all that is present is asked."""
    there, missing = list(present), list(absent)
    for _ in range(options.queries):
        if not there:
            return
        yield (missing if missing and rng.random() < options.absent else there).pop()


def borrowed(sample: Sample, elsewhere: Elsewhere) -> list[Asked]:
    """Phrases about other images, of which no word is said of this one: they will be absent.

    Nobody says so for certain, but an image that shows what nobody mentions is rare.
    """
    said = words(asked.phrase for asked in sample.asked)
    found: dict[str, None] = {}
    for _ in range(LOOKS):
        found |= dict.fromkeys(phrase for phrase in elsewhere() if not words([phrase]) & said)
    nothing = np.zeros(sample.image.shape[:2], np.bool_)
    return [Asked(phrase, nothing, "absent") for phrase in found]


def words(phrases: Sequence[str] | Iterator[str]) -> set[str]:
    """The longer words of phrases, without the plural's s.

    >>> sorted(words(["The red roofs", "a roof by the lake"]))
    ['lake', 'roof']
    """
    return {word.removesuffix("s") for text in phrases for word in WORD.findall(text.lower())}


def shuffled(asked: Sequence[Asked], rng: np.random.Generator) -> list[Asked]:
    """The same in another order."""
    return [asked[place] for place in rng.permutation(len(asked))]
