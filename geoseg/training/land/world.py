"""The endless plane that scenes are pictures of, decided by a seed and the place alone."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geoseg.training.land.bend import bent, centred, new_bend
from geoseg.training.land.borders import SIDES, Border, border
from geoseg.training.land.crossing import Crossing, crossing, dry, flowing, spanned
from geoseg.training.land.dates import LATEST, new_use, standing_at
from geoseg.training.land.groups import Group, Standing, grouped
from geoseg.training.land.hashing import chance, generator
from geoseg.training.land.landscape import LANDS, STYLES, style_at
from geoseg.training.land.lattice import PITCH_M, Lattice
from geoseg.training.land.layout import Ground, Leaf, chosen, filled, laid_out
from geoseg.training.land.place import SEASONS, Block, Place, cover, district, new_place
from geoseg.training.land.routes import nearest
from geoseg.training.land.showpiece import showing, showpiece
from geoseg.training.land.streets import Street, built, dense
from geoseg.training.land.thing import Points, Thing

Corner = NDArray[np.float64]
Cell = tuple[int, int]

LOOSE: Final = (0.03, 0.12, 0.2, 0.26)
"""How irregular the plans of worlds are."""

TALL_M: Final[dict[str, float]] = {"wind farm": 200.0, "construction": 60.0}
"""How much farther than others some fillings throw their shadows."""

GROUND_SOIL: Final = {"informal": 0.8, "industrial": 0.5, "nature": 0.5, "rural": 0.2}
"""How often the ground between blocks is bare."""

ON_ROUTE: Final = 0.4
"""How often the first corner of a scene lies on something that runs through the world."""

NARROW_M: Final = 5.0
"""Ways up to this width have no bridges: they end at the water."""

ROUTES: Final = 255
"""Which piece of its cell everything counts as that belongs to routes."""

PIECE_BITS, THING_BITS = 8, 14
"""Bits of a thing's number that say which piece of its cell it stands in, and which of it it is."""

LATER: Final = 3
"""What two bits of a number say of all blocks that got another use at this date or a later one."""


@dataclass(frozen=True, slots=True)
class Land:
    """What a world is like."""

    style: str = "mixed"
    """One of LANDS."""

    season: str = "summer"
    """One of SEASONS."""

    date: int = 0
    """0 or later: from one to the next, some things are built, removed or changed."""

    density: float = 1.0
    """Share of the buildings, trees and vehicles that there could be, 0..1."""

    def __post_init__(self) -> None:
        if self.style not in LANDS:
            raise ValueError(f"style {self.style!r} is unknown; known are {', '.join(LANDS)}")
        if self.season not in SEASONS:
            raise ValueError(f"season {self.season!r} is unknown; known are {', '.join(SEASONS)}")
        if not 0 <= self.date <= LATEST:
            raise ValueError(f"date is {self.date}; it must be from 0 to {LATEST:,}")
        if not 0 <= self.density <= 1:
            raise ValueError(f"density is {self.density}; it must be 0 to 1")


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """One cell on the plan."""

    place: Place
    """Its character."""

    crossed: Crossing
    """What runs through it from beyond."""

    pieces: tuple[Leaf | Street, ...]
    """Its blocks and streets."""

    shown: Leaf | None = None
    """Its showpiece, if it has one."""


@dataclass(frozen=True, slots=True, eq=False)
class CellPlan:
    """One cell on the ground."""

    place: Place
    """Its character."""

    ground: Group
    """What shows between everything else, and what runs through the cell."""

    pieces: tuple[Leaf | Street, ...]
    """Its blocks and streets, still empty."""

    bounds: NDArray[np.float64]
    """(pieces, 4) top, left, bottom, right of each piece on the ground."""


