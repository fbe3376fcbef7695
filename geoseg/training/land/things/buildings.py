"""Buildings: their shape, roof, covering and colour."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoseg.training.land.outlines import circle, outline_of
from geoseg.training.land.palette import GROUND, ROOFS, shade, weighted
from geoseg.training.land.place import Place, Vector, blended
from geoseg.training.land.thing import Part, Thing, directions, rectangle

Weights = dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What buildings of one use look like."""

    roofs: Weights
    """How often each kind of roof is seen."""

    shapes: Weights = field(default_factory=lambda: {"rectangular": 1.0})
    """How often each shape of outline is seen."""

    height_m: tuple[float, float]
    """From the lowest to the highest."""

    colours: Weights = field(default_factory=dict)
    """How often a roof has a colour, beside what is usual in the place; empty for only that."""

    called: str = ""
    """What people say they are used as; empty for the name of the use."""


PITCHED: Final = {"gabled": 5.0, "hipped": 4.0, "flat": 0.8, "shed": 0.4}
HOUSE: Final = {"rectangular": 5.0, "L-shaped": 3.0, "T-shaped": 1.5}
INDUSTRY: Final = {"white": 4.0, "grey": 4.0, "blue": 2.0, "green": 1.0, "brown": 0.7, "red": 0.5}

USES: Final[dict[str, Use]] = {
    "house": Use(roofs=PITCHED, shapes=HOUSE, height_m=(3.5, 7.5)),
    "town house": Use(roofs={"flat": 7, "shed": 1.5, "gabled": 1}, height_m=(3, 11),
                      shapes={"rectangular": 5, "L-shaped": 1.5}, called="house",
                      colours={"grey": 6, "white": 2.5, "brown": 2, "red": 0.7, "blue": 0.5}),
    "hut": Use(roofs={"shed": 5, "gabled": 2.5, "flat": 2.5}, height_m=(2.2, 3.4)),
    "round hut": Use(roofs={"round": 1}, height_m=(2.5, 3.6), called="hut",
                     colours={"brown": 5, "grey": 2, "yellow": 2}),
    "shed": Use(roofs={"gabled": 3, "shed": 2, "flat": 2}, height_m=(2.0, 2.8)),
    "terrace": Use(roofs={"gabled": 5, "hipped": 2, "flat": 2}, height_m=(6, 12)),
    "apartment block": Use(
        roofs={"flat": 5, "hipped": 2, "gabled": 1.5},
        shapes={"rectangular": 5, "L-shaped": 2, "U-shaped": 1.5, "T-shaped": 0.7},
        height_m=(9, 26), colours={"grey": 3, "white": 2, "red": 1.5, "brown": 1, "black": 1}),
    "warehouse": Use(roofs={"flat": 4, "gabled": 3, "arched": 1.2}, height_m=(6, 12),
                     shapes={"rectangular": 6, "L-shaped": 2}, colours=INDUSTRY),
    "factory": Use(roofs={"sawtooth": 3, "flat": 3, "gabled": 2, "arched": 1}, height_m=(7, 14),
                   colours=INDUSTRY),
    "shop": Use(roofs={"flat": 5, "gabled": 1, "hipped": 0.5}, height_m=(4.5, 9),
                shapes={"rectangular": 5, "L-shaped": 2, "U-shaped": 0.7},
                colours={"white": 4, "grey": 4, "black": 1, "brown": 1, "blue": 0.5}),
    "school": Use(roofs={"flat": 4, "gabled": 2, "hipped": 2},
                  shapes={"L-shaped": 3, "U-shaped": 3, "T-shaped": 2, "rectangular": 2},
                  height_m=(6, 12)),
    "barn": Use(roofs={"gabled": 6, "arched": 1.5, "hipped": 0.7}, height_m=(5, 9),
                colours={"grey": 4, "red": 2, "brown": 2, "white": 1.5, "green": 1}),
    "hangar": Use(roofs={"arched": 4, "gabled": 2, "flat": 1}, height_m=(8, 18), colours=INDUSTRY),
    "terminal": Use(roofs={"flat": 4, "arched": 1}, height_m=(9, 16), colours=INDUSTRY,
                    shapes={"rectangular": 3, "T-shaped": 2, "L-shaped": 1}),
    "station": Use(roofs={"gabled": 3, "hipped": 2, "flat": 2}, height_m=(5, 11)),
}  # fmt: skip
"""What can be built."""

