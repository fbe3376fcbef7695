"""One picture of every concept: `python -m geoseg.training.contact_sheet OUT.jpg`."""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from geoseg.training.camera.canvas import Canvas
from geoseg.training.camera.painting import Sun, paint
from geoseg.training.camera.shadows import cast_shadows
from geoseg.training.land.concepts import CONCEPTS
from geoseg.training.land.fillings import FILLINGS
from geoseg.training.land.palette import GROUND, shade
from geoseg.training.land.place import Block, Place, new_place, surface
from geoseg.training.land.thing import LAYERS, Thing, strip
from geoseg.training.land.things.ground import ground
from geoseg.training.land.things.plants import tree_row
from geoseg.training.land.things.vehicles import bus, car, truck
from geoseg.training.land.things.ways import (
    bridges,
    carriageway,
    crosswalk,
    pavements,
    railway,
    train,
)

CELL: Final = 150
"""Rows and columns of one cell."""

COLUMNS: Final = 9

CLOSE: Final = {
    "construction site": 0.5, "road": 0.35, "path": 0.3, "pavement": 0.25, "car park": 0.35,
    "railway": 0.3, "runway": 1.6, "taxiway": 0.8, "apron": 1.0, "train": 0.5, "river": 0.5,
    "sea": 0.4, "forest": 0.5, "orchard": 0.4, "vineyard": 0.3, "field": 0.5, "grass": 0.3,
    "bare soil": 0.3, "beach": 0.6, "sand": 0.6, "rock": 0.25, "snow": 0.5, "burnt area": 0.5,
    "solar panel": 0.4, "greenhouse": 0.4, "bridge": 0.5, "pier": 0.5, "crane": 0.7,
}  # fmt: skip
"""Metres per pixel for what is best seen from nearer than its size asks for."""


def crossing(place: Place, block: Block) -> Iterator[Thing]:
    """Streets, a river with bridges, a railway with a train."""
    rng = place.rng
    yield ground(place, block, "grass")
    steps = np.linspace(-1.1, 1.1, 40)
    swing = 6 * np.sin(steps * 4)
    river = np.stack(
        [block.at(u * block.half[0], 30 + w) for u, w in zip(steps, swing, strict=True)]
    )
    bank = strip(river, 22)
    water = surface("river", "river", bank, shade(rng, GROUND["water"]), "water")
    yield replace(water, half=(60.0, 11.0), line=river)
    rail = np.stack(
        [block.at(u * block.half[0], -58 + 0.5 * w) for u, w in zip(steps, swing, strict=True)]
    )
    yield railway(place, rail, tracks=2)
    for side in (-2.3, 2.3):
        yield from train(
            place, rail + side * (block.at(0, 1) - block.at(0, 0)), start=20, longest=150
        )
    for u, wide in ((-38.0, 10.0), (30.0, 6.0)):
        way = np.stack([block.at(u, v) for v in np.linspace(-46, 100, 20)])
        yield carriageway(place, way, wide)
        yield from bridges(place, way, wide, water=bank)
        yield from pavements(place, way[:9], wide, walk=2.2)
        yield from tree_row(place, way[[0, 8]] + 9.0, every=9, large=2.4)
    street = np.stack([block.at(u, -16) for u in np.linspace(-90, 90, 12)])
    yield carriageway(place, street, 9.0)
    yield crosswalk(place, block.at(-20, -16), block.angle, 9.0)
    for index, made in enumerate((car, truck, bus, car, car, truck, bus)):
        yield made(rng, block.at(-55 + 18.0 * index + rng.normal(0, 2), -14 if index % 2 else -18),
                   block.angle + (0 if index % 2 else np.pi))  # fmt: skip