class World:
    """All things of an endless plane; what was looked up lately is remembered.

    `gsd`: metres per pixel of those who look: what they cannot see is left out.
    """

    def __init__(self, seed: int, land: Land, *, gsd: float = 0.1) -> None:
        self.seed = seed
        self.gsd = gsd
        self.land = land
        self.lattice = Lattice(seed, LOOSE[int(chance(seed, 13) * len(LOOSE))])
        self.place = new_place(generator(seed, 14), None, land.style, season=land.season)
        self._cell = lru_cache(maxsize=64)(self._plan_cell)
        self._piece = lru_cache(maxsize=512)(self._fill_piece)
        self._border = lru_cache(maxsize=256)(self._plan_border)
        bend = new_bend(seed, max(chance(seed, 12) * 1.6 - 0.6, 0.0))
        row, column = (int(place) for place in bend.middle // PITCH_M)
        self._shown = {(row, column): name} if (name := showpiece(seed, land.style)) else {}
        self.bend = centred(bend, self._focus(bend.middle))

    def near(self, low: Corner, high: Corner) -> Iterator[Group]:
        """The groups that a rectangle of the ground may show, always in the same order."""
        for cell in self._cells(low, high):
            plan = self._cell(cell)
            yield plan.ground
            touching = (plan.bounds[:, :2] < high) & (plan.bounds[:, 2:] > low)
            for index in np.flatnonzero(touching.all(axis=1)):
                yield self._piece(cell, int(index))

    def _cells(self, low: Corner, high: Corner) -> Iterator[Cell]:
        """Cells whose ground may touch a rectangle."""
        corners = np.array([low, (low[0], high[1]), high, (high[0], low[1])])
        places = self.bend.plan(corners)
        reach = self.bend.reach + 10
        for cell in self.lattice.cells(places.min(axis=0) - reach, places.max(axis=0) + reach):
            ground = self.bend.ground(dense(self.lattice.quad(*cell)[[0, 1, 2, 3, 0]], 60.0))
            if (ground.min(axis=0) - 16 < high).all() and (ground.max(axis=0) + 16 > low).all():
                yield cell

    def _plan_border(self, axis: int, row: int, column: int) -> Border:
        return border(self.place, self.lattice, self.land.style, axis=axis, node=(row, column))

    def _focus(self, near: Corner) -> Corner | None:
        """The place of the plan where scenes begin; None for any."""
        for cell in self._shown:
            shown = self._laid(cell).shown
            if shown is not None:
                return shown.block.centre
        return focus(self.seed, self.land.style, near)

    def _laid(self, cell: Cell) -> Laid:
        """One cell on the plan."""
        corners = self.lattice.quad(*cell)
        quad = shapely.Polygon(corners)
        crossed = crossing(self.seed, LANDS[self.land.style], quad)
        free = shapely.difference(quad, crossed.kept_free)
        kept = shapely.union_all([side.ground for side in self._sides(cell)])
        land = shapely.difference(free, kept)
        style = style_at(self.seed, self.land.style, corners.mean(axis=0))
        place = district(self.place, generator(self.seed, 42, *cell), style)
        if land.is_empty:
            return Laid(place, crossed, ())
        ground = Ground(corners, free, land, crossed.at_sea())
        pieces = tuple(laid_out(place, ground))
        if cell not in self._shown:
            return Laid(place, crossed, pieces)
        shown, pieces = showing(pieces, self._shown[cell], ground)
        return Laid(place, crossed, pieces, shown)

    def _sides(self, cell: Cell) -> list[Border]:
        """The four borders of a cell."""
        row, column = cell
        return [self._border(axis, row + down, column + right) for axis, down, right in SIDES]

    def _plan_cell(self, cell: Cell) -> CellPlan:
        laid = self._laid(cell)
        place, crossed = laid.place, laid.crossed
        sides = self._sides(cell)
        own = (sides[0], sides[3])
        pieces = (*border_ways(own, crossed), *laid.pieces)[:ROUTES]
        spans = self._bridges(cell, own, crossed)
        base = self._ground(place, cell, self.lattice.quad(*cell))
        standing = [base, *self._routes(cell, crossed, spans)]
        return CellPlan(place, grouped(standing), pieces, self._bounds(pieces))

    def _ground(self, place: Place, cell: Cell, corners: Points) -> Standing:
        """What shows wherever nothing else is."""
        ((number, thing),) = numbered([ground_of(place, corners)], cell, ROUTES, first=0)
        return Standing(bent(self.bend, [thing])[0], number, rank=0)

    def _bridges(self, cell: Cell, sides: Iterable[Border], crossed: Crossing) -> Iterator[Thing]:
        """Where the ways along some borders of a cell cross its rivers."""
        for index, side in enumerate(sides):
            if side.way is not None and side.way.wide > NARROW_M:
                place = replace(side.place, rng=generator(self.seed, 45, *cell, index))
                yield from spanned(place, dense(side.line), side.way.wide, crossed)

    def _routes(self, cell: Cell, crossed: Crossing, spans: Iterable[Thing]) -> list[Standing]:
        """What runs through a cell, what crosses it on bridges and what moves on it."""
        lasting = list(flowing(self.seed, self.place, crossed))
        passing = [*spans, *(thing for number, thing in lasting if number is None)]
        known = [(number, thing) for number, thing in lasting if number is not None]
        return self._standing([*known, *numbered(passing, cell, ROUTES)])

    def _bounds(self, pieces: Sequence[Leaf | Street]) -> NDArray[np.float64]:
        """What each piece covers on the ground, with what may stand out of it."""
        bounds = np.empty((len(pieces), 4))
        for index, piece in enumerate(pieces):
            if isinstance(piece, Leaf):
                points, reach = (
                    shapely.get_coordinates(piece.ground),
                    TALL_M.get(piece.filling, 6.0),
                )
            else:
                points, reach = piece.line, piece.way.reach + 4.0
            corners = self.bend.ground(points)
            bounds[index] = *(corners.min(axis=0) - reach), *(corners.max(axis=0) + reach)
        return bounds

    def _fill_piece(self, cell: Cell, index: int) -> Group:
        plan = self._cell(cell)
        piece, where = plan.pieces[index], (*cell, index)
        if isinstance(piece, Street):
            use, things = 0, list(built(piece, generator(self.seed, 44, *where)))
        else:
            use = new_use(self.seed, where, self.land.date)
            place = replace(plan.place, rng=generator(self.seed, 43, *where, use))
            if use:
                piece = replace(piece, filling=chosen(place, piece.block, STYLES[place.style]))
            things = filled(place, piece, gsd=self.gsd)
        return grouped(self._standing(numbered(things, cell, index, use=use), opened=use))

    def _standing(self, things: Iterable[tuple[int, Thing]], *, opened: int = 0) -> list[Standing]:
        """What stands at the world's date, on the ground, where that came to be at a date."""
        seed, land = self.seed, self.land
        there = list(standing_at(seed, land.date, things, density=land.density, opened=opened))
        placed = bent(self.bend, [thing for _, thing in there])
        return [
            Standing(thing, number if thing.concept else 0)
            for (number, _), thing in zip(there, placed, strict=True)
        ]


def focus(seed: int, style: str, near: Corner) -> Corner | None:
    """A place of the plan that is worth a look: on a river, a highway, a coast; None for any."""
    names = sorted(LANDS[style])
    rng = generator(seed, 15)
    if "coast" not in names and rng.random() > ON_ROUTE:
        return None
    name = "coast" if "coast" in names and rng.random() < 0.9 else str(rng.choice(names))
    found = nearest(seed, name, LANDS[style][name], near)
    along = np.array([near[found.family.axis]])
    place = np.array([found.beside(along)[0], along[0]])
    return place if found.family.axis == 1 else place[::-1]


def numbered(
    things: Iterable[Thing], cell: Cell, piece: int, *, use: int = 0, first: int = 1
) -> Iterator[tuple[int, Thing]]:
    """The things, each with a number of its own."""
    row, column = cell
    number = ((min(use, LATER) << 26 | row << 13 | column) << PIECE_BITS | piece) << THING_BITS
    yield from enumerate(things, start=number + first)


def ground_of(place: Place, corners: Points) -> Thing:
    """The ground that shows wherever nothing else is."""
    middle = corners.mean(axis=0)
    kind = "soil" if place.rng.random() < GROUND_SOIL.get(place.style, 0.4) else "grass"
    base = cover(place, Block(middle, (1.0, 1.0), 0.0), kind)
    grown = shapely.segmentize(shapely.Polygon(corners).buffer(1.5, join_style="mitre"), 12.0)
    return replace(base, outline=shapely.get_coordinates(grown)[:-1])


def border_ways(sides: Iterable[Border], crossed: Crossing) -> Iterator[Street]:
    """The ways along some borders of a cell."""
    for side in sides:
        if side.way is not None:
            for part in dry(lengthened(side.line, 4.0), crossed, over=side.way.wide > NARROW_M):
                yield Street(part, side.way, side.place)


def lengthened(line: Points, by: float) -> Points:
    """A line of two points, longer at both ends."""
    step = (line[1] - line[0]) / np.hypot(*(line[1] - line[0])) * by
    return np.stack([line[0] - step, line[1] + step])
