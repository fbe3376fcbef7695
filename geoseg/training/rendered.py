"""Examples cut from rendered scenes, whose every pixel is known."""

from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from multiprocessing import get_context

import numpy as np

from geoseg.errors import DataError
from geoseg.progress import Progress
from geoseg.training.batches import Example
from geoseg.training.chips import SHARD, Shard, open_shard, shard_path, write_shard
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
        self._shards = open_rendered_shards(data)
        self._options, self._chip, self._seed = options, chip, seed
        known = rarity(concepts for shard in self._shards for concepts in shard.concepts)
        self._balance = Balance(absent=options.absent, all_empty=options.all_empty, concepts=known)

    def __call__(self, place: int, /) -> Example:
        """The example at a place."""
        rng = np.random.default_rng([*self._seed, place])
        number = int(rng.integers(len(self._shards)))
        shard = self._shards[number]
        scene = int(rng.integers(len(shard)))
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


def shard_seeds(data: RenderedData) -> range:
    """The seed of the first scene of each file.

    >>> from pathlib import Path
    >>> list(shard_seeds(RenderedData(scenes=Path("scenes"), shards=3, first_seed=40)))
    [40, 72, 104]
    """
    return range(data.first_seed, data.first_seed + data.shards * SHARD, SHARD)


def open_rendered_shards(data: RenderedData) -> list[Shard]:
    """Those of the scenes asked for that are rendered; others in the folder are left alone.

    A dry run renders a few only.
    """
    paths = [shard_path(data.scenes, seed) for seed in shard_seeds(data)]
    found = [open_shard(path) for path in paths if path.exists()]
    if not found:
        raise DataError(
            f"'{data.scenes}' holds no scenes of the seeds from {data.first_seed} on; check "
            "'scenes' and 'first_seed' under 'data:'"
        )
    return found


def render_missing(data: RenderedData, *, workers: int, progress: Progress | None = None) -> None:
    """Fill the folder of scenes; what is there already stays, if it can be used."""
    missing = []
    for seed in shard_seeds(data):
        if (path := shard_path(data.scenes, seed)).exists():
            open_shard(path)  # told now rather than after hours of rendering
        else:
            missing.append(seed)
    if not missing:
        return
    with ProcessPoolExecutor(max(workers, 1), mp_context=get_context("spawn")) as pool:
        made = [pool.submit(write_shard, data.scenes, seed) for seed in missing]
        try:
            for done, shard in enumerate(as_completed(made), start=1):
                shard.result()
                if progress is not None:
                    progress(done, len(missing))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)  # the others would fail alike
            raise
