"""The shipped model answers for real."""

import numpy as np
import pytest

from geoseg.query import Query
from geoseg.segmenter import ChipSegmenter, Running, embedded_folder, load_segmenter
from geoseg.training.scenes import Scene, render_scene

pytestmark = pytest.mark.skipif(
    not (embedded_folder() / "model.safetensors").exists(), reason="no weights in this checkout"
)

SEEDS = range(960_000_000, 960_000_012)
"""Never trained on."""


@pytest.fixture(scope="module")
def tiny() -> ChipSegmenter:
    return load_segmenter(running=Running("cpu"))


@pytest.fixture(scope="module")
def suburbs() -> list[Scene]:
    return [render_scene(160, 160, gsd=0.3, seed=seed, style="suburb") for seed in SEEDS]


def iou(tiny: ChipSegmenter, scenes: list[Scene], phrase: str, concept: str) -> float:
    answers = tiny.segment(np.stack([scene.rgb for scene in scenes]), [Query(phrase)])
    common = either = 0
    for answer, scene in zip(answers, scenes, strict=True):
        found = (answer.probability[0] >= 0.5) & (answer.presence[0] >= 0.5)
        truth = scene.mask(concept)
        common += (found & truth).sum()
        either += (found | truth).sum()
    return float(common / either)


@pytest.mark.parametrize(
    ("phrase", "concept"), [("the buildings", "building"), ("the trees", "tree")]
)
def test_what_it_finds_is_better_than_painting_everything(
    tiny: ChipSegmenter, suburbs: list[Scene], phrase: str, concept: str
) -> None:
    everything = np.mean([scene.mask(concept).mean() for scene in suburbs])
    assert iou(tiny, suburbs, phrase, concept) > 1.3 * everything


def test_what_is_never_there_is_refused(tiny: ChipSegmenter, suburbs: list[Scene]) -> None:
    chips = np.stack([scene.rgb for scene in suburbs])
    answers = tiny.segment(chips, [Query("glaciers"), Query("the airport")])
    assert np.mean([answer.presence < 0.5 for answer in answers]) > 0.8


def test_the_weights_are_small(tiny: ChipSegmenter) -> None:
    assert tiny.chip_size == 160
    assert (embedded_folder() / "model.safetensors").stat().st_size < 25e6
