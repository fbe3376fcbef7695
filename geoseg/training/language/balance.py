"""How often what is said of a chip."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from geoseg.training.language.names import members

SAID: Final[Mapping[str, float]] = {
    "class": 0.36, "colour": 0.18, "attribute": 0.12, "place": 0.14, "size": 0.06,
    "combined": 0.1, "relation": 0.04,
}  # fmt: skip
"""Families of phrases about what is there, and how often each is said."""

REFUSED: Final[Mapping[str, float]] = {
    "absent class": 0.26, "plausible class": 0.24, "wrong colour": 0.18, "wrong attribute": 0.1,
    "wrong place": 0.12, "wrong relation": 0.02, "unheard of": 0.08,
}  # fmt: skip
"""Kinds of phrases about what is not there, and how often each is said."""

UNSEEN_PAIRS: Final[frozenset[tuple[str, str]]] = frozenset({
    ("car", "green"), ("building", "yellow"), ("truck", "blue"), ("ship", "red"),
    ("bus", "white"), ("train", "grey"), ("shipping container", "green"), ("boat", "blue"),
    ("tennis court", "red"), ("running track", "green"), ("storage tank", "brown"),
})  # fmt: skip
"""Concepts with colours that training never says together, though it says both apart."""


PALE: Final = 5.0
"""Mean difference of a picture's bands below which its colours have no names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How people write."""

    framed: float = 0.22
    """Share of phrases inside a request: "show me all ..."."""

    misspelt: float = 0.05
    """Share of phrases with one typing mistake."""

    restyled: float = 0.12
    """Share of phrases in other letters or with other punctuation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """How often what is said of a chip."""

    absent: float = 0.3
    """Share of phrases that ask for what is not there, in ordinary chips."""

    all_empty: float = 0.06
    """Share of chips that are asked only for what they do not hold."""

    said: Mapping[str, float] = field(default_factory=lambda: dict(SAID))
    """Weight of each family of phrases about what is there."""

    refused: Mapping[str, float] = field(default_factory=lambda: dict(REFUSED))
    """Weight of each kind of phrases about what is not there."""

    concepts: Mapping[str, float] = field(default_factory=dict)
    """Weight of each concept among those that a chip could be asked for; 1 unless it is here."""

    unseen: Literal["never", "only", "any"] = "never"
    """Whether the pairs of UNSEEN_PAIRS are said: "only" makes every colour one of them."""

    colours: bool = True
    """Whether colours are spoken of: not where the picture shows none."""

    habits: Habits = field(default_factory=Habits)

    def __post_init__(self) -> None:
        """Refuse shares that are none, and families that nobody knows."""
        for name, share in (("absent", self.absent), ("all_empty", self.all_empty)):
            if not 0 <= share <= 1:
                raise ValueError(f"{name} is a share between 0 and 1, not {share}")
        for given, known in ((self.said, SAID), (self.refused, REFUSED)):
            if strange := sorted(set(given) - set(known)):
                raise ValueError(f"{strange} are no kinds of phrases; choose from {list(known)}")
            if not sum(given.values()) > 0 or min(given.values()) < 0:
                raise ValueError(f"the weights {dict(given)} must be 0 or more, and some above 0")

    def allows(self, concept: str, colour: str) -> bool:
        """Whether a concept, or a group that takes it in, may be said in a colour."""
        if self.unseen == "only":
            return (concept, colour) in UNSEEN_PAIRS
        held_back = any((known, colour) in UNSEEN_PAIRS for known in members(concept))
        return self.unseen == "any" or not held_back

    def concept(self, rng: np.random.Generator, choices: Sequence[str]) -> str:
        """One of the concepts, by its weight."""
        weights = np.array([self.concepts.get(concept, 1.0) for concept in choices])
        total = weights.sum()
        return choices[int(rng.choice(len(choices), p=weights / total if total > 0 else None))]


def shows_colours(rgb: NDArray[np.uint8]) -> bool:
    """Whether a picture (h, w, 3) is more than shades of grey."""
    spread = rgb.max(axis=2).astype(np.int16) - rgb.min(axis=2)
    return bool(spread.mean() >= PALE)


def rarity(scenes: Iterable[Collection[str]], *, power: float = 0.5) -> dict[str, float]:
    """Weights by which rare concepts are asked for more often, from the concepts in each scene.

    A concept in a quarter of the scenes weighs twice as much as one in all of them.
    """
    counts: dict[str, int] = {}
    total = 0
    for concepts in scenes:
        total += 1
        for concept in {*concepts} - {""}:
            counts[concept] = counts.get(concept, 0) + 1
    return {concept: (total / count) ** power for concept, count in sorted(counts.items())}
