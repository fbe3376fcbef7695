"""What people call each concept."""

from dataclasses import dataclass
from functools import cache
from typing import Final

from geoseg.training.land.concepts import CONCEPTS, GROUPS


@dataclass(frozen=True, slots=True)
class Name:
    """One word for a concept, or two or three that belong together."""

    one: str
    """For a single thing; empty where nobody counts them: "grass"."""

    many: str
    """For several things, or for any amount of it."""


def counted(*pairs: tuple[str, str]) -> tuple[Name, ...]:
    """Names with a singular and a plural."""
    return tuple(Name(one, many) for one, many in pairs)


def regular(*words: str) -> tuple[Name, ...]:
    """Names whose plural ends in s.

    >>> regular("zebra crossing")
    (Name(one='zebra crossing', many='zebra crossings'),)
    """
    return tuple(Name(word, f"{word}s") for word in words)


def uncounted(*words: str) -> tuple[Name, ...]:
    """Names of what comes in amounts."""
    return tuple(Name("", word) for word in words)


NAMES: Final[dict[str, tuple[Name, ...]]] = {
    "building": regular("building", "building", "roof", "rooftop"),
    "greenhouse": regular("greenhouse", "glasshouse"),
    "storage tank": regular("storage tank", "tank"),
    "silo": regular("silo", "grain silo"),
    "solar panel": regular("solar panel", "solar array") + uncounted("photovoltaic panels"),
    "wind turbine": regular("wind turbine"),
    "crane": regular("crane"),
    "bridge": regular("bridge"),
    "pier": regular("pier") + counted(("jetty", "jetties")),
    "swimming pool": regular("swimming pool", "pool"),
    "construction site": regular("construction site", "building site"),
    "road": regular("road", "road", "roadway"),
    "crosswalk": regular("crosswalk", "zebra crossing", "pedestrian crossing"),
    "path": regular("path", "footpath", "walkway"),
    "pavement": regular("sidewalk", "pavement", "footway"),
    "driveway": regular("driveway"),
    "car park": regular("car park", "parking lot", "parking area"),
    "railway": regular("railway", "railway track", "rail line", "railroad"),
    "runway": regular("runway", "landing strip"),
    "taxiway": regular("taxiway"),
    "apron": regular("apron", "aircraft apron"),
    "car": regular("car", "car", "automobile"),
    "truck": regular("truck") + counted(("lorry", "lorries")),
    "bus": counted(("bus", "buses")),
    "train": regular("train"),
    "airplane": regular("airplane", "aeroplane", "plane") + counted(("aircraft", "aircraft")),
    "ship": regular("ship"),
    "boat": regular("boat"),
    "shipping container": regular("shipping container", "container", "cargo container"),
    "river": regular("river"),
    "lake": regular("lake"),
    "pond": regular("pond"),
    "sea": uncounted("sea", "sea water", "ocean"),
    "tree": regular("tree"),
    "forest": regular("forest") + uncounted("woodland", "woods"),
    "hedge": regular("hedge"),
    "orchard": regular("orchard"),
    "vineyard": regular("vineyard"),
    "field": regular("field", "farm field", "crop field") + uncounted("farmland"),
    "grass": uncounted("grass", "grassland", "grassy areas"),
    "football pitch": counted(("football pitch", "football pitches"),
                              ("soccer pitch", "soccer pitches")) + regular("soccer field"),
    "tennis court": regular("tennis court"),
    "basketball court": regular("basketball court"),
    "baseball field": regular("baseball field", "baseball diamond"),
    "running track": regular("running track", "athletics track"),
    "bare soil": uncounted("bare soil", "bare ground", "bare earth", "exposed soil"),
    "beach": counted(("beach", "beaches")),
    "sand": uncounted("sand", "sand dunes"),
    "rock": uncounted("rock", "bare rock", "rocks"),
    "snow": uncounted("snow"),
    "burnt area": regular("burnt area", "burn scar") + uncounted("burnt ground"),
    "vehicle": regular("vehicle"),
    "vessel": regular("vessel"),
    "water": uncounted("water", "water bodies", "bodies of water"),
    "sports ground": regular("sports ground", "sports field"),
    "paved ground": uncounted("paved ground", "paved surfaces", "paved areas"),
}  # fmt: skip
"""Every concept and every group has one; a name that stands twice is said twice as often."""

DISPUTED_BY: Final[dict[str, tuple[str, ...]]] = {
    "river": ("lake", "pond", "sea"), "lake": ("river", "pond", "sea"),
    "pond": ("river", "lake", "sea", "swimming pool"), "sea": ("river", "lake", "pond"),
    "swimming pool": ("pond",), "forest": ("tree", "orchard"),
    "orchard": ("tree", "forest", "vineyard"), "hedge": ("tree", "forest", "orchard"),
    "vineyard": ("orchard", "field"), "field": ("grass", "bare soil", "football pitch"),
    "grass": ("field",), "bare soil": ("sand", "beach", "rock", "field", "burnt area"),
    "sand": ("bare soil",), "beach": ("sand", "bare soil"), "rock": ("bare soil", "sand"),
    "burnt area": ("bare soil",), "construction site": ("sand",), "path": ("pavement", "driveway",
    "road"), "pavement": ("path", "driveway"), "driveway": ("path", "pavement", "road"),
    "road": ("runway",), "runway": ("taxiway", "apron"), "taxiway": ("runway", "apron", "road"),
    "apron": ("runway", "taxiway", "car park"), "car park": ("apron",), "bridge": ("pier",),
    "pier": ("bridge",), "truck": ("bus",), "bus": ("truck",), "ship": ("boat",),
    "boat": ("ship",), "storage tank": ("silo",), "silo": ("storage tank",),
    "shipping container": ("truck", "train", "ship"), "tennis court": ("basketball court",),
    "basketball court": ("tennis court",), "football pitch": ("baseball field",),
    "baseball field": ("football pitch",), "solar panel": ("greenhouse",),
    "greenhouse": ("solar panel",),
}  # fmt: skip
"""Where one of these is seen, the concept is not said to be absent: people mix them up, or see
only a part of them. To these come the concepts that are `unclear`."""

