"""Which pixels hang together, followed from row to row, and what is known of each object."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from tiles.rings import Integers
from tiles.runs import Runs


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """What was counted so far, of each of n objects or runs."""

    pixels: Integers
    """(n,)."""

    score_sums: NDArray[np.float64]
    """(n,): of float32 numbers: without rounding, so in any order, unless they are tiny."""

    first: Integers
    """(n,): the first pixel in reading order, as row * pitch + column."""

    def __getitem__(self, chosen: Integers) -> Self:
        return type(self)(self.pixels[chosen], self.score_sums[chosen], self.first[chosen])

    def __add__(self, other: Self) -> Self:
        return type(self)(
            np.concatenate((self.pixels, other.pixels)),
            np.concatenate((self.score_sums, other.score_sums)),
            np.concatenate((self.first, other.first)),
        )

    def of_objects(self, objects: Integers, count: int) -> Self:
        """What belongs to the same of `count` objects, taken together."""
        pixels = np.bincount(objects, self.pixels, count).astype(np.int64)
        score_sums = np.bincount(objects, self.score_sums, count).astype(np.float64, copy=False)
        first = np.full(count, np.iinfo(np.int64).max)
        np.minimum.at(first, objects, self.first)
        return type(self)(pixels, score_sums, first)


@dataclass(frozen=True, slots=True, eq=False)
class Corners:
    """The corners of some objects, as codes: those just found, and those remembered."""

    codes: Integers
    """(corners,): those just found."""

    owners: Integers
    """(corners,): the object that each belongs to."""

    remembered: list[tuple[int, list[Integers]]]
    """Objects with the codes found before, in pieces: joined only once, when the object ends."""

    def of(self, numbers: Integers) -> Self:
        """Those of the objects whose number is not -1, under this number."""
        owners = numbers[self.owners]
        chosen = owners >= 0
        remembered = [
            (number, pieces)
            for owner, pieces in self.remembered
            if (number := int(numbers[owner])) >= 0
        ]
        return type(self)(self.codes[chosen], owners[chosen], remembered)

    def joined(self) -> tuple[Integers, Integers]:
        """All codes, and the object that each belongs to."""
        codes, owners = [self.codes], [self.owners]
        for owner, pieces in self.remembered:
            codes += pieces
            owners += [np.full(len(piece), owner) for piece in pieces]
        return np.concatenate(codes), np.concatenate(owners)

    def by_object(self, count: int) -> list[list[Integers]]:
        """The pieces of each of `count` objects."""
        corners: list[list[Integers]] = [[] for _ in range(count)]
        for owner, pieces in self.remembered:
            corners[owner] += pieces
        codes = self.codes[np.argsort(self.owners, kind="stable")]
        sizes = np.bincount(self.owners, minlength=count)
        for owner, (size, end) in enumerate(zip(sizes, np.cumsum(sizes), strict=True)):
            if size:
                corners[owner].append(codes[end - size : end].copy())  # a view would keep them all
        return corners


@dataclass(frozen=True, slots=True, eq=False)
class Open:
    """The objects that the next row may still add to: those that reach the last row seen."""

    bottom: int
    """The next row."""

    last_row: NDArray[np.bool_]
    """(width,): where the last row seen has objects."""

    of_runs: Integers
    """(runs of the last row,): the object that each belongs to."""

    tally: Tally
    """Of each object."""

    corners: list[list[Integers]]
    """Of each object, the codes of its corners so far, in pieces."""

    @classmethod
    def none(cls, width: int, bottom: int) -> Self:
        """No object is open above row `bottom`."""
        none = np.zeros(0, np.int64)
        return cls(bottom, np.zeros(width, np.bool_), none, Tally(none, np.zeros(0), none), [])


@dataclass(frozen=True, slots=True, eq=False)
class Ended:
    """Objects that no further row can add to, in reading order of their first pixels."""

    tally: Tally
    """Of each object."""

    codes: Integers
    """(corners,): the codes of all their corners."""

    owners: Integers
    """(corners,): the object that each belongs to."""

    pitch: int
    """Of the lattice that the codes refer to."""


def advance(
    before: Open, inside: NDArray[np.bool_], scores: NDArray[np.float32]
) -> tuple[Open, Ended | None]:
    """What is open after the next rows, and what has ended with them.

    `inside` (rows, width) is True in objects; `scores` are those of its True pixels, in order.
    """
    rows, width = inside.shape
    bottom = before.bottom + rows
    runs = Runs.of(np.vstack((before.last_row, inside)), top=before.bottom - 1)
    if not len(runs.edges):
        return Open.none(width, bottom), None

    # 1. which object each object open before, and each run, belongs to
    count, of_open, of_runs = _objects(before, runs)
    of_new_runs = of_runs[runs.before(1) :]
    of_last_runs = of_runs[runs.before(rows) :]
    tally = before.tally + _tally(runs, scores)
    tally = tally.of_objects(np.concatenate((of_open, of_new_runs)), count)

    # 2. which objects the next row may add to, each kind in reading order
    stays = np.zeros(count, np.bool_)
    stays[of_last_runs] = True
    order = np.argsort(tally.first)
    staying, ending = order[stays[order]], order[~stays[order]]
    numbers = _numbers(staying, count)

    # 3. their corners
    codes, run_of_codes = runs.corners()
    remembered = list(zip(of_open.tolist(), before.corners, strict=True))
    corners = Corners(codes, of_runs[run_of_codes], remembered)
    pieces = corners.of(numbers).by_object(len(staying))
    after = Open(bottom, inside[-1].copy(), numbers[of_last_runs], tally[staying], pieces)
    if not len(ending):
        return after, None
    joined = corners.of(_numbers(ending, count)).joined()
    return after, Ended(tally[ending], *joined, runs.pitch)


def _objects(before: Open, runs: Runs) -> tuple[int, Integers, Integers]:
    """How many objects there are, and which one each open object and each run belongs to."""
    # Nodes of the graph: the open objects, then the runs. A run of the last row leads to its
    # object, any other to the runs it touches in the row above: a row of a CSR matrix each.
    opened, above = len(before.corners), len(before.of_runs)
    first, stop = runs.touched_above()
    first, stop = first + opened, stop + opened
    first[:above], stop[:above] = before.of_runs, before.of_runs + 1
    links = stop - first
    ends = np.cumsum(links)
    targets = np.repeat(first - (ends - links), links) + np.arange(ends[-1])
    offsets = np.concatenate((np.zeros(opened + 1, np.int64), ends))
    nodes = opened + len(links)
    graph = csr_array((np.ones(len(targets)), targets, offsets), shape=(nodes, nodes))
    count, labels = connected_components(graph, directed=False)
    objects = labels.astype(np.int64)
    return count, objects[:opened], objects[opened:]


def _tally(runs: Runs, scores: NDArray[np.float32]) -> Tally:
    """What is counted of each run below the first row."""
    new = runs.before(1)
    starts = runs.starts[new:]
    pixels = runs.ends[new:] - starts
    offsets = np.cumsum(pixels) - pixels
    score_sums = np.add.reduceat(scores, offsets, dtype=np.float64)
    return Tally(pixels, score_sums, starts + runs.origin)


def _numbers(chosen: Integers, count: int) -> Integers:
    """0, 1, 2 ... for the objects chosen, in this order, and -1 for the others of `count`."""
    numbers = np.full(count, -1)
    numbers[chosen] = np.arange(len(chosen))
    return numbers
