"""Trees, hedges and forests."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoseg.training.land.outlines import lobed, star
from geoseg.training.land.palette import GROUND, shade, weighted
from geoseg.training.land.place import Block, Place, Vector
from geoseg.training.land.thing import Points, Thing, blob, strip
from geoseg.training.land.things.lots import area_m2

KINDS: Final = {"round": 6.0, "loose": 2.0, "dark": 2.0, "spire": 1.2, "palm": 0.5}
"""Which trees grow, and how often."""

TYPES: Final = {
    "round": "broadleaf", "loose": "broadleaf", "dark": "broadleaf", "leafless": "broadleaf",
    "spire": "conifer", "palm": "palm",
}  # fmt: skip

WINTRY: Final = ("winter", "snow")


def tree(place: Place, centre: Vector, radius: float, *, kind: str = "") -> Iterator[Thing]:
    """One tree."""
    if not place.sees(centre, radius * 3):
        return
    rng = place.rng
    kind = kind or weighted(rng, KINDS)
    if place.season in WINTRY and kind in ("round", "loose", "palm") and rng.random() < 0.85:
        kind = "leafless"
    if kind == "spire":
        radius *= 0.8
    turns = rng.uniform(0, 6.3)
    height = radius * rng.uniform(*TALL.get(kind, (1.2, 2.4)))
    yield Thing(
        concept="tree", kind=kind, layer="tree", rgb=leaf_rgb(place, kind),
        outline=crown_outline(kind, centre, radius, turns), centre=centre, half=(radius, radius),
        angle=turns, height=height,
        clear=height * (0.7 if kind == "palm" else 0.0 if kind == "bush" else 0.3),
        attributes={"type": TYPES[kind]} if kind in TYPES else {},
    )  # fmt: skip


TALL: Final = {"spire": (2.2, 4.0), "palm": (2.0, 3.0), "bush": (0.5, 0.9)}
"""How often its radius a tree is high."""


def crown_outline(kind: str, centre: Vector, radius: float, turns: float) -> Points:
    """The outline of a crown."""
    if kind == "palm":
        return star(centre, radius, turns, rays=8, inner=0.38)
    if kind == "spire":
        return star(centre, radius, turns, rays=11, inner=0.74)
    return lobed(centre, radius, turns)


def leaf_rgb(place: Place, kind: str) -> NDArray[np.float32]:
    """The colour of a tree, near those of its place."""
    rng = place.rng
    if kind == "leafless":
        rgb = np.array([112, 100, 90]) * rng.uniform(0.75, 1.2)
    elif kind == "spire":
        rgb = np.array([52, 76, 52]) * rng.uniform(0.8, 1.2) + rng.normal(0, 4, 3)
    else:
        rgb = place.leaf[int(rng.random() * len(place.leaf))] + rng.normal(0, 6, 3)
        rgb = rgb * (0.7 if kind == "dark" else rng.uniform(0.85, 1.25))
    return np.clip(rgb, 8, 250).astype(np.float32)


def trees(
    place: Place, block: Block, per_100m2: float, *, large: float = 3.0, kind: str = ""
) -> Iterator[Thing]:
    """Trees anywhere in a block, single and in clumps."""
    rng = place.rng
    spot = block.centre
    for _ in range(min(rng.poisson(per_100m2 * area_m2(block) / 100), 3000)):
        if rng.random() < 0.5:
            spot = block.at(*(rng.uniform(-1, 1, 2) * block.half))
        else:
            spot = spot + rng.normal(0, 1.4 * large, 2)
        yield from tree(place, spot, large * rng.uniform(0.4, 1.3), kind=kind)


def tree_row(place: Place, line: Points, *, every: float, large: float) -> Iterator[Thing]:
    """Trees of one kind at even distances along a line of two points."""
    rng = place.rng
    kind = weighted(rng, KINDS)
    length = float(np.hypot(*(line[1] - line[0])))
    for away in np.arange(every / 2, length, every):
        spot = line[0] + (line[1] - line[0]) * (away / max(length, 1e-6))
        if rng.random() < 0.93:
            yield from tree(place, spot + rng.normal(0, 0.2, 2), large * rng.uniform(0.8, 1.15),
                            kind=kind)  # fmt: skip


def hedge(place: Place, line: Points, *, wide: float = 1.2) -> Thing:
    """A cut hedge along a line."""
    rgb = shade(place.rng, GROUND["hedge"])
    if place.season in ("dry", *WINTRY):
        rgb = (rgb * 0.6 + np.array([46, 38, 26])).astype(np.float32)
    return Thing(
        concept="hedge", kind="hedge", layer="building", rgb=rgb, outline=strip(line, wide),
        centre=line.mean(axis=0), half=(1.0, wide / 2), line=line,
        height=wide * place.rng.uniform(0.8, 1.5),
    )  # fmt: skip


def stand(place: Place, outline: Points, centre: Vector) -> Thing:
    """A forest of that outline."""
    rng = place.rng
    kind = weighted(rng, {"broadleaf": 3, "conifer": 2, "mixed": 2})
    wintry = place.season in WINTRY and kind != "conifer"
    rgb = leaf_rgb(place, "spire" if kind == "conifer" else "leafless" if wintry else "round")
    crown_m = rng.uniform(3.0, 5.0) if kind == "conifer" else rng.uniform(4.0, 9.0)
    look = {
        "crown_m": crown_m, "conifers": 0.4 if kind == "mixed" else 0.0, "radius": 0.72,
        "gaps": 0.25 * rng.random() ** 2, "variety": 0.07 + 0.1 * rng.random(),
        "jitter": 0.4 if rng.random() < 0.15 else 1.0,
    }  # fmt: skip
    return Thing(
        concept="forest", kind="canopy", layer="tree", rgb=rgb, outline=outline, centre=centre,
        angle=rng.uniform(0, np.pi), half=(crown_m, crown_m), height=crown_m * 1.3,
        attributes={"type": kind}, look=look,
    )  # fmt: skip


def wood(place: Place, centre: Vector, half: tuple[float, float]) -> Thing:
    """A free-standing wood with a bumpy edge."""
    rng = place.rng
    shape = blob(rng, centre, half)
    fine = np.concatenate([np.linspace(a, b, 6, endpoint=False)
                           for a, b in zip(shape, np.roll(shape, -1, 0), strict=True)])  # fmt: skip
    away = fine - centre
    out = away / np.maximum(np.hypot(away[:, 0], away[:, 1]), 1e-6)[:, None]
    return stand(place, fine + out * rng.normal(0, 1.1, len(fine))[:, None], centre)
