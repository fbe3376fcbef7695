"""Every check that a kit allows, on models loaded as a user loads them."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from geoseg.models.mllmseg.parity.asked import NOT_THERE, Asked, cases_of
from geoseg.models.mllmseg.parity.checks import EXACT, Check, Golden
from geoseg.models.mllmseg.parity.kit import Kit
from geoseg.models.mllmseg.parity.parts import decoder_alone, preprocessing, training_losses
from geoseg.models.mllmseg.parity.published import LAYOUTS, write_published, write_released
from geoseg.models.mllmseg.processing import resized
from geoseg.models.mllmseg.segmenter import MLLMSegSegmenter
from geoseg.query import Query
from geoseg.segmenter import Running

EXACT_ON_CPU = Running("cpu", "float32", mode="res")

RELEASED_MEAN = 0.02
"""Mean mask difference allowed to weights rounded to half precision; bfloat16 arithmetic in the
published code moves masks by 0.006."""


def all_checks(kit: Kit, scratch: Path) -> Iterator[Check]:
    """The checks of all variants, each in another layout on disk."""
    for variant, layout in zip(kit.variants, itertools.cycle(LAYOUTS), strict=False):
        folder = scratch / variant
        write_published(kit, variant, folder, layout=layout)
        segmenter = MLLMSegSegmenter.load(folder, EXACT_ON_CPU)
        if variant == kit.variants[0]:
            yield from preprocessing(kit, segmenter.processor)
        yield from variant_checks(kit, variant, segmenter)
        yield from released_checks(kit, variant, segmenter, scratch)


def variant_checks(kit: Kit, variant: str, segmenter: MLLMSegSegmenter) -> Iterator[Check]:
    """The checks of one loaded variant."""
    yield from decoder_alone(kit, variant, segmenter.model)
    golden = Golden(kit.arrays(f"golden/{variant}.npz"))
    cases = sorted(cases_of(kit, variant), key=lambda case: case.image)
    for image, asked in itertools.groupby(cases, key=lambda case: case.image):
        looked = Asked(kit, variant, golden, segmenter=segmenter, image=image)
        for case in asked:
            yield from looked.checks(case)
    for name in golden.unread():
        yield Check(variant, name, "was not compared", NOT_THERE, EXACT)
    yield from training_losses(kit, variant, segmenter.model, segmenter.processor)


def released_checks(
    kit: Kit, variant: str, exact: MLLMSegSegmenter, scratch: Path
) -> Iterator[Check]:
    """How far masks move where weights are kept in half precision, as released."""
    folder = scratch / f"{variant}-released"
    write_released(kit, variant, folder)
    yield difference(kit, variant, exact, MLLMSegSegmenter.load(folder, EXACT_ON_CPU))


def difference(kit: Kit, variant: str, exact: MLLMSegSegmenter, rough: MLLMSegSegmenter) -> Check:
    """The mean mask difference between two loaded forms of a variant, each phrase asked alone."""
    moved = []
    for case in (case for case in cases_of(kit, variant) if case.one_by_one):
        chip = resized(kit.image(case.image), exact.chip_size)[None]
        queries = [Query(phrase) for phrase in case.phrases]
        some, others = exact.segment(chip, queries)[0], rough.segment(chip, queries)[0]
        moved.append(np.abs(some.probability - others.probability).mean())
    return Check(
        variant, "half-precision weights", "mask, mean", float(np.mean(moved)), RELEASED_MEAN
    )


def bf16_differences(kit: Kit, scratch: Path, device: str) -> Iterator[Check]:
    """How far masks move where a device computes in bfloat16, variant by variant."""
    for variant in kit.variants:
        folder = scratch / f"{variant}-{device.replace(':', '-')}"
        write_released(kit, variant, folder)
        exact = MLLMSegSegmenter.load(folder, EXACT_ON_CPU)
        rough = MLLMSegSegmenter.load(folder, Running(device, "bfloat16", mode="res"))
        yield difference(kit, variant, exact, rough)
