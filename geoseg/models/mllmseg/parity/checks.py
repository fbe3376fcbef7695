"""Differences between two ways to the same numbers, and how large they may be."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

EXACT = 0.0

MASK, LANGUAGE, VISION = 1e-4, 2e-4, 2e-5
"""Largest differences allowed in float32: the published code moves by 5e-6 in float64."""

HALF = 0.5
"""Probability from which a pixel is foreground."""

NEEDLESS = ("hidden_at_seg_UNUSED", "output_ids", "input_ids_after_call", "resized_bin_sum")
"""Golden entries of states that we do not have, or that others say better."""

NEEDED = ("hidden_before_seg", "argmax_before_segrej_pass1")
"""What every case asked in full must have golden numbers for, beside its masks."""

SECOND_LOOK = "_noreeval"
"""Ending of cases that only have masks."""

Array = NDArray[np.generic]


class Golden(Mapping[str, Array]):
    """Golden numbers by case and quantity, that remember which of them were looked at."""

    def __init__(self, entries: Mapping[str, Array]) -> None:
        self._entries = entries
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> Array:
        """Return the numbers, and count them as looked at."""
        entry = self._entries[name]
        self.read.add(name)
        return entry

    def __iter__(self) -> Iterator[str]:
        """Names, without a look at the numbers."""
        return iter(self._entries)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._entries)

    def unread(self) -> list[str]:
        """What nobody looked at, although it says something."""
        return sorted(
            name for name in self._entries.keys() - self.read if not name.endswith(NEEDLESS)
        )

    def lacking(self, case: str) -> list[str]:
        """What a case must have and does not."""
        there = {name.removeprefix(f"{case}.") for name in self if name.startswith(f"{case}.")}
        lacking = [] if case.endswith(SECOND_LOOK) else [n for n in NEEDED if n not in there]
        return lacking if any(n.startswith("mask") for n in there) else ["mask", *lacking]


@dataclass(frozen=True, slots=True)
class Check:
    """One quantity of one case."""

    variant: str
    """Which model."""

    case: str
    """What it was asked, or what was looked at."""

    quantity: str

    difference: float
    """The largest absolute one; where nothing may differ, how many entries do."""

    tolerance: float

    @property
    def holds(self) -> bool:
        """Whether the difference is allowed; one that is no number is not."""
        return self.difference <= self.tolerance

    def __str__(self) -> str:
        """Return the line of a report."""
        verdict = "ok" if self.holds else "FAILED"
        named = f"{self.variant:16} {self.case:22} {self.quantity:26}"
        return f"{named} {self.difference:9.2e}  allowed {self.tolerance:7.0e}  {verdict}"


def largest(ours: ArrayLike, theirs: ArrayLike) -> float:
    """The largest absolute difference; infinite between different shapes."""
    some, others = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    if some.shape != others.shape:
        return float("inf")
    return float(np.abs(some - others).max(initial=0.0))


def unequal(ours: ArrayLike, theirs: ArrayLike) -> float:
    """How many entries differ; infinite between different shapes."""
    some, others = np.asarray(ours), np.asarray(theirs)
    return float((some != others).sum()) if some.shape == others.shape else float("inf")


def mask_differences(
    masks: NDArray[np.float32], golden: Golden, case: str
) -> dict[str, tuple[float, float]]:
    """Difference and tolerance of every form in which a case's masks (q, h, w) are stored."""
    forms = {
        "mask": masks,
        "mask0": masks[:1],
        "mask_s4": masks[:, ::4, ::4],
        "mask_s8": masks[:, ::8, ::8],
        "mask_mean_f64": masks.mean(axis=(1, 2), dtype=np.float64),
        "mask_std_f64": masks.std(axis=(1, 2), dtype=np.float64),
        "mask_frac_ge_half": (masks >= HALF).mean(axis=(1, 2)),
    }
    return compared(forms, golden, case, MASK)


def compared(
    ours: Mapping[str, ArrayLike], golden: Golden, case: str, tolerance: float
) -> dict[str, tuple[float, float]]:
    """Difference and tolerance of those quantities that a case has golden numbers for."""
    return {
        name: (largest(values, golden[f"{case}.{name}"]), tolerance)
        for name, values in ours.items()
        if f"{case}.{name}" in golden
    }


def resized_differences(
    masks: NDArray[np.float32], golden: Golden, case: str
) -> dict[str, tuple[float, float]]:
    """Differences of masks (q, h, w) in the picture's own size, as numbers and as yes or no.

    Pixels within the tolerance of one half may fall either way.
    """
    found = compared({"resized_s5": masks[:, ::5, ::5]}, golden, case, MASK)
    if (packed := golden.get(f"{case}.resized_bin_packbits")) is not None:
        theirs = np.unpackbits(packed.astype(np.uint8), axis=-1)[..., : masks.shape[-1]]
        clear = np.abs(masks - HALF) > MASK
        wrong = (masks >= HALF) != theirs.astype(bool)
        found["resized_bin"] = (float((wrong & clear).sum()), EXACT)
    return found
