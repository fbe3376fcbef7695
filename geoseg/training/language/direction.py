"""Words of direction in a phrase, turned and mirrored together with the picture."""

import re
from collections.abc import Callable, Mapping
from typing import Final

TURNED: Final = {"n": "w", "w": "s", "s": "e", "e": "n"}
"""Where each side of a picture goes in a quarter turn counter-clockwise, as `np.rot90` turns."""

MIRRORED: Final = {"n": "n", "s": "s", "w": "e", "e": "w"}

COMPASS: Final = {"n": "north", "s": "south", "e": "east", "w": "west"}
PLAIN: Final = {"n": "top", "s": "bottom", "w": "left", "e": "right"}
RAISED: Final = {"n": "upper", "s": "lower", "w": "left", "e": "right"}
"""Sides of a picture, as they are called beside "side" and in corners."""

RELATED: Final = {"n": "above", "s": "below", "w": "to the left of", "e": "to the right of"}

SIDE_OF: Final = {
    **{word: side for names in (COMPASS, PLAIN, RAISED) for side, word in names.items()},
    "above": "n", "below": "s",
}  # fmt: skip

PICTURE: Final = (
    r"[ ](?:the[ ]|this[ ]|an?[ ])?(?:whole[ ]|entire[ ])?"
    r"(?:image|picture|photo|photograph|scene|chip|frame|view|map|figure|screen)s?\b"
    r"(?![ ]cent|[ ]middle)"
)
"""What a phrase calls the picture itself."""

