"""Small chips, and everything that is said of them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from geoseg.training.language.balance import Balance, Habits
from geoseg.training.language.phrases import Phrase, phrases
from geoseg.training.language.referring import Asker
from geoseg.training.language.view import View
from geoseg.training.scenes import SceneObject

PLAINLY = Habits(framed=0, misspelt=0, restyled=0)

Ids = NDArray[np.int64]


def chip(
    size: int, *things: tuple[SceneObject, tuple[slice, slice]]
) -> tuple[Ids, list[SceneObject]]:
    """A chip of nothing with rectangles on it, the last on top."""
    ids = np.zeros((size, size), np.int64)
    for number, (_, where) in enumerate(things, start=1):
        ids[where] = number
    return ids, [SceneObject("", "", ""), *(thing for thing, _ in things)]


def ask(ids: Ids, objects: Sequence[SceneObject], *, present: bool = True, seed: int = 0) -> Asker:
    """Who looks at a chip, and writes plainly."""
    rng = np.random.default_rng(seed)
    return Asker(View(ids, objects), rng, Balance(habits=PLAINLY), present=present)


def all_said(ids: Ids, objects: Sequence[SceneObject], way: str, count: int = 200) -> list[Phrase]:
    """Phrases of one family, or of one kind of refusal."""
    is_said = way in Balance().said
    balance = Balance(
        absent=0 if is_said else 1,
        all_empty=0,
        said={way: 1.0} if is_said else Balance().said,
        refused=Balance().refused if is_said else {way: 1.0},
        habits=PLAINLY,
    )
    rng = np.random.default_rng(0)
    found = phrases(ids, objects, count=count, rng=rng, balance=balance)
    return [phrase for phrase in found if way in (phrase.family, phrase.kind)]
