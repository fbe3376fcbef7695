import resource
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import geopandas
import numpy as np
import pytest
import rasterio
from pydantic import ValidationError
from typer.testing import CliRunner

from geoseg.cli.app import app
from geoseg.cli.scene import options_of
from geoseg.training.camera.rendering import Renderer
from geoseg.training.data_options import RenderedData
from geoseg.training.scenes import USERS_SEED, window

run = CliRunner()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("scene")
    answer = run.invoke(
        app,
        ["scene", str(made / "a.tif"), "--height", "60", "--width", "90", "--gsd", "0.3", "--ids"],
    )
    assert answer.exit_code == 0, answer.output
    assert "60 x 90 pixels at 0.3 m" in answer.output
    return made


def test_a_scene_its_outlines_and_its_numbers_are_written(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == {"a.tif", "a.gpkg", "a.ids.tif"}
    with rasterio.open(folder / "a.tif") as file:
        assert (file.count, file.height, file.width) == (3, 60, 90)
    assert {"concept", "colour", "attributes"} <= set(
        geopandas.read_file(folder / "a.gpkg").columns
    )


def test_files_that_exist_are_kept(folder: Path) -> None:
    before = (folder / "a.tif").read_bytes()
    answer = run.invoke(app, ["scene", str(folder / "a.tif"), "--size", "60"])
    assert answer.exit_code == 2
    assert "exists already" in answer.output
    assert (folder / "a.tif").read_bytes() == before


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--style", "moon"], "style 'moon' is unknown; choose one of"),
        (["--season", "rain"], "season 'rain' is unknown; choose one of"),
    ],
)
def test_what_is_unknown_is_refused(tmp_path: Path, flags: list[str], said: str) -> None:
    answer = run.invoke(app, ["scene", str(tmp_path / "a.tif"), *flags])
    assert answer.exit_code == 2
    assert said in " ".join(answer.output.split())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--size", "60", "--height", "90"], "--size 60 is both rows and columns"),
        (["--size", "3"], "--size must be from 16 to 1,000,000, but 3 was given"),
        (["--gsd", "11"], "--gsd must be from 0.05 to 10, but 11.0 was given"),
        (["--clouds", "nan"], "--clouds must be from 0 to 1, but nan was given"),
        (["--date", "-1"], "--date must be from 0 to 4,095, but -1 was given"),
    ],
)
def test_numbers_that_cannot_be_are_refused(tmp_path: Path, flags: list[str], said: str) -> None:
    answer = run.invoke(app, ["scene", str(tmp_path / "a.tif"), *flags])
    assert answer.exit_code == 2
    assert said in answer.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_scene_with_nothing_in_it_is_noted(tmp_path: Path) -> None:
    words = ["scene", str(tmp_path / "a.tif"), "--size", "16", "--clouds", "1"]
    answer = run.invoke(app, words)
    assert answer.exit_code == 0, answer.output
    assert "nothing in this scene has a name" in answer.stderr


@pytest.mark.parametrize("flags", [[], ["--overwrite"]])
def test_numbers_of_another_scene_are_not_left_beside_a_new_one(
    tmp_path: Path, flags: list[str]
) -> None:
    (tmp_path / "a.ids.tif").write_text("those of another scene")
    words = ["scene", str(tmp_path / "a.tif"), "--size", "16", *flags]
    answer = run.invoke(app, words)
    assert answer.exit_code == 2
    assert "is of another scene" in answer.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["a.ids.tif"]


def test_a_full_disk_is_told_with_what_is_needed_and_nothing_is_left(tmp_path: Path) -> None:
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, former[1]))
    try:
        answer = run.invoke(app, ["scene", str(tmp_path / "a.tif"), "--size", "512"])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, former)
    assert answer.exit_code == 2
    assert "such a scene takes about 0.5 MB" in answer.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_may_be_too_small_is_noted_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    little = SimpleNamespace(free=100)
    monkeypatch.setattr("geoseg.cli.scene.disk_usage", lambda _: little)
    answer = run.invoke(app, ["scene", str(tmp_path / "a.tif"), "--size", "16"])
    assert answer.exit_code == 0, answer.output
    assert "note: it may take 0.0 MB" in answer.stderr


def test_only_a_geotiff_can_be_named(tmp_path: Path) -> None:
    answer = run.invoke(app, ["scene", str(tmp_path / "a.png")])
    assert answer.exit_code == 2
    assert "name a .tif file" in answer.output


def test_another_date_is_the_same_land_in_another_light() -> None:
    first, second = (
        options_of(3, 0.3, style="town", season="summer", date=date) for date in (0, 1)
    )
    assert first.land.style == second.land.style
    assert first.view != second.view


def test_the_same_flags_give_the_same_file(folder: Path, tmp_path: Path) -> None:
    again = tmp_path / "b.tif"
    run.invoke(app, ["scene", str(again), "--height", "60", "--width", "90", "--gsd", "0.3"])
    with rasterio.open(folder / "a.tif") as first, rasterio.open(again) as second:
        np.testing.assert_array_equal(first.read(), second.read())


def test_it_shows_a_place_that_nothing_is_learned_from(folder: Path) -> None:
    seed = USERS_SEED + 7
    with pytest.raises(ValidationError, match="kept for validation"):
        RenderedData(scenes=folder, shards=1, first_seed=seed)
    drawn = options_of(seed, 0.3, style=None, season=None, date=0)
    plain = replace(drawn, air=replace(drawn.air, clouds=0.0))
    expected = window(Renderer(seed, 0.3, plain), np.s_[0:60, 0:90]).rgb
    with rasterio.open(folder / "a.tif") as file:
        np.testing.assert_array_equal(file.read().transpose(1, 2, 0), expected)
