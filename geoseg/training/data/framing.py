"""Phrases that hold for the whole picture only."""

import re

FRAMED = re.compile(
    r"""\b(?:
        (?:far|mid)?-?(?:left|right|top|bottom|upper|lower)(?:-?(?:most|hand|left|right))?
    |   (?:north|south|east|west)\w*
    |   middle | cent(?:er|re)\w* | central\w* | corners? | edges? | borders? | margins?
    |   half | halves | quarters? | sides? | part | image | picture | photo | scene
    |   first | second | third | fourth | fifth | last | only | same | other | others | another
    |   one | two | three | four | five | single | sole | pair | most | least
    |   more | less | fewer | \w+er\s+than
    )\b""",
    re.VERBOSE | re.IGNORECASE,
)
"""Places in the picture, ranks, counts, and comparisons with what else it shows."""

SUPERLATIVE = re.compile(r"\b\w{3,}est\b", re.IGNORECASE)

NO_SUPERLATIVES = frozenset({
    "forest", "rainforest", "harvest", "chest", "crest", "guest", "interest", "manifest", "pest",
    "request", "rest", "test", "vest", "west",
})  # fmt: skip
"""Words that end like one."""


def framed(phrase: str) -> bool:
    """Whether another picture of the same things could make the phrase mean something else.

    A true answer costs a crop that is not made; a wrong "no" would teach something untrue, so
    words that may have nothing to do with the frame count too.

    >>> framed("the largest building"), framed("the ship on the left"), framed("the red roofs")
    (True, True, False)
    >>> framed("the forest"), framed("the harvested fields")
    (False, False)
    """
    superlatives = {word.lower() for word in SUPERLATIVE.findall(phrase)} - NO_SUPERLATIVES
    return bool(superlatives or FRAMED.search(phrase))
