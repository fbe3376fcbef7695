"""How large something is beside its like, in words."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoseg.training.language.places import one_of
from geoseg.training.language.referring import Asker, Referring, named_singly
from geoseg.training.language.view import DOUBTED, FEWEST, View

MARGIN = 1.5
"""How many times larger the largest must be than the next."""

GAP = 2.2
"""How many times larger all large ones must be than all others."""

SLENDER = 2.5
"""How many times longer than wide a thing must be for its length to be spoken of."""


@dataclass(frozen=True, slots=True)
class Extreme:
    """The one at an end of the order of sizes."""

    words: tuple[str, ...]

    sign: int
    """1 for the most, -1 for the least."""

    by_length: bool = False


EXTREMES: Final = (
    Extreme(("largest", "biggest"), 1),
    Extreme(("largest", "biggest"), 1),
    Extreme(("smallest",), -1),
    Extreme(("longest",), 1, by_length=True),
)

LONG: Final = ("long", "elongated")

STRETCHED, COMPACT = 3.2, 2.0
"""How many times longer than wide a thing must be to be long, and may be not to be."""

OF_ANY_LENGTH: Final = ("building", "greenhouse", "field", "car park", "lake", "pond")
"""Concepts of which some are long and others are not."""

LARGE: Final = ("large", "big")
SMALL: Final = ("small", "little")


def size(view: View, found: NDArray[np.intp], extreme: Extreme) -> NDArray[np.float64]:
    """What an extreme goes by, for each of the found objects."""
    return np.asarray(view.lengths[found, 0] if extreme.by_length else view.pixels[found], float)


def superlative(asker: Asker, base: Referring) -> Referring | None:
    """The largest, smallest or longest one, if it is so clearly."""
    view, extreme = asker.view, asker.pick(EXTREMES)
    named = named_singly(asker, base)
    if named is None:
        return None
    only = replace(named, before=(*named.before, (0, asker.pick(extreme.words))), is_single=True)
    if not asker.present:
        return only
    found = np.flatnonzero(base.possible & view.seen)
    if (base.sure & view.seen).sum() < 2:
        return None
    measured = size(view, found, extreme)
    order = np.argsort(-extreme.sign * measured, kind="stable")
    first, second = order[:2]
    low, high = sorted((measured[first], measured[second]))
    chosen = int(found[first])
    is_slender = view.lengths[chosen, 0] >= SLENDER * view.lengths[chosen, 1]
    is_cut = extreme.sign < 0 and (view.cut[chosen] or view.pixels[chosen] < FEWEST)
    if high < MARGIN * low or is_cut or (extreme.by_length and not is_slender):
        return None
    return one_of(only, chosen)


def sized(asker: Asker, base: Referring) -> Referring | None:
    """The large ones or the small ones, where a wide gap lies between the two."""
    view = asker.view
    word = asker.pick((*LARGE, *SMALL))
    named = named_singly(asker, base)
    if named is None:
        return None
    some = replace(named, before=(*named.before, (0, word)))
    if not asker.present:
        return some
    found = np.flatnonzero(base.possible & view.seen)
    if (base.sure & view.seen).sum() < 2:
        return None
    order = found[np.argsort(view.pixels[found], kind="stable")]
    ratios = view.pixels[order][1:] / view.pixels[order][:-1]
    widest = int(ratios.argmax())
    small, large = order[: widest + 1], order[widest + 1 :]
    if ratios[widest] < GAP or not _are_whole(view, small):
        return None
    chosen = large if word in LARGE else small
    members = np.zeros_like(base.members)
    members[chosen] = base.members[chosen]
    return replace(some, members=members)


def _are_whole(view: View, found: NDArray[np.intp]) -> bool:
    """Whether none of them is a large one cut off, or too small to be seen."""
    return not view.cut[found].any() and bool((view.pixels[found] >= FEWEST).all())


def elongated(asker: Asker, base: Referring) -> Referring | None:
    """The long ones among things that need not be long."""
    view = asker.view
    named = named_singly(asker, base)
    if named is None or base.concept not in OF_ANY_LENGTH:
        return None
    ratio = view.lengths[:, 0] / view.lengths[:, 1]
    unsure = view.cut | (view.pixels < FEWEST) | ((ratio > COMPACT) & (ratio < STRETCHED))
    members = np.where(unsure, DOUBTED, (ratio >= STRETCHED).astype(np.float32))
    before = (*named.before, (0, asker.pick(LONG)))
    return named.only(members, unsure | (ratio > COMPACT), before=before)
