"""Referring expressions: which objects are meant, and the words for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from geoseg.training.land.concepts import COLOURS
from geoseg.training.language.balance import Balance
from geoseg.training.language.character import CHARACTERS, Character
from geoseg.training.language.names import NAMES, Name, is_countable, palette, regular
from geoseg.training.language.view import DOUBTED, FEWEST, TOLERATED, Flags, Members, View, indices

NEAR_COLOURS: Final[dict[str, tuple[str, ...]]] = {
    "red": ("brown",), "brown": ("red", "yellow", "black", "grey"), "yellow": ("brown", "white"),
    "grey": ("white", "black", "blue", "brown"), "white": ("grey", "yellow"),
    "black": ("grey", "brown"), "blue": ("grey", "green"), "green": ("blue",),
}  # fmt: skip
"""Colours that people mix up: where one is seen, the other is not said to be absent."""

Choice = TypeVar("Choice")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Referring:
    """Some objects of a chip, and the words for them."""

    concept: str
    """One of CONCEPTS or GROUPS; empty for what nobody renders."""

    name: Name

    members: Members
    """How far each object is meant."""

    alike: Flags
    """The objects that could be taken for what is meant."""

    before: tuple[tuple[int, str], ...] = ()
    """Adjectives, each with its rank: size 0, shape and state 1, colour 2, material 3."""

    after: tuple[tuple[str, str], ...] = ()
    """What follows the name, about one and about several."""

    adjective: str = ""
    """An adjective among `before` that can be asked for: "which roofs are ...?"."""

    is_single: bool = False
    """Whether it names one thing out of several, as "the largest" does."""

    @property
    def sure(self) -> Flags:
        """The objects that are meant, doubtful ones by what is likelier."""
        return np.asarray(self.members > 0.5)

    @property
    def possible(self) -> Flags:
        """The objects that are meant, surely or perhaps."""
        return np.asarray(self.members > 0)

    @property
    def names_roof(self) -> bool:
        """Whether the words speak of roofs already."""
        words = (
            self.name.many,
            *(word for _, word in self.before),
            *(one for one, _ in self.after),
        )
        return any("roof" in word for word in words)

    def only(self, members: Members, alike: Flags, **words: object) -> "Referring":
        """The same, narrowed down."""
        narrowed = np.minimum(self.members, members)
        near = (self.alike | self.possible) & alike
        return replace(self, members=narrowed, alike=near, **words)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, eq=False)
class Asker:
    """Who looks for something to say."""

    view: View
    rng: np.random.Generator
    balance: Balance

    present: bool
    """Whether it should be there."""

    def pick(self, choices: Sequence[Choice]) -> Choice:
        """One of them."""
        return choices[int(self.rng.integers(len(choices)))]


Refinement = Callable[[Asker, Referring], Referring | None]
"""Narrows down what is meant; None where it cannot be done in this chip."""


def settled(view: View, referring: Referring) -> NDArray[np.bool_] | None:
    """What is meant, as pixels: none where it is surely absent; None where that is disputable."""
    area = view.area(referring.sure)
    doubtful = view.area(referring.possible & (referring.members < 1))
    if view.area(referring.sure & view.clear) >= FEWEST and doubtful <= TOLERATED * area:
        return view.meant(referring.sure)
    if area + doubtful == 0 and not (referring.alike & view.seen).any():
        return np.zeros(view.ids.shape, np.bool_)
    return None


def named_singly(asker: Asker, base: Referring) -> Referring | None:
    """The same with a name that has a singular; None where its things do not come one by one."""
    if base.concept and not is_countable(base.concept):
        return None
    names = [name for name in NAMES.get(base.concept, ()) if name.one]
    if base.name.one or not names:
        return base if base.name.one else None
    return replace(base, name=asker.pick(names))


def plain(asker: Asker, concept: str) -> Referring:
    """All of one concept or of a group of them."""
    view = asker.view
    return Referring(
        concept=concept,
        name=asker.pick(NAMES[concept]),
        members=view.called(concept),
        alike=view.taken_for(concept),
    )


def unheard(asker: Asker, name: Name) -> Referring:
    """Something that no scene has."""
    view = asker.view
    members = np.zeros(len(view.objects), np.float32)
    return Referring(concept="", name=name, members=members, alike=view.none())


def coloured(asker: Asker, base: Referring) -> Referring | None:
    """Those of one colour: one that is there, or one that is not."""
    view, known = asker.view, palette(base.concept) if base.concept else COLOURS
    there = {view.objects[i].colour for i in indices(base.possible)}
    fitting = [
        colour
        for colour in known
        if asker.balance.allows(base.concept, colour)
        and (not there or (colour in there) == asker.present)
    ]
    if not fitting or not asker.balance.colours:
        return None
    colour = asker.pick(fitting)
    return _in_words(asker, of_colour(view, base, colour), colour)


def of_colour(view: View, base: Referring, colour: str) -> Referring:
    """Those of a colour, not yet said so."""
    meant = np.zeros(len(view.objects), np.float32)
    near = view.none()
    for index in indices(base.possible | base.alike):
        painted = view.objects[index].colour
        meant[index] = 1 if painted == colour else 0 if painted else DOUBTED
        near[index] = painted in ("", colour, *NEAR_COLOURS[colour])
    return base.only(meant, near)


def _in_words(asker: Asker, base: Referring, colour: str) -> Referring:
    """Those of a colour, with the colour before the name, or on the roofs of buildings."""
    form = asker.rng.random()
    if base.concept != "building" or base.names_roof or form < 0.4:
        adjective = (2, colour)
    elif form < 0.55:
        adjective = (2, f"{colour}-roofed")
    elif form < 0.75:
        return replace(base, after=(*base.after, (f"with a {colour} roof", f"with {colour} roofs")))
    else:
        base = replace(base, name=regular("roof")[0])
        adjective = (2, colour)
    return replace(base, before=(*base.before, adjective), adjective=adjective[1])


def characterised(asker: Asker, base: Referring) -> Referring | None:
    """Those of one kind: flat-roofed, paved, harvested ..."""
    view = asker.view
    known = [
        character
        for character in CHARACTERS
        if character.concept == base.concept
        and (asker.balance.colours or not set(COLOURS).intersection(character.adjectives))
    ]
    if base.possible.any():
        found = indices(base.possible)
        values = {
            name: {view.attribute(index, name) for index in found}
            for name in {character.attribute for character in known}
        }
        known = [
            character
            for character in known
            if asker.present == (not values[character.attribute].isdisjoint(character.values))
        ]
    if not known:
        return None
    character = asker.pick(known)
    return _characterised_in_words(asker, of_character(view, base, character), character)


def of_character(view: View, base: Referring, character: Character) -> Referring:
    """Those with some values of an attribute, not yet said so."""
    meant = np.zeros(len(view.objects), np.float32)
    near = view.none()
    disputed = ("", *character.unclear)
    for index in indices(base.possible | base.alike):
        if view.objects[index].concept != character.concept:
            meant[index], near[index] = DOUBTED, True
            continue
        value = view.attribute(index, character.attribute)
        meant[index] = 1 if value in character.values else DOUBTED if value in disputed else 0
        near[index] = value in (*disputed, *character.values, *character.alike)
    return base.only(meant, near)


def _characterised_in_words(asker: Asker, base: Referring, character: Character) -> Referring:
    """Those of one kind, with one of the ways to say it."""
    bare = not base.names_roof
    ways: list[Referring] = [replace(base, name=name) for name in character.names]
    for word in character.adjectives:
        if bare or not word.endswith(("-roofed", "-roof")):
            ranked = (*base.before, (1, word))
            ways.append(replace(base, before=ranked, adjective=word))
    ways.extend(
        replace(base, after=(*base.after, pair))
        for pair in character.after
        if bare or not pair[0].endswith("roof")
    )
    return asker.pick(ways)
