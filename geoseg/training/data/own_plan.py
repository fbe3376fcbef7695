"""Which chips of the user's images are shown, and what is asked of each."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Literal

import numpy as np

from geoseg.errors import DataError
from geoseg.training.data.antimeridian import full_turn
from geoseg.training.data.meanings import Meaning
from geoseg.training.data.own_options import OwnLayerOptions
from geoseg.training.data.own_scene import OwnScene
from geoseg.training.data.planes import Plane, boxes_on, planes
from geoseg.training.data.splits import Ground, Part, parted, side_of
from tiles.grid import Roi

Split = Literal["train", "val", "all"]

UNSURE = (
    "all attributes (chips with polygons whose attributes are empty are not asked) or say with "
    "'empty: other' beside the template that such a polygon is something else"
)
"""A way out where attributes that phrases speak of are missing."""

FEWEST_CHIPS = 2
"""Along the side of a square in which chips lie as a whole."""

SEEDS = 100
"""Other draws that are tried for one that gives validation about its share."""

FAR_OFF, LARGEST_SHARE = 2.0, 0.95
"""How many times more or less than its share is told, and the share that is always told."""


@dataclass(frozen=True, slots=True)
class Window:
    """A chip of a scene."""

    scene: int

    roi: Roi

    block: str = ""
    """The square of ground that its middle lies in: chips of one block may overlap."""


@dataclass(frozen=True, slots=True, eq=False)
class _Region:
    """The chips on a plane, and the ground that they show."""

    windows: tuple[Window, ...]
    """Each with its block."""

    ground: Ground


@dataclass(frozen=True, slots=True)
class PlannedChip:
    """A chip, and what will be asked of it."""

    window: Window

    present: tuple[int, ...]
    """Which of the meanings it holds."""

    absent: tuple[str, ...]
    """What it does not hold."""

    unsure: tuple[int, ...]
    """Which of the meanings it neither holds nor lacks."""

    @property
    def scene(self) -> int:
        """The number of its scene."""
        return self.window.scene

    @property
    def roi(self) -> Roi:
        """Its rows and columns."""
        return self.window.roi


@dataclass(frozen=True, slots=True)
class Plan:
    """The chips of a split, and how they came about."""

    chips: tuple[PlannedChip, ...]

    notices: tuple[str, ...] = ()
    """What a user should know of how the ground was parted."""


def planned(
    scenes: Sequence[OwnScene], said: Sequence[Meaning], split: Split, options: OwnLayerOptions
) -> Plan:
    """The chips of a split, with what is asked of them; the same for the same options.

    There is at least one, or an error that tells why not.
    """
    windows = [
        Window(number, roi)
        for number, scene in enumerate(scenes)
        for roi in scene.chips(options.chip, options.least_overlap)
    ]
    if not windows:
        raise DataError(
            f"no pixel of the {len(scenes)} image(s) such as '{scenes[0].path}' holds data; give "
            "others, or say with image.nodata which value means no data"
        )
    regions = _regions(scenes, windows, options)
    seed, notice = _parting(regions, options)
    chosen = _of_split(regions, split, options, seed=seed)
    if not chosen:
        raise DataError(_too_little_ground(scenes, regions, split, options))
    chips = [_planned(window, scenes[window.scene], said, options) for window in chosen]
    kept = _with_some_empty([chip for chip in chips if chip.present or chip.absent], options)
    if not kept:
        unsure = any(len(meaning.unsure) for meaning in said)
        raise DataError(_nothing_asked(len(chosen), split, options.fewest_pixels, unsure=unsure))
    return Plan(tuple(kept), (notice,) if notice and split != "all" else ())


def _nothing_asked(count: int, split: Split, fewest: int, *, unsure: bool) -> str:
    """Why nothing can be asked of any chip of a split, and the way out."""
    shown = "a pixel" if fewest == 1 else f"{fewest} pixels"
    ways = ["images of more ground"]
    if unsure:
        ways.insert(0, UNSURE)
    if split != "all":
        ways.append("another seed, which parts the ground otherwise")
    if fewest > 1:
        ways.append(f"a fewest_pixels lower than {fewest} where things are that small")
    return (
        f"none of the {count} chips of the split '{split}' shows {shown} of a polygon that a phrase"
        f" means; give {', or '.join(ways)}"
    )


def _too_little_ground(
    scenes: Sequence[OwnScene], regions: Sequence[_Region], split: Split, options: OwnLayerOptions
) -> str:
    """Why no chip of the images lies in a split, and the way out."""
    count = sum(len(region.windows) for region in regions)
    none = f"the split '{split}' holds none of the {count} chips of the images"
    if split == "val" and not options.validation_share:
        return f"{none}, because validation_share is 0; give a share above 0"
    height, width = max((scene.geobox.shape for scene in scenes), key=np.prod)
    larger = "give larger images, or more of them from other ground"
    side = options.block_chips
    if side < FEWEST_CHIPS:
        return (
            f"{none}: ground is parted in squares of 1 x 1 chips, in which hardly any chip lies as "
            f"a whole; give a block_chips of {FEWEST_CHIPS} or more; or {larger}"
        )
    lower = f", or a block_chips lower than {side}" if side > FEWEST_CHIPS else ""
    if max(height, width) <= options.chip:
        return (
            f"{none}: no image is larger than one chip of {options.chip} pixels (the largest has "
            f"{height} rows and {width} columns), and they lie too close together to be parted; "
            f"{larger}"
        )
    return (
        f"{none}: ground is parted in squares of {side} x {side} chips, which are too large for "
        f"images of this size (the largest has {height} rows and {width} columns); "
        f"{larger}{lower}"
    )


def _parting(regions: Sequence[_Region], options: OwnLayerOptions) -> tuple[int, str]:
    """The seed that parts the ground, and what a user should know of it.

    It is the one given, unless that leaves a half without chips: then the best of others.
    """
    wanted = options.validation_share
    share = _validated(regions, options, options.seed)
    if not wanted or wanted / FAR_OFF <= share <= min(wanted * FAR_OFF, LARGEST_SHARE):
        return options.seed, ""
    found = {seed: _validated(regions, options, seed) for seed in range(SEEDS)}
    best = min(found, key=lambda seed: abs(found[seed] - wanted))
    better = f"with 'seed: {best}' under 'data:' it would be {found[best]:.0%}"
    if 0 < share < 1:
        return options.seed, (
            f"validation holds {share:.0%} of the chips, not about {wanted:.0%}: squares of ground "
            f"are drawn one by one, and here are few; {better}"
        )
    if not 0 < found[best] < 1:
        return options.seed, ""
    return best, (
        f"with seed {options.seed} a half of so little ground would have no chips, so it is parted "
        f"as with 'seed: {best}'; say so under 'data:' to keep the halves when images are added"
    )


def _validated(regions: Sequence[_Region], options: OwnLayerOptions, seed: int) -> float:
    """The share for validation of the chips that lie in either half; 0 where none does."""
    parts = Counter(chain.from_iterable(_parts(region, options, seed) for region in regions))
    return parts["val"] / max(parts["train"] + parts["val"], 1)


def _of_split(
    regions: Sequence[_Region], split: Split, options: OwnLayerOptions, *, seed: int
) -> list[Window]:
    """The chips on the ground of a split."""
    return [
        window
        for region in regions
        for window, part in zip(region.windows, _parts(region, options, seed), strict=True)
        if split in ("all", part)
    ]


def _parts(region: _Region, options: OwnLayerOptions, seed: int) -> list[Part | None]:
    """The part of each chip of a region."""
    return parted(region.ground, share=options.validation_share, seed=seed)


def _regions(
    scenes: Sequence[OwnScene], windows: Sequence[Window], options: OwnLayerOptions
) -> list[_Region]:
    """The chips of all images, plane by plane."""
    of_scene = defaultdict[int, list[Window]](list)
    for window in windows:
        of_scene[window.scene].append(window)
    return [
        _region(plane, scenes, of_scene, options.block_chips)
        for plane in planes(scenes)
        if any(number in of_scene for number in plane.members)
    ]


def _region(
    plane: Plane, scenes: Sequence[OwnScene], windows: Mapping[int, Sequence[Window]], chips: int
) -> _Region:
    """The chips of the images of a plane, cut in squares of so many of the largest chips."""
    members = [number for number in plane.members if number in windows]
    boxes = np.concatenate([
        boxes_on(plane, scenes[number], [window.roi for window in windows[number]])
        for number in members
    ])  # fmt: skip
    turn = 0.0 if plane.crs is None else full_turn(plane.crs)
    side = side_of(chips * float((boxes[:, 2:] - boxes[:, :2]).max()), turn)
    ground = Ground(boxes, side, turn, plane.name)
    here = chain.from_iterable(windows[number] for number in members)
    blocks = (f"{plane.name} block {row}, {column}" for row, column in ground.middles())
    named = (replace(window, block=block) for window, block in zip(here, blocks, strict=True))
    return _Region(tuple(named), ground)


def _planned(
    window: Window, scene: OwnScene, said: Sequence[Meaning], options: OwnLayerOptions
) -> PlannedChip:
    """What is asked of a chip: all that it holds, and some of what it does not."""
    touching = scene.touching(window.roi)
    present, absent, unsure = [], [], []
    for place, meaning in enumerate(said):
        rows = meaning.among(touching)
        if meaning.is_unsure(touching):
            unsure.append(place)
        elif not len(rows):
            absent.append(place)
        elif scene.drawn(rows, window.roi).sum() >= options.fewest_pixels:
            present.append(place)
        else:
            unsure.append(place)
    rng = np.random.default_rng([options.seed, window.scene, *(s.start for s in window.roi)])
    templates = {said[place].template for place in present}
    mistakable = [said[place].phrase for place in absent if said[place].template in templates]
    others = [said[place].phrase for place in absent if said[place].template not in templates]
    others += options.absent_phrases
    refused = _some(rng, mistakable, others, count=options.absent)
    return PlannedChip(window, tuple(present), refused, tuple(unsure))


def _some(
    rng: np.random.Generator, mistakable: Sequence[str], others: Sequence[str], *, count: int
) -> tuple[str, ...]:
    """So many absent phrases at most, those that are easily mistaken in the majority."""
    hard = [mistakable[place] for place in rng.permutation(len(mistakable))]
    easy = [others[place] for place in rng.permutation(len(others))]
    first = hard[: max(count - min(len(easy), count // 2), 0)]
    return tuple([*first, *easy, *hard[len(first) :]][:count])


def _with_some_empty(chips: Sequence[PlannedChip], options: OwnLayerOptions) -> list[PlannedChip]:
    """The chips that hold something, and of the others as many as make up their share."""
    full = sum(bool(chip.present) for chip in chips)
    empty = [place for place, chip in enumerate(chips) if not chip.present]
    wanted = round(full * options.empty_share / (1 - options.empty_share))
    rng = np.random.default_rng([options.seed, len(chips)])
    kept = set(rng.permutation(empty)[:wanted].tolist())
    return [chip for place, chip in enumerate(chips) if chip.present or place in kept]
