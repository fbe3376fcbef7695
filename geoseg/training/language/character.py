"""How people say what kind of building, road or field they mean."""

from dataclasses import dataclass
from typing import Final

from geoseg.training.language.names import Name, counted, regular, uncounted


@dataclass(frozen=True, slots=True, kw_only=True)
class Character:
    """Some values of an attribute, and the words for them."""

    concept: str
    """One of CONCEPTS."""

    attribute: str
    """One of its attributes."""

    values: tuple[str, ...]
    """Those that the words mean."""

    adjectives: tuple[str, ...] = ()
    """Said before the concept's name; after "which ... are" as well."""

    names: tuple[Name, ...] = ()
    """Said instead of the concept's name."""

    after: tuple[tuple[str, str], ...] = ()
    """Said behind the concept's name, about one and about several."""

    unclear: tuple[str, ...] = ()
    """Values that people disagree about counting in."""

    alike: tuple[str, ...] = ()
    """Values that are taken for these: where one is seen, these are not said to be absent."""


def _roof(value: str, word: str, *alike: str, edged: str = "") -> Character:
    """A shape of roofs."""
    edged = edged or f"{word}-roofed"
    return Character(
        concept="building", attribute="roof", values=(value,), adjectives=(edged,),
        names=regular(f"{word} roof"),
        after=((f"with {_a(word)} roof", f"with {word} roofs"),), alike=alike,
    )  # fmt: skip


def _covering(value: str, word: str, *alike: str) -> Character:
    """What roofs are made of."""
    return Character(
        concept="building", attribute="material", values=(value,), names=regular(f"{word} roof"),
        after=((f"with {_a(word)} roof", f"with {word} roofs"),), alike=alike,
    )  # fmt: skip


def _use(value: str, names: tuple[Name, ...], *, unclear: tuple[str, ...] = ()) -> Character:
    """What a building is for."""
    return Character(
        concept="building", attribute="use", values=(value,), names=names, unclear=unclear
    )


def _shape(value: str, *words: str, alike: tuple[str, ...] = ()) -> Character:
    """The outline of buildings."""
    return Character(
        concept="building", attribute="shape", values=(value,), adjectives=words, alike=alike
    )


def _a(word: str) -> str:
    """The word with "a" or "an" before it.

    >>> _a("arched"), _a("L-shaped")
    ('an arched', 'an L-shaped')
    """
    spoken_vowel = word[0].lower() in "aeiou" or word.startswith("L-")
    silent = word.startswith(("U-", "use"))
    return f"{'an' if spoken_vowel and not silent else 'a'} {word}"


SHELTER: Final = (
    _roof("flat", "flat", "shed", "round"),
    _roof("gabled", "gabled", "hipped", "sawtooth", "shed"),
    _roof("hipped", "hipped", "gabled"),
    _roof("sawtooth", "sawtooth", "gabled"),
    _roof("arched", "arched", "gabled", "round", edged="arch-roofed"),
    Character(concept="building", attribute="roof", values=("gabled", "hipped"),
              adjectives=("pitched-roof",), names=regular("pitched roof", "sloping roof"),
              after=(("with a pitched roof", "with pitched roofs"),),
              unclear=("shed", "sawtooth", "arched")),
    _covering("tiles", "tiled", "slate"),
    _covering("metal", "metal", "membrane"),
    _covering("concrete", "concrete", "membrane"),
    _covering("thatch", "thatched"),
    _shape("L-shaped", "L-shaped", alike=("T-shaped", "U-shaped")),
    _shape("T-shaped", "T-shaped", alike=("L-shaped", "U-shaped")),
    _shape("U-shaped", "U-shaped", alike=("L-shaped", "T-shaped")),
    _shape("round", "round", "circular"),
    _shape("rectangular", "rectangular", alike=("L-shaped", "T-shaped", "U-shaped")),
    _use("house", regular("house") + counted(("family house", "family houses")),
         unclear=("hut", "terrace", "apartment block", "shed", "barn")),
    _use("apartment block",
         regular("apartment block", "apartment building")
         + counted(("block of flats", "blocks of flats")),
         unclear=("terrace", "house", "school")),
    _use("warehouse", regular("warehouse"),
         unclear=("factory", "hangar", "shop", "barn", "terminal")),
    _use("factory", counted(("factory", "factories")),
         unclear=("warehouse", "hangar", "shop", "barn")),
    _use("barn", regular("barn"), unclear=("warehouse", "shed", "house", "hangar", "factory")),
    _use("hangar", regular("hangar", "aircraft hangar"),
         unclear=("warehouse", "terminal", "factory")),
    _use("stadium", regular("stadium"), unclear=("school",)),
    _use("school", regular("school", "school building"),
         unclear=("apartment block", "shop", "station", "terminal", "factory")),
)  # fmt: skip

