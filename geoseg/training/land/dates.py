"""What is built, removed or changed between two dates of one place."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from geoseg.training.land.hashing import chance, generator
from geoseg.training.land.layout import stands_on
from geoseg.training.land.palette import COLOURS, ROOFS, shade
from geoseg.training.land.thing import Thing

CHANGES: Final[dict[str, float]] = {
    "building": 0.07, "tree": 0.05, "swimming pool": 0.03, "car": 0.4, "truck": 0.4, "bus": 0.4,
    "ship": 0.4, "boat": 0.3, "airplane": 0.3, "train": 0.3, "shipping container": 0.3,
}  # fmt: skip
"""Share of the things of a concept that are gone, or not yet there, at a date."""

REPAINTED: Final = 0.05
"""Share of roofs that get another colour from one date to the next."""

REUSED: Final = 0.05
"""Share of blocks whose use changes from one date to the next."""


def there(seed: int, number: int, concept: str, date: int) -> bool:
    """Whether a thing stands at a date: not yet built, or gone, are both no."""
    return chance(seed, 51, number, date) >= CHANGES.get(concept, 0.0)


def last_use(seed: int, block: tuple[int, ...], date: int) -> int:
    """The latest date, not after the given one, at which a block got a new use; 0 if never."""
    dates = range(date, 0, -1)
    return next((d for d in dates if chance(seed, 52, *block, d) < REUSED), 0)


def standing_at(
    seed: int, date: int, numbered: Iterable[tuple[int, Thing]], *, density: float = 1.0
) -> Iterator[tuple[int, Thing]]:
    """The things that stand at a date, as they look then; numbers stay with their things.

    `density`: the share of all buildings, trees and vehicles that there are at all.
    """
    gone: list[Thing] = []
    for number, thing in numbered:
        exists = thing.concept not in CHANGES or chance(seed, 55, number) < density
        if thing.layer == "roof" and any(stands_on(thing, building) for building in gone):
            continue
        if exists and there(seed, number, thing.concept, date):
            yield number, repainted(seed, number, date, thing)
        elif thing.layer == "building":
            gone.append(thing)


def repainted(seed: int, number: int, date: int, thing: Thing) -> Thing:
    """The thing with the colour that it has at a date."""
    if thing.concept != "building" or thing.colour not in ROOFS:
        return thing
    painted = [d for d in range(1, date + 1) if chance(seed, 53, number, d) < REPAINTED]
    if not painted:
        return thing
    rng = generator(seed, 54, number, painted[-1])
    colour = str(rng.choice([name for name in COLOURS if name != thing.colour and name in ROOFS]))
    return replace(thing, colour=colour, rgb=shade(rng, ROOFS[colour]))