MATERIALS: Final[dict[str, dict[str, Weights]]] = {
    "pitched": {
        "red": {"tiles": 6, "metal": 1}, "brown": {"tiles": 5, "metal": 1.5},
        "grey": {"slate": 3, "metal": 2.5, "tiles": 1}, "black": {"slate": 3, "tiles": 2},
        "blue": {"metal": 3, "tiles": 1}, "green": {"metal": 1}, "white": {"metal": 1},
        "yellow": {"tiles": 2, "metal": 1},
    },
    "flat": {
        "red": {"metal": 1}, "brown": {"membrane": 2, "metal": 1}, "yellow": {"concrete": 1},
        "grey": {"concrete": 3, "membrane": 2}, "black": {"membrane": 1},
        "blue": {"metal": 1}, "green": {"metal": 1}, "white": {"membrane": 2, "concrete": 1},
    },
}  # fmt: skip
"""What roofs are made of, by their form and colour."""

METAL: Final = ("hut", "warehouse", "factory", "hangar", "barn")
"""Uses whose roofs are of metal unless they are flat."""


def building(
    place: Place,
    centre: Vector,
    half: tuple[float, float],
    *,
    angle: float,
    use: str,
) -> Iterator[Thing]:
    """One building, whole: its wings are parts of one thing."""
    rng = place.rng
    if not place.sees(centre, 2 * max(half) + 4):
        return
    style = USES[use]
    roof = weighted(rng, style.roofs)
    shape = "round" if roof == "round" else weighted(rng, style.shapes)
    if min(half) < 3.2 or max(half) > 3.2 * min(half):
        shape = "round" if roof == "round" else "rectangular"
    if half[1] > half[0]:
        half, angle = (half[1], half[0]), angle + np.pi / 2
    parts = SHAPES[shape](rng, Part(centre, half, angle))
    colour = weighted(rng, roof_colours(place, style))
    made_of = material(rng, use, roof, colour)
    years = wear(place, use, made_of)
    rgb, named = painted(place, colour, years["dirt"])
    yield Thing(
        concept="building", kind="round roof" if roof == "round" else roof, layer="building",
        colour=colour if named and foreign(years) < PLAIN else "", rgb=rgb, centre=centre,
        half=half, angle=angle,
        outline=circle(centre, min(half)) if shape == "round" else outline_of(parts),
        height=rng.uniform(*style.height_m), parts=parts, look=years,
        attributes={"roof": roof, "shape": shape, "use": style.called or use, "material": made_of},
    )  # fmt: skip


PLAIN: Final = 0.2
"""The share of a roof that may have other colours before no single word fits it."""

WORN: Final = {"informal": 1.0, "rural": 0.8, "town": 0.6, "industrial": 0.6}
"""How old roofs look, by the style of a place; 0.4 elsewhere."""

SHADED_USES: Final = ("hut", "town house", "terrace", "apartment block")
"""Uses whose houses stand so close that some lie in a neighbour's shadow."""


def wear(place: Place, use: str, made_of: str) -> dict[str, float]:
    """What years and neighbours have done to a roof; rust, moss and patches by their share."""
    chances = place.rng.random(8).tolist()
    age = WORN.get(place.style, 0.4)
    poor = age * (1.0 if use in ("hut", "barn", "shed") else 0.5)
    years = {"dirt": chances[0] * (0.4 + 0.6 * age), "clutter": chances[1]}
    if made_of == "metal":
        if chances[2] < 0.35 * poor:
            years["rust"] = 0.65 * chances[3] ** 1.5
        if chances[4] < 0.2 * poor:
            years["patched"] = 0.08 + 0.6 * chances[5]
    elif made_of != "membrane" and chances[2] < 0.35:
        years["moss"] = 0.35 * chances[3] ** 1.5
    if use in SHADED_USES and chances[6] < 0.18:
        years["shaded"] = 0.15 + 0.5 * chances[7]
    return years


