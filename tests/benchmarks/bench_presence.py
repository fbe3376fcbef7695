"""How presence should enter the blend: bites at seams against ghosts on empty ground.

    python tests/benchmarks/bench_presence.py [SCENES] [MODEL]

Whole rendered scenes are cut into chips and asked once; the same answers are then combined in
several ways. Besides a model, two made-up segmenters answer, whose errors of presence are known:
they miss slivers of an object more often than objects, and draw ghosts where nothing is.

lost: share of the truth's pixels in overlaps that are not in the mask. bitten: those of them that
some chip had drawn, so that blending took them away. IoU: mean over scenes and queries that are
there. F1: objects one by one (4-connected, IoU >= 0.5). ghosts: for queries that are nowhere in
the scene, painted pixels in a thousand, and polygons a square of 1000 x 1000.
"""

import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import rasterio.features
import shapely.geometry
from numpy.typing import NDArray
from scipy import ndimage

from geoseg.evaluation.answers import BATCH, view
from geoseg.evaluation.instances import Found, Polygons, compared, instance_f1
from geoseg.options import ChipOptions
from geoseg.query import Query
from geoseg.segmenter import EMBEDDED, ChipAnswer, ChipSegmenter, load_segmenter
from geoseg.training.scenes import Scene, render_scene
from tiles.blending import ScoredChip, blend, taper
from tiles.grid import ChipGrid, Roi

Scores = NDArray[np.float32]
Masks = NDArray[np.bool_]
Combine = Callable[[Scores, Scores, Scores], tuple[Scores, Scores]]
"""From probability (q, h, w), presence (q, 1, 1) and taper (h, w) of a chip: what it adds to the
sum of scores, and to what that sum is divided by."""

CUT = 0.5

COMBINATIONS: dict[str, Combine] = {
    "weight (today)": lambda p, s, t: (t * s * (s >= CUT) * p, t * s * (s >= CUT)),
    "weight, not cut": lambda p, s, t: (t * s * p, t * s),
    "gate": lambda p, s, t: (t * (s >= CUT) * p, t * (s >= CUT)),
    "vote": lambda p, s, t: (t * (s >= CUT) * p, t),
    "product": lambda p, s, t: (t * s * p, t),
    "not used": lambda p, _, t: (t * p, t),
}

SEED = 970_000_000
SIDE = 1024
GSD = 0.3
FEWEST = 16
"""Pixels below which a piece is no object."""

ASKED = {
    "building": "the buildings",
    "tree": "the trees",
    "road": "the roads",
    "car": "the cars",
    "water": "the water",
    "swimming pool": "the swimming pools",
    "field": "the fields",
    "bare soil": "the bare soil",
}


