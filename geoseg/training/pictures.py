"""A sheet of what a model answers while it learns: image, truth, answer."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from geoseg.evaluation.answers import protocol_of
from geoseg.evaluation.data_sets import answered
from geoseg.evaluation.evaluation import spread
from geoseg.evaluation.failures import ANSWER_COLOUR, SIDE, TRUTH_COLOUR, drawn_on
from geoseg.evaluation.outcomes import PRESENT
from geoseg.segmenter import ChipSegmenter
from geoseg.training.data.samples import Asked, Sample, Source

LINE, GAP = 20, 6

PER_ROW = 2
"""Samples side by side."""

SHOWN = 3
"""Pictures of one sample."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One answer beside its truth."""

    panels: tuple[NDArray[np.uint8], ...]
    """The image; the truth on it; the answer on it: each (h, w, 3)."""

    words: str


def looks(segmenter: ChipSegmenter, source: Source, count: int) -> Iterator[Look]:
    """So many samples, spread evenly over a data set, with one phrase each."""
    for number, index in enumerate(spread(len(source), count)):
        sample = source[index]
        if sample.asked:
            yield look(segmenter, sample, one_of(sample, number))


def one_of(sample: Sample, number: int) -> Asked:
    """What is shown of a sample, by its number on the sheet: mostly what is there, in turn."""
    there = [asked for asked in sample.asked if asked.present] if number % 4 else list(sample.asked)
    choices = there or list(sample.asked)
    return choices[number % len(choices)]


def look(segmenter: ChipSegmenter, sample: Sample, asked: Asked) -> Look:
    """What a segmenter answers to one phrase."""
    only = Sample(sample.image, (asked,), sample.name)
    way = protocol_of(sample.image, segmenter.chip_size)
    ((_, drawn, presence),) = answered(segmenter, only, way)
    said = drawn & (presence >= PRESENT)
    nothing = np.zeros_like(said)
    panels = (
        drawn_on(sample.image, nothing, TRUTH_COLOUR),
        drawn_on(sample.image, asked.mask, TRUTH_COLOUR),
        drawn_on(sample.image, said, ANSWER_COLOUR),
    )
    there = "" if asked.present else " (is not there)"
    return Look(panels, f"{asked.phrase}{there}: presence {presence:.2f}")


def sheet(seen: list[Look]) -> Image.Image:
    """All looks on one picture: image, truth (green), answer (red)."""
    width, height = SHOWN * (SIDE + GAP) + GAP, SIDE + LINE + GAP
    rows = max(-(-len(seen) // PER_ROW), 1)
    page = Image.new("RGB", (PER_ROW * width, rows * height), "#111111")
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(size=13)
    for place, one in enumerate(seen):
        top, left = height * (place // PER_ROW) + GAP, width * (place % PER_ROW) + GAP
        for number, panel in enumerate(one.panels):
            page.paste(Image.fromarray(panel), (left + number * (SIDE + GAP), top))
        words = one.words
        while font.getlength(words) > width - 2 * GAP:
            words = words[:-1]
        pen.text((left, top + SIDE), words, fill="white", font=font)
    return page
