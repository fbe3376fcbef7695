"""The ways along the borders of a world's cells."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geoseg.training.land.hashing import generator
from geoseg.training.land.landscape import WAYS, style_at
from geoseg.training.land.lattice import Lattice
from geoseg.training.land.palette import weighted
from geoseg.training.land.place import Place, district
from geoseg.training.land.streets import Way, new_way
from geoseg.training.land.thing import Points

SIDES: Final = ((1, 0, 0), (0, 0, 1), (1, 1, 0), (0, 0, 0))
"""Of each border of a cell: the axis it runs along, and the steps to the node where it begins."""

VERGE_M = 2.0
"""Metres between a border's way and what is built."""


@dataclass(frozen=True, slots=True, eq=False)
class Border:
    """One side of a cell."""

    line: Points
    """(2, 2) its two ends."""

    way: Way | None
    """What runs along it."""

    place: Place
    """The character of the land about it; its generator draws what is on the way."""

    @property
    def ground(self) -> BaseGeometry:
        """What is kept free for it."""
        reach = self.way.reach + VERGE_M if self.way else 0.8
        return shapely.LineString(self.line).buffer(reach, cap_style="square")


def border(
    place: Place, lattice: Lattice, land: str, *, axis: int, node: tuple[int, int]
) -> Border:
    """The side of a cell that leads from a node along an axis to the next node."""
    row, column = node
    line = np.stack([lattice.node(row, column), lattice.node(row + (axis == 0), column + axis)])
    rng = generator(lattice.seed, 41, axis, row, column)
    style = style_at(lattice.seed, land, line.mean(axis=0))
    own = district(replace(place, rng=rng), rng, style)
    kind = weighted(rng, WAYS[style])
    return Border(line, None if kind == "none" else new_way(own, kind), own)
