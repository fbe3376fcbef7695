"""The model that comes with the package, through the whole pipeline."""

import numpy as np
import pytest

import geoseg
from geoseg import SceneResult
from geoseg.training.scenes import render_scene
from tests.geoseg.test_pipeline import scene_of


@pytest.fixture(scope="module")
def pixels() -> np.ndarray:
    return render_scene(300, 320, gsd=0.3, seed=11).rgb


def asked(pixels: np.ndarray, queries: list[str], batch: int) -> SceneResult:
    return geoseg.segment(scene_of(pixels), queries, options={"chips": {"batch": batch}})


def test_the_answer_depends_neither_on_the_batch_nor_on_the_other_queries(
    pixels: np.ndarray,
) -> None:
    alone = asked(pixels, ["the trees"], 1).scores
    many = asked(pixels, ["the roads", "the trees", "red roofs"], 3).scores
    assert alone is not None
    assert many is not None
    np.testing.assert_allclose(alone[0], many.sel(query="the trees"), atol=1e-5)


def test_it_finds_things_and_warns_of_words_it_does_not_know(pixels: np.ndarray) -> None:
    report = asked(pixels, ["the trees", "the crimson wigwams"], 4).report
    assert report.queries[0].objects > 0
    assert "'crimson', 'wigwams'" in " ".join(report.notices)