def foreign(years: Mapping[str, float]) -> float:
    """The share of a roof that does not have its own colour."""
    return sum(years.get(name, 0.0) for name in ("rust", "moss", "patched"))


FADED: Final[dict[str, tuple[tuple[float, float, float], ...]]] = {
    "red": ((196, 104, 88), (166, 84, 76), (186, 92, 66)),
    "blue": ((104, 140, 182), (70, 124, 190), (84, 116, 160)),
    "grey": ((150, 146, 138), (128, 126, 120), (176, 174, 166), (120, 124, 128)),
    "white": ((226, 224, 216), (234, 228, 214)),
    "brown": ((136, 108, 84), (112, 84, 68), (150, 118, 96)),
    "green": ((110, 146, 116), (84, 128, 98)),
}
"""Roofs that sun and rain have bleached, still of their colour."""

BETWEEN: Final[dict[str, tuple[tuple[float, float, float], ...]]] = {
    "red": ((204, 128, 78), (190, 116, 92), (178, 128, 112)),
    "blue": ((120, 136, 152), (84, 132, 146)),
    "grey": ((146, 134, 120), (132, 126, 132), (136, 144, 130)),
    "white": ((210, 200, 176), (198, 202, 204)),
    "brown": ((130, 116, 102), (178, 144, 108), (158, 132, 112)),
    "green": ((126, 138, 122), (96, 142, 144)),
    "yellow": ((206, 186, 140), (196, 158, 92)),
}
"""Roofs between two colours, which people have no one word for."""


def painted(place: Place, colour: str, dirt: float) -> tuple[NDArray[np.float32], bool]:
    """The colour of a roof, and whether its word fits it."""
    rng = place.rng
    chance = rng.random()
    if chance < 0.04 + 0.1 * dirt and colour in BETWEEN:
        return shade(rng, BETWEEN[colour]), False
    if chance > 0.97:  # hardly to be told from the ground
        ground = place.soil if rng.random() < 0.6 else place.dirt
        return blended(shade(rng, ROOFS[colour]), ground, rng.uniform(0.5, 0.75)), False
    faded = colour in FADED and chance > 0.5
    return shade(rng, (FADED if faded else ROOFS)[colour]), True


def roof_colours(place: Place, style: Use) -> Weights:
    """How often each colour of roof is seen here."""
    if not style.colours:
        return place.roofs
    return {name: weight * (0.4 + 0.15 * place.roofs.get(name, 0))
            for name, weight in style.colours.items()}  # fmt: skip


def material(rng: np.random.Generator, use: str, roof: str, colour: str) -> str:
    """What a roof is made of."""
    if use == "round hut":
        return "thatch" if colour != "grey" else "metal"
    if roof != "flat" and (use in METAL or roof in ("sawtooth", "arched", "shed")):
        return "metal"
    return weighted(rng, MATERIALS["flat" if roof == "flat" else "pitched"][colour])


def rectangular(rng: np.random.Generator, whole: Part) -> tuple[Part, ...]:
    """One wing."""
    del rng
    return (whole,)


def wing(whole: Part, *, at: float, wide: float, near: float, far: float) -> Part:
    """A wing at right angles, at a share of the length; from one share of the width to another."""
    along, across = directions(whole.angle)
    half = ((far - near) / 2 * whole.half[1], wide * whole.half[0])
    centre = whole.centre + at * whole.half[0] * along
    centre = centre + (near + far) / 2 * whole.half[1] * across
    return Part(centre, half, whole.angle - np.pi / 2)