UNTURNABLE: Final = re.compile(
    r"""clockwise | o'?\s?clock
    | \b(?:facing|faces|faced|heading|headed|pointing|points|oriented)\b
    | \b(?:left|right|top|bottom)[- ]hand | \bsun(?:lit|ny|ward) | \b(?:wind|lee)ward
    | \bshad(?:ed|y|owed|ow)[ ]side
    | (?<!the[ ])\bright[ ](?:next|beside|by|near|behind|in|on|at|along
      |after|before|where|above|below|under)\b
    | \bright[- ]ang
    | \bturn(?:s|ing)?[ ](?:left|right) | \b(?:left|right)[- ](?:turn|wing|lane|bank|arm|bend|field)
    | \bleft[ ](?:behind|over|out|alone|unbuilt|open|empty|fallow|by)\b
    | \b(?:is|are|has|was)[ ]left$
    | \b(?:north|south|east|west)-(?:north|south|east|west)-(?:north|south|east|west)\b
    | \b(?:first|second|third|fourth|last|\d+(?:st|nd|rd|th))[ ](?:row|column|line|quadrant)s?\b
    | \b(?:latitude|longitude|hemisphere|equator)\b | (?-i:\b[NESW]\b)
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""What has no safe word in a turned or mirrored picture, or may be no direction at all."""

UPRIGHT: Final = re.compile(
    rf"""\bon[ ]top\b | \b(?:top|bottom)s?[ ]of\b(?!{PICTURE})
    | \b(?:under|underneath|beneath|over|overhead|up|down|upwards?|downwards?)\b
    | \b(?:highest|lowest|higher)\b
    | \btop[- ](?:down|view) | \blower[ ]than | \b(?:upper|top|lower)[ ](?:floor|storey|deck|level)
    | \b(?:above|below)\b(?![ ](?:an?|the|this|that|these|those|it|them|its|their|another|other
      |some|two|three|one|left|right|cent)\b)
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""Words that may speak of height instead of the upper edge of the picture."""

LYING: Final = re.compile(r"\b(?:row|column)s?\b", re.IGNORECASE)
"""What a quarter turn makes the other; or a row that may lie in any direction."""

NAMED: Final = re.compile(r"\b(?:North|South|East|West)(?:ern)? [A-Z][a-z]")

Sides = Mapping[str, str]
"""Where each side of the picture goes: n, e, s, w."""


def turned(phrase: str, *, turns: int, mirrored: bool) -> str | None:
    """The phrase for the same picture after so many quarter turns, then mirrored left to right.

    Turns go counter-clockwise, as those of `np.rot90`. None where a word has no safe counterpart;
    without any word of direction the phrase stays as it is.

    >>> turned("the upper left roof", turns=1, mirrored=False)
    'the lower left roof'
    >>> turned("Ships north-east of the pier", turns=0, mirrored=True)
    'Ships north-west of the pier'
    >>> turned("the car to the left of the bus", turns=1, mirrored=False)
    'the car below the bus'
    """
    sides = _sides(turns % 4, mirrored=mirrored)
    if all(side == goes for side, goes in sides.items()):
        return phrase
    if UNTURNABLE.search(phrase) or _is_named(phrase) or _is_foreign(phrase):
        return None
    if sides["n"] != "n" and UPRIGHT.search(phrase):
        return None
    if _swaps(sides) and LYING.search(phrase):
        return None
    return DIRECTION.sub(lambda found: _cased(found[0], _rewritten(found, sides)), phrase)


def _sides(turns: int, *, mirrored: bool) -> dict[str, str]:
    """Where each side of the picture goes."""
    sides = {side: side for side in COMPASS}
    for _ in range(turns):
        sides = {side: TURNED[goes] for side, goes in sides.items()}
    return {side: MIRRORED[goes] for side, goes in sides.items()} if mirrored else sides


def _swaps(sides: Sides) -> bool:
    """Whether upright things come to lie."""
    return sides["n"] in "ew"


def _corner(found: re.Match[str], sides: Sides) -> str:
    """North-west, upper left."""
    first, gap, second, end = found["first"], found["gap"], found["second"], found["end"] or ""
    words = (first.lower(), second.lower())
    names = COMPASS if words[0] in COMPASS.values() else PLAIN
    names = RAISED if {"upper", "lower"} & set(words) else names
    goes = [sides[SIDE_OF[word]] for word in words]
    if _swaps(sides):
        goes.sort(key="nsew".index)
    return names[goes[0]] + gap + names[goes[1]] + end


def _beside(found: re.Match[str], sides: Sides) -> str:
    """To the left of, left of."""
    goes = sides[SIDE_OF[found["beside"].lower()]]
    if _swaps(sides):
        return RELATED[goes]
    return (found["to"] or "") + PLAIN[goes] + " of"


def _along(found: re.Match[str], sides: Sides) -> str:
    """On the left of something: on one of its sides, or beside it."""
    goes = sides[SIDE_OF[found["along"].lower()]]
    names, side = (RAISED, " side") if _swaps(sides) else (PLAIN, "")
    return f"{found['on']} the {names[goes]}{side} of"


def _above(found: re.Match[str], sides: Sides) -> str:
    """Above, below."""
    return RELATED[sides[SIDE_OF[found["above"].lower()]]]


def _single(found: re.Match[str], sides: Sides) -> str:
    """North, northern, top, left, lower, leftmost."""
    word, end = found["word"].lower(), found["ending"] or ""
    goes = sides[SIDE_OF[word]]
    if word in COMPASS.values():
        return COMPASS[goes] + end
    is_beside_side = found.string[found.end() :].startswith((" side", "-side"))
    if word in ("upper", "lower") or (is_beside_side and not end):
        return RAISED[goes] + end
    return PLAIN[goes] + end


def _lying(found: re.Match[str], sides: Sides) -> str:
    """Horizontal, vertically."""
    word = found["lying"].lower()
    other = "vertical" if word == "horizontal" else "horizontal"
    return other if _swaps(sides) else word


def _initials(found: re.Match[str], sides: Sides) -> str:
    """NW, SE."""
    goes = sorted((sides[letter.lower()] for letter in found["initials"]), key="nsew".index)
    return "".join(goes).upper()


REWRITE: Final[dict[str, Callable[[re.Match[str], Sides], str]]] = {
    "first": _corner, "beside": _beside, "along": _along, "above": _above, "word": _single,
    "lying": _lying, "initials": _initials,
}  # fmt: skip
"""By the group that only its own form has."""

DIRECTION: Final = re.compile(
    rf"""\b(?:
      (?P<on>on|at|in|along)[ ]the[ ](?P<along>left|right)[ ]of\b(?!{PICTURE})
    | (?P<to>to[ ]the[ ])?(?P<beside>left|right)[ ]of\b(?!{PICTURE})
    | (?P<first>north|south|upper|lower|top|bottom|left|right)(?P<gap>[- ]?)
      (?P<second>(?:(?<=north)|(?<=south)|(?<=north[- ])|(?<=south[- ]))(?:east|west)
      |(?:(?<=upper)|(?<=lower)|(?<=top)|(?<=bottom)|(?<=upper[- ])|(?<=lower[- ])|(?<=top[- ])
      |(?<=bottom[- ]))(?:left|right)|(?:(?<=left[- ])|(?<=right[- ]))(?:upper|lower|top|bottom))
      (?P<end>ern|ernmost|erly|wards?|-?most)?
    | (?P<above>above|below)
    | (?P<word>north|south|east|west|upper|lower|top|bottom|left|right)
      (?P<ending>ern|ernmost|erly|wards?|bound|-?most)?
    | (?P<lying>horizontal|vertical)(?=(?:ly)?\b)
    | (?P<initials>(?-i:[NS][EW]))
    )(?=\b|ly\b)""",
    re.VERBOSE | re.IGNORECASE,
)
"""Every form of direction that can be turned, the longest first."""


def _rewritten(found: re.Match[str], sides: Sides) -> str:
    """What was found, for the turned picture."""
    form = next(name for name in REWRITE if found[name] is not None)
    return REWRITE[form](found, sides)


def _cased(like: str, text: str) -> str:
    """The text in capitals, or with a capital, where what it stands for has them.

    >>> _cased("NORTH", "west"), _cased("Upper left", "lower left"), _cased("North-West", "a-b")
    ('WEST', 'Lower left', 'A-B')
    """
    if like.isupper():
        return text.upper()
    if like.istitle():
        return text.title() if len(re.split(r"[- ]", like)) > 1 else text.capitalize()
    return text[0].upper() + text[1:] if like[0].isupper() else text


def _is_named(phrase: str) -> bool:
    """Whether a direction may be part of a proper name: "North Street"."""
    is_title = not any(word[0].islower() for word in phrase.split())
    return not is_title and NAMED.search(phrase) is not None


def _is_foreign(phrase: str) -> bool:
    """Whether letters of another script are in it, whose directions nobody here knows."""
    return any(letter.isalpha() and ord(letter) > 0x24F for letter in phrase)