@dataclass(frozen=True, slots=True)
class Erring:
    """Reads the truth from the bits of a chip's colours, and errs at known rates."""

    follows: bool
    """Whether the mask is empty where presence is low, instead of being drawn all the same."""

    chip_size: int = 160
    missed: float = 0.05
    """Share of the chips full of an object that are refused."""
    sliver: float = 0.02
    """Share of a chip covered at which refusals have fallen to a third."""
    false: float = 0.05
    """Share of the empty chips that are accepted."""
    ghosts: float = 0.5
    """Share of the empty chips in which something is drawn."""

    def segment(self, chips: NDArray[np.uint8], queries: Sequence[Query]) -> list[ChipAnswer]:
        """One answer per chip; the n-th of `ASKED` is the n-th bit."""
        places = [list(ASKED.values()).index(query.phrase) for query in queries]
        return [self._answer(chip, places) for chip in chips]

    def _answer(self, chip: NDArray[np.uint8], places: Sequence[int]) -> ChipAnswer:
        drawn = [self._drawn(chip, place) for place in places]
        presence = np.array([sure for _, sure in drawn], np.float32)
        return ChipAnswer(np.stack([one for one, _ in drawn]), presence)

    def _drawn(self, chip: NDArray[np.uint8], place: int) -> tuple[Scores, float]:
        rng = np.random.default_rng([zlib.crc32(chip.tobytes()), place])
        truth = (chip[..., 0] >> place & 1).astype(bool)
        cover = float(truth.mean())
        refusing = self.missed + (1 - self.missed) * np.exp(-cover / self.sliver)
        sure = rng.random() >= refusing if cover else rng.random() < self.false
        presence = float(rng.uniform(0.5, 1) if sure else rng.uniform(0, 0.5))
        meant = truth if cover else self._ghost(rng)
        soft = ndimage.gaussian_filter(meant.astype(np.float32), 1.5)
        noise = rng.normal(0, 0.1, 2)
        probability = np.clip(0.05 + noise[0] / 4 + (0.85 + noise[1]) * soft, 0, 1)
        shown = 0.1 if self.follows and not sure else 1
        return (shown * probability).astype(np.float32), presence

    def _ghost(self, rng: np.random.Generator) -> Masks:
        rows, columns = np.ogrid[: self.chip_size, : self.chip_size]
        row, column = rng.uniform(0, self.chip_size, 2)
        radius = rng.uniform(8, 40) * (rng.random() < self.ghosts)
        return np.asarray(np.hypot(rows - row, columns - column) < radius)


@dataclass(slots=True)
class Tally:
    """What a combination did, over scenes and queries."""

    zone: int = 0
    lost: int = 0
    bitten: int = 0
    ious: list[float] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)
    empty: int = 0
    painted: int = 0
    phantoms: int = 0

    def cells(self) -> Iterator[str]:
        """The figures of a row."""
        yield f"{self.lost / self.zone:.1%}"
        yield f"{self.bitten / self.zone:.1%}"
        yield f"{np.mean(self.ious):.3f}"
        yield f"{instance_f1(self.found):.3f}"
        yield f"{1e3 * self.painted / max(self.empty, 1):.2f}"
        yield f"{1e6 * self.phantoms / max(self.empty, 1):.2f}"


def main() -> None:
    """Render scenes, ask, combine in every way, print a table for each segmenter."""
    scenes = int(sys.argv[1]) if len(sys.argv) > 1 else 6
    model = sys.argv[2] if len(sys.argv) > 2 else EMBEDDED
    rendered = [render_scene(SIDE, SIDE, gsd=GSD, seed=SEED + k) for k in range(scenes)]
    segmenters: dict[str, tuple[ChipSegmenter, Callable[[Scene], NDArray[np.uint8]]]] = {
        model: (load_segmenter(model), lambda scene: scene.rgb),
        "made up, mask drawn whatever the presence": (Erring(follows=False), bits_of),
        "made up, mask empty where refused": (Erring(follows=True), bits_of),
    }
    for name, (segmenter, picture) in segmenters.items():
        tallies = {way: Tally() for way in COMBINATIONS}
        for scene in rendered:
            measure(segmenter, picture(scene), truths_of(scene), tallies)
        print(f"\n{name}, chip {segmenter.chip_size}, {scenes} scenes of {SIDE} x {SIDE}\n")
        print(
            "| presence | lost | bitten | IoU | F1 | ghosts, pixels / 1000 | polygons / 10^6 px |"
        )
        print("|---|---|---|---|---|---|---|")
        for way, tally in tallies.items():
            print(f"| {way} | {' | '.join(tally.cells())} |", flush=True)


def truths_of(scene: Scene) -> Masks:
    """Where each of `ASKED` is: (q, h, w)."""
    return np.stack([scene.mask(concept) for concept in ASKED])


def bits_of(scene: Scene) -> NDArray[np.uint8]:
    """A picture (h, w, 3) that holds the truth in the bits of its first band."""
    bits = sum(mask.astype(np.uint8) << place for place, mask in enumerate(truths_of(scene)))
    return np.repeat(np.asarray(bits, np.uint8)[..., None], 3, axis=2)


