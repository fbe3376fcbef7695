"""Chips for training: cut from rendered scenes kept on disk, turned, mirrored, recoloured."""

import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geoseg.errors import DataError
from geoseg.training.recolouring import recoloured
from geoseg.training.scenes import SceneObject, random_scene
from tiles.errors import OutputError
from tiles.writing import whole_or_nothing

SCENE_SIDE = 448
"""Rows and columns of the scenes kept on disk: several chips fit into each."""

SHARD = 32
"""Scenes in one file."""

RENDERER = 2
"""The version of the renderer: one more whenever the scene of a seed comes out otherwise."""


@dataclass(frozen=True, slots=True, eq=False)
class TruthChip:
    """A chip and everything in it."""

    rgb: NDArray[np.uint8]
    """(size, size, 3)."""

    ids: NDArray[np.int64]
    """(size, size): which object is seen at each pixel."""

    objects: tuple[SceneObject, ...]
    """What the ids mean: only what is seen."""


@dataclass(frozen=True, slots=True, eq=False)
class Shard:
    """Some scenes, mapped from disk."""

    rgb: NDArray[np.uint8]
    """(scenes, side, side, 3)."""

    ids: NDArray[np.uint16]
    """(scenes, side, side)."""

    objects: tuple[tuple[SceneObject, ...], ...]
    """One entry a scene."""

    def cut(self, scene: int, rng: np.random.Generator, size: int) -> TruthChip:
        """A chip somewhere in a scene, turned and mirrored at random."""
        row, column = rng.integers(0, self.ids.shape[1] - size + 1, 2)
        window = np.s_[scene, row : row + size, column : column + size]
        turns, mirrored = int(rng.integers(4)), bool(rng.integers(2))
        rgb, ids = np.rot90(self.rgb[window], turns), np.rot90(self.ids[window], turns)
        if mirrored:
            rgb, ids = rgb[:, ::-1], ids[:, ::-1]
        seen = np.bincount(ids.ravel(), minlength=len(self.objects[scene])) > 0
        compact = (np.cumsum(seen) - 1)[ids]
        objects = tuple(self.objects[scene][known] for known in np.flatnonzero(seen))
        return TruthChip(recoloured(rgb, rng), compact, objects)


def shard_path(folder: Path, first_seed: int) -> Path:
    """The file of a shard that takes its name last, when all of the shard is there."""
    return folder / f"{first_seed:09d}.json"


def write_shard(folder: Path, first_seed: int) -> Path:
    """Render the scenes of one shard and keep them: all of its files appear, or none."""
    scenes = [random_scene(SCENE_SIDE, SCENE_SIDE, seed=first_seed + i) for i in range(SHARD)]
    target = shard_path(folder, first_seed)
    rgb, ids = _pixels_of(target)
    listed = [[astuple(known) for known in scene.objects] for scene in scenes]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with whole_or_nothing([rgb, ids, target]) as partial:
            np.save(partial[rgb], np.stack([scene.rgb for scene in scenes]))
            np.save(partial[ids], np.stack([scene.ids for scene in scenes]).astype(np.uint16))
            content = {"renderer": RENDERER, "scenes": listed}
            partial[target].write_text(json.dumps(content), "utf-8")
    except OSError as error:
        raise OutputError(
            f"the rendered scenes '{target}' could not be written: {error.strerror or error}; make "
            "room on their disk, or name another folder with 'scenes' under 'data:'"
        ) from error
    return target


def _pixels_of(path: Path) -> tuple[Path, Path]:
    """The files with the pictures and with what is seen in them."""
    return path.with_suffix(".rgb.npy"), path.with_suffix(".ids.npy")


def open_shard(path: Path) -> Shard:
    """A shard written before."""
    rgb, ids = _pixels_of(path)
    try:
        content = json.loads(path.read_text("utf-8"))
        _check_renderer(path, content)
        return Shard(
            np.load(rgb, mmap_mode="r"),
            np.load(ids, mmap_mode="r"),
            tuple(tuple(object_from(*known) for known in scene) for scene in content["scenes"]),
        )
    except DataError:
        raise
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DataError(
            f"the rendered scenes '{path}' cannot be read: {error}; delete the file, and the next "
            "run renders them again"
        ) from error


def _check_renderer(path: Path, content: object) -> None:
    """Refuse scenes that would come out otherwise today."""
    version = content.get("renderer") if isinstance(content, dict) else None
    if version != RENDERER:
        raise DataError(
            f"the scenes in '{path.parent}' were rendered by "
            f"{'an older renderer' if version is None else f'version {version} of the renderer'}, "
            f"but this is version {RENDERER}, which makes others of the same seeds; name a new "
            "folder with 'scenes' under 'data:', or delete this one"
        )


def object_from(
    concept: str, colour: str, kind: str, attributes: Sequence[Sequence[str]], number: int
) -> SceneObject:
    """An object as it stands in a shard's file."""
    return SceneObject(
        concept, colour, kind, tuple((name, value) for name, value in attributes), number
    )


def open_shards(folder: Path) -> list[Shard]:
    """All shards in a folder, by their seeds."""
    return [open_shard(path) for path in sorted(folder.glob("*.json"))]
