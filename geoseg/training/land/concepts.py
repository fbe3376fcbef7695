"""What a rendered scene can hold: every concept, its colours and its attributes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

COLOURS: Final = ("red", "blue", "grey", "white", "brown", "green", "black", "yellow")
"""Every colour word a thing can carry."""

Attributes = Mapping[str, tuple[str, ...]]
"""The names of attributes, and every value each can have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Concept:
    """One kind of thing that people ask for."""

    meaning: str
    """What its outline is drawn around."""

    countable: bool = True
    """True for things one by one; False for ground that has no clear single pieces."""

    colours: tuple[str, ...] = ()
    """Colour words its things can carry; empty where nobody would say one."""

    attributes: Attributes = field(default_factory=dict)
    """What more can be said about its things. A thing may lack any of them."""

    also: tuple[str, ...] = ()
    """Concepts that are meant as well where all of this one are asked for."""

    unclear: tuple[str, ...] = ()
    """Concepts that careful people disagree about counting in: where one is seen, do not ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A word for several concepts at once."""

    members: tuple[str, ...]
    """Concepts that it takes in."""

    unclear: tuple[str, ...] = ()
    """Concepts that careful people disagree about."""


BUILT: Final[dict[str, Concept]] = {
    "building": Concept(
        meaning="a roof as seen from above, with all its wings",
        colours=COLOURS,
        attributes={
            "roof": ("flat", "gabled", "hipped", "shed", "sawtooth", "arched", "round"),
            "shape": ("rectangular", "L-shaped", "T-shaped", "U-shaped", "round"),
            "material": ("tiles", "metal", "concrete", "membrane", "thatch", "slate"),
            "use": ("house", "hut", "apartment block", "terrace", "warehouse", "factory", "shop",
                    "school", "barn", "hangar", "terminal", "station", "stadium", "shed"),
        },
        unclear=("greenhouse",),
    ),
    "greenhouse": Concept(
        meaning="a glass or plastic house for plants",
        attributes={"material": ("glass", "plastic")},
    ),
    "storage tank": Concept(
        meaning="a round tank for oil, gas or water",
        colours=("white", "grey", "brown", "green"),
        attributes={"roof": ("fixed", "floating")},
    ),
    "silo": Concept(
        meaning="a tall round store on a farm or beside a mill", colours=("grey", "white")
    ),
    "solar panel": Concept(
        meaning="a row or an array of panels",
        countable=False,
        attributes={"on": ("roof", "ground")},
    ),
    "wind turbine": Concept(meaning="the three blades and the nacelle"),
    "crane": Concept(
        meaning="a building crane or a gantry crane on a quay",
        colours=("yellow", "red", "blue"),
        attributes={"type": ("tower", "gantry")},
    ),
    "bridge": Concept(
        meaning="the deck over water or over another way",
        attributes={"carries": ("road", "railway", "path")},
    ),
    "pier": Concept(
        meaning="a jetty or pontoon in the water", attributes={"material": ("wood", "concrete")}
    ),
    "swimming pool": Concept(
        meaning="the water of a pool",
        colours=("blue", "green"),
        attributes={"shape": ("rectangular", "round", "irregular")},
    ),
    "construction site": Concept(
        meaning="the bare ground of a site, without the houses, cranes and cars that stand on it",
        unclear=("bare soil",),
    ),
}  # fmt: skip

WAYS: Final[dict[str, Concept]] = {
    "road": Concept(
        meaning="what vehicles drive on, kerb to kerb",
        countable=False,
        attributes={
            "surface": ("asphalt", "concrete", "gravel", "dirt"),
            "class": ("highway", "street", "track"),
        },
        also=("crosswalk",),
        unclear=("bridge", "driveway", "path", "taxiway"),
    ),
    "crosswalk": Concept(meaning="a zebra crossing, all its stripes"),
    "path": Concept(
        meaning="a narrow way for people on foot",
        countable=False,
        attributes={"surface": ("asphalt", "gravel", "dirt")},
    ),
    "pavement": Concept(meaning="the walk beside a road", countable=False),
    "driveway": Concept(
        meaning="the way from a road to a house",
        attributes={"surface": ("concrete", "asphalt", "gravel")},
    ),
    "car park": Concept(
        meaning="ground laid out for parking, without the cars on it",
        attributes={"surface": ("asphalt", "concrete", "gravel")},
    ),
    "railway": Concept(meaning="the ballast bed with its rails", countable=False),
    "runway": Concept(
        meaning="the strip that aircraft land on",
        attributes={"surface": ("asphalt", "concrete", "dirt")},
    ),
    "taxiway": Concept(meaning="the strip between runway and apron", countable=False),
    "apron": Concept(meaning="the paved ground where aircraft stand"),
}