GROUND: Final = (
    Character(concept="road", attribute="surface", values=("asphalt", "concrete"),
              adjectives=("paved",), names=regular("paved road"), unclear=("gravel",)),
    Character(concept="road", attribute="surface", values=("asphalt",),
              names=regular("asphalt road"),
              alike=("concrete", "gravel")),
    Character(concept="road", attribute="surface", values=("dirt",),
              names=regular("dirt road", "dirt track"), alike=("gravel",)),
    Character(concept="road", attribute="surface", values=("dirt", "gravel"),
              adjectives=("unpaved",), names=regular("unpaved road")),
    Character(concept="road", attribute="surface", values=("gravel",), names=regular("gravel road"),
              alike=("dirt",)),
    Character(concept="road", attribute="class", values=("highway",),
              names=regular("highway", "motorway"), unclear=("street",)),
    Character(concept="road", attribute="class", values=("street",), names=regular("street"),
              unclear=("highway", "track")),
    Character(concept="field", attribute="state", values=("harvested",), adjectives=("harvested",),
              names=regular("stubble field"), alike=("ripe", "ploughed")),
    Character(concept="field", attribute="state", values=("ploughed",), adjectives=("ploughed",),
              alike=("harvested",)),
    Character(concept="field", attribute="state", values=("flooded",),
              adjectives=("flooded",)),
    Character(concept="field", attribute="state", values=("ripe",), adjectives=("ripe",),
              alike=("harvested",)),
    Character(concept="field", attribute="state", values=("growing",),
              after=(("with growing crops",) * 2,), alike=("ripe",)),
    Character(concept="field", attribute="crop", values=("wheat",), names=regular("wheat field"),
              alike=("hay", "maize", "rice")),
    Character(concept="field", attribute="crop", values=("maize",),
              names=regular("maize field", "corn field"), alike=("wheat", "vegetables")),
    Character(concept="field", attribute="crop", values=("rapeseed",),
              names=regular("rapeseed field", "canola field")),
    Character(concept="field", attribute="crop", values=("rice",),
              names=regular("rice field") + counted(("rice paddy", "rice paddies")),
              alike=("wheat",)),
    Character(concept="field", attribute="crop", values=("vegetables",),
              names=regular("vegetable field"), alike=("maize",)),
    Character(concept="field", attribute="shape", values=("round",),
              adjectives=("round", "circular"),
              names=regular("centre pivot field")),
    Character(concept="field", attribute="shape", values=("rectangular",),
              adjectives=("rectangular",)),
    Character(concept="grass", attribute="state", values=("dry",), adjectives=("dry",),
              names=uncounted("dry grass")),
    Character(concept="grass", attribute="state", values=("green",), adjectives=("green",)),
    Character(concept="football pitch", attribute="surface", values=("dirt",),
              names=counted(("dirt pitch", "dirt pitches"))),
    Character(concept="car park", attribute="surface", values=("gravel",),
              names=regular("gravel car park"), alike=("concrete",)),
)  # fmt: skip

