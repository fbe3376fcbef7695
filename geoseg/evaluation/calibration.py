"""Thresholds found on one half of what was seen, and what they reach on the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from geoseg.errors import ModelError, OptionsError
from geoseg.evaluation.mask_scores import (
    LARGEST_LOGIT,
    LEVELS,
    UNCHANGED,
    MaskScale,
    iou_by_level,
    logits_of,
    mask_scale,
)
from geoseg.evaluation.rejection import Presences, Rate, accepted, rejection_threshold
from geoseg.evaluation.reliability import expected_calibration_error

FEWEST = 16
"""Pixels of a truth below which a chip neither holds it nor lacks it."""

PIXELS_PER_QUERY = 512
"""Pixels drawn from each answer for the temperature."""

HALF_A_STEP = 2.0**-25
"""Of float32 just below 1. A float32 sigmoid lies up to 1.5 steps beside the true one, so the
threshold must lie as far above the surest refused presence; it is one step above already."""

ROOM = 1e-4
"""Logits by which a threshold is raised, for what float32 loses on logits themselves."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Thresholds, and what they reach on chips that had no part in choosing them."""

    false_accept: float
    """The rate of accepted empty chips that was asked for."""

    presence_logit: float
    """The presence logit that becomes the threshold."""

    mask: MaskScale
    """What becomes of mask logits."""

    empty: int
    """Empty chips the presence threshold was chosen on."""

    empty_images: int
    """Images that these are of, which is what the rate rests on."""

    present: int
    """Chips with their target that the mask scale was chosen on."""

    accepted_empty: Rate
    """Empty chips accepted at the threshold, of the images of the other half."""

    accepted_present: Rate
    """Chips accepted, of those with their target: T-acc, image by image."""

    ece: tuple[float, float]
    """Expected calibration error of the masks' pixels before and after, on the other half."""

    mean_iou: tuple[float, float]
    """Of the masks of targets before and after, whatever their presence, on the other half."""


@dataclass(slots=True)
class Half:
    """What was seen of one half of the data."""

    empty: dict[str, list[float]] = field(default_factory=dict)
    """Presence of chips without their target, by their image."""

    present: dict[str, list[float]] = field(default_factory=dict)
    """Presence of chips with it, by their image."""

    iou: list[NDArray[np.float64]] = field(default_factory=list)
    """(levels,) for each answer about a target."""

    logits: list[NDArray[np.float64]] = field(default_factory=list)
    """Of some pixels of each answer about a target."""

    truth: list[NDArray[np.bool_]] = field(default_factory=list)
    """Of the same pixels."""

    def see(
        self,
        mask: NDArray[np.bool_],
        probability: NDArray[np.float32],
        *,
        presence: float,
        image: str,
        rng: np.random.Generator,
    ) -> None:
        """Take in an answer about an image, and the mask it should have been."""
        pixels = int(mask.sum())
        if not pixels:
            self.empty.setdefault(image, []).append(presence)
        if pixels < FEWEST:
            return
        logits = logits_of(probability)
        chosen = rng.integers(0, mask.size, PIXELS_PER_QUERY)
        self.present.setdefault(image, []).append(presence)
        self.iou.append(iou_by_level(logits, mask))
        self.logits.append(logits.ravel()[chosen])
        self.truth.append(mask.ravel()[chosen])

    def ece(self, scale: MaskScale) -> float:
        """The expected calibration error of its pixels."""
        if not self.logits:
            return float("nan")
        probability = scale.apply(np.concatenate(self.logits))
        return expected_calibration_error(probability, np.concatenate(self.truth))

    def mean_iou(self, level: float) -> float:
        """The mean IoU of its targets where masks are cut at one of the levels."""
        if not self.iou:
            return float("nan")
        return float(np.mean([one[np.abs(LEVELS - level).argmin()] for one in self.iou]))


def calibration_of(chosen_on: Half, tried_on: Half, *, false_accept: float) -> Calibration:
    """Thresholds chosen on one half and tried on the other."""
    empty = presences(chosen_on.empty)
    threshold = rejection_threshold(empty, false_accept=false_accept)
    if not chosen_on.iou:
        raise OptionsError(
            "no chip of the data holds what is asked of it, so nothing says how masks are to be "
            "scaled; give data with targets too"
        )
    level = presence_logit(threshold)
    raised = 1 / (1 + np.exp(-level))
    scale = mask_scale(
        np.stack(chosen_on.iou), np.concatenate(chosen_on.logits), np.concatenate(chosen_on.truth)
    )
    return Calibration(
        false_accept,
        level,
        scale,
        empty=sum(map(len, empty)),
        empty_images=len(empty),
        present=len(chosen_on.iou),
        accepted_empty=accepted(presences(tried_on.empty), raised),
        accepted_present=accepted(presences(tried_on.present), raised),
        ece=(tried_on.ece(UNCHANGED), tried_on.ece(scale)),
        mean_iou=(tried_on.mean_iou(UNCHANGED.level), tried_on.mean_iou(scale.level)),
    )


def presences(by_image: Mapping[str, Sequence[float]]) -> Presences:
    """What was seen of each image, without its name."""
    return [np.array(seen) for seen in by_image.values()]


def presence_logit(threshold: float) -> float:
    """The logit to subtract from presence logits, so that the threshold becomes 0.5."""
    if threshold <= 0:
        return -LARGEST_LOGIT
    level = float(logit(min(threshold + HALF_A_STEP, 1.0))) + ROOM
    if level >= LARGEST_LOGIT:
        raise ModelError(
            "the model is wholly sure (presence 1) of too many chips that are empty; no threshold "
            "keeps that rate. Allow a higher rate, or train the model on more empty chips"
        )
    return max(level, -LARGEST_LOGIT)
