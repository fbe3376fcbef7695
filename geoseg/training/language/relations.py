"""Things told by what they stand on, beside or with."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from geoseg.training.language.names import NAMES
from geoseg.training.language.referring import Asker, Referring
from geoseg.training.language.view import DOUBTED, FEWEST, Flags, Members, View

Holds = Callable[[View, Flags, Flags], Members]
"""How far each of the first objects stands so to the second ones."""

STEPS: Final = ((0, 2), (2, 0), (0, -2), (-2, 0))
"""Where to look for what lies around a thing, in pixels: behind its mixed rim."""

FEW_AROUND = 6
"""Pixels that must be seen around a thing to say what it stands on."""

MANY = 8
"""Pools in a chip above which nobody tells whose they are."""


def standing_on(view: View, subjects: Flags, grounds: Flags) -> Members:
    """Those with the ground all around them, markings and crowns of trees aside."""
    ids = view.ids
    overhead = view.of("tree", "crane") | view.painted("line") | subjects
    around = np.zeros(len(view.objects))
    on_it = np.zeros(len(view.objects))
    for down, right in STEPS:
        here = ids[max(-down, 0) : ids.shape[0] - max(down, 0),
                   max(-right, 0) : ids.shape[1] - max(right, 0)]  # fmt: skip
        there = ids[max(down, 0) : ids.shape[0] - max(-down, 0),
                    max(right, 0) : ids.shape[1] - max(-right, 0)]  # fmt: skip
        rim = subjects[here] & ~overhead[there]
        around += np.bincount(here[rim], minlength=len(around))
        on_it += np.bincount(here[rim & grounds[there]], minlength=len(around))
    share = on_it / np.maximum(around, 1)
    clear = around >= FEW_AROUND
    return _graded(clear & (share >= 0.85), clear & (on_it == 0))


def lying_beside(view: View, subjects: Flags, landmarks: Flags) -> Members:
    """Those nearer to a landmark than half their own side; doubtful up to twice their side."""
    near = _distances(view, landmarks)
    side = np.sqrt(np.maximum(view.pixels, 1))
    return _graded(subjects & (near <= 0.5 * side + 2), near >= 2 * side + 8)


def belonging(view: View, subjects: Flags, parts: Flags) -> Members:
    """Those with a part that is near to them and much farther from every other.

    A part whose owner may stand outside the chip, or that several could own, makes doubt.
    """
    members = np.zeros(len(view.objects), np.float32)
    found = np.flatnonzero(parts & view.seen)
    if len(found) > MANY:
        return np.where(subjects, DOUBTED, members)
    for part in found:
        near = _distances(view, np.arange(len(members)) == part)
        near[~subjects] = np.inf
        reach = 2.5 * np.sqrt(view.pixels[part]) + 4
        owner = int(near.argmin())
        rivals = (near <= max(2.5 * near[owner], reach)) & (np.arange(len(near)) != owner)
        is_clear = near[owner] <= reach and not rivals.any() and not view.cut[part]
        if is_clear:
            members[owner] = 1
        else:
            contested = near <= 3 * reach
            members[contested] = np.maximum(members[contested], DOUBTED)
    return members


def _distances(view: View, targets: Flags) -> NDArray[np.float64]:
    """Pixels from the nearest pixel of each object to the nearest target; inf where none is."""
    field = targets[view.ids]
    if not field.any():
        return np.full(len(view.objects), np.inf)
    away = ndimage.distance_transform_edt(~field)
    near = ndimage.minimum(away, view.ids, np.arange(len(view.objects)))
    return np.where(view.seen, near, np.inf)


def _graded(yes: Flags, no: Flags) -> Members:
    """1, 0, or in doubt."""
    return np.where(yes, np.float32(1), np.where(no, np.float32(0), DOUBTED))


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A kind of thing told by another."""

    subject: str
    words: tuple[str, ...]
    landmark: str
    holds: Holds


def _on(subject: str, landmark: str, *words: str) -> Relation:
    """Things on a ground."""
    return Relation(subject=subject, words=words or ("on",), landmark=landmark, holds=standing_on)


def _beside(subject: str, landmark: str, *words: str) -> Relation:
    """Things along something long, or next to something large."""
    words = words or ("beside", "next to")
    return Relation(subject=subject, words=words, landmark=landmark, holds=lying_beside)


RELATIONS: Final = (
    _on("car", "road"), _on("car", "car park", "on", "in"), _on("vehicle", "road"),
    _on("vehicle", "car park", "on", "in"), _on("truck", "road"), _on("bus", "road"),
    _on("car", "driveway"), _on("car", "bridge"), _on("airplane", "apron"),
    _on("airplane", "runway"), _on("ship", "river"), _on("boat", "river"), _on("boat", "lake"),
    _on("boat", "sea"), _on("swimming pool", "grass", "surrounded by"),
    _beside("building", "road"), _beside("building", "river"), _beside("building", "lake"),
    _beside("tree", "road", "beside", "along"), _beside("tree", "river", "beside", "along"),
    _beside("building", "railway"), _beside("ship", "pier", "at"), _beside("boat", "pier", "at"),
    _beside("field", "road"), _beside("field", "river"), _beside("car park", "building"),
    _beside("building", "forest"), _beside("tree", "building"),
    Relation(subject="building", words=("with",), landmark="swimming pool", holds=belonging),
)  # fmt: skip


def related(asker: Asker, base: Referring) -> Referring | None:
    """Those that stand so to something else."""
    view = asker.view
    known = [
        relation
        for relation in RELATIONS
        if relation.subject == base.concept and _is_seen(view, relation)
    ]
    if not known:
        return None
    relation = asker.pick(known)
    landmarks = view.called(relation.landmark)
    members = relation.holds(view, base.possible, landmarks > 0.5)
    if ((landmarks > 0) & (landmarks < 1)).any():
        members = np.where(members < 1, np.maximum(members, DOUBTED), members)
    some = base.only(members, members > 0, after=(*base.after, _words(asker, relation)))
    is_all = bool((some.sure == base.sure).all())
    return None if some.sure.any() != asker.present or is_all else some


def _is_seen(view: View, relation: Relation) -> bool:
    """Whether enough of the landmark is in the chip to point at it."""
    return view.area(view.called(relation.landmark) > 0.5) >= 4 * FEWEST


def _words(asker: Asker, relation: Relation) -> tuple[str, str]:
    """What is said behind the name of one, and of several."""
    word, name = asker.pick(relation.words), asker.pick(NAMES[relation.landmark])
    if relation.words == ("with",):
        return f"{word} a {name.one}", f"{word} {asker.pick((name.many, f'a {name.one}'))}"
    several = int((asker.view.called(relation.landmark) > 0.5).sum()) > 1
    landmark = name.many if several or not name.one else name.one
    return (f"{word} the {landmark}",) * 2
