"""Which of the phrases about an image are asked, and how many of them in vain."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet

import numpy as np

from geoseg.training.data.samples import Asked, Sample
from geoseg.training.options import AskOptions

WORD = re.compile(r"[a-zß-ɏ]{3,}")
"""Words that may say what a thing is: shorter ones seldom do, other scripts part them otherwise."""

PLURAL = re.compile(r"(?<=\w{3})(?<![su])s$")

SAYS_NO_THING = re.compile(
    r"""
        an[dy] | another | are | be(?:en|ing) | but | each | either | every | for | from | ha[sd]
    |   hav(?:e|ing) | here | into | its | neither | none | nor | not | off | onto | out | some
    |   such | than | that | the | their | them | there | these | they | this | those | towards?
    |   was | were | what | where | which | while | with(?:in|out)? | you
    |   above | across | adjacent | along | among | around | away | back | behind | below
    |   besides? | between | beyond | close | inside | located | lying | near(?:by|est)? | next
    |   opposite | outside | over | placed? | positioned | shown | situated | through | under
    |   underneath | see | seen
    |   (?:north|south|east|west)\w* | left\w* | right\w* | top | upper\w* | lower | lowest | bottom
    |   middle | cent(?:er|re|ral)\w* | corners? | edges? | margins? | sides? | halves | half
    |   parts? | front | whole | image | photo | picture | scene
    |   all | both | few | first | second | third | last | many | more | most | one | ones | two
    |   three | four | five | six | seven | eight | nine | ten | several | single | only | same
    |   others? | different | similar | lot | lots | type | things? | objects?
    |   big\w* | large[rst]* | small(?:er|est)? | tin(?:y|iest) | huge | medium | long(?:er|est)?
    |   short(?:er|est)? | wide[rst]* | high(?:er|est)? | low | great | old | full | round | very
    |   beige | black | blue | brown | gr[ae]y | green | orange | pink | purple | red | silver
    |   turquoise | violet | white | yellow | colou?r\w* | bright | light | dark
    """,
    re.VERBOSE,
)
"""Words of place, number, size and colour, and those that hold a phrase together."""

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

    Nobody says so for certain, but an image that shows what nobody mentions is rare. What it shows
    too little of counts as said.
    """
    said = words([*(asked.phrase for asked in sample.asked), *sample.unsure])
    found: dict[str, str] = {}
    for _ in range(LOOKS):
        for phrase in elsewhere():
            if means_other(phrase, said):
                found.setdefault(phrase.casefold(), phrase)
    nothing = np.zeros(sample.image.shape[:2], np.bool_)
    return [Asked(phrase, nothing, "absent") for phrase in found.values()]


def means_other(phrase: str, said: AbstractSet[str]) -> bool:
    """Whether a phrase names things, and none of those that are said; "airplane" names a plane.

    >>> means_other("the bus", {"car"}), means_other("the largest", {"car"})
    (True, False)
    """
    named = words([phrase])
    return bool(named) and not any(
        ours in theirs or theirs in ours for ours in named for theirs in said
    )


def words(phrases: Iterable[str]) -> set[str]:
    """The words of phrases that say what things are, without the plural's s.

    >>> sorted(words(["The red roofs", "a roof by the lake", "buses on the left"]))
    ['buse', 'lake', 'roof']
    """
    found = {word for text in phrases for word in WORD.findall(text.casefold())}
    return {PLURAL.sub("", word) for word in found if not SAYS_NO_THING.fullmatch(word)}


def shuffled(asked: Sequence[Asked], rng: np.random.Generator) -> list[Asked]:
    """The same in another order."""
    return [asked[place] for place in rng.permutation(len(asked))]