UNNAMED: Final[dict[str, tuple[str, ...]]] = {
    "grass": ("grass",), "soil": ("bare soil",), "paved": ("paved ground", "pavement"),
    "": ("paved ground",),
}  # fmt: skip
"""What people may take a thing for that has no concept, by the kind it is painted as."""

PAVED: Final = ("driveway", "path", "pavement", "car park", "construction site")

UNNAMED_LIKE: Final[dict[str, tuple[str, ...]]] = {
    "grass": ("field", "football pitch", "sports ground"),
    "soil": ("sand", "beach", "rock", "field", "construction site", "burnt area", "path"),
    "paved": PAVED, "": PAVED,
}  # fmt: skip
"""What such a thing looks like only so far that the concept is not said to be absent."""

COMPANY: Final[dict[str, tuple[str, ...]]] = {
    "ship": ("sea", "river", "pier"), "boat": ("sea", "lake", "river", "pier", "water"),
    "pier": ("sea", "lake"), "beach": ("sea",), "bridge": ("river", "railway", "water"),
    "car": ("road", "car park", "driveway"), "truck": ("road", "car park"), "bus": ("road",),
    "vehicle": ("road", "car park"), "vessel": ("sea", "lake", "river", "water"),
    "crosswalk": ("road",), "car park": ("building",), "driveway": ("building",),
    "airplane": ("runway", "apron", "taxiway"), "train": ("railway",), "runway": ("airplane",),
    "swimming pool": ("building", "grass"), "solar panel": ("building", "field"),
    "building": ("road", "field", "car park"), "tree": ("grass", "building", "field"),
    "silo": ("field", "building"), "storage tank": ("building",), "wind turbine": ("field",),
    "football pitch": ("running track",), "running track": ("football pitch",),
    "tennis court": ("building", "swimming pool"), "basketball court": ("tennis court",),
    "baseball field": ("football pitch",), "crane": ("construction site", "building"),
    "construction site": ("crane",), "shipping container": ("crane", "railway"),
    "greenhouse": ("field", "building"), "hedge": ("building",), "orchard": ("building",),
    "river": ("bridge",), "railway": ("building", "road"), "snow": ("rock", "forest"),
    "burnt area": ("building",), "grass": ("building", "road"), "road": ("building", "car"),
}  # fmt: skip
"""Concepts one would expect where these are seen: asking for them is a fair question, and often
the answer is no."""

UNHEARD: Final[tuple[Name, ...]] = (
    *regular(
        "cow", "horse", "goat", "elephant", "camel", "dog", "cat", "whale", "bird", "pig",
        "giraffe", "lion", "bear", "volcano", "crater", "glacier", "iceberg", "waterfall",
        "pyramid", "lighthouse", "castle", "helicopter", "submarine", "rocket", "balloon",
        "zeppelin", "tent", "umbrella", "statue", "bicycle", "motorcycle", "satellite", "robot",
        "dinosaur", "piano", "sofa", "table", "chair", "laptop", "pizza", "banana", "bottle",
        "clock", "book", "shoe", "mushroom", "cactus", "roller coaster",
        "ferris wheel", "ski lift", "ski slope", "golf course", "oil rig", "coral reef",
        "igloo", "parachute", "kite", "guitar", "coat", "hat", "chip", "star", "moon",
        "planet", "soldier", "phone", "spoon", "door", "window", "carpet", "barrel",
    ),
    *counted(
        ("sheep", "sheep"), ("person", "people"), ("man", "men"), ("woman", "women"),
        ("child", "children"), ("fish", "fish"), ("deer", "deer"), ("wolf", "wolves"),
    ),
    *uncounted("lava", "fire", "smoke", "rainbows", "seaweed", "graffiti", "furniture", "food"),
)  # fmt: skip
"""What is in no rendered scene: always to be refused. Some are one letter from a concept."""


def members(concept: str) -> tuple[str, ...]:
    """The concepts that a word stands for: itself, or those of a group."""
    group = GROUPS.get(concept)
    return (concept, *group.members) if group else (concept,)


@cache
def meanings(concept: str) -> tuple[str, ...]:
    """The concepts that a word takes in, with those that are meant as well."""
    own = members(concept)
    more = (also for known in own if known in CONCEPTS for also in CONCEPTS[known].also)
    return tuple(dict.fromkeys((*own, *more)))


def unclear(concept: str) -> tuple[str, ...]:
    """The concepts that people disagree about counting in."""
    group = GROUPS.get(concept)
    return group.unclear if group else CONCEPTS[concept].unclear


@cache
def alike(concept: str) -> frozenset[str]:
    """The concepts that make it disputable whether there is none of the word's own."""
    own = meanings(concept)
    near = {other for known in own for other in DISPUTED_BY.get(known, ())}
    return frozenset(near.union(unclear(concept), *(unclear(known) for known in own)) - set(own))


def is_countable(concept: str) -> bool:
    """Whether its things come one by one."""
    return all(CONCEPTS[known].countable for known in members(concept) if known in CONCEPTS)


def palette(concept: str) -> tuple[str, ...]:
    """The colours its things can have."""
    found = [CONCEPTS[known].colours for known in members(concept) if known in CONCEPTS]
    return tuple(dict.fromkeys(colour for colours in found for colour in colours))