def measure(
    segmenter: ChipSegmenter, image: NDArray[np.uint8], truth: Masks, tallies: dict[str, Tally]
) -> None:
    """Ask about all chips of a picture once, and count what each combination makes of it."""
    size = segmenter.chip_size
    height, width = image.shape[:2]
    grid = ChipGrid(height, width, size, ChipOptions().overlap_of(size))
    answers = list(asked(segmenter, image, grid))
    shared = seen(grid) > 1
    drawn = np.zeros(truth.shape, bool)
    for roi, answer in answers:
        drawn[:, *roi] |= answer.probability >= CUT
    check_today(grid, answers)
    for way, combine in COMBINATIONS.items():
        masks = combined(grid, answers, combine) >= CUT
        for query, mask in enumerate(masks):
            count(tallies[way], truth[query], mask, drawn=drawn[query], shared=shared)


def asked(
    segmenter: ChipSegmenter, image: NDArray[np.uint8], grid: ChipGrid
) -> Iterator[tuple[Roi, ChipAnswer]]:
    """Each chip's place and answer."""
    queries = [Query(phrase) for phrase in ASKED.values()]
    windows = list(grid)
    for first in range(0, len(windows), BATCH):
        some = windows[first : first + BATCH]
        chips = np.stack([view(image, roi).image for roi in some])
        yield from zip(some, segmenter.segment(chips, queries), strict=True)


def combined(grid: ChipGrid, answers: Sequence[tuple[Roi, ChipAnswer]], combine: Combine) -> Scores:
    """The score of each pixel: (q, h, w); 0 where nothing counts."""
    weight = taper(grid.size, grid.overlap)
    shape = (len(ASKED), grid.height, grid.width)
    above, below = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    for roi, answer in answers:
        parts = combine(answer.probability, answer.presence[:, None, None], weight)
        above[:, *roi] += parts[0]
        below[:, *roi] += parts[1]
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def check_today(grid: ChipGrid, answers: Sequence[tuple[Roi, ChipAnswer]]) -> None:
    """See that the first combination is what the pipeline does."""
    whole = np.ones((grid.size, grid.size), bool)
    chips = (
        ScoredChip(roi, a.probability, np.where(a.presence >= CUT, a.presence, 0), whole)
        for roi, a in answers
    )
    bands = np.concatenate([band.values for band in blend(grid, chips)], axis=1)
    ours = combined(grid, answers, COMBINATIONS["weight (today)"])
    np.testing.assert_allclose(ours, bands, atol=1e-4)


def seen(grid: ChipGrid) -> NDArray[np.int64]:
    """How many chips see each pixel."""
    chips = np.zeros((grid.height, grid.width), np.int64)
    for roi in grid:
        chips[roi] += 1
    return chips


def count(tally: Tally, truth: Masks, mask: Masks, *, drawn: Masks, shared: Masks) -> None:
    """Count one query about one scene."""
    if not truth.any():
        tally.empty += truth.size
        tally.painted += int(mask.sum())
        tally.phantoms += len(pieces(mask))
        return
    zone = truth & shared
    tally.zone += int(zone.sum())
    tally.lost += int((zone & ~mask).sum())
    tally.bitten += int((zone & ~mask & drawn).sum())
    tally.ious.append(float((truth & mask).sum() / (truth | mask).sum()))
    tally.found.append(compared(pieces(truth), pieces(mask)))


def pieces(mask: Masks) -> Polygons:
    """The 4-connected pieces of a mask that are large enough, as polygons in pixels."""
    traced = rasterio.features.shapes(mask.astype(np.uint8), mask=mask, connectivity=4)
    outlines = (shapely.geometry.shape(outline) for outline, _ in traced)
    return np.array([one for one in outlines if one.area >= FEWEST], object)


if __name__ == "__main__":
    main()
