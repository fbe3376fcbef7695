"""Chips shown to the model in batches."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from geoseg.errors import ChipError, ModelError, QueryError
from geoseg.query import Query
from geoseg.segmenter import ChipAnswer, ChipSegmenter
from tiles.blending import ScoredChip
from tiles.colour import Stretch, rgb
from tiles.errors import SourceError
from tiles.grid import Roi
from tiles.reading import Raster

Flip = tuple[slice, slice]
"""Steps through rows and columns, forwards or backwards; done twice it undoes itself."""

NO_FLIP: Flip = (slice(None, None, 1), slice(None, None, 1))

LONGEST_WAIT = 64
"""Chips without data held back at most until a batch is full."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A chip as the model sees it."""

    roi: Roi
    """Rows and columns of the scene."""

    valid: NDArray[np.bool_]
    """(height, width): False where the scene has no data or does not reach."""

    image: NDArray[np.uint8]
    """RGB (height, width, 3), turned so that north is up as far as a flip can do that."""

    flip: Flip = NO_FLIP
    """How rows and columns of the scene were flipped for the image."""

    failure: str = ""
    """Why the chip could not be read; empty where it could."""

    @property
    def askable(self) -> bool:
        """Whether there is anything to show to the model."""
        return not self.failure and bool(self.valid.any())


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What became of a chip."""

    scored: ScoredChip
    """The answer, ready to be blended; without data where the chip failed."""

    outcome: Literal["answered", "skipped", "failed"]
    """Skipped chips hold no valid pixel and never reach the model."""

    reason: str = ""
    """Why it failed."""


@dataclass(frozen=True, slots=True, eq=False)
class Asking:
    """How chips are put to a model."""

    segmenter: ChipSegmenter
    queries: Sequence[Query]
    batch: int
    """Chips sent at once."""
    presence: float
    """A presence below this counts as 0."""
    keep_going: bool
    """Whether failed chips are passed on instead of ending the run."""


def views(
    raster: Raster, windows: Iterable[Roi], stretch: Stretch, *, keep_going: bool
) -> Iterator[View]:
    """Each window read and coloured.

    A window that cannot be read raises `SourceError`, or is a view with a failure where the run
    is to keep going.
    """
    flip = flip_of(raster.geobox)
    for roi in windows:
        try:
            chip = raster.read(roi)
        except SourceError as error:
            if not keep_going:
                raise
            shape = (roi[0].stop - roi[0].start, roi[1].stop - roi[1].start)
            nothing = np.zeros((*shape, 3), np.uint8)
            yield View(roi, np.zeros(shape, bool), nothing, failure=str(error))
            continue
        yield View(roi, chip.valid, np.ascontiguousarray(rgb(chip, stretch)[flip]), flip)


def flip_of(geobox: GeoBox) -> Flip:
    """What puts north up in a raster whose rows run northwards, or columns westwards."""
    pixel = geobox.affine
    return (
        slice(None, None, -1 if geobox.crs is not None and pixel.e > 0 else 1),
        slice(None, None, -1 if geobox.crs is not None and pixel.a < 0 else 1),
    )


def ask(seen: Iterable[View], asking: Asking) -> Iterator[Asked]:
    """What the model says of each view, in the order they come."""
    waiting: list[View] = []
    askable = 0
    for view in seen:
        waiting.append(view)
        askable += view.askable
        if askable == asking.batch or len(waiting) - askable == LONGEST_WAIT:
            yield from _ask_together(waiting, asking)
            waiting, askable = [], 0
    yield from _ask_together(waiting, asking)


def _ask_together(waiting: Sequence[View], asking: Asking) -> Iterator[Asked]:
    answers = iter(_answers([view for view in waiting if view.askable], asking))
    for view in waiting:
        if view.failure:
            yield _failed(view, view.failure, asking)
        elif not view.askable:
            yield Asked(_unanswered(view, asking, valid=view.valid), "skipped")
        else:
            answer = next(answers)
            if isinstance(answer, str):
                yield _failed(view, answer, asking)
            else:
                presence = np.where(answer.presence >= asking.presence, answer.presence, 0)
                # a copy: a segmenter may use its own array again while this one waits
                probability = answer.probability[:, *view.flip].copy()
                scored = ScoredChip(view.roi, probability, presence.astype(np.float32), view.valid)
                yield Asked(scored, "answered")


def _failed(view: View, reason: str, asking: Asking) -> Asked:
    rows, columns = view.roi
    place = f"rows {rows.start}..{rows.stop - 1}, columns {columns.start}..{columns.stop - 1}"
    if not asking.keep_going:
        raise ChipError(
            f"the chip at {place} failed: {reason}; nothing was written. "
            "Use --keep-going (run.keep_going) to finish without it: it becomes no data"
        )
    nowhere = np.zeros_like(view.valid)
    return Asked(_unanswered(view, asking, valid=nowhere), "failed", f"{place}: {reason}")


def _unanswered(view: View, asking: Asking, *, valid: NDArray[np.bool_]) -> ScoredChip:
    count = len(asking.queries)
    nothing = np.broadcast_to(np.float32(0), (count, *view.valid.shape))  # takes no memory
    return ScoredChip(view.roi, nothing, np.zeros(count, np.float32), valid)


def _answers(shown: Sequence[View], asking: Asking) -> list[ChipAnswer | str]:
    """An answer for each view, or why there is none.

    The chips of a batch that failed are asked again one by one: only those that fail by
    themselves are lost, and a batch too large for the device's memory is not the end.
    """
    if not shown:
        return []
    try:
        return list(_answered(shown, asking))
    except (QueryError, ModelError):  # not this chip's fault
        raise
    except Exception as error:  # noqa: BLE001 a user's segmenter may raise anything
        if len(shown) == 1:
            return [
                str(error) if isinstance(error, ChipError) else f"{type(error).__name__}: {error}"
            ]
    return [answer for view in shown for answer in _answers([view], asking)]


def _answered(shown: Sequence[View], asking: Asking) -> list[ChipAnswer]:
    chips = np.stack([view.image for view in shown])
    answers = asking.segmenter.segment(chips, asking.queries)
    expected = (len(asking.queries), *chips.shape[1:3])
    if len(answers) != len(shown):
        raise ValueError(f"it gave {len(answers)} answers for {len(shown)} chips")
    for answer in answers:
        if answer.probability.shape != expected:
            raise ValueError(
                f"its probability has the shape {answer.probability.shape}, not {expected} "
                "(queries, height, width)"
            )
    return answers
