"""What stands inside a block: houses, halls, trees, fields, water."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from geoseg.training.palette import GROUND, ROOFS, shade, weighted
from geoseg.training.place import Block, Place, Vector, car, cover, surface
from geoseg.training.thing import Thing, blob, directions, rectangle, strip


def building(
    place: Place,
    centre: Vector,
    half: tuple[float, float],
    *,
    angle: float,
    kinds: dict[str, float],
) -> Iterator[Thing]:
    """One house or hall; an L is two parts of one colour that touch."""
    rng = place.rng
    if not place.sees(centre, 2 * max(half) + 4):
        return
    colour = weighted(rng, place.roofs)
    low = 2.4 if place.style == "informal" else 3.0
    part = Thing(
        concept="building", kind=weighted(rng, kinds), layer="building", colour=colour,
        rgb=shade(rng, ROOFS[colour]), outline=rectangle(centre, half, angle), centre=centre,
        half=half, angle=angle, height=rng.uniform(low, 4.5) + (max(half) > 9) * rng.uniform(0, 8),
    )  # fmt: skip
    yield part


def tree(place: Place, centre: Vector, radius: float) -> Iterator[Thing]:
    """One tree."""
    if not place.sees(centre, radius * 3):
        return
    rng = place.rng
    kind = weighted(rng, {"round": 6, "loose": 2, "dark": 2, "palm": 0.6})
    rgb = place.leaf[rng.integers(len(place.leaf))] + rng.normal(0, 6, 3)
    rgb = rgb * (0.7 if kind == "dark" else rng.uniform(0.85, 1.25))
    yield Thing(
        concept="tree", kind=kind, layer="tree", rgb=np.clip(rgb, 8, 250).astype(np.float32),
        outline=rectangle(centre, (radius, radius), 0.0), centre=centre, half=(radius, radius),
        angle=rng.uniform(0, 6.3), height=radius * rng.uniform(1.2, 2.4),
    )  # fmt: skip


def trees(place: Place, block: Block, per_100m2: float, *, large: float = 3.0) -> Iterator[Thing]:
    """Trees anywhere in a block, single and in clumps."""
    rng = place.rng
    area = 4 * block.half[0] * block.half[1]
    spot = block.centre
    for _ in range(min(rng.poisson(per_100m2 * area / 100), 4000)):
        if rng.random() < 0.5:
            spot = block.at(*(rng.uniform(-1, 1, 2) * block.half))
        else:
            spot = spot + rng.normal(0, 1.4 * large, 2)
        yield from tree(place, spot, large * rng.uniform(0.4, 1.3))


def lots(block: Block, size: float, rng: np.random.Generator) -> Iterator[Block]:
    """A block cut into a grid of about square lots."""
    counts = [max(round(2 * half / size), 1) for half in block.half]
    sizes = [2 * half / count for half, count in zip(block.half, counts, strict=True)]
    for i in range(counts[0]):
        for j in range(counts[1]):
            centre = block.at(
                (i + 0.5) * sizes[0] - block.half[0] + rng.normal(0, 0.04 * size),
                (j + 0.5) * sizes[1] - block.half[1] + rng.normal(0, 0.04 * size),
            )
            yield Block(centre, (sizes[0] / 2, sizes[1] / 2), block.angle)


def seen(place: Place, block: Block) -> bool:
    """Whether any of a block can be in the picture."""
    return place.sees(block.centre, float(np.hypot(*block.half)) + 6)


def wall(place: Place, lot: Block) -> Iterator[Thing]:
    """A garden wall along two to four sides of a lot."""
    rng = place.rng
    rgb = shade(rng, GROUND[weighted(rng, {"paved": 3, "soil": 2})])
    half = (lot.half[0] * 0.97, lot.half[1] * 0.97)
    corners = rectangle(lot.centre, half, lot.angle)
    for start, end in zip(corners, np.roll(corners, -1, 0), strict=True):
        if rng.random() < 0.75:
            wide = rng.uniform(0.2, 0.35)
            side = surface("", "paved", strip(np.stack([start, end]), wide), rgb, "building")
            yield replace(side, height=rng.uniform(1.5, 2.5))


def clutter(place: Place, block: Block, per_100m2: float) -> Iterator[Thing]:
    """What lies about in yards: heaps, boards, tanks, washing, weeds."""
    rng = place.rng
    area = 4 * block.half[0] * block.half[1]
    for _ in range(min(rng.poisson(per_100m2 * area / 100), 800)):
        spot = block.at(*(rng.uniform(-1, 1, 2) * block.half))
        if not place.sees(spot, 2):
            continue
        half = tuple(np.exp(rng.uniform(np.log(0.15), np.log(1.1), 2)))
        kind = weighted(rng, {"paved": 3, "soil": 2, "grass": 3, "pool": 0.3, "water": 0.4})
        rgb = shade(rng, GROUND[kind]) * rng.uniform(0.4, 1.2)
        round_one = rng.random() < 0.5
        shape = blob(rng, spot, half) if round_one else rectangle(spot, half, rng.uniform(0, 3.2))
        yield surface("", "line", shape, np.clip(rgb, 8, 250).astype(np.float32), "lot")


PITCHED = {"gabled": 5.0, "hipped": 4.0, "flat": 1.0, "shed": 0.6}
TIN = {"shed": 5.0, "gabled": 2.5, "flat": 2.5}
FLAT = {"flat": 4.0, "gabled": 2.0, "shed": 1.5}


def houses(place: Place, block: Block) -> Iterator[Thing]:
    """Family houses, each on its lot, with drives, pools, cars and trees."""
    rng = place.rng
    yield cover(place, block, weighted(rng, {"grass": 4, "soil": 2}))
    greenery = rng.uniform(0.1, 1.4)
    walled, litter = rng.random() < 0.4, rng.uniform(0, 1.5) * rng.random()
    for lot in lots(block, rng.uniform(14, 22), rng):
        if not seen(place, lot) or rng.random() < 0.08:
            continue
        if rng.random() < 0.4:
            smaller = Block(lot.centre, (lot.half[0] * 0.95, lot.half[1] * 0.95), lot.angle)
            yield cover(place, smaller, weighted(rng, {"grass": 3, "soil": 2, "paved": 1}))
        yield from wall(place, lot) if walled else ()
        yield from clutter(place, lot, litter)
        yield from house(place, lot)
        yield from yard(place, lot)
        yield from trees(place, lot, greenery, large=rng.uniform(1.5, 3.5))


def house(place: Place, lot: Block) -> Iterator[Thing]:
    """A house of one, two or three wings near the middle of its lot."""
    rng = place.rng
    half = (lot.half[0] * rng.uniform(0.4, 0.75), lot.half[1] * rng.uniform(0.35, 0.7))
    half = (max(half[0], 2.5), max(half[1], 2.5))
    angle = lot.angle + rng.choice([0, 0, np.pi / 2]) + rng.normal(0, 0.03)
    shift = rng.uniform(-0.15, 0.15, 2) * lot.half
    for part in building(place, lot.at(*shift), half, angle=angle, kinds=PITCHED):
        yield part
        if rng.random() < 0.4:
            along, across = directions(angle)
            reach = rng.uniform(0.3, 0.8) * half[0] * along * rng.choice([-1, 1])
            reach = reach + rng.uniform(0.6, 0.9) * half[1] * across * rng.choice([-1, 1])
            yield wing(part, part.centre + reach, (half[1] * 0.9, half[0] * rng.uniform(0.3, 0.5)))


def wing(part: Thing, centre: Vector, half: tuple[float, float]) -> Thing:
    """A second part of a house, at right angles to the first; kind "wing:" joins it to it."""
    angle = part.angle + np.pi / 2
    return Thing(
        concept="building", kind=f"wing:{part.kind}", layer="building", colour=part.colour,
        rgb=part.rgb, outline=rectangle(centre, half, angle), centre=centre, half=half,
        angle=angle, height=part.height * 0.9,
    )  # fmt: skip


def yard(place: Place, lot: Block) -> Iterator[Thing]:
    """Drive, pool, parked car."""
    rng = place.rng
    side = rng.choice([-1, 1])
    spot = lot.at(side * lot.half[0] * 0.78, rng.uniform(-0.6, 0.6) * lot.half[1])
    if rng.random() < 0.35:
        paved = rectangle(spot, (lot.half[0] * 0.3, lot.half[1] * 0.3), lot.angle)
        yield surface("", "paved", paved, shade(rng, GROUND["paved"]), "lot")
    if rng.random() < 0.3:
        yield car(rng, spot, lot.angle + rng.choice([0, np.pi / 2]))
    if rng.random() < 0.14:
        yield from pool(place, lot.at(-side * lot.half[0] * 0.75, rng.uniform(-5, 5)), lot.angle)


def pool(place: Place, centre: Vector, angle: float) -> Iterator[Thing]:
    """A swimming pool with a light rim."""
    rng = place.rng
    half = (rng.uniform(2.5, 6), rng.uniform(1.6, 3))
    if rng.random() < 0.65:
        water = rectangle(centre, half, angle)
        rim = rectangle(centre, (half[0] + 0.7, half[1] + 0.7), angle)
    else:
        water = blob(rng, centre, half)
        rim = centre + (water - centre) * 1.2
    yield surface("", "paved", rim, shade(rng, GROUND["paved"]), "lot")
    yield surface("swimming pool", "pool", water, shade(rng, GROUND["pool"]), "lot")


def dense(place: Place, block: Block) -> Iterator[Thing]:
    """Small houses wall to wall, metal and rust, hardly a street between."""
    rng = place.rng
    yield cover(place, block, weighted(rng, {"soil": 5, "paved": 2, "grass": 1}))
    fill = rng.uniform(0.7, 1.04)
    loose = rng.uniform(0, 0.2)
    yield from clutter(place, block, rng.uniform(0, 12))
    for lot in lots(block, rng.uniform(5.5, 13), rng):
        if not seen(place, lot) or rng.random() < 0.1:
            continue
        shape = rng.uniform(0.65, 1.0, 2) * fill
        half = (max(lot.half[0] * shape[0], 1.3), max(lot.half[1] * shape[1], 1.3))
        angle = lot.angle + rng.normal(0, loose)
        yield from building(place, lot.centre, half, angle=angle, kinds=TIN)
        if rng.random() < 0.12:
            yield from tank(place, lot.centre + rng.uniform(-0.6, 0.6, 2) * min(half))
        if rng.random() < 0.06:
            yield car(rng, lot.at(lot.half[0], 0), lot.angle)
    yield from trees(place, block, rng.uniform(0, 0.4), large=rng.uniform(1.5, 3.5))


def tank(place: Place, centre: Vector) -> Iterator[Thing]:
    """A round water tank on a roof."""
    rng = place.rng
    if place.sees(centre, 2):
        dark = weighted(rng, {"black": 4, "blue": 1, "green": 1, "white": 1})
        radius = rng.uniform(0.4, 0.8)
        shape = blob(rng, centre, (radius, radius))
        yield surface("", "line", shape, shade(rng, ROOFS[dark]), "building")


def terrace(place: Place, block: Block) -> Iterator[Thing]:
    """Long rows of joined houses around a yard."""
    rng = place.rng
    yield cover(place, block, weighted(rng, {"paved": 3, "grass": 2, "soil": 1}))
    deep = rng.uniform(4, 6.5)
    for side in (-1, 1):
        at = -block.half[0]
        while at < block.half[0]:
            half = rng.uniform(2.5, 9)
            centre = block.at(at + half, side * max(block.half[1] - deep - 0.5, 0))
            yield from building(place, centre, (half, deep), angle=block.angle, kinds=PITCHED)
            at += 2 * half + (rng.uniform(2, 10) if rng.random() < 0.2 else 0)
    yield from trees(place, block, rng.uniform(0, 0.7), large=rng.uniform(2, 4))


def large(place: Place, block: Block) -> Iterator[Thing]:
    """Halls, schools, shops: few large roofs, with room for cars."""
    rng = place.rng
    yield cover(place, block, weighted(rng, {"paved": 4, "soil": 2, "grass": 2}))
    for lot in lots(block, rng.uniform(25, 60), rng):
        half = (lot.half[0] * rng.uniform(0.4, 0.85), lot.half[1] * rng.uniform(0.3, 0.75))
        yield from building(place, lot.centre, half, angle=lot.angle, kinds=FLAT)
        row = lot.half[1] * 0.88
        if rng.random() < 0.6:
            yield from parked(place, Block(lot.at(0, row), (lot.half[0] * 0.9, 2.4), lot.angle))
    yield from trees(place, block, rng.uniform(0, 0.3))


def parked(place: Place, row: Block) -> Iterator[Thing]:
    """Cars side by side along a row, and the lines between them."""
    rng = place.rng
    busy = rng.uniform(0.15, 0.95)
    white = np.array([220, 220, 214], np.float32)
    lines = rng.random() < 0.7
    for u in np.arange(-row.half[0], row.half[0], 2.6):
        spot = row.at(u + 1.3, 0)
        if not place.sees(spot, 6):
            continue
        if lines:
            yield surface("", "line", rectangle(row.at(u, 0), (0.07, 2.3), row.angle), white, "lot")
        if rng.random() < busy:
            yield car(rng, spot, row.angle + np.pi / 2)


def car_park(place: Place, block: Block) -> Iterator[Thing]:
    """Asphalt with rows of cars."""
    rng = place.rng
    yield cover(place, block, "grass" if rng.random() < 0.5 else "paved")
    half = (block.half[0] * 0.94, block.half[1] * 0.94)
    rgb = shade(rng, GROUND["asphalt"])
    outline = place.bent(rectangle(block.centre, half, block.angle))
    yield surface("car park", "asphalt", outline, rgb, "lot")
    for v in np.arange(-half[1] + 4, half[1] - 3, rng.uniform(8, 11)):
        yield from parked(place, Block(block.at(0, v), (half[0] * 0.92, 2.4), block.angle))
    yield from trees(place, block, rng.uniform(0, 0.25), large=2.2)


def park(place: Place, block: Block) -> Iterator[Thing]:
    """Grass with trees, perhaps a pond."""
    rng = place.rng
    yield cover(place, block, "grass")
    if rng.random() < 0.25:
        yield from pond(place, block, rng.uniform(0.4, 0.7))
    else:
        yield from trees(place, block, rng.uniform(0.05, 1.2), large=rng.uniform(2, 5))


def field(place: Place, block: Block) -> Iterator[Thing]:
    """A crop in rows."""
    yield cover(place, block, "crop", grow=1.5)
    if place.rng.random() < 0.3:
        yield from trees(place, block, 0.05)


def forest(place: Place, block: Block) -> Iterator[Thing]:
    """Trees, crown to crown."""
    yield cover(place, block, "grass", grow=3)
    wide = place.rng.uniform(2.0, 4.5)
    yield from trees(place, block, 100 / wide**2 * place.rng.uniform(0.25, 0.7), large=wide)


def savanna(place: Place, block: Block) -> Iterator[Thing]:
    """Bare ground and single trees."""
    rng = place.rng
    yield cover(place, block, weighted(rng, {"soil": 3, "grass": 2}), grow=3)
    yield from trees(place, block, rng.uniform(0.3, 3.0), large=rng.uniform(1.2, 3.2))


def bare(place: Place, block: Block) -> Iterator[Thing]:
    """Bare soil."""
    yield cover(place, block, "soil")
    yield from clutter(place, block, place.rng.uniform(0, 3) * place.rng.random())
    yield from trees(place, block, place.rng.uniform(0, 0.15))


def pond(place: Place, block: Block, share: float) -> Iterator[Thing]:
    """Standing water with its bank."""
    rng = place.rng
    half = (block.half[0] * share, block.half[1] * share)
    shore = blob(rng, block.at(*rng.uniform(-5, 5, 2)), half)
    middle = shore.mean(axis=0)
    bank = shade(rng, GROUND[weighted(rng, {"soil": 1, "grass": 1})])
    yield surface("", "soil", middle + (shore - middle) * 1.06, bank, "water")
    yield surface("water", "water", shore, shade(rng, GROUND["water"]), "water")


def lake(place: Place, block: Block) -> Iterator[Thing]:
    """Water over most of the block."""
    yield cover(place, block, weighted(place.rng, {"grass": 2, "soil": 1}))
    yield from pond(place, block, place.rng.uniform(0.6, 1.1))


FILLINGS: dict[str, Callable[[Place, Block], Iterator[Thing]]] = {
    "houses": houses, "dense": dense, "terrace": terrace, "large": large, "car_park": car_park,
    "park": park, "field": field, "forest": forest, "savanna": savanna, "bare": bare, "lake": lake,
}  # fmt: skip
"""The ways to fill a block."""
