"""Whether the objects found are the objects meant, one by one."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geoseg.evaluation.metrics import Ratio

Polygons = NDArray[np.object_]
"""(n,) shapely polygons, all in one CRS."""

AT = 0.5
"""IoU from which two polygons are the same object."""


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Polygons of truth and answer that overlap enough to be the same object."""

    truth: NDArray[np.int64]
    """(pairs,): which polygon of the truth."""

    found: NDArray[np.int64]
    """(pairs,): which polygon of the answer."""

    iou: NDArray[np.float64]
    """(pairs,)."""

    def __len__(self) -> int:
        return len(self.iou)

    def __getitem__(self, chosen: NDArray[np.int64] | NDArray[np.bool_]) -> "Pairs":
        return Pairs(self.truth[chosen], self.found[chosen], self.iou[chosen])


@dataclass(frozen=True, slots=True)
class Found:
    """How many objects of one query were found."""

    matched: int
    """Objects in both, each counted once."""

    truth: int
    """Objects meant."""

    found: int
    """Objects answered."""

    scene: str = ""
    """The scene asked about; queries about one scene are resampled together."""

    @property
    def exact(self) -> bool:
        """Whether the set answered is exactly the set meant (EQS counts these)."""
        return self.matched == self.truth == self.found

    @property
    def f1(self) -> float:
        """Instance F1; 1 where nothing was meant and nothing answered."""
        return instance_f1([self])


def compared(
    truth: Polygons, found: Polygons, *, at: float = AT, matching: str = "optimal"
) -> Found:
    """The objects of an answer compared with those meant.

    Two are the same at an IoU of at least `at`, and none is matched twice. "optimal" matches as
    many as can be, "greedy" the best overlap first. Where neither the polygons of the truth nor
    those of the answer overlap among themselves, only an IoU of exactly one half leaves a choice.
    """
    pairs = MATCHINGS[matching](overlapping(truth, found, at=at))
    return Found(len(pairs), len(truth), len(found))


def overlapping(truth: Polygons, found: Polygons, *, at: float = AT) -> Pairs:
    """All pairs whose IoU is at least `at`; invalid outlines are mended first."""
    truth, found = shapely.make_valid(truth), shapely.make_valid(found)
    asked, hit = shapely.STRtree(found).query(truth, predicate="intersects")
    common = shapely.area(shapely.intersection(truth[asked], found[hit]))
    either = shapely.area(truth[asked]) + shapely.area(found[hit]) - common
    iou = np.divide(common, either, out=np.zeros(len(common)), where=either > 0)
    pairs = Pairs(asked.astype(np.int64), hit.astype(np.int64), iou)
    return pairs[(iou >= at) & (iou > 0)]


def greedy(pairs: Pairs) -> Pairs:
    """The pairs left when the best overlap is taken first, and its two polygons are then gone."""
    kept: list[int] = []
    truth_used, found_used = set[int](), set[int]()
    for place in np.lexsort((pairs.found, pairs.truth, -pairs.iou)).tolist():
        meant, answer = int(pairs.truth[place]), int(pairs.found[place])
        if meant not in truth_used and answer not in found_used:
            truth_used.add(meant)
            found_used.add(answer)
            kept.append(place)
    return pairs[np.array(sorted(kept), np.int64)]


def optimal(pairs: Pairs) -> Pairs:
    """As many pairs as can be without using a polygon twice, and of those the best overlaps."""
    if not len(pairs):
        return pairs
    kept = [_assigned(pairs, members) for members in _groups(pairs)]
    return pairs[np.sort(np.concatenate(kept))]


MATCHINGS: Final[dict[str, Callable[[Pairs], Pairs]]] = {"optimal": optimal, "greedy": greedy}
"""Ways to decide who is matched with whom."""


def instance_f1(several: Sequence[Found]) -> float:
    """F1 over the objects of several queries together; 1 where there are none at all."""
    value = f1_ratio(several).value
    return 1.0 if math.isnan(value) else value


def f1_ratio(several: Sequence[Found]) -> Ratio:
    """Instance F1 as sums over queries, which can be resampled; it says nothing of no objects."""
    matched = np.array([one.matched for one in several], float)
    meant = np.array([one.truth + one.found for one in several], float)
    return Ratio(2 * matched, meant)


def exact_ratio(several: Sequence[Found]) -> Ratio:
    """EQS as sums over queries: the share answered with exactly the set meant."""
    exact = np.array([one.exact for one in several], float)
    return Ratio(exact, np.ones(len(exact)))


def _groups(pairs: Pairs) -> list[NDArray[np.int64]]:
    """The pairs that compete with one another, group by group: each can be solved alone."""
    offset = int(pairs.truth.max()) + 1
    nodes = offset + int(pairs.found.max()) + 1
    links = (np.ones(len(pairs)), (pairs.truth, pairs.found + offset))
    _, labels = connected_components(coo_array(links, shape=(nodes, nodes)), directed=False)
    group = labels[pairs.truth]
    order = np.argsort(group, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(group[order])) + 1)


def _assigned(pairs: Pairs, members: NDArray[np.int64]) -> NDArray[np.int64]:
    """Those of a group of pairs that the best assignment keeps."""
    if len(members) == 1:
        return members
    rows, row = np.unique(pairs.truth[members], return_inverse=True)
    columns, column = np.unique(pairs.found[members], return_inverse=True)
    worth = np.zeros((len(rows), len(columns)))
    # one more pair outweighs any gain in overlap
    worth[row, column] = len(members) + pairs.iou[members]
    chosen = np.zeros(worth.shape, bool)
    chosen[linear_sum_assignment(worth, maximize=True)] = True
    return members[chosen[row, column]]
