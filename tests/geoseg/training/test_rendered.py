import shutil
from pathlib import Path

import numpy as np
import pytest

from geoseg.errors import DataError
from geoseg.training.chips import open_shard, shard_path
from geoseg.training.data_options import RenderedData
from geoseg.training.options import AskOptions
from geoseg.training.rendered import RenderedExamples, open_rendered_shards, render_missing
from geoseg.training.tower import CELL
from tiles.errors import OutputError


@pytest.fixture
def fours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of four scenes, as those of the folder made for tests are."""
    monkeypatch.setattr("geoseg.training.rendered.SHARD", 4)


@pytest.mark.usefixtures("fours")
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


@pytest.mark.usefixtures("fours")
def test_stages_see_different_chips(scenes: Path) -> None:
    data = RenderedData(scenes=scenes, shards=2)
    one = RenderedExamples(data, AskOptions(), chip=56, seed=(0, 1))
    other = RenderedExamples(data, AskOptions(), chip=56, seed=(0, 2))
    assert not np.array_equal(one(0).image, other(0).image)


@pytest.mark.usefixtures("fours")
def test_only_the_scenes_of_the_seeds_asked_for_are_learned_from(scenes: Path) -> None:
    data = RenderedData(scenes=scenes, shards=1, first_seed=4)
    (shard,) = open_rendered_shards(data)
    expected = open_shard(shard_path(scenes, 4))
    np.testing.assert_array_equal(shard.rgb, expected.rgb)
    examples = RenderedExamples(data, AskOptions(), chip=56, seed=(0, 1))
    assert {examples(place).name.split()[-1] for place in range(12)} == {"0"}
    with pytest.raises(DataError, match="no scenes of the seeds from 64 on"):
        open_rendered_shards(RenderedData(scenes=scenes, shards=9, first_seed=64))


@pytest.mark.usefixtures("fours")
def test_a_dry_run_learns_from_the_few_scenes_there_are(scenes: Path) -> None:
    assert len(open_rendered_shards(RenderedData(scenes=scenes, shards=300))) == 2


@pytest.mark.usefixtures("fours")
def test_what_is_rendered_already_is_left_alone(scenes: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in scenes.iterdir()}
    render_missing(RenderedData(scenes=scenes, shards=2), workers=1)
    assert {path: path.stat().st_mtime_ns for path in scenes.iterdir()} == before


def test_scenes_of_another_renderer_are_refused_before_more_are_rendered(
    scenes: Path, tmp_path: Path
) -> None:
    for file in scenes.glob("000000000.*"):
        shutil.copy(file, tmp_path)
    shard_path(tmp_path, 0).write_text("[]")
    with pytest.raises(DataError, match="older renderer"):
        render_missing(RenderedData(scenes=tmp_path, shards=200), workers=1)
    assert len(list(tmp_path.glob("*.json"))) == 1


def test_a_folder_that_cannot_be_written_stops_all_of_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="could not be written"):
        render_missing(RenderedData(scenes=tmp_path / "file" / "scenes", shards=4), workers=1)
