"""Chips for training: cut from rendered scenes kept on disk, turned, mirrored, recoloured."""

import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

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

RENDERER = 3
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
    """Some scenes on disk; their files are open only while something is read from them.

    A long training has hundreds of shards, and systems allow about a thousand open files. Each of
    its processes has a copy of them all, so what the ids mean is kept small.
    """

    path: Path
    """The file with what the ids mean, written last."""

    packed: tuple[bytes, ...]
    """What the ids of each scene mean, as compressed JSON."""

    concepts: tuple[frozenset[str], ...]
    """What is in each scene."""

    def __len__(self) -> int:
        return len(self.packed)

    def objects(self, scene: int) -> tuple[SceneObject, ...]:
        """What the ids of a scene mean."""
        return _objects(json.loads(zlib.decompress(self.packed[scene])))

    @property
    def rgb(self) -> NDArray[np.uint8]:
        """(scenes, side, side, 3), mapped from disk."""
        pictures: NDArray[np.uint8] = np.load(_pixels_of(self.path)[0], mmap_mode="r")
        return pictures

    @property
    def ids(self) -> NDArray[np.uint16]:
        """(scenes, side, side), mapped from disk: the object seen at each pixel."""
        seen: NDArray[np.uint16] = np.load(_pixels_of(self.path)[1], mmap_mode="r")
        return seen

    def cut(self, scene: int, rng: np.random.Generator, size: int) -> TruthChip:
        """A chip somewhere in a scene, turned and mirrored at random."""
        pictures, seen_at = self.rgb, self.ids
        row, column = rng.integers(0, seen_at.shape[1] - size + 1, 2)
        window = np.s_[scene, row : row + size, column : column + size]
        turns, mirrored = int(rng.integers(4)), bool(rng.integers(2))
        rgb, ids = np.rot90(pictures[window], turns), np.rot90(seen_at[window], turns)
        if mirrored:
            rgb, ids = rgb[:, ::-1], ids[:, ::-1]
        known = self.objects(scene)
        seen = np.bincount(ids.ravel(), minlength=len(known)) > 0
        compact = (np.cumsum(seen) - 1)[ids]
        objects = tuple(known[number] for number in np.flatnonzero(seen))
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
    try:
        content = json.loads(path.read_text("utf-8"))
        _check_renderer(path, content)
        listed = content["scenes"]
        shard = Shard(
            path,
            tuple(zlib.compress(json.dumps(scene).encode()) for scene in listed),
            tuple(frozenset(known.concept for known in _objects(scene)) for scene in listed),
        )
        if not len(shard) == len(shard.rgb) == len(shard.ids):
            raise ValueError("its files are of different lengths")  # noqa: TRY301
    except DataError:
        raise
    except (FileNotFoundError, ValueError, TypeError, KeyError) as error:
        raise DataError(
            f"the rendered scenes '{path}' cannot be read: {error}; delete the file, and the next "
            "run renders them again"
        ) from error
    except OSError as error:
        raise DataError(
            f"the rendered scenes '{path}' cannot be read: {error.strerror or error}"
        ) from error
    return shard


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


def _objects(listed: Iterable[tuple[Any, ...]]) -> tuple[SceneObject, ...]:
    """The objects of a scene, in the order of their ids."""
    return tuple(object_from(*known) for known in listed)


def object_from(
    concept: str, colour: str, kind: str, attributes: Sequence[Sequence[str]], number: int
) -> SceneObject:
    """An object as it stands in a shard's file."""
    return SceneObject(
        concept, colour, kind, tuple((name, value) for name, value in attributes), number
    )
