"""What is built, removed or changed from one date to the next of one place."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from geoseg.training.land.hashing import chance, generator
from geoseg.training.land.layout import stands_on
from geoseg.training.land.palette import CARS, COLOURS, ROOFS, shade
from geoseg.training.land.thing import Thing

CHANGES: Final[dict[str, float]] = {
    "building": 0.07, "tree": 0.05, "swimming pool": 0.03, "car": 0.4, "truck": 0.4, "bus": 0.4,
    "ship": 0.4, "boat": 0.3, "airplane": 0.3, "train": 0.3, "shipping container": 0.3,
}  # fmt: skip
"""Share of the things of a concept that are not yet there at the first date, and share of those
that stand that are gone at the next."""

REBUILT: Final[dict[str, float]] = {"building": 0.3, "tree": 0.3, "swimming pool": 0.1}
"""Share of the places that something has left where another stands at the next date; what moves is
followed as often as it is there at all."""

REPAINTED: Final = 0.05
"""Share of roofs that get another colour from one date to the next."""

REUSED: Final = 0.05
"""Share of blocks whose use changes from one date to the next; each changes but once."""

PALETTES: Final = {"building": ROOFS, "car": CARS}
"""Of concepts whose things differ in colour from those that stood in their place before."""

PLACE_BITS: Final = 51
"""Bits of a number that say in which place a thing stands; those above, since which date it stands
where another stood before, and 0 for the first."""

LATEST: Final = 2 ** (63 - PLACE_BITS) - 1
"""The last date: numbers of what came later would not fit into the 64 bits that files have."""


def occupant(seed: int, number: int, concept: str, date: int, *, opened: int = 0) -> int | None:
    """The number of what stands in a place at a date; None where nothing does.

    The first thing in a place bears the place's number. One that is gone never comes back: what
    follows it has a number of its own. `opened`: the date at which the place came to be.
    """
    leaves = CHANGES.get(concept, 0.0)
    if not leaves:
        return number
    rebuilt = REBUILT.get(concept, 1 - leaves)
    found: int | None = None
    stood = False
    for day in range(opened, date + 1):
        drawn = chance(seed, 51, number, day)
        if found is not None:
            found = found if drawn >= leaves else None
        elif not stood and drawn >= leaves:
            found, stood = number, True
        elif stood and drawn >= 1 - rebuilt:
            found = number | day << PLACE_BITS
    return found


def since(number: int) -> int:
    """The date since which a thing stands where another stood before; 0 for the first."""
    return number >> PLACE_BITS


def new_use(seed: int, block: tuple[int, ...], date: int) -> int:
    """The date, not after the given one, at which a block got another use; 0 if it has its first.

    It keeps that use for good.
    """
    dates = range(1, date + 1)
    return next((day for day in dates if chance(seed, 52, *block, day) < REUSED), 0)


def standing_at(
    seed: int,
    date: int,
    numbered: Iterable[tuple[int, Thing]],
    *,
    density: float = 1.0,
    opened: int = 0,
) -> Iterator[tuple[int, Thing]]:
    """The things that stand at a date, as they look then; numbers stay with their things.

    `density`: the share of all buildings, trees and vehicles that there are at all.
    `opened`: the date at which the places of these things came to be.
    """
    former: list[tuple[Thing, int]] = []
    for number, thing in numbered:
        exists = thing.concept not in CHANGES or chance(seed, 55, number) < density
        found = occupant(seed, number, thing.concept, date, opened=opened) if exists else None
        if thing.layer == "building" and found != number:
            former.append((thing, 0 if found is None else since(found)))
        elif thing.layer == "roof" and found is not None:
            found = on_top(found, thing, former)
        if found is not None:
            yield found, repainted(seed, found, date, thing)


def on_top(number: int, thing: Thing, former: Sequence[tuple[Thing, int]]) -> int | None:
    """The number of what lies on a roof; None where its building is gone.

    `former`: buildings that are gone, and since when others stand in their places; 0 where none do.
    """
    below = [day for building, day in former if stands_on(thing, building)]
    return None if 0 in below else number | max(below, default=0) << PLACE_BITS


def repainted(seed: int, number: int, date: int, thing: Thing) -> Thing:
    """The thing with the colour that it has at a date."""
    palette = PALETTES.get(thing.concept, {})
    if thing.colour not in palette:
        return thing
    built = since(number)
    share = REPAINTED if thing.concept == "building" else 0.0
    later = range(built + 1, date + 1)
    painted = [day for day in later if chance(seed, 53, number, day) < share]
    if not (painted or built):
        return thing
    rng = generator(seed, 54, number, painted[-1] if painted else built)
    colour = str(rng.choice([name for name in COLOURS if name != thing.colour and name in palette]))
    return replace(thing, colour=colour, rgb=shade(rng, palette[colour]))