OTHERS: Final = (
    Character(concept="tree", attribute="type", values=("palm",),
              names=regular("palm tree", "palm")),
    Character(concept="tree", attribute="type", values=("conifer",),
              names=regular("conifer", "pine tree", "conifer tree")),
    Character(concept="tree", attribute="type", values=("broadleaf",),
              names=regular("broadleaf tree", "deciduous tree")),
    Character(concept="forest", attribute="type", values=("conifer",), adjectives=("coniferous",),
              unclear=("mixed",)),
    Character(concept="forest", attribute="type", values=("broadleaf",),
              adjectives=("broadleaf", "deciduous"), unclear=("mixed",)),
    Character(concept="solar panel", attribute="on", values=("roof",),
              names=regular("rooftop solar panel"), after=(("on a roof", "on roofs"),)),
    Character(concept="solar panel", attribute="on", values=("ground",),
              names=regular("ground-mounted solar panel"), after=(("on the ground",) * 2,)),
    Character(concept="storage tank", attribute="roof", values=("floating",),
              after=(("with a floating roof", "with floating roofs"),)),
    Character(concept="storage tank", attribute="roof", values=("fixed",),
              after=(("with a fixed roof", "with fixed roofs"),)),
    Character(concept="crane", attribute="type", values=("tower",), names=regular("tower crane")),
    Character(concept="crane", attribute="type", values=("gantry",), names=regular("gantry crane")),
    Character(concept="bridge", attribute="carries", values=("road",),
              names=regular("road bridge")),
    Character(concept="bridge", attribute="carries", values=("railway",),
              names=regular("railway bridge")),
    Character(concept="bridge", attribute="carries", values=("path",),
              names=regular("footbridge", "foot bridge")),
    Character(concept="pier", attribute="material", values=("wood",), adjectives=("wooden",)),
    Character(concept="pier", attribute="material", values=("concrete",), adjectives=("concrete",)),
    Character(concept="swimming pool", attribute="shape", values=("rectangular",),
              adjectives=("rectangular",)),
    Character(concept="swimming pool", attribute="shape", values=("round",),
              adjectives=("round", "circular"), unclear=("irregular",)),
    Character(concept="car", attribute="type", values=("van",), names=regular("van")),
    Character(concept="train", attribute="type", values=("passenger",),
              names=regular("passenger train")),
    Character(concept="train", attribute="type", values=("freight",),
              names=regular("freight train")),
    Character(concept="airplane", attribute="type", values=("airliner",),
              names=regular("airliner", "passenger plane")),
    Character(concept="airplane", attribute="type", values=("light aircraft",),
              names=counted(("light aircraft", "light aircraft")) + regular("small plane")),
    Character(concept="ship", attribute="type", values=("container",),
              names=regular("container ship")),
    Character(concept="ship", attribute="type", values=("tanker",), names=regular("tanker"),
              alike=("bulk",)),
    Character(concept="ship", attribute="type", values=("bulk",),
              names=regular("bulk carrier", "bulk ship"), alike=("tanker", "container")),
    Character(concept="ship", attribute="type", values=("ferry",),
              names=counted(("ferry", "ferries"))),
    Character(concept="ship", attribute="type", values=("barge",), names=regular("barge"),
              alike=("bulk",)),
    Character(concept="boat", attribute="type", values=("sailing",),
              names=regular("sailing boat", "sailboat")),
    Character(concept="boat", attribute="type", values=("motor",),
              names=regular("motor boat", "motorboat"), alike=("fishing",)),
    Character(concept="boat", attribute="type", values=("fishing",), names=regular("fishing boat"),
              alike=("motor",)),
)  # fmt: skip

CHARACTERS: Final[tuple[Character, ...]] = (*SHELTER, *GROUND, *OTHERS)
"""Everything that can be said about the attributes of things."""