def bar(whole: Part, near: float, far: float) -> Part:
    """The wing along the whole length, between two shares of the width."""
    _, across = directions(whole.angle)
    centre = whole.centre + (near + far) / 2 * whole.half[1] * across
    return Part(centre, (whole.half[0], (far - near) / 2 * whole.half[1]), whole.angle)


def ell(rng: np.random.Generator, whole: Part) -> tuple[Part, ...]:
    """A long wing, and one at right angles at its end."""
    share, wide = rng.uniform(-0.25, 0.1), rng.uniform(0.28, 0.42)
    side, end = rng.choice([-1, 1]), rng.choice([-1, 1])
    main = bar(whole, *sorted((-side, side * share)))
    near, far = sorted((-side * 0.98, side))
    return main, wing(whole, at=end * (1 - wide), wide=wide, near=near, far=far)


def tee(rng: np.random.Generator, whole: Part) -> tuple[Part, ...]:
    """A long wing, and one at right angles near its middle."""
    share, side = rng.uniform(-0.3, 0.0), rng.choice([-1, 1])
    main = bar(whole, *sorted((-side, side * share)))
    near, far = sorted((-side * 0.9, side))
    at = rng.uniform(-0.25, 0.25)
    return main, wing(whole, at=at, wide=rng.uniform(0.22, 0.36), near=near, far=far)


def horseshoe(rng: np.random.Generator, whole: Part) -> tuple[Part, ...]:
    """A long wing with one at each end."""
    share, wide, side = rng.uniform(-0.45, -0.2), rng.uniform(0.18, 0.26), rng.choice([-1, 1])
    main = bar(whole, *sorted((-side, side * share)))
    near, far = sorted((-side * 0.98, side))
    ends = (wing(whole, at=end * (1 - wide), wide=wide, near=near, far=far) for end in (-1, 1))
    return main, *ends


SHAPES: Final = {
    "rectangular": rectangular, "round": rectangular, "L-shaped": ell, "T-shaped": tee,
    "U-shaped": horseshoe,
}  # fmt: skip


def roof_panels(place: Place, house: Thing) -> Iterator[Thing]:
    """Solar panels on a roof: one array on a slope, or rows on a flat roof."""
    rng = place.rng
    part = house.parts[0]
    if house.kind == "flat" and min(part.half) > 4:
        rows = rng.uniform(2.2, 3.0)
        for v in np.arange(-part.half[1] + 2, part.half[1] - 2, rows):
            reach = part.half[0] - 1.5
            yield panel_row(rng, part, at=(0.0, float(v)), half=(reach, 0.85), on="roof")
    elif house.kind in ("gabled", "hipped") and part.half[1] > 2.4:
        cut = part.half[1] if house.kind == "hipped" else 0.7
        reach = max((part.half[0] - cut) * rng.uniform(0.4, 0.9), 0.9)
        _, across = directions(part.angle)
        side = 1 if across[0] > 0 else -1  # the side that looks south
        yield panel_row(
            rng, part, at=(rng.uniform(-0.1, 0.1) * reach, side * part.half[1] * 0.48),
            half=(reach, part.half[1] * rng.uniform(0.25, 0.36)), on="roof",
        )  # fmt: skip


def panel_row(
    rng: np.random.Generator, part: Part, *, at: tuple[float, float], half: tuple[float, float],
    on: str,
) -> Thing:  # fmt: skip
    """Solar panels as one rectangle, at metres along and across a part from its middle."""
    along, across = directions(part.angle)
    centre = part.centre + at[0] * along + at[1] * across
    return Thing(
        concept="solar panel", kind="panels", layer="roof" if on == "roof" else "building",
        rgb=panel_rgb(rng), outline=rectangle(centre, half, part.angle), centre=centre, half=half,
        angle=part.angle, height=0.0 if on == "roof" else 1.6, attributes={"on": on},
    )  # fmt: skip


def panel_rgb(rng: np.random.Generator) -> NDArray[np.float32]:
    """The colour of solar cells."""
    return shade(rng, GROUND["panel"])
