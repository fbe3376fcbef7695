"""Referring expressions as sentences."""

import re
from typing import Final

import numpy as np

from geoseg.training.language.balance import Habits
from geoseg.training.language.referring import Asker, Referring
from geoseg.training.language.spelling import american, restyled

FRAMES: Final = (
    "show me {}", "find {}", "segment {}", "highlight {}", "mark {}", "outline {}", "select {}",
    "detect {}", "locate {}", "map {}", "give me {}", "extract {}", "pick out {}", "draw {}",
    "please find {}", "please show {}", "can you find {}?", "can you see {}?",
    "i am looking for {}",
    "i want to see {}", "look for {}", "could you mark {}, please", "{}, please",
    "a mask of {}", "the outlines of {}",
)  # fmt: skip
"""Requests around a phrase."""

HERE: Final = ("in this image", "in the image", "in the picture", "in this scene", "here")

OF_THE_IMAGE: Final = ("of the image", "of the picture", "of the scene")

ENDS_IN_PLACE = re.compile(r"\b(half|quarter|corner|part|side|edge)$")


def worded(asker: Asker, referring: Referring) -> str:
    """One of the ways to say it."""
    rng, habits = asker.rng, asker.balance.habits
    text = sentence(asker, referring, framed=rng.random() < habits.framed)
    return american(text) if rng.random() < 0.5 else text


def sentence(asker: Asker, referring: Referring, *, framed: bool) -> str:
    """The expression, or a request or question with it."""
    many = _is_many(asker, referring)
    if not framed:
        return _with_whereabouts(asker, _with_article(asker, referring, many=many))
    form = asker.rng.random()
    if referring.adjective and not referring.is_single and form < 0.25:
        return _which(referring, many=many)
    if form < 0.2:
        return _are_there(asker, referring, many=many)
    definite = _with_article(asker, referring, many=many, may_be_bare=False)
    if form < 0.4:
        be = "are" if many and _is_plural(referring) else "is"
        return f"where {be} {definite.removeprefix('all ')}?"
    return asker.pick(FRAMES).format(definite)


def written(text: str, rng: np.random.Generator, habits: Habits) -> str:
    """The text in other letters now and then."""
    return restyled(text, rng) if rng.random() < habits.restyled else text


def _is_many(asker: Asker, referring: Referring) -> bool:
    """Whether to speak of several; where one is there, or none, both can be said."""
    if referring.is_single:
        return False
    if not referring.name.one or int((referring.sure & asker.view.seen).sum()) > 1:
        return True
    return bool(asker.rng.random() < 0.6)


def _is_plural(referring: Referring) -> bool:
    """Whether the many form takes "are"."""
    return bool(referring.name.one) or referring.name.many.endswith("s")


def noun_phrase(referring: Referring, *, many: bool) -> str:
    """The expression without an article."""
    adjectives = [word for _, word in sorted(referring.before, key=lambda ranked: ranked[0])]
    name = referring.name.many if many else referring.name.one
    return " ".join([*adjectives, name, *(pair[many] for pair in referring.after)])


def _with_article(
    asker: Asker, referring: Referring, *, many: bool, may_be_bare: bool = True
) -> str:
    """The expression with "the", "all", "a", "every" or nothing before it."""
    if referring.is_single:
        fronts: tuple[str, ...] = ("the",)
    elif not many:
        fronts = ("the", "the", "a", "") if may_be_bare else ("the", "a")
    else:
        fronts = (
            ("the", "the", "all", "all the", "", "") if may_be_bare else ("the", "all", "all the")
        )
        if may_be_bare and referring.name.one and asker.rng.random() < 0.05:
            return f"every {noun_phrase(referring, many=False)}"
    front = asker.pick(fronts)
    text = noun_phrase(referring, many=many)
    return f"{indefinite(text)} {text}" if front == "a" else f"{front} {text}".strip()


def indefinite(text: str) -> str:
    """The article a text wants.

    >>> [indefinite(text) for text in ("airplane", "car", "L-shaped roof", "U-shaped roof")]
    ['an', 'a', 'an', 'a']
    """
    vowel = text[0].lower() in "aeio" or text.startswith(("L-", "um", "un"))
    return "an" if vowel else "a"


def _which(referring: Referring, *, many: bool) -> str:
    """The adjective as a question."""
    rest = tuple(ranked for ranked in referring.before if ranked[1] != referring.adjective)
    adjectives = [word for _, word in sorted(rest)]
    name = referring.name.many if many else referring.name.one
    places = [pair[many] for pair in referring.after]
    be = "are" if many and _is_plural(referring) else "is"
    return " ".join(["which", *adjectives, name, *places, be, f"{referring.adjective}?"])


def _are_there(asker: Asker, referring: Referring, *, many: bool) -> str:
    """The question whether there is any."""
    text = noun_phrase(referring, many=many)
    if referring.is_single:
        return f"where is the {text}?"
    if not many:
        return f"is there {indefinite(text)} {text}?"
    be = "are" if _is_plural(referring) else "is"
    return f"{be} there any {text}{asker.pick(('', ' here'))}?"


def _with_whereabouts(asker: Asker, text: str) -> str:
    """The text with "of the image" where a place wants it, or "in this image", now and then."""
    chance = asker.rng.random()
    if ENDS_IN_PLACE.search(text):
        return f"{text} {asker.pick(OF_THE_IMAGE)}" if chance < 0.3 else text
    if " in " in text or " at " in text or " on " in text or " near " in text:
        return text
    return f"{text} {asker.pick(HERE)}" if chance < 0.04 else text
