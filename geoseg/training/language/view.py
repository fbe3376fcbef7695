"""A chip's objects as phrases need them: how many pixels, where, how large."""

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from geoseg.training.land.concepts import CONCEPTS
from geoseg.training.language.names import UNNAMED, UNNAMED_LIKE, alike, meanings, unclear
from geoseg.training.scenes import SceneObject

FEWEST = 16
"""Pixels of a concept below which a chip neither has it nor lacks it."""

FEWEST_AT_EDGE = 64
"""Pixels of a thing cut off by the edge of the chip below which nobody can tell what it is."""

TOLERATED = 0.05
"""Doubtful pixels that a present phrase may leave out or take in, per pixel it surely means."""

DOUBTED = np.float32(0.4)
"""Membership of what careful people disagree about, left out of masks."""

SPECKS = 0.004
"""Share of a chip below which things without a concept are not taken for anything."""

Members = NDArray[np.float32]
"""(objects,): 1 where a phrase means the object, 0 where not, between where that is doubtful."""

Flags = NDArray[np.bool_]
"""(objects,): True for some of the objects."""


def indices(flags: Flags) -> list[int]:
    """The places of the objects in the list of all."""
    found: list[int] = np.flatnonzero(flags).tolist()
    return found


class View:
    """A chip's objects, measured."""

    def __init__(self, ids: NDArray[np.integer], objects: Sequence[SceneObject]) -> None:
        self.ids = ids
        self.objects = objects
        self.pixels = np.bincount(ids.ravel(), minlength=len(objects))
        self.seen: Flags = self.pixels > 0
        self._found: dict[str, list[int]] = {}
        for index in indices(self.seen):
            self._found.setdefault(objects[index].concept, []).append(index)

    @cached_property
    def areas(self) -> dict[str, int]:
        """The pixels of each concept that is seen clearly."""
        pixels = np.where(self.clear, self.pixels, 0)
        return {name: int(pixels[found].sum()) for name, found in self._found.items()}

    @cached_property
    def clear(self) -> Flags:
        """The objects that can be told for what they are: slivers at the edge cannot."""
        return self.seen & (~self.cut | (self.pixels >= FEWEST_AT_EDGE))

    def shows(self, concept: str) -> bool:
        """Whether enough of what a word means is clearly seen to speak of it."""
        return sum(self.areas.get(name, 0) for name in meanings(concept)) >= FEWEST

    def lacks(self, concept: str) -> bool:
        """Whether nothing is seen that anybody could mean by a word."""
        if not self._found.keys().isdisjoint(alike(concept).union(meanings(concept))):
            return False
        kinds = (*_kinds(UNNAMED, concept), *_kinds(UNNAMED_LIKE, concept))
        return not kinds or not self.painted(*kinds).any()

    def none(self) -> Flags:
        """No object at all."""
        return np.zeros(len(self.objects), np.bool_)

    def of(self, *concepts: str) -> Flags:
        """The visible objects of some concepts."""
        flags = self.none()
        for concept in concepts:
            flags[self._found.get(concept, [])] = True
        return flags

    def painted(self, *kinds: str) -> Flags:
        """The larger visible objects without a concept that are painted as one of the kinds."""
        flags = self.none()
        fewest = SPECKS * self.ids.size
        for index in self._found.get("", ()):
            flags[index] = self.objects[index].kind in kinds and self.pixels[index] >= fewest
        return flags

    def called(self, concept: str) -> Members:
        """What a word for a concept, or for a group of them, means."""
        doubted = self.of(*unclear(concept)) | self.painted(*_kinds(UNNAMED, concept))
        sure = self.of(*meanings(concept))
        return np.where(sure, np.float32(1), np.where(doubted, DOUBTED, np.float32(0)))

    def taken_for(self, concept: str) -> Flags:
        """The objects that people take for a concept although they are none of it."""
        return self.of(*alike(concept)) | self.painted(*_kinds(UNNAMED_LIKE, concept))

    def area(self, flags: Flags) -> int:
        """How many pixels the objects have."""
        return int(self.pixels[flags].sum())

    def attribute(self, index: int, name: str) -> str:
        """What is known of an object, or nothing.

        Scenes that record no attributes tell some by the kind an object is painted as.
        """
        thing = self.objects[index]
        if thing.attributes:
            return dict(thing.attributes).get(name, "")
        concept = CONCEPTS.get(thing.concept)
        known = concept.attributes.get(name, ()) if concept else ()
        return thing.kind if thing.kind in known and name in TOLD_BY_KIND else ""

    def meant(self, flags: Flags) -> NDArray[np.bool_]:
        """The pixels of the objects: (h, w)."""
        return np.asarray(flags[self.ids])

    def share(self, box: tuple[float, float, float, float]) -> NDArray[np.float64]:
        """How much of each object lies in a box of the chip: top, bottom, left, right in 0..1."""
        height, width = self.ids.shape
        top, bottom, left, right = box
        rows = slice(round(top * height), round(bottom * height))
        columns = slice(round(left * width), round(right * width))
        inside = np.bincount(self.ids[rows, columns].ravel(), minlength=len(self.objects))
        return np.asarray(inside / np.maximum(self.pixels, 1))

    @cached_property
    def boxes(self) -> NDArray[np.float64]:
        """(objects, 4): first and last row, first and last column, as shares of the chip."""
        height, width = self.ids.shape
        found = ndimage.find_objects(self.ids.astype(np.int32) + 1, len(self.objects))
        edges = [
            (0, 0, 0, 0) if at is None else (at[0].start, at[0].stop, at[1].start, at[1].stop)
            for at in found
        ]
        return np.asarray(edges) / (height, height, width, width)

    @cached_property
    def cut(self) -> Flags:
        """The objects that reach the edge of the chip and may go on behind it."""
        first_row, last_row, first_column, last_column = self.boxes.T
        inside = (first_row > 0) & (last_row < 1) & (first_column > 0) & (last_column < 1)
        return np.asarray(self.seen & ~inside)

    @cached_property
    def middles(self) -> NDArray[np.float64]:
        """(objects, 2): row and column of each object's visible middle, as shares of the chip."""
        return self._moments[:, :2] / self.ids.shape

    @cached_property
    def lengths(self) -> NDArray[np.float64]:
        """(objects, 2): pixels along and across each object, as if it were a rectangle."""
        row_row, column_column, row_column = self._moments[:, 2:].T
        mean = (row_row + column_column) / 2
        spread = np.sqrt(np.maximum(((row_row - column_column) / 2) ** 2 + row_column**2, 0))
        variances = np.stack([mean + spread, mean - spread], axis=1)
        return np.asarray(np.sqrt(12 * np.maximum(variances, 0) + 1))

    @cached_property
    def _moments(self) -> NDArray[np.float64]:
        """(objects, 5): mean row and column; spread of rows, of columns, and of both together."""
        flat, count = self.ids.ravel(), len(self.objects)
        filled = np.maximum(self.pixels, 1)
        rows, columns = (axis.ravel().astype(np.float64) for axis in np.indices(self.ids.shape))

        def mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.asarray(np.bincount(flat, values, count) / filled)

        row, column = mean(rows), mean(columns)
        spreads = (
            mean(rows**2) - row**2,
            mean(columns**2) - column**2,
            mean(rows * columns) - row * column,
        )
        return np.stack([row, column, *spreads], axis=1)


TOLD_BY_KIND = {"roof", "surface", "type"}
"""Attributes whose values may stand as the kind of an object."""


def _kinds(table: Mapping[str, tuple[str, ...]], concept: str) -> list[str]:
    """The kinds that a table takes for a concept."""
    return [kind for kind, concepts in table.items() if concept in concepts]
