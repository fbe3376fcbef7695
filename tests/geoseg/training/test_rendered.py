from pathlib import Path

import numpy as np
import pytest

from geoseg.training import chips
from geoseg.training.data_options import RenderedData
from geoseg.training.options import AskOptions
from geoseg.training.rendered import RenderedExamples, render_missing, shard_path
from geoseg.training.tower import CELL


def test_examples_come_from_the_scenes_and_depend_on_seed_and_place_alone(scenes: Path) -> None:
    data = RenderedData(scenes=scenes, shards=2)
    one = RenderedExamples(data, AskOptions(queries=3), chip=56, seed=(0, 1))
    other = RenderedExamples(data, AskOptions(queries=3), chip=56, seed=(0, 1))
    for place in (5, 0):
        first, second = one(place), other(place)
        assert first.phrases == second.phrases
        assert np.array_equal(first.image, second.image)
        assert first.masks.shape == (3, 56, 56)
        assert first.cells is not None
        assert first.cells.shape == (2, 56 // CELL, 56 // CELL)


def test_stages_see_different_chips(scenes: Path) -> None:
    data = RenderedData(scenes=scenes, shards=2)
    one = RenderedExamples(data, AskOptions(), chip=56, seed=(0, 1))
    other = RenderedExamples(data, AskOptions(), chip=56, seed=(0, 2))
    assert not np.array_equal(one(0).image, other(0).image)


def test_what_is_rendered_already_is_left_alone(
    scenes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geoseg.training.rendered.SHARD", 4)
    before = {path: path.stat().st_mtime_ns for path in scenes.iterdir()}
    render_missing(RenderedData(scenes=scenes, shards=2), workers=1)
    assert {path: path.stat().st_mtime_ns for path in scenes.iterdir()} == before
    assert shard_path(scenes, 4).exists()
    assert chips.SHARD == 32
