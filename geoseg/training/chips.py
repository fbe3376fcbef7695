"""Chips for training: cut from rendered scenes kept on disk, turned, mirrored, recoloured."""

import json
import os
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geoseg.training.scenes import SceneObject, random_scene

SCENE_SIDE = 448
"""Rows and columns of the scenes kept on disk: several chips fit into each."""

SHARD = 32
"""Scenes in one file."""


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


def recoloured(rgb: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """The same chip a little lighter or darker, with a little more or less contrast."""
    gain = rng.normal(1, 0.1) * rng.normal(1, 0.02, 3)
    levels = (np.arange(256)[:, None] - 118) * gain + (118 + rng.normal(0, 12))
    table = np.clip(levels, 0, 255).astype(np.uint8)
    return np.stack([table[:, band][rgb[..., band]] for band in range(3)], axis=2)


def write_shard(folder: Path, first_seed: int) -> Path:
    """Render the scenes of one shard and keep them; the file appears whole or not at all."""
    scenes = [random_scene(SCENE_SIDE, SCENE_SIDE, seed=first_seed + i) for i in range(SHARD)]
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{first_seed:09d}.json"
    np.save(target.with_suffix(".rgb.npy"), np.stack([scene.rgb for scene in scenes]))
    ids = np.stack([scene.ids for scene in scenes]).astype(np.uint16)
    np.save(target.with_suffix(".ids.npy"), ids)
    listed = [[astuple(known) for known in scene.objects] for scene in scenes]
    partial = target.with_suffix(".partial")
    partial.write_text(json.dumps(listed), "utf-8")
    partial.rename(target)
    return target


def open_shard(path: Path) -> Shard:
    """A shard written before."""
    listed = json.loads(path.read_text("utf-8"))
    return Shard(
        np.load(path.with_suffix(".rgb.npy"), mmap_mode="r"),
        np.load(path.with_suffix(".ids.npy"), mmap_mode="r"),
        tuple(tuple(object_from(*known) for known in objects) for objects in listed),
    )


def object_from(
    concept: str, colour: str, kind: str, attributes: Sequence[Sequence[str]], number: int
) -> SceneObject:
    """An object as it stands in a shard's file."""
    return SceneObject(
        concept, colour, kind, tuple((name, value) for name, value in attributes), number
    )


def open_shards(folder: Path, known: Sequence[Shard] = ()) -> list[Shard]:
    """All shards in a folder; those known already are not opened again."""
    paths = sorted(folder.glob("*.json"))
    return [*known, *(open_shard(path) for path in paths[len(known) :])]


def render(folder: Path, *, first_seed: int, shards: int) -> None:
    """Fill a folder with shards, gently."""
    os.nice(10)
    for index in range(shards):
        seed = first_seed + index * SHARD
        if not (folder / f"{seed:09d}.json").exists():
            write_shard(folder, seed)
