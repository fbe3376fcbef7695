"""What people say about a chip, with the exact pixels they mean."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoseg.training.palette import COLOURS
from geoseg.training.scenes import CONCEPTS, SceneObject

WORDS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "building": (("building", "buildings"), ("house", "houses"), ("roof", "roofs")),
    "road": (("road", "roads"), ("street", "streets")),
    "tree": (("tree", "trees"),),
    "water": (("water body", "water"), ("body of water", "water bodies"), ("lake", "lakes")),
    "car": (("car", "cars"), ("vehicle", "vehicles")),
    "grass": (("lawn", "grass"), ("meadow", "lawns"), ("grass area", "grassland")),
    "bare soil": (("bare ground", "bare soil"), ("patch of bare earth", "bare ground")),
    "field": (("field", "fields"), ("crop field", "crops"), ("farm field", "farmland")),
    "swimming pool": (("swimming pool", "swimming pools"), ("pool", "pools")),
    "car park": (("car park", "car parks"), ("parking lot", "parking lots")),
}
"""Singular and plural names of each concept."""

NEVER: Final = (
    "ships", "boats", "aeroplanes", "airplane", "trains", "glaciers", "snow", "people",
    "solar panels", "tennis courts", "bridges", "storage tanks", "wind turbines", "cows",
    "the football field", "the stadium", "clouds", "the airport", "the railway",
)  # fmt: skip
"""What is in no rendered scene: always to be refused."""

THINGS: Final = ("building", "car", "tree", "swimming pool")
"""Concepts that come one by one, so that place and size can pick some."""

COLOURED: Final = ("building", "car")

SPELLINGS: Final = {"grey": ("grey", "gray")}

PLACES: Final[dict[str, tuple[str, ...]]] = {
    "n": ("in the north", "at the top", "in the northern half", "in the upper half"),
    "s": ("in the south", "at the bottom", "in the southern half", "in the lower half"),
    "w": ("in the west", "on the left", "in the western half", "on the left side"),
    "e": ("in the east", "on the right", "in the eastern half", "on the right side"),
    "nw": ("in the north-west", "in the top left", "in the north-west quarter",
           "in the upper left corner"),
    "ne": ("in the north-east", "in the top right", "in the north-east quarter",
           "in the upper right corner"),
    "sw": ("in the south-west", "in the bottom left", "in the south-west quarter",
           "in the lower left corner"),
    "se": ("in the south-east", "in the bottom right", "in the south-east quarter",
           "in the lower right corner"),
    "c": ("in the middle", "in the centre", "in the center"),
}  # fmt: skip

EXTREMES: Final[dict[str, tuple[str, ...]]] = {
    "n": ("northernmost", "topmost", "uppermost"), "s": ("southernmost", "lowest"),
    "w": ("westernmost", "leftmost"), "e": ("easternmost", "rightmost"),
}  # fmt: skip

SIZES: Final[dict[str, tuple[str, ...]]] = {
    "large": ("largest", "biggest"),
    "small": ("smallest",),
}

FEWEST = 16
"""Pixels of a concept below which a chip neither has it nor lacks it."""

MARGIN = 1.3
"""How much larger the largest must be than the next."""


@dataclass(frozen=True, slots=True, eq=False)
class Phrase:
    """A phrase about a chip and what it means there."""

    text: str

    family: str
    """Class, colour, place, size or absent."""

    mask: NDArray[np.bool_]
    """(h, w): the pixels meant; none where nothing is."""

    @property
    def present(self) -> bool:
        """Whether the chip holds what is asked for."""
        return bool(self.mask.any())


class View:
    """A chip's objects as phrases need them: how many pixels, and where."""

    def __init__(self, ids: NDArray[np.integer], objects: Sequence[SceneObject]) -> None:
        self.ids = ids
        self.objects = objects
        flat = ids.ravel()
        rows, columns = np.indices(ids.shape)
        count = len(objects)
        self.pixels = np.bincount(flat, minlength=count)
        filled = np.maximum(self.pixels, 1)
        self.rows = np.bincount(flat, rows.ravel(), count) / filled / ids.shape[0]
        self.columns = np.bincount(flat, columns.ravel(), count) / filled / ids.shape[1]
        self.concepts = np.array([thing.concept for thing in objects])
        self.colours = np.array([thing.colour for thing in objects])

    def meant(self, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The pixels of the chosen objects."""
        return np.asarray(chosen[self.ids])

    def area(self, chosen: NDArray[np.bool_]) -> int:
        """How many pixels the chosen objects have."""
        return int(self.pixels[chosen].sum())

    def of(self, concept: str) -> NDArray[np.bool_]:
        """The objects of a concept."""
        return np.asarray(self.concepts == concept)

    def clear(self, concept: str) -> NDArray[np.bool_]:
        """The objects of a concept that show more than a few pixels."""
        return np.asarray(self.of(concept) & (self.pixels >= FEWEST))

    def inside(self, place: str) -> NDArray[np.bool_]:
        """The objects whose visible middle lies in a half, quarter or the middle of the chip."""
        if place == "c":
            return np.asarray((abs(self.rows - 0.5) < 0.2) & (abs(self.columns - 0.5) < 0.2))
        sides = {
            "n": self.rows < 0.5, "s": self.rows >= 0.5,
            "w": self.columns < 0.5, "e": self.columns >= 0.5,
        }  # fmt: skip
        return np.asarray(np.logical_and.reduce([sides[side] for side in place]))


def name(rng: np.random.Generator, concept: str, *, many: bool) -> str:
    """One of a concept's names."""
    names = WORDS[concept]
    return names[rng.integers(len(names))][int(many)]


def pick(rng: np.random.Generator, choices: Sequence[str]) -> str:
    """One of them."""
    return choices[int(rng.integers(len(choices)))]


def article(rng: np.random.Generator, text: str, *, many: bool) -> str:
    """The name with "the", "all", "all the", "a" or nothing before it."""
    fronts = ("the", "the", "all", "all the", "") if many else ("the", "the", "a", "")
    return f"{pick(rng, fronts)} {text}".strip()


def coloured(rng: np.random.Generator, concept: str, colour: str) -> str:
    """A concept of a colour, in words."""
    word = pick(rng, SPELLINGS.get(colour, (colour,)))
    if concept == "car":
        return article(rng, f"{word} {name(rng, concept, many=True)}", many=True)
    house = pick(rng, ("buildings", "houses"))
    forms = (f"{word} roofs", f"{word} {house}", f"{house} with {word} roofs",
             f"{word}-roofed {house}", f"{house} with a {word} roof")  # fmt: skip
    return article(rng, pick(rng, forms), many=True)


def class_phrase(view: View, rng: np.random.Generator) -> Phrase | None:
    """All of one concept."""
    found = [concept for concept in CONCEPTS if view.area(view.of(concept)) >= FEWEST]
    if not found:
        return None
    concept = pick(rng, found)
    chosen = view.of(concept)
    many = int((chosen & (view.pixels > 0)).sum()) > 1 or rng.random() < 0.7
    text = article(rng, name(rng, concept, many=many), many=many)
    return Phrase(text, "class", view.meant(chosen))


def road_phrase(view: View, rng: np.random.Generator) -> Phrase | None:
    """Roads of one surface, where both could be meant."""
    kinds = {"asphalt": ("paved", "asphalt"), "dirt": ("dirt", "unpaved")}
    kind = pick(rng, tuple(kinds))
    chosen = view.of("road") & np.array([thing.kind == kind for thing in view.objects])
    if 0 < view.area(chosen) < FEWEST:
        return None
    family = "class" if view.area(chosen) else "absent"
    text = article(rng, f"{pick(rng, kinds[kind])} roads", many=True)
    return Phrase(text, family, view.meant(chosen))


def colour_phrase(view: View, rng: np.random.Generator) -> Phrase | None:
    """All of one concept and colour."""
    found = [
        (concept, colour)
        for concept in COLOURED
        for colour in COLOURS
        if view.area(view.of(concept) & (view.colours == colour)) >= FEWEST
    ]
    if not found:
        return None
    concept, colour = found[rng.integers(len(found))]
    chosen = view.of(concept) & (view.colours == colour)
    return Phrase(coloured(rng, concept, colour), "colour", view.meant(chosen))


def place_phrase(view: View, rng: np.random.Generator) -> Phrase | None:
    """Those of a concept in one part of the chip, or the outermost one."""
    concept = pick(rng, THINGS)
    clear = view.clear(concept)
    if not clear.any():
        return None
    if clear.sum() > 1 and rng.random() < 0.25:
        return extreme_phrase(view, rng, concept)
    place = pick(rng, tuple(PLACES))
    chosen = clear & view.inside(place)
    if not chosen.any():
        return None
    many = int(chosen.sum()) > 1
    text = f"{name(rng, concept, many=many)} {pick(rng, PLACES[place])}"
    return Phrase(article(rng, text, many=many), "place", view.meant(chosen))


def extreme_phrase(view: View, rng: np.random.Generator, concept: str) -> Phrase | None:
    """The outermost one in some direction, if it is so clearly."""
    clear = np.flatnonzero(view.clear(concept))
    side = pick(rng, tuple(EXTREMES))
    along = {"n": view.rows, "s": -view.rows, "w": view.columns, "e": -view.columns}[side][clear]
    first, second = np.argsort(along)[:2]
    if along[second] - along[first] < 0.04:
        return None
    chosen = np.arange(len(view.objects)) == clear[first]
    text = f"the {pick(rng, EXTREMES[side])} {name(rng, concept, many=False)}"
    return Phrase(text, "place", view.meant(chosen))


def size_phrase(view: View, rng: np.random.Generator) -> Phrase | None:
    """The largest or smallest one, if it is so clearly."""
    concept = pick(rng, ("building", "building", "tree", "car"))
    clear = np.flatnonzero(view.clear(concept))
    if len(clear) < 2:
        return None
    size = pick(rng, tuple(SIZES))
    order = clear[np.argsort(view.pixels[clear])]
    best, next_best = (order[-1], order[-2]) if size == "large" else (order[0], order[1])
    low, high = sorted((view.pixels[best], view.pixels[next_best]))
    if high < MARGIN * low:
        return None
    text = f"the {pick(rng, SIZES[size])} {name(rng, concept, many=False)}"
    return Phrase(text, "size", view.meant(np.arange(len(view.objects)) == best))


def absent_phrase(view: View, rng: np.random.Generator) -> Phrase | None:
    """Something that could be there and is not."""
    return ABSENT[rng.choice(len(ABSENT), p=(0.5, 0.25, 0.15, 0.1))](view, rng)


def absent_class(view: View, rng: np.random.Generator) -> Phrase | None:
    """A concept the chip has none of."""
    missing = [concept for concept in CONCEPTS if not view.area(view.of(concept))]
    if not missing:
        return None
    concept = pick(rng, missing)
    many = rng.random() < 0.7
    text = article(rng, name(rng, concept, many=many), many=many)
    if concept in THINGS and rng.random() < 0.25:
        text += " " + pick(rng, PLACES[pick(rng, tuple(PLACES))])
    return Phrase(text, "absent", np.zeros(view.ids.shape, np.bool_))


def absent_colour(view: View, rng: np.random.Generator) -> Phrase | None:
    """A concept in a colour the chip has none of."""
    concept = pick(rng, COLOURED)
    there = set(view.colours[view.of(concept) & (view.pixels > 0)])
    missing = [colour for colour in COLOURS if colour not in there]
    if not missing:
        return None
    text = coloured(rng, concept, pick(rng, missing))
    return Phrase(text, "absent", np.zeros(view.ids.shape, np.bool_))


def absent_place(view: View, rng: np.random.Generator) -> Phrase | None:
    """A concept where none of it reaches."""
    concept, place = pick(rng, THINGS), pick(rng, tuple(PLACES))
    there = view.of(concept) & (view.pixels > 0)
    if not there.any() or (there & view.inside(place)).any():
        return None
    if concept != "car" and view.area(there) > 0.5 * view.ids.size:
        return None
    text = f"{name(rng, concept, many=True)} {pick(rng, PLACES[place])}"
    return Phrase(article(rng, text, many=True), "absent", np.zeros(view.ids.shape, np.bool_))


def foreign(view: View, rng: np.random.Generator) -> Phrase | None:
    """Something that no rendered scene has."""
    return Phrase(pick(rng, NEVER), "absent", np.zeros(view.ids.shape, np.bool_))


Speaker = Callable[[View, np.random.Generator], Phrase | None]

ABSENT: Final[tuple[Speaker, ...]] = (absent_class, absent_colour, absent_place, foreign)

FAMILIES: Final[dict[str, tuple[Speaker, float]]] = {
    "class": (class_phrase, 0.32),
    "surface": (road_phrase, 0.03),
    "colour": (colour_phrase, 0.2),
    "place": (place_phrase, 0.15),
    "size": (size_phrase, 0.05),
    "absent": (absent_phrase, 0.25),
}
"""Who speaks, and how often."""

ALL_EMPTY = 0.06
"""Share of chips that are asked only for what they do not hold."""


def phrases(
    ids: NDArray[np.integer],
    objects: Sequence[SceneObject],
    *,
    count: int,
    rng: np.random.Generator,
) -> list[Phrase]:
    """So many phrases about a chip (ids after every turn and mirroring)."""
    view = View(ids, objects)
    speakers = [speaker for speaker, _ in FAMILIES.values()]
    shares = np.array([share for _, share in FAMILIES.values()])
    empty = rng.random() < ALL_EMPTY
    said: list[Phrase] = []
    while len(said) < count:
        speaker = absent_phrase if empty else speakers[rng.choice(len(speakers), p=shares)]
        phrase = speaker(view, rng)
        if phrase is not None:
            said.append(phrase)
    return said


def vocabulary() -> list[str]:
    """Every word the phrases are made of, sorted."""
    names = [form for pairs in WORDS.values() for pair in pairs for form in pair]
    places = [text for forms in PLACES.values() for text in forms]
    picks = [word for forms in (*EXTREMES.values(), *SIZES.values()) for word in forms]
    glue = ["the all a an with roofed paved asphalt dirt unpaved gray in image of and"]
    texts = [*names, *places, *picks, *NEVER, *COLOURS, *glue]
    return sorted({word for text in texts for word in text.replace("-", " ").split()})
