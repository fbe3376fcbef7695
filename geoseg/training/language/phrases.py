"""What people say about a chip, with the exact pixels they mean."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoseg.training.land.concepts import COLOURS, CONCEPTS, GROUPS
from geoseg.training.language.balance import SAID, Balance
from geoseg.training.language.character import CHARACTERS
from geoseg.training.language.names import COMPANY, NAMES, UNHEARD, Name
from geoseg.training.language.nonsense import nonsense
from geoseg.training.language.places import FARTHEST, REGIONS, farthest, placed
from geoseg.training.language.referring import (
    Asker,
    Referring,
    Refinement,
    characterised,
    coloured,
    plain,
    settled,
    unheard,
)
from geoseg.training.language.relations import RELATIONS, related
from geoseg.training.language.sizes import (
    EXTREMES,
    LARGE,
    LONG,
    SMALL,
    elongated,
    sized,
    superlative,
)
from geoseg.training.language.spelling import AMERICAN, misspelt
from geoseg.training.language.view import View
from geoseg.training.language.wording import FRAMES, HERE, OF_THE_IMAGE, worded, written
from geoseg.training.scenes import SceneObject

FAMILIES: Final[tuple[str, ...]] = (*SAID, "absent")
"""What a phrase goes by: its concept alone, a colour, an attribute ... or nothing there."""

SHARE_OF_GROUPS = 0.12
"""Share of phrases that name several concepts by one word: vehicles, water."""

INVENTED = 0.5
"""Share of unheard-of things that have a made-up name."""

TRIES = 6
"""Phrases of one family or kind tried until one is clear enough to be said."""


@dataclass(frozen=True, slots=True, eq=False)
class Phrase:
    """A phrase about a chip and what it means there."""

    text: str

    family: str
    """One of FAMILIES."""

    mask: NDArray[np.bool_]
    """(h, w): the pixels meant; none where nothing is."""

    kind: str = ""
    """Of an absent phrase, why nothing is there: one of `balance.REFUSED`."""

    @property
    def present(self) -> bool:
        """Whether the chip holds what is asked for."""
        return bool(self.mask.any())


Start = Callable[[Asker], Referring | None]
"""Chooses what a phrase is about."""


def words(asker: Asker) -> Sequence[str]:
    """The concepts, or the groups of them."""
    return tuple(GROUPS if asker.rng.random() < SHARE_OF_GROUPS else CONCEPTS)


def something_there(asker: Asker) -> Referring | None:
    """A concept, or a group, that the chip shows."""
    return one_of(asker, [concept for concept in words(asker) if asker.view.shows(concept)])


def something_missing(asker: Asker) -> Referring | None:
    """A concept, or a group, that the chip does not show."""
    return one_of(asker, [concept for concept in words(asker) if asker.view.lacks(concept)])


def something_expected(asker: Asker) -> Referring | None:
    """A concept that the chip does not show, though what goes with it is there."""
    view = asker.view
    return one_of(
        asker,
        [
            concept
            for concept, company in COMPANY.items()
            if any(view.shows(other) for other in company) and view.lacks(concept)
        ],
    )


def something_unheard(asker: Asker) -> Referring | None:
    """Something that no scene has, or a word that means nothing."""
    if asker.rng.random() < INVENTED:
        word = nonsense(asker.rng, known_words())
        return unheard(asker, Name(word, f"{word}s"))
    return unheard(asker, asker.pick(UNHEARD))


def one_of(asker: Asker, concepts: Sequence[str]) -> Referring | None:
    """All of one of the concepts, chosen by weight."""
    return plain(asker, asker.balance.concept(asker.rng, concepts)) if concepts else None


PAIRS: Final[tuple[tuple[Refinement, ...], ...]] = (
    (coloured, placed), (coloured, placed), (coloured, superlative), (coloured, farthest),
    (coloured, sized), (characterised, coloured), (characterised, placed),
    (characterised, superlative), (characterised, farthest), (sized, placed), (placed, superlative),
    (coloured, related), (characterised, related), (elongated, placed), (coloured, elongated),
)  # fmt: skip
"""What is said together, the first first."""

TRIMMINGS: Final[tuple[tuple[Refinement, ...], ...]] = (
    (), (), (), (), (coloured,), (characterised,), (placed,), (superlative,), (farthest,),
    (coloured, placed), (sized,),
)  # fmt: skip
"""What else is said about a thing that is not there."""

WAYS: Final[dict[str, tuple[Start, tuple[tuple[Refinement, ...], ...]]]] = {
    "class": (something_there, ((),)),
    "colour": (something_there, ((coloured,),)),
    "attribute": (something_there, ((characterised,),)),
    "place": (something_there, ((placed,), (placed,), (placed,), (farthest,))),
    "size": (something_there, ((superlative,), (superlative,), (sized,), (elongated,))),
    "combined": (something_there, PAIRS),
    "relation": (something_there, ((related,),)),
    "absent class": (something_missing, TRIMMINGS),
    "plausible class": (something_expected, TRIMMINGS),
    "wrong colour": (something_there, ((coloured,), (coloured,), (coloured, placed))),
    "wrong attribute": (something_there, ((characterised,),)),
    "wrong place": (something_there, ((placed,),)),
    "wrong relation": (something_there, ((related,),)),
    "unheard of": (something_unheard, ((), (), (), (coloured,), (placed,), (superlative,))),
}
"""How each family and each kind of refusal comes about."""


def proposed(asker: Asker, way: str) -> Phrase | None:
    """A phrase of a family or a kind; None where this try led to none."""
    start, ways = WAYS[way]
    referring = start(asker)
    for refine in ways[int(asker.rng.integers(len(ways)))]:
        referring = referring and refine(asker, referring)
    mask = referring and settled(asker.view, referring)
    if not isinstance(mask, np.ndarray) or not isinstance(referring, Referring):
        return None
    if mask.any() != asker.present:
        return None
    text = worded(asker, referring)
    if asker.rng.random() < asker.balance.habits.misspelt:
        text = misspelt(text, asker.rng, known=known_words())
    text = written(text, asker.rng, asker.balance.habits)
    return Phrase(text, way, mask) if asker.present else Phrase(text, "absent", mask, way)


def phrase_of(asker: Asker) -> Phrase | None:
    """A clear phrase of a family or kind chosen by weight; None where none was found."""
    weights = asker.balance.said if asker.present else asker.balance.refused
    ways = [way for way, weight in weights.items() if weight > 0]
    shares = np.array([weights[way] for way in ways])
    order = asker.rng.choice(ways, len(ways), replace=False, p=shares / shares.sum())
    for way in order.tolist():
        for _ in range(TRIES):
            phrase = proposed(asker, way)
            if phrase is not None:
                return phrase
    return None


def phrases(
    ids: NDArray[np.integer],
    objects: Sequence[SceneObject],
    *,
    count: int,
    rng: np.random.Generator,
    balance: Balance | None = None,
) -> list[Phrase]:
    """So many phrases about a chip (ids after every turn and mirroring).

    Where nothing in the chip can be asked for, all are about what is not there; where the balance
    allows nothing that can be said, they are fewer.
    """
    balance = balance or Balance()
    view = View(ids, objects)
    share = 1.0 if rng.random() < balance.all_empty else balance.absent
    said: list[Phrase] = []
    for _ in range(count):
        asker = Asker(view, rng, balance, present=bool(rng.random() >= share))
        phrase = phrase_of(asker) or phrase_of(replace(asker, present=False))
        if phrase is not None:
            said.append(phrase)
    return said


def _texts() -> Iterator[str]:
    """Everything that phrases are put together from."""
    names = [name for table in NAMES.values() for name in table]
    names += [*UNHEARD, *(name for character in CHARACTERS for name in character.names)]
    for name in names:
        yield from (name.one, name.many)
    for character in CHARACTERS:
        yield from character.adjectives
        yield from (text for pair in character.after for text in pair)
    for region in REGIONS:
        yield from region.words
    for words in FARTHEST.values():
        yield from words
    for extreme in EXTREMES:
        yield from extreme.words
    for relation in RELATIONS:
        yield from relation.words
    yield from (*LARGE, *SMALL, *LONG, *COLOURS, *FRAMES, *HERE, *OF_THE_IMAGE, *AMERICAN.values())
    yield "the all a an every with roofed where which is are there any and or of near"


@cache
def known_words() -> frozenset[str]:
    """Every word that phrases are made of, American spelling too."""
    return frozenset(word for text in _texts() for word in re.findall(r"[a-z]+", text.lower()))


def vocabulary() -> list[str]:
    """Every word that phrases are made of, sorted."""
    return sorted(known_words())
