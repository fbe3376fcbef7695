"""Solar farms and wind farms."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from geoseg.training.land.outlines import circle, rotor
from geoseg.training.land.palette import GROUND, shade, weighted
from geoseg.training.land.place import Block, Place, Vector, surface
from geoseg.training.land.thing import Part, Thing, rectangle, strip
from geoseg.training.land.things.buildings import panel_rgb, panel_row
from geoseg.training.land.things.farming import field_of
from geoseg.training.land.things.ground import ground
from geoseg.training.land.things.lots import inner


def solar_farm(place: Place, block: Block) -> Iterator[Thing]:
    """Rows of panels on grass or earth, all facing one way."""
    rng = place.rng
    yield ground(place, block, weighted(rng, {"grass": 3, "soil": 2, "gravel": 1}))
    plot = inner(block, 4.0)
    deep = rng.choice([1.7, 2.1, 3.4, 4.2])
    every = deep * rng.uniform(1.5, 2.3)
    rgb = panel_rgb(rng)
    part = Part(plot.centre, plot.half, plot.angle)
    gap = rng.uniform(-0.4, 0.4) * plot.half[0]
    for v in np.arange(-plot.half[1] + deep, plot.half[1] - deep, every):
        for low, high in ((-plot.half[0], gap - 2.5), (gap + 2.5, plot.half[0])):
            if high - low > 4 and rng.random() < 0.97:
                row = panel_row(rng, part, at=((low + high) / 2, float(v)),
                                half=((high - low) / 2, deep / 2), on="ground")  # fmt: skip
                yield replace(
                    row, rgb=np.clip(rgb * rng.uniform(0.97, 1.03), 8, 250).astype(np.float32)
                )
    hut = plot.at(gap, plot.half[1] - 3)
    grey = shade(rng, GROUND["concrete"])
    yield replace(surface("", "line", rectangle(hut, (3, 1.3), plot.angle), grey, "building"),
                  half=(3.0, 1.3), height=2.8)  # fmt: skip


def turbine(place: Place, centre: Vector, *, hub_m: float) -> Iterator[Thing]:
    """A wind turbine: its tower throws a long shadow, its three blades another at the end."""
    rng = place.rng
    white = shade(rng, ((238, 238, 236), (226, 228, 228)))
    pad = circle(centre, rng.uniform(5, 8), 20)
    yield surface("", "gravel", pad, shade(rng, GROUND["gravel"]), "lot")
    foot = circle(centre, 2.1, 14)
    yield Thing(concept="", kind="turbine", layer="building", rgb=white, outline=foot,
                centre=centre, half=(2.1, 2.1), height=hub_m)  # fmt: skip
    blades = rotor(centre, 0.5 * hub_m, rng.uniform(0, 6.3))
    yield Thing(concept="wind turbine", kind="turbine", layer="tall", rgb=white, outline=blades,
                centre=centre, half=(0.5 * hub_m, 0.5 * hub_m), height=hub_m,
                clear=hub_m * 0.97)  # fmt: skip


def wind_farm(place: Place, block: Block) -> Iterator[Thing]:
    """One or a few turbines on farmland, with tracks of gravel."""
    rng = place.rng
    yield field_of(place, block)
    hub = rng.uniform(38, 58)
    count = max(int(2 * max(block.half) / 160), 1)
    for index in range(count):
        u = ((index + 0.5) / count * 2 - 1) * block.half[0]
        spot = block.at(u, rng.uniform(-0.2, 0.2) * block.half[1])
        line = np.stack([spot, block.at(u + rng.uniform(-15, 15), block.half[1])])
        made = surface("road", "track", strip(line, 4.0), shade(rng, GROUND["gravel"]), "road")
        yield replace(made, half=(10.0, 2.0), line=line,
                      attributes={"surface": "gravel", "class": "track"})  # fmt: skip
        yield from turbine(place, spot, hub_m=hub)
