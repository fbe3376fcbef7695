"""The worst answers, kept to be looked at."""

import heapq
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from geoseg.evaluation.outcomes import Outcome

SIDE = 224
"""Pixels along the longer side of a picture."""

LINE = 18
"""Rows of the sheet for one line of words."""

WORDS_WIDTH = 2 * SIDE + 8

TRUTH_COLOUR, ANSWER_COLOUR = (48, 209, 88), (255, 59, 48)

OPACITY = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Failure:
    """An answer beside its truth."""

    iou: float
    """Of what was answered once presence had its say; where both are empty, 1."""

    outcome: Outcome

    truth: NDArray[np.uint8]
    """(h, w, 3): the image with the truth drawn on it, small."""

    answer: NDArray[np.uint8]
    """(h, w, 3): the image with the answer drawn on it."""


@dataclass(slots=True)
class Worst:
    """The worst answers seen so far, at most `count`."""

    count: int
    _heap: list[tuple[tuple[float, int, int], Failure]] = field(default_factory=list)
    _seen: int = 0

    def see(
        self,
        outcome: Outcome,
        image: NDArray[np.uint8],
        truth: NDArray[np.bool_],
        answer: NDArray[np.bool_],
    ) -> None:
        """Keep an answer if it is among the worst: by IoU, then by how many pixels are wrong."""
        common = int((truth & answer).sum())
        either = int((truth | answer).sum())
        iou = common / either if either else 1.0
        self._seen += 1
        # the heap's first is the best of those kept; of equals the earlier stays
        rank = (-iou, either - common, -self._seen)
        if iou == 1 or not self.count:
            return
        if len(self._heap) < self.count or rank > self._heap[0][0]:
            small = [
                drawn_on(image, *drawn)
                for drawn in ((truth, TRUTH_COLOUR), (answer, ANSWER_COLOUR))
            ]
            entry = (rank, Failure(iou, outcome, *small))
            change = heapq.heappush if len(self._heap) < self.count else heapq.heapreplace
            change(self._heap, entry)

    def failures(self) -> tuple[Failure, ...]:
        """Those kept, the worst first."""
        return tuple(failure for _, failure in sorted(self._heap, key=lambda one: one[0])[::-1])


def drawn_on(
    image: NDArray[np.uint8], mask: NDArray[np.bool_], colour: tuple[int, int, int]
) -> NDArray[np.uint8]:
    """A small picture of the image with a mask painted over it."""
    painted = image.astype(np.float32)
    painted[mask] += OPACITY * (np.array(colour, np.float32) - painted[mask])
    picture = Image.fromarray(painted.astype(np.uint8))
    picture.thumbnail((SIDE, SIDE))
    return np.asarray(picture)


def contact_sheet(failures: tuple[Failure, ...], *, columns: int = 3) -> Image.Image:
    """All failures on one picture: truth (green), answer (red), phrase, IoU and presence."""
    width, height = WORDS_WIDTH + 8, SIDE + 3 * LINE + 8
    rows = -(-len(failures) // columns)
    sheet = Image.new("RGB", (width * columns, max(height * rows, LINE)), "#111111")
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size=13)
    for place, failure in enumerate(failures):
        top, left = height * (place // columns) + 4, width * (place % columns) + 4
        sheet.paste(Image.fromarray(failure.truth), (left, top))
        sheet.paste(Image.fromarray(failure.answer), (left + SIDE + 8, top))
        for line, words in enumerate(_words(failure)):
            fitting = _cut_to(words, font)
            pen.text((left, top + SIDE + 2 + line * LINE), fitting, fill="white", font=font)
    return sheet


def _words(failure: Failure) -> tuple[str, str, str]:
    outcome = failure.outcome
    asked = f"“{outcome.phrase}”" + ("" if outcome.truth else " (is not there)")
    return (
        asked,
        f"IoU {failure.iou:.2f}, presence {outcome.presence:.2f}   {outcome.family}",
        outcome.name,
    )


def _cut_to(words: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> str:
    """The words, shortened from the right until they fit under their pictures."""
    if font.getlength(words) <= WORDS_WIDTH:
        return words
    while words and font.getlength(words + "…") > WORDS_WIDTH:
        words = words[:-1]
    return words + "…"
