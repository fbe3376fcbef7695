"""Examples cut from rendered scenes, whose every pixel is known."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from geoseg.training.batches import Example
from geoseg.training.chips import SHARD, open_shards, write_shard
from geoseg.training.data_options import RenderedData
from geoseg.training.language.balance import Balance, rarity, shows_colours
from geoseg.training.language.phrases import phrases
from geoseg.training.options import AskOptions
from geoseg.training.tower import labels


class RenderedExamples:
    """Chips somewhere in scenes on disk, turned, mirrored and recoloured at random."""

    def __init__(
        self, data: RenderedData, options: AskOptions, *, chip: int, seed: tuple[int, ...]
    ) -> None:
        self._shards = open_shards(data.scenes)[: data.shards]
        self._options, self._chip, self._seed = options, chip, seed
        scenes = (objects for shard in self._shards for objects in shard.objects)
        self._balance = Balance(
            absent=options.absent, all_empty=options.all_empty, concepts=rarity(scenes)
        )

    def __call__(self, place: int, /) -> Example:
        """The example at a place."""
        rng = np.random.default_rng([*self._seed, place])
        number = int(rng.integers(len(self._shards)))
        shard = self._shards[number]
        scene = int(rng.integers(len(shard.ids)))
        chip = shard.cut(scene, rng, self._chip)
        balance = replace(self._balance, colours=shows_colours(chip.rgb))
        said = phrases(
            chip.ids, chip.objects, count=self._options.queries, rng=rng, balance=balance
        )
        return Example(
            chip.rgb,
            tuple(phrase.text for phrase in said),
            np.stack([phrase.mask for phrase in said]),
            f"scene {scene} of file {number}",
            np.stack(labels(chip)),
        )


def render_missing(
    data: RenderedData, *, workers: int, progress: Callable[[int, int], None] | None = None
) -> None:
    """Fill the folder of scenes; what is there already stays."""
    seeds = [data.first_seed + number * SHARD for number in range(data.shards)]
    missing = [seed for seed in seeds if not shard_path(data.scenes, seed).exists()]
    if not missing:
        return
    with ProcessPoolExecutor(max(workers, 1), mp_context=get_context("spawn")) as pool:
        made = [pool.submit(write_shard, data.scenes, seed) for seed in missing]
        for done, shard in enumerate(as_completed(made), start=1):
            shard.result()
            if progress is not None:
                progress(done, len(missing))


def shard_path(folder: Path, seed: int) -> Path:
    """The file that is written last, when a shard is whole."""
    return folder / f"{seed:09d}.json"
