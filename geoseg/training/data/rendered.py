"""Rendered scenes as a data set, made when they are asked for."""

from dataclasses import astuple, dataclass, replace
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from geoseg.errors import DataError, OptionsError
from geoseg.training.data.problems import Problem
from geoseg.training.data.samples import Asked, Sample
from geoseg.training.language.balance import Balance, shows_colours
from geoseg.training.language.phrases import Phrase, phrases
from geoseg.training.scenes import random_scene

KEPT_SEED = 900_000_000
"""Scenes from here on are not trained on: they are for validation and calibration."""

FRESH_SEED = 950_000_000
"""Scenes from here on are neither trained on nor calibrated on."""

TABLE_SEEDS = range(123_456, 123_456 + 256)
"""The scenes that the published table was measured on."""

CHIP = 160
"""Pixels along a side of a scene: those of a chip of geoseg-tiny."""

SPARE = 2
"""How many times as many phrases are thought of as are asked: some are thought of twice."""

Share = Annotated[float, Field(ge=0, le=1)]

Count = Annotated[int, Field(ge=1)]


@dataclass(frozen=True, slots=True)
class Looks:
    """What scenes are like; the rest is left to chance."""

    chip: int = CHIP
    """Pixels along a side."""

    gsd: float | None = None
    """Metres per pixel."""

    density: float | None = None
    """Share of the things that stand where a place is full, 0..1."""


def check_learnable(seeds: range) -> None:
    """Refuse to learn from scenes that models are measured on."""
    kept = max(seeds.start, TABLE_SEEDS.start) < min(seeds.stop, TABLE_SEEDS.stop)
    if not kept and seeds.stop <= KEPT_SEED:
        return
    why = (
        f"{TABLE_SEEDS[0]} to {TABLE_SEEDS[-1]} are those of the published table"
        if kept
        else f"those from {KEPT_SEED} on are kept for validation and calibration"
    )
    raise OptionsError(
        f"the scenes to learn from would have the seeds {seeds[0]} to {seeds[-1]}, but {why}; "
        "choose others"
    )


class RenderedSource:
    """A source over scenes of one chip each; scene i is that of `seed + i`."""

    def __init__(
        self, *, seed: int, count: int, queries: int, balance: Balance, looks: Looks
    ) -> None:
        if min(count, looks.chip, queries) < 1 or seed < 0:
            raise DataError(
                "rendered scenes need a seed from 0 on, and count, chip and queries from 1 on, "
                f"but {seed=}, {count=}, chip={looks.chip}, {queries=}"
            )
        self._seed, self._count, self._looks = seed, count, looks
        self._queries, self._balance = queries, balance

    @property
    def name(self) -> str:
        """What to call it in reports."""
        return f"rendered {self.seeds[0]}..{self.seeds[-1]}"

    @property
    def seeds(self) -> range:
        """Those of its scenes."""
        return range(self._seed, self._seed + self._count)

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int, /) -> Sample:
        seed = self.seeds[index]
        side, gsd, density = astuple(self._looks)
        scene = random_scene(side, side, seed=seed, gsd=gsd, density=density)
        said = phrases(
            scene.ids,
            scene.objects,
            count=SPARE * self._queries,
            rng=np.random.default_rng([seed, 7]),
            balance=replace(self._balance, colours=shows_colours(scene.rgb)),
        )
        by_text: dict[str, Phrase] = {}
        for phrase in said:
            by_text.setdefault(phrase.text.casefold(), phrase)
        asked = [Asked(one.text, one.mask, one.family) for one in by_text.values()]
        return Sample(scene.rgb, tuple(asked[: self._queries]), self.group(index))

    def group(self, index: int, /) -> str:
        """The name of one scene, which stands alone."""
        return f"rendered scene {self.seeds[index]}"

    def phrases(self, index: int) -> tuple[str, ...]:
        """What is asked of one scene, which must be rendered to know."""
        return tuple(asked.phrase for asked in self[index].asked)

    def problems(self, index: int) -> tuple[Problem, ...]:
        """Nothing can be wrong."""
        del index
        return ()


def open_rendered(  # noqa: PLR0913 each is a setting of its own in a name
    *,
    seed: Annotated[int, Field(ge=0)] = FRESH_SEED,
    count: Count = 256,
    chip: Count = CHIP,
    queries: Count = 8,
    absent: Share | None = None,
    empty: Share | None = None,
    unseen: Literal["never", "only", "any"] = "never",
    gsd: Annotated[float, Field(ge=0.05, le=30)] | None = None,
    density: Share | None = None,
) -> RenderedSource:
    """Rendered scenes that no model has been trained on, unless a seed says otherwise.

    `absent` is the share of phrases that ask for what is not there, `empty` that of scenes which
    are asked for nothing else, and `unseen` whether pairs of colour and thing are said that
    training never says; without them it is as in training. `gsd` sets the metres per pixel, and
    `density` how much stands there, of 1 where everything is full.
    """
    usual = Balance()
    balance = Balance(
        absent=usual.absent if absent is None else absent,
        all_empty=usual.all_empty if empty is None else empty,
        unseen=unseen,
    )
    looks = Looks(chip, gsd, density)
    return RenderedSource(seed=seed, count=count, queries=queries, balance=balance, looks=looks)
