"""The user's own images and polygons as a data set."""

import glob
from collections.abc import Iterable, Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
from pydantic import ValidationError

from geoseg.errors import DataError
from geoseg.options import load_yaml
from geoseg.training.data.folders import existing_file
from geoseg.training.data.layer import open_layer
from geoseg.training.data.own_options import OwnLayerOptions
from geoseg.training.data.own_plan import PlannedChip, Split, planned
from geoseg.training.data.own_scene import OwnScene, open_own_scene
from geoseg.training.data.problems import Problem
from geoseg.training.data.samples import Asked, Sample
from geoseg.training.data.settings import refused
from geoseg.training.data.templates import Meaning, meanings
from tiles.errors import SourceError


class OwnLayerSource:
    """A source over chips of the user's images; truth is drawn when a sample is asked for."""

    def __init__(
        self,
        name: str,
        scenes: Sequence[OwnScene],
        said: Sequence[Meaning],
        chips: Sequence[PlannedChip],
        *,
        fewest_pixels: int,
    ) -> None:
        self._name = name
        self._scenes = tuple(scenes)
        self._said = tuple(said)
        self._chips = tuple(chips)
        self._fewest = fewest_pixels

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
            if mask.sum() >= self._fewest:  # no data may hide what the layer has there
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
        )

    def phrases(self, index: int) -> tuple[str, ...]:
        """What is asked of one chip, but for what no data hides."""
        chip = self._chips[index]
        return (*(self._said[place].phrase for place in chip.present), *chip.absent)

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
    content = load_yaml(existing_file(path, "the description of the data"))
    if "data" not in content:
        raise DataError(f"'{path}' has no group 'data:'; see configs/train/own-layer.yaml")
    try:
        options = OwnLayerOptions.model_validate(content["data"])
    except ValidationError as error:
        raise refused(error, f"the data in '{path}'", "see configs/train/own-layer.yaml") from None
    return own_layer_source(options, split, folder=path.parent)


def own_layer_source(
    options: OwnLayerOptions, split: Split, *, folder: Path = Path()
) -> OwnLayerSource:
    """The chips of the images, with the phrases that their polygons make.

    Ground is split in squares, and chips that reach into both parts are in none, so that
    validation never sees a pixel that was trained on; images that show the same ground may
    overlap. The chips and their phrases are the same for the same options.
    """
    layer = open_layer(folder / options.layer, name=options.layer_name, crs=options.layer_crs)
    said = meanings(options.phrases, layer)
    _check_absent(options, said)
    scenes = [open_own_scene(path, options.image, layer) for path in _paths(options.images, folder)]
    _check_meet(scenes, layer)
    kept = planned(scenes, said, split, options)
    if not kept:
        raise DataError(
            f"the split '{split}' holds no chip; give images of more "
            f"ground, or a block_chips lower than {options.block_chips}"
        )
    name = f"{Path(options.layer).name} {split}"
    return OwnLayerSource(name, scenes, said, kept, fewest_pixels=options.fewest_pixels)


def _paths(patterns: Iterable[str], folder: Path) -> list[Path]:
    """The images that paths and patterns name, each once."""
    found: dict[Path, None] = {}
    for pattern in patterns:
        matches = sorted(glob.glob(str(folder / pattern), recursive=True))  # noqa: PTH207 ** and absolute paths
        if not matches and glob.has_magic(pattern):
            raise DataError(f"no image matches '{folder / pattern}'; correct the pattern")
        paths = [Path(match) for match in matches] or [folder / pattern]
        found |= dict.fromkeys(existing_file(path, "the image") for path in paths)
    return list(found)


def _check_absent(options: OwnLayerOptions, said: Sequence[Meaning]) -> None:
    """Refuse to call absent what the layer has."""
    known = {meaning.phrase.casefold() for meaning in said}
    if both := [phrase for phrase in options.absent_phrases if phrase.casefold() in known]:
        raise DataError(
            f"'{both[0]}' is in absent_phrases, but polygons are called so; take it off"
        )


def _check_meet(scenes: Sequence[OwnScene], layer: gpd.GeoDataFrame) -> None:
    """Refuse a layer that lies elsewhere."""
    for scene in scenes:
        height, width = scene.geobox.shape
        if len(scene.touching(np.s_[0:height, 0:width])):
            return
    raise DataError(
        f"none of the {len(layer)} polygons lies on an image: the layer is in "
        f"{layer.crs.name if layer.crs else 'no CRS'}, with bounds "
        f"{', '.join(f'{bound:g}' for bound in layer.total_bounds)}, and '{scenes[0].path}' in "
        f"{scenes[0].geobox.crs or 'no CRS'}; check both, or say layer_crs or image.assign_crs"
    )


def _name_of(scene: OwnScene, chip: PlannedChip) -> str:
    """Where a chip is from."""
    return f"{scene.path} rows {chip.roi[0].start}+, columns {chip.roi[1].start}+"