Filling = Callable[[Place, Block], Iterator[Thing]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """Where a concept is found."""

    filling: Filling
    half: tuple[float, float]
    """Of the block that is filled, in metres."""

    style: str = "suburb"


EXAMPLES: Final[dict[str, Example]] = {
    name: Example(filling=FILLINGS.get(filling, crossing), half=half)
    for filling, half, names in (
        ("houses", (45.0, 40.0), ("building", "driveway", "swimming pool", "hedge")),
        ("greenhouses", (70.0, 50.0), ("greenhouse",)),
        ("tank farm", (70.0, 60.0), ("storage tank",)),
        ("farm", (45.0, 40.0), ("silo",)),
        ("solar farm", (80.0, 50.0), ("solar panel",)),
        ("wind farm", (120.0, 90.0), ("wind turbine",)),
        ("harbour", (160.0, 80.0), ("crane", "ship")),
        ("marina", (70.0, 60.0), ("pier", "boat", "sea")),
        ("construction", (60.0, 50.0), ("construction site",)),
        ("crossing", (110.0, 90.0), ("bridge", "road", "crosswalk", "pavement", "railway", "truck",
                                    "bus", "train", "river")),
        ("flats", (70.0, 60.0), ("path",)),
        ("car_park", (45.0, 30.0), ("car park", "car")),
        ("airfield", (500.0, 170.0), ("runway", "taxiway")),
        ("apron", (130.0, 70.0), ("apron", "airplane")),
        ("container yard", (80.0, 50.0), ("shipping container",)),
        ("lake", (90.0, 80.0), ("lake",)),
        ("lake", (22.0, 22.0), ("pond",)),
        ("savanna", (40.0, 40.0), ("tree",)),
        ("forest", (80.0, 70.0), ("forest",)),
        ("orchard", (60.0, 50.0), ("orchard",)),
        ("vineyard", (50.0, 45.0), ("vineyard",)),
        ("field", (70.0, 60.0), ("field",)),
        ("park", (40.0, 40.0), ("grass",)),
        ("sports ground", (100.0, 56.0), ("football pitch", "running track")),
        ("tennis", (34.0, 20.0), ("tennis court",)),
        ("basketball", (18.0, 20.0), ("basketball court",)),
        ("baseball", (60.0, 60.0), ("baseball field",)),
        ("bare", (40.0, 40.0), ("bare soil",)),
        ("beach", (90.0, 60.0), ("beach",)),
        ("dunes", (60.0, 60.0), ("sand",)),
        ("rocks", (40.0, 40.0), ("rock",)),
        ("snow", (60.0, 60.0), ("snow",)),
        ("burnt", (60.0, 60.0), ("burnt area",)),
    )
    for name in names
}  # fmt: skip
"""A filling in which each concept is found, and the block that it fills."""


def example(concept: str, seed: int) -> tuple[list[Thing], Thing]:
    """The things of a place where a concept is found, and the one to look at."""
    known = EXAMPLES[concept]
    for attempt in range(60):
        rng = np.random.default_rng([seed, attempt, sorted(CONCEPTS).index(concept)])
        place = new_place(rng, None, known.style)
        block = Block(np.array([1000.0, 1000.0]), known.half, rng.uniform(0, np.pi))
        things = list(known.filling(place, block))
        found = [thing for thing in things if thing.concept == concept]
        if found:
            wide = Block(block.centre, (900.0, 900.0), block.angle)
            return [ground(place, wide, "grass"), *things], middling(found)
    raise LookupError(f"no {concept} was found in 60 places; choose another filling in EXAMPLES")


def middling(things: list[Thing]) -> Thing:
    """The one in the middle by size."""
    return sorted(things, key=extent)[len(things) // 2]


def extent(thing: Thing) -> float:
    """How many metres a thing measures from end to end."""
    return float(np.ptp(thing.outline, axis=0).max())


def picture(
    things: list[Thing], centre: NDArray[np.float64], gsd: float, seed: int
) -> NDArray[np.uint8]:
    """The things around a place, as (CELL, CELL, 3)."""
    rng = np.random.default_rng(seed)
    turn = rng.uniform(0, 2 * np.pi)
    sun = Sun(away=np.array([np.sin(turn), np.cos(turn)]), length=rng.uniform(0.5, 1.2), dark=0.5)
    canvas = Canvas(CELL, CELL, gsd=gsd, rng=rng)
    shift = centre - CELL * gsd / 2
    moved = [shifted(thing, shift) for thing in things]
    for layer in LAYERS:
        standing = [thing for thing in moved if thing.layer == layer]
        cast_shadows(canvas, (thing for thing in standing if thing.height), sun)
        for thing in standing:
            paint(canvas, thing, label=0, sun=sun)
    seen = ndimage.gaussian_filter(canvas.rgb, (0.45, 0.45, 0))
    return np.clip(seen, 0, 255).astype(np.uint8)


def shifted(thing: Thing, by: NDArray[np.float64]) -> Thing:
    """The thing as seen from another corner."""
    return replace(
        thing, outline=thing.outline - by, centre=thing.centre - by,
        line=None if thing.line is None else thing.line - by,
        parts=tuple(replace(part, centre=part.centre - by) for part in thing.parts),
    )  # fmt: skip


def cell(concept: str, *, seed: int, gsd: float | None) -> Image.Image:
    """One concept with its name; without a GSD, as near as its size asks for."""
    things, chosen = example(concept, seed)
    near = float(np.clip(extent(chosen) / (0.62 * CELL), 0.1, 2.0))
    if concept in CLOSE:
        near = min(near, CLOSE[concept])
    made = Image.fromarray(picture(things, chosen.centre, gsd or near, seed))
    draw = ImageDraw.Draw(made)
    label = f"{concept} {gsd or near:.2g} m"
    draw.rectangle((0, CELL - 13, CELL, CELL), fill=(20, 20, 24))
    draw.text((3, CELL - 12), label, fill=(244, 244, 240), font=ImageFont.load_default(10))
    return made


def contact_sheet(*, seed: int = 0, gsd: float | None = None) -> Image.Image:
    """Every concept once."""
    rows = -(-len(CONCEPTS) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * (CELL + 2), rows * (CELL + 2)), (250, 250, 248))
    for index, concept in enumerate(CONCEPTS):
        row, column = divmod(index, COLUMNS)
        sheet.paste(cell(concept, seed=seed, gsd=gsd), (column * (CELL + 2), row * (CELL + 2)))
    return sheet


def main() -> None:
    """Write the sheet to the file that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m geoseg.training.contact_sheet")
    parser.add_argument("out", type=Path, help="the picture to write: .jpg or .png")
    parser.add_argument("--gsd", type=float, help="metres per pixel; else as each concept asks for")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    contact_sheet(seed=asked.seed, gsd=asked.gsd).save(asked.out, quality=82)


if __name__ == "__main__":
    main()
