from pathlib import Path

import numpy as np

from geoseg.training.chips import open_shard, open_shards, recoloured
from geoseg.training.scenes import random_scene


def test_a_shard_gives_back_the_scenes(scenes: Path) -> None:
    shard = open_shard(min(scenes.glob("*.json")))
    scene = random_scene(80, 80, seed=2)
    np.testing.assert_array_equal(shard.rgb[2], scene.rgb)
    np.testing.assert_array_equal(shard.ids[2], scene.ids)
    assert shard.objects[2] == scene.objects
    assert any(thing.attributes for objects in shard.objects for thing in objects)


def test_a_chip_shows_what_its_objects_say(scenes: Path) -> None:
    shard = open_shards(scenes)[0]
    for seed in range(6):
        chip = shard.cut(seed % 4, np.random.default_rng(seed), 56)
        assert chip.rgb.shape == (56, 56, 3)
        assert set(np.unique(chip.ids)) == set(range(len(chip.objects)))


def test_turning_a_chip_keeps_picture_and_truth_together(scenes: Path) -> None:
    shard = open_shards(scenes)[0]
    whole = [thing.concept for thing in shard.objects[0]]
    expected = sorted(whole[label] for label in shard.ids[0].ravel())
    for seed in range(8):
        chip = shard.cut(0, np.random.default_rng(seed), 80)
        assert sorted(chip.objects[label].concept for label in chip.ids.ravel()) == expected
        bright = chip.rgb.astype(float).sum(axis=2)
        original = shard.rgb[0].astype(float).sum(axis=2)
        turned = [np.rot90(m, k) for m in (original, original[:, ::-1]) for k in range(4)]
        best = max(np.corrcoef(bright.ravel(), way.ravel())[0, 1] for way in turned)
        assert best > 0.95


def test_shards_known_already_are_not_opened_again(scenes: Path) -> None:
    known = open_shards(scenes)
    assert open_shards(scenes, known)[0] is known[0]


def test_recolouring_leaves_the_picture_recognisable() -> None:
    rgb = np.random.default_rng(0).integers(30, 220, (20, 20, 3)).astype(np.uint8)
    again = recoloured(rgb, np.random.default_rng(1))
    assert again.dtype == np.uint8
    assert np.corrcoef(rgb.ravel(), again.ravel())[0, 1] > 0.98
