"""Sports grounds: pitches, courts, tracks, stadiums, schools."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoseg.training.land.outlines import oval, sector
from geoseg.training.land.palette import GROUND, RGB, ROOFS, shade, weighted
from geoseg.training.land.place import Block, Place, Vector, surface
from geoseg.training.land.thing import Thing, rectangle
from geoseg.training.land.things.buildings import building, roof_panels
from geoseg.training.land.things.ground import ground
from geoseg.training.land.things.lots import inner, lengthwise, piece, whole_cells
from geoseg.training.land.things.plants import tree_row, trees
from geoseg.training.land.things.vehicles import parking

HARD: Final[dict[str, tuple[RGB, ...]]] = {
    "green": ((66, 116, 82), (84, 130, 90), (58, 104, 76)),
    "blue": ((58, 96, 152), (72, 112, 164), (50, 84, 138)),
    "red": ((166, 84, 64), (178, 98, 72), (152, 72, 60)),
    "grey": ((128, 128, 128), (146, 144, 140), (108, 108, 112)),
}
"""Hard courts and clay."""

TARTAN: Final[dict[str, tuple[RGB, ...]]] = {
    "red": ((176, 84, 66), (190, 98, 76), (162, 72, 58)),
    "blue": ((62, 100, 160), (76, 116, 170)),
    "green": ((84, 126, 92),),
}
"""Running tracks."""

LANE_M: Final = 1.22


def turf(place: Place) -> NDArray[np.float32]:
    """Watered grass: greener than the place's own, but for dirt pitches."""
    own = 0.35 * place.grass + 0.65 * shade(
        place.rng, ((84, 124, 60), (98, 138, 70), (76, 116, 58))
    )
    return np.clip(own, 8, 250).astype(np.float32)


def football_pitch(place: Place, block: Block, *, layer: str = "lot") -> Thing:
    """A pitch as large as fits, of 105 by 68 m at most."""
    long = lengthwise(block)
    size = min(long.half[0] / 52.5, long.half[1] / 34, 1.0) * place.rng.uniform(0.93, 1.0)
    half = (52.5 * size, 34 * size)
    dirt = place.rng.random() < {"informal": 0.6, "rural": 0.3}.get(place.style, 0.08)
    return Thing(
        concept="football pitch", kind="football", layer=layer, centre=long.centre, half=half,
        rgb=shade(place.rng, GROUND["dirt"]) if dirt else turf(place),
        outline=rectangle(long.centre, half, long.angle), angle=long.angle,
        attributes={"surface": "dirt" if dirt else "grass"},
    )  # fmt: skip


def tennis_court(place: Place, centre: Vector, angle: float, colour: str) -> Thing:
    """One court with its run-off, 34 by 17 m."""
    half = (17.2, 8.5)
    return Thing(concept="tennis court", kind="tennis", layer="lot", colour=colour,
                 rgb=shade(place.rng, HARD[colour]), outline=rectangle(centre, half, angle),
                 centre=centre, half=half, angle=angle)  # fmt: skip


def basketball_court(place: Place, centre: Vector, angle: float) -> Thing:
    """One court of 28 by 15 m."""
    colour = weighted(place.rng, {"grey": 3, "green": 2, "blue": 2, "red": 2})
    half = (14.0, 7.5)
    return Thing(concept="basketball court", kind="basketball", layer="lot", colour=colour,
                 rgb=shade(place.rng, HARD[colour]), outline=rectangle(centre, half, angle),
                 centre=centre, half=half, angle=angle)  # fmt: skip


def baseball_field(place: Place, block: Block) -> Iterator[Thing]:
    """A field that opens from one corner of the block, as large as fits."""
    rng = place.rng
    reach = min(1.9 * min(block.half), rng.uniform(60, 118)) * 0.98
    turn = block.angle + np.pi / 4 + rng.integers(0, 4) * np.pi / 2
    along = np.array([np.sin(turn), np.cos(turn)])
    home = block.centre - along * reach * 0.62
    centre = block.centre
    base = 27.43 if reach > 85 else 18.3
    yield Thing(
        concept="baseball field", kind="baseball", layer="lot", rgb=turf(place), centre=centre,
        outline=sector(home, reach, turn), half=(reach / 2, reach / 2), angle=turn,
        look={"base_m": base, "home_m": 0.62 * reach, "reach_m": reach},
    )  # fmt: skip


def running_track(place: Place, block: Block, *, layer: str = "lot") -> Iterator[Thing]:
    """A track of 400 m or less round a football pitch."""
    rng = place.rng
    long = lengthwise(block)
    size = min(long.half[0] / 88.5, long.half[1] / 46.5, 1.0)
    lanes = 8 if size > 0.9 else int(rng.integers(4, 7))
    half = (88.5 * size, 46.5 * size)
    colour = weighted(rng, {"red": 6, "blue": 1, "green": 0.5})
    yield Thing(
        concept="running track", kind="running track", layer=layer, colour=colour,
        rgb=shade(rng, TARTAN[colour]), outline=oval(long.centre, half, long.angle),
        centre=long.centre, half=half, angle=long.angle,
    )  # fmt: skip
    wide = LANE_M * lanes
    inside = (half[0] - wide, half[1] - wide)
    green = surface("grass", "grass", oval(long.centre, inside, long.angle), turf(place), layer)
    yield replace(green, half=inside, angle=long.angle, attributes={"state": "green"})
    pitch = Block(
        long.centre, ((inside[0] - inside[1]) + 0.42 * inside[1], 0.88 * inside[1]), long.angle
    )
    yield football_pitch(place, pitch, layer=layer)


