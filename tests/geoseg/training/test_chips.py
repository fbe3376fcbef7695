import errno
import json
import os
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from geoseg.errors import DataError
from geoseg.training import chips
from geoseg.training.chips import RENDERER, open_shard, shard_path, write_shard
from geoseg.training.scenes import random_scene
from tiles.errors import OutputError

OPEN_FILES = Path("/proc/self/fd")


def test_a_shard_gives_back_the_scenes(scenes: Path) -> None:
    shard = open_shard(min(scenes.glob("*.json")))
    scene = random_scene(80, 80, seed=2)
    np.testing.assert_array_equal(shard.rgb[2], scene.rgb)
    np.testing.assert_array_equal(shard.ids[2], scene.ids)
    assert shard.objects(2) == scene.objects
    assert shard.concepts[2] == {thing.concept for thing in scene.objects}
    known = [thing for number in range(len(shard)) for thing in shard.objects(number)]
    assert any(thing.attributes for thing in known)


def test_a_chip_shows_what_its_objects_say(scenes: Path) -> None:
    shard = open_shard(shard_path(scenes, 0))
    for seed in range(6):
        chip = shard.cut(seed % 4, np.random.default_rng(seed), 56)
        assert chip.rgb.shape == (56, 56, 3)
        assert set(np.unique(chip.ids)) == set(range(len(chip.objects)))


def test_turning_a_chip_keeps_picture_and_truth_together(scenes: Path) -> None:
    shard = open_shard(shard_path(scenes, 0))
    whole = [thing.concept for thing in shard.objects(0)]
    expected = sorted(whole[label] for label in shard.ids[0].ravel())
    for seed in range(8):
        chip = shard.cut(0, np.random.default_rng(seed), 80)
        assert sorted(chip.objects[label].concept for label in chip.ids.ravel()) == expected
        bright = chip.rgb.astype(float).sum(axis=2)
        original = shard.rgb[0].astype(float).sum(axis=2)
        turned = [np.rot90(m, k) for m in (original, original[:, ::-1]) for k in range(4)]
        best = max(np.corrcoef(bright.ravel(), way.ravel())[0, 1] for way in turned)
        assert best > 0.95


@pytest.mark.skipif(not OPEN_FILES.is_dir(), reason="this system does not tell its open files")
def test_shards_hold_no_file_open(scenes: Path) -> None:
    before = len(list(OPEN_FILES.iterdir()))
    shards = [open_shard(shard_path(scenes, 0)) for _ in range(40)]
    for place, shard in enumerate(shards):
        shard.cut(0, np.random.default_rng(place), 56)
    assert len(list(OPEN_FILES.iterdir())) <= before + 2


def test_a_process_that_cuts_chips_gets_no_objects_but_what_they_are_made_of(scenes: Path) -> None:
    shard = open_shard(shard_path(scenes, 0))
    assert b"SceneObject" in pickle.dumps(shard.objects(0))
    assert b"SceneObject" not in pickle.dumps(shard)


def test_a_disk_that_cannot_be_read_is_no_reason_to_delete_scenes(
    scenes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_args: object, **_more: object) -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr("numpy.load", fails)
    with pytest.raises(DataError, match=r"Too many open files$"):
        open_shard(shard_path(scenes, 0))


def copied(scenes: Path, folder: Path) -> Path:
    """A shard in a folder of its own."""
    for file in scenes.glob("000000000.*"):
        shutil.copy(file, folder)
    return shard_path(folder, 0)


@pytest.mark.parametrize("version", [None, 1, 99])
def test_scenes_of_another_renderer_are_refused(
    scenes: Path, tmp_path: Path, version: int | None
) -> None:
    path = copied(scenes, tmp_path)
    content = json.loads(path.read_text())
    assert content["renderer"] == RENDERER
    old = content["scenes"] if version is None else {**content, "renderer": version}
    path.write_text(json.dumps(old))
    told = "by an older renderer" if version is None else f"by version {version} of the renderer"
    with pytest.raises(DataError, match=rf"{told}.*name a new folder with 'scenes'"):
        open_shard(path)


@pytest.mark.parametrize("ending", [".json", ".rgb.npy", ".ids.npy"])
def test_a_damaged_shard_is_told_with_the_way_out(
    scenes: Path, tmp_path: Path, ending: str
) -> None:
    path = copied(scenes, tmp_path)
    file = path.with_suffix(ending)
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(DataError, match=r"cannot be read.*delete the file"):
        open_shard(path)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shards that are rendered at once."""
    monkeypatch.setattr(chips, "SCENE_SIDE", 16)
    monkeypatch.setattr(chips, "SHARD", 1)


@pytest.mark.usefixtures("small")
def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "scenes").write_text("a file")
    with pytest.raises(OutputError, match=r"could not be written.*name another folder"):
        write_shard(tmp_path / "scenes", 0)


@pytest.mark.usefixtures("small")
def test_where_the_disk_is_full_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save, done = np.save, []

    def full(path: Path, pixels: NDArray[np.generic]) -> None:
        save(path, pixels)
        done.append(path)
        if len(done) == 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(OutputError, match=r"000000000\.json.*No space left.*make room"):
        write_shard(tmp_path, 0)
    assert list(tmp_path.iterdir()) == []