MOVING: Final[dict[str, Concept]] = {
    "car": Concept(meaning="a car or van", colours=COLOURS, attributes={"type": ("car", "van")}),
    "truck": Concept(meaning="a lorry with its load or trailer", colours=COLOURS),
    "bus": Concept(meaning="a bus or coach", colours=("white", "yellow", "red", "blue", "green")),
    "train": Concept(
        meaning="a whole train, locomotive and wagons",
        colours=("red", "blue", "grey", "white", "green", "yellow"),
        attributes={"type": ("passenger", "freight")},
    ),
    "airplane": Concept(
        meaning="fuselage, wings, tail and engines",
        colours=("white", "grey"),
        attributes={"type": ("airliner", "light aircraft")},
    ),
    "ship": Concept(
        meaning="the hull of a vessel longer than about 25 m",
        colours=("red", "blue", "grey", "white", "green", "black", "brown"),
        attributes={"type": ("container", "tanker", "bulk", "ferry", "barge")},
    ),
    "boat": Concept(
        meaning="a small craft: yacht, motor boat, fishing boat",
        colours=("white", "blue", "red", "brown"),
        attributes={"type": ("motor", "sailing", "fishing")},
        unclear=("ship",),
    ),
    "shipping container": Concept(
        meaning="one container or a stack of them, as seen from above",
        colours=("red", "blue", "grey", "white", "green", "brown", "yellow"),
    ),
}

WATER: Final[dict[str, Concept]] = {
    "river": Concept(meaning="running water between its banks"),
    "lake": Concept(meaning="standing water more than about 50 m across", unclear=("pond",)),
    "pond": Concept(meaning="standing water less than about 50 m across", unclear=("lake",)),
    "sea": Concept(meaning="open water of a coast or a harbour", countable=False),
}

GREEN: Final[dict[str, Concept]] = {
    "tree": Concept(
        meaning="one crown that stands by itself",
        attributes={"type": ("broadleaf", "conifer", "palm")},
        also=("forest",),
        unclear=("orchard", "hedge"),
    ),
    "forest": Concept(
        meaning="trees crown to crown",
        countable=False,
        attributes={"type": ("broadleaf", "conifer", "mixed")},
    ),
    "hedge": Concept(meaning="a cut row of bushes"),
    "orchard": Concept(meaning="fruit trees in a grid, with the ground between"),
    "vineyard": Concept(meaning="vines in rows, with the ground between"),
    "field": Concept(
        meaning="farmland under one crop, or ready for it",
        colours=("green", "yellow", "brown"),
        attributes={
            "crop": ("wheat", "maize", "rapeseed", "rice", "vegetables", "hay"),
            "state": ("growing", "ripe", "harvested", "ploughed", "flooded"),
            "shape": ("rectangular", "round"),
        },
        unclear=("orchard", "vineyard"),
    ),
    "grass": Concept(
        meaning="lawn, meadow or verge",
        countable=False,
        attributes={"state": ("green", "dry")},
        unclear=("football pitch", "baseball field"),
    ),
}

SPORT: Final[dict[str, Concept]] = {
    "football pitch": Concept(
        meaning="the pitch within its outer lines", attributes={"surface": ("grass", "dirt")}
    ),
    "tennis court": Concept(meaning="one court with its run-off", colours=("green", "blue", "red")),
    "basketball court": Concept(
        meaning="one court within its outer lines", colours=("green", "blue", "red", "grey")
    ),
    "baseball field": Concept(meaning="infield and outfield"),
    "running track": Concept(
        meaning="the lanes, without what they enclose", colours=("red", "blue", "green")
    ),
}

BARE: Final[dict[str, Concept]] = {
    "bare soil": Concept(
        meaning="earth without plants, outside fields",
        countable=False,
        unclear=("construction site",),
    ),
    "beach": Concept(meaning="sand or shingle along the water", countable=False),
    "sand": Concept(
        meaning="dunes and open sand away from the water", countable=False, unclear=("beach",)
    ),
    "rock": Concept(meaning="bare rock and boulders", countable=False),
    "snow": Concept(meaning="ground under snow", countable=False),
    "burnt area": Concept(meaning="ground that a fire has blackened", countable=False),
}

CONCEPTS: Final[dict[str, Concept]] = {
    **BUILT, **WAYS, **MOVING, **WATER, **GREEN, **SPORT, **BARE,
}  # fmt: skip
"""Everything that can be asked for in a rendered scene, by the word that stands in its truth."""

GROUPS: Final[dict[str, Group]] = {
    "vehicle": Group(members=("car", "truck", "bus"), unclear=("train",)),
    "vessel": Group(members=("ship", "boat")),
    "water": Group(members=("river", "lake", "pond", "sea"), unclear=("swimming pool",)),
    "sports ground": Group(
        members=("football pitch", "tennis court", "basketball court", "baseball field"),
        unclear=("running track",),
    ),
    "paved ground": Group(
        members=("road", "car park", "runway", "taxiway", "apron"),
        unclear=("path", "pavement", "driveway", "bridge"),
    ),
}
"""Words that people use for several concepts at once."""
