"""Where in the chip something lies, in words."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from geoseg.training.language.names import is_countable
from geoseg.training.language.referring import Asker, Referring, named_singly
from geoseg.training.language.view import DOUBTED, Members, View

Box = tuple[float, float, float, float]
"""Top, bottom, left, right, as shares of the chip."""


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the chip that has a name."""

    words: tuple[str, ...]

    inner: Box
    """What lies here is surely in it."""

    outer: Box
    """What lies outside this is surely not."""


MOSTLY, HARDLY = 0.65, 0.35
"""How much of a thing must lie in a region to be in it, or out of it; between it is doubtful."""

EDGE, REACH = 0.45, 0.6
"""How far the north surely goes, and how far people may stretch it."""


def _box(side: str, depth: float) -> Box:
    """The part of the chip that goes so deep from a side or a corner."""
    top = 1 - depth if "s" in side else 0.0
    bottom = depth if "n" in side else 1.0
    left = 1 - depth if "e" in side else 0.0
    right = depth if "w" in side else 1.0
    return top, bottom, left, right


def _half(side: str, *words: str) -> Region:
    """A half or quarter with a line around it."""
    return Region(words, _box(side, 0.5), _box(side, 0.5))


def _part(side: str, *words: str, reach: float = REACH) -> Region:
    """A part without a line around it."""
    return Region(words, _box(side, EDGE), _box(side, reach))


def _rim(side: str, *words: str) -> Region:
    """A strip along a side of the chip."""
    return Region(words, _box(side, 0.22), _box(side, 0.36))


REGIONS: Final = (
    _part("n", "in the north", "at the top", "in the upper part", "in the northern part"),
    _part("s", "in the south", "at the bottom", "in the lower part", "in the southern part"),
    _part("w", "in the west", "on the left", "on the left side", "in the western part"),
    _part("e", "in the east", "on the right", "on the right side", "in the eastern part"),
    _half("n", "in the northern half", "in the upper half", "in the top half"),
    _half("s", "in the southern half", "in the lower half", "in the bottom half"),
    _half("w", "in the western half", "in the left half"),
    _half("e", "in the eastern half", "in the right half"),
    _part("nw", "in the north-west", "in the top left", "in the upper left corner",
          "in the northwest", "at the top left"),
    _part("ne", "in the north-east", "in the top right", "in the upper right corner",
          "in the northeast", "at the top right"),
    _part("sw", "in the south-west", "in the bottom left", "in the lower left corner",
          "in the southwest", "at the bottom left"),
    _part("se", "in the south-east", "in the bottom right", "in the lower right corner",
          "in the southeast", "at the bottom right"),
    _half("nw", "in the north-west quarter", "in the upper left quarter"),
    _half("ne", "in the north-east quarter", "in the upper right quarter"),
    _half("sw", "in the south-west quarter", "in the lower left quarter"),
    _half("se", "in the south-east quarter", "in the lower right quarter"),
    _rim("n", "near the northern edge", "near the top edge"),
    _rim("s", "near the southern edge", "near the bottom edge"),
    _rim("w", "near the western edge", "near the left edge"),
    _rim("e", "near the eastern edge", "near the right edge"),
    Region(("in the middle", "in the centre"), (0.28, 0.72, 0.28, 0.72), (0.18, 0.82, 0.18, 0.82)),
)  # fmt: skip

FARTHEST: Final[dict[str, tuple[str, ...]]] = {
    "n": ("northernmost", "topmost", "uppermost"), "s": ("southernmost", "bottommost"),
    "w": ("westernmost", "leftmost"), "e": ("easternmost", "rightmost"),
}  # fmt: skip

CLEARLY = 0.05
"""How much farther than the next the farthest must lie, as a share of the chip."""


def inside(view: View, region: Region, *, whole: bool) -> Members:
    """The objects in a region; where they do not come one by one, only those wholly in it count."""
    mostly, hardly = (0.99, 0.01) if whole else (MOSTLY, HARDLY)
    inner, outer = view.share(region.inner), view.share(region.outer)
    leaning = np.where(inner >= 0.5, 1 - DOUBTED, DOUBTED)
    return np.where(inner >= mostly, 1, np.where(outer <= hardly, 0, leaning)).astype(np.float32)


def placed(asker: Asker, base: Referring) -> Referring | None:
    """Those in one part of the chip."""
    view, region = asker.view, asker.pick(REGIONS)
    whole = not base.concept or not is_countable(base.concept)
    some = base.only(
        inside(view, region, whole=whole),
        np.asarray(view.share(region.outer) > 0.02),
        after=(*base.after, (asker.pick(region.words),) * 2),
    )
    return some if some.sure.any() == asker.present else None


def farthest(asker: Asker, base: Referring) -> Referring | None:
    """The outermost one in some direction, if it is so clearly."""
    view, side = asker.view, asker.pick(tuple(FARTHEST))
    named = named_singly(asker, base)
    if named is None:
        return None
    only = replace(named, before=(*named.before, (0, asker.pick(FARTHEST[side]))), is_single=True)
    if not asker.present:
        return only
    found = np.flatnonzero(base.possible & view.seen)
    if (base.sure & view.seen).sum() < 2:
        return None
    axis, sign = (0 if side in "ns" else 1), (1 if side in "nw" else -1)
    near_edge = view.boxes[found, 2 * axis] if sign > 0 else 1 - view.boxes[found, 2 * axis + 1]
    middle = sign * view.middles[found, axis]
    first, second = np.argsort(middle)[:2]
    clear = middle[second] - middle[first] >= CLEARLY
    if not clear or near_edge[first] > np.delete(near_edge, first).min():
        return None
    return one_of(only, int(found[first]))


def one_of(base: Referring, chosen: int) -> Referring | None:
    """Only the chosen one, if it is surely among those meant."""
    if base.members[chosen] < 1:
        return None
    members = np.zeros_like(base.members)
    members[chosen] = 1
    return replace(base, members=members)