def sports_ground(place: Place, block: Block) -> Iterator[Thing]:
    """One or two football pitches, or a running track, with a club house and trees."""
    rng = place.rng
    yield ground(place, block, "grass")
    long = lengthwise(block)
    if long.half[0] > 60 and long.half[1] > 33 and rng.random() < 0.55:
        yield from running_track(place, inner(long, 2.0))
    elif long.half[0] > 1.6 * long.half[1] and long.half[1] > 26 and rng.random() < 0.5:
        for side in ((-0.97, -0.03), (0.03, 0.97)):
            yield football_pitch(place, piece(long, side, (-0.95, 0.95)))
    else:
        yield football_pitch(place, inner(long, 2.5))
    corners = np.stack([long.at(-long.half[0], -0.97 * long.half[1]),
                        long.at(long.half[0], -0.97 * long.half[1])])  # fmt: skip
    if rng.random() < 0.5:
        yield from tree_row(place, corners, every=8, large=2.5)


def courts(place: Place, block: Block) -> Iterator[Thing]:
    """Tennis courts side by side, perhaps a basketball court, a club house."""
    rng = place.rng
    yield ground(place, block, weighted(rng, {"grass": 4, "paved": 1}))
    long = lengthwise(block)
    colour = weighted(rng, {"green": 4, "blue": 3, "red": 4})
    club = rng.random() < 0.4
    for cell in whole_cells(inner(long, 1.0), (18.0, 35.0), rng=rng):
        if club:
            club = False
            yield from building(place, cell.centre, (6.0, 4.0), angle=cell.angle, use="shop")
        elif rng.random() < 0.85:
            yield tennis_court(place, cell.centre, cell.angle + np.pi / 2, colour)
        else:
            yield basketball_court(place, cell.centre, cell.angle + np.pi / 2)


def ball_courts(place: Place, block: Block) -> Iterator[Thing]:
    """Basketball courts in a small park."""
    rng = place.rng
    yield ground(place, block, weighted(rng, {"grass": 3, "paved": 2}))
    for cell in whole_cells(lengthwise(inner(block, 1.5)), (30.0, 16.0), rng=rng):
        if rng.random() < 0.75:
            yield basketball_court(place, cell.centre, cell.angle)
    yield from trees(place, block, 0.1)


def baseball(place: Place, block: Block) -> Iterator[Thing]:
    """A baseball field on grass."""
    yield ground(place, block, "grass")
    yield from baseball_field(place, block)


def stadium(place: Place, block: Block) -> Iterator[Thing]:
    """Stands all round a track or a pitch, parking about."""
    rng = place.rng
    yield ground(place, block, weighted(rng, {"paved": 2, "concrete": 1, "grass": 1}))
    long = lengthwise(inner(block, 3.0))
    size = min(long.half[0] / 125, long.half[1] / 90, 1.0)
    half = (125 * size, 90 * size)
    depth = 34 * size
    colour = weighted(rng, {"white": 4, "grey": 3, "blue": 0.5, "red": 0.5})
    yield Thing(
        concept="building", kind="stands", layer="building", colour=colour,
        rgb=shade(rng, ROOFS[colour]), outline=oval(long.centre, half, long.angle),
        centre=long.centre, half=half, angle=long.angle, height=14 * size + 4,
        look={"depth_m": depth}, attributes={"use": "stadium", "shape": "round"},
    )  # fmt: skip
    field = Block(long.centre, (half[0] - depth, half[1] - depth), long.angle)
    if size > 0.72:
        yield from running_track(place, field, layer="roof")
    else:
        green = surface(
            "grass", "grass", oval(field.centre, field.half, field.angle), turf(place), "roof"
        )
        yield replace(green, half=field.half, angle=field.angle)
        yield football_pitch(place, piece(field, (-0.86, 0.86), (-0.84, 0.84)), layer="roof")
    if long.half[0] - half[0] > 18:
        edge = half[0] / long.half[0] * 1.02
        for ends in ((-0.98, -edge), (edge, 0.98)):
            yield from parking(place, piece(long, ends, (-0.9, 0.9)))


def school(place: Place, block: Block) -> Iterator[Thing]:
    """A school: a building with wings, a yard with courts, a pitch, a car park."""
    rng = place.rng
    yield ground(place, block, "grass")
    long = lengthwise(block)
    share = rng.uniform(-0.15, 0.2)
    house = piece(long, (-0.9, share), (-0.85, 0.5))
    for made in building(place, house.centre, house.half, angle=house.angle, use="school"):
        yield made
        if rng.random() < 0.2:
            yield from roof_panels(place, made)
    yard = piece(long, (-0.9, share), (0.55, 0.95))
    if yard.half[0] > 14.5 and yard.half[1] > 8 and rng.random() < 0.6:
        yield basketball_court(place, yard.centre, yard.angle)
    elif yard.half[1] > 2.6:
        yield from parking(place, yard)
    east = piece(long, (share + 0.06, 0.96), (-0.92, 0.92))
    if east.half[0] > 42 and east.half[1] > 24:
        yield from running_track(place, east)
    elif min(east.half) > 12:
        yield football_pitch(place, east)
    yield from trees(place, piece(long, (-0.95, 0.95), (-1, -0.9)), 0.8, large=2.5)
