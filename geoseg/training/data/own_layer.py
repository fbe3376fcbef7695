"""The user's own images and polygons as a data set."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from geoseg.errors import DataError
from geoseg.training.data.folders import existing_file
from geoseg.training.data.layer import Layer, open_layer
from geoseg.training.data.meanings import Meaning, meanings, unasked
from geoseg.training.data.own_images import own_images
from geoseg.training.data.own_options import OwnLayerOptions
from geoseg.training.data.own_plan import PlannedChip, Split, planned
from geoseg.training.data.own_scene import OwnScene, open_own_scene
from geoseg.training.data.problems import Problem
from geoseg.training.data.samples import Asked, Sample
from geoseg.training.data.settings import refused
from geoseg.yaml_file import load_yaml
from tiles.colour import Stretch
from tiles.errors import SourceError


@dataclass(frozen=True, slots=True, eq=False)
class ImageFacts:
    """How an image is read, and what is on it."""

    path: Path

    height: int

    width: int

    polygons: int
    """Those that meet it."""

    chips: int
    """Those of the split."""

    bands: tuple[int, ...]
    """Those that are read, counted from 1."""

    dtype: str
    """The type of its values."""

    stretch: Stretch
    """How its values become brightness."""

    notices: tuple[str, ...]
    """What a user should know about how it is read, as of a run."""


@dataclass(frozen=True, slots=True, eq=False)
class OwnSummary:
    """What became of a layer and its images."""

    layer: str
    """The name of its file."""

    features: int
    """In the layer's file."""

    empty: int
    """Left out: without an outline."""

    invalid: int
    """Left out: their outlines hold no ground, however they are mended."""

    mended: int
    """Not left out: their outlines crossed themselves."""

    outside: int
    """Of those that are left, on none of the images."""

    phrases: tuple[str, ...]
    """All that are made of the layer, each once."""

    images: tuple[ImageFacts, ...]

    notices: tuple[str, ...]
    """What a user should know before learning from them."""


class OwnLayerSource:
    """A source over chips of the user's images; truth is drawn when a sample is asked for."""

    def __init__(
        self,
        name: str,
        scenes: Sequence[OwnScene],
        said: Sequence[Meaning],
        *,
        chips: Sequence[PlannedChip],
        summary: OwnSummary,
        fewest_pixels: int,
    ) -> None:
        self._name = name
        self._scenes = tuple(scenes)
        self._said = tuple(said)
        self._chips = tuple(chips)
        self._summary = summary
        self._fewest_pixels = fewest_pixels

    @property
    def name(self) -> str:
        """What to call it in reports."""
        return self._name

    def __len__(self) -> int:
        return len(self._chips)

    def __getitem__(self, index: int, /) -> Sample:
        chip = self._chips[index]
        scene = self._scenes[chip.scene]
        view = scene.view(chip.roi)
        valid = view.valid[view.flip]
        touching = scene.touching(chip.roi)
        asked, unsure = [], [self._said[place].phrase for place in chip.unsure]
        for place in chip.present:
            meaning = self._said[place]
            mask = scene.drawn(meaning.among(touching), chip.roi) & valid
            if mask.sum() >= self._fewest_pixels:  # no data may hide what the layer has
                asked.append(Asked(meaning.phrase, mask, meaning.family))
            else:
                unsure.append(meaning.phrase)
        nothing = np.zeros(valid.shape, np.bool_)
        asked += [Asked(phrase, nothing, "absent") for phrase in chip.absent]
        return Sample(
            view.image,
            tuple(asked),
            _name_of(scene, chip),
            group=chip.window.block,
            unsure=tuple(unsure),
            keeps_phrases=True,
        )

    def group(self, index: int, /) -> str:
        """The ground that one chip lies on, without reading its pixels."""
        return self._chips[index].window.block

    def phrases(self, index: int) -> tuple[str, ...]:
        """What is asked of one chip, but for what no data hides."""
        chip = self._chips[index]
        return (*(self._said[place].phrase for place in chip.present), *chip.absent)

    @property
    def answered(self) -> tuple[str, ...]:
        """The phrases that have a target on some chip, but for what no data hides."""
        present = dict.fromkeys(place for chip in self._chips for place in chip.present)
        return tuple(self._said[place].phrase for place in present)

    def summary(self) -> OwnSummary:
        """What became of the layer and the images; no pixels are read for it."""
        return self._summary

    def problems(self, index: int) -> tuple[Problem, ...]:
        """Whether the chip can be read."""
        chip = self._chips[index]
        scene = self._scenes[chip.scene]
        try:
            scene.view(chip.roi)
        except SourceError as error:
            return (Problem("broken", _name_of(scene, chip), str(error)),)
        return ()


def open_own_layer(path: Path, split: Split) -> OwnLayerSource:
    """The data set in the `data` group of a YAML file; paths in it are relative to the file."""
    return own_layer_source(open_own_options(path), split, folder=path.parent)


def open_own_options(path: Path) -> OwnLayerOptions:
    """The `data` group of a YAML file, its paths as they stand there."""
    content = load_yaml(existing_file(path, "the description of the data"))
    if "data" not in content:
        raise DataError(f"'{path}' has no group 'data:'; see configs/train/own-layer.yaml")
    try:
        return OwnLayerOptions.model_validate(content["data"])
    except ValidationError as error:
        raise refused(error, f"the data in '{path}'", "see configs/train/own-layer.yaml") from None


def own_layer_source(
    options: OwnLayerOptions, split: Split, *, folder: Path = Path()
) -> OwnLayerSource:
    """The chips of the images, with the phrases that their polygons make.

    Ground is split in squares, and chips that reach into both parts are in none, so that
    validation never sees a pixel that was trained on; images that show the same ground may
    overlap. Squares stay in their part when images come or go, unless these make the squares
    larger or are neighbours in another CRS. Chips and phrases are the same for the same options.
    """
    layer = open_layer(folder / options.layer, name=options.layer_name, crs=options.layer_crs)
    said = meanings(options.phrases, layer.table)
    _check_absent(options, said)
    images = own_images(options.images, folder)
    scenes = [
        open_own_scene(path, options.image, layer.table, chip=options.chip) for path in images.paths
    ]
    _check_meet(scenes, layer)
    plan = planned(scenes, said, split, options)
    notices = (
        *layer.notices,
        *images.notices,
        *plan.notices,
        *unasked(options.phrases, layer.table),
        *_unmapped(scenes),
    )
    return OwnLayerSource(
        f"{Path(options.layer).name} {split}",
        scenes,
        said,
        chips=plan.chips,
        summary=_summary(
            Path(options.layer).name, layer, scenes, said, chips=plan.chips, notices=notices
        ),
        fewest_pixels=options.fewest_pixels,
    )


def _check_absent(options: OwnLayerOptions, said: Sequence[Meaning]) -> None:
    """Refuse to call absent what the layer has."""
    known = {meaning.phrase.casefold() for meaning in said}
    if both := [phrase for phrase in options.absent_phrases if phrase.casefold() in known]:
        raise DataError(
            f"'{both[0]}' is in absent_phrases, but polygons are called so; take it off"
        )


def _check_meet(scenes: Sequence[OwnScene], layer: Layer) -> None:
    """Refuse a layer that lies elsewhere."""
    if any(len(scene.rows) for scene in scenes):
        return
    table = layer.table
    raise DataError(
        f"none of the {len(table)} polygons lies on an image: the layer is in "
        f"{table.crs.name if table.crs else 'no CRS'}, with bounds "
        f"{', '.join(f'{bound:g}' for bound in table.total_bounds)}, and '{scenes[0].path}' in "
        f"{scenes[0].geobox.crs or 'no CRS'}; check both, or say layer_crs or image.assign_crs"
    )


def _unmapped(scenes: Iterable[OwnScene]) -> Iterator[str]:
    """Sentences about images that none of the polygons lies on."""
    for scene in scenes:
        if not scene.data.any():
            yield f"no pixel of '{scene.path}' holds data, so that it gives no chips"
        elif not scene.mapped():
            yield (
                f"no polygon lies on '{scene.path}', so that all of it is taken to be empty; where "
                "it was not mapped, take it off the images"
            )


def _summary(
    name: str,
    layer: Layer,
    scenes: Sequence[OwnScene],
    said: Sequence[Meaning],
    *,
    chips: Iterable[PlannedChip],
    notices: tuple[str, ...],
) -> OwnSummary:
    """What became of the layer and the images."""
    counts = Counter(chip.scene for chip in chips)
    touched = np.unique(np.concatenate([scene.rows for scene in scenes]))
    return OwnSummary(
        name,
        layer.features,
        layer.empty,
        layer.invalid,
        layer.mended,
        outside=len(layer.table) - len(touched),
        phrases=tuple(meaning.phrase for meaning in said),
        images=tuple(_facts(scene, counts[number]) for number, scene in enumerate(scenes)),
        notices=notices,
    )


def _facts(scene: OwnScene, chips: int) -> ImageFacts:
    """How an image is read, and what is on it."""
    height, width = scene.geobox.shape
    return ImageFacts(
        scene.path,
        height,
        width,
        len(scene.rows),
        chips,
        bands=scene.bands,
        dtype=scene.dtype,
        stretch=scene.stretch,
        notices=scene.notices,
    )


def _name_of(scene: OwnScene, chip: PlannedChip) -> str:
    """Where a chip is from."""
    return f"{scene.path} rows {chip.roi[0].start}+, columns {chip.roi[1].start}+"
