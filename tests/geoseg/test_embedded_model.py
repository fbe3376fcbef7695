"""The model that comes with the package, through the whole pipeline."""

import json
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin
from typer.testing import CliRunner

import geoseg
from geoseg import SceneResult
from geoseg.cli.app import app
from geoseg.training.scenes import render_scene
from tests.geoseg.test_pipeline import scene_of, write_scene


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


def test_a_drone_scene_is_read_at_the_gsd_asked_for(tmp_path: Path) -> None:
    fine = from_origin(452000, 37000, 0.1, 0.1)
    pixels = render_scene(700, 800, gsd=0.1, seed=11).rgb
    scene = write_scene(tmp_path / "drone.tif", pixels, transform=fine)
    words = ["-q", "the trees", "-o", str(tmp_path / "mask.tif"), "--gsd", "0.4", "--json"]
    run = CliRunner().invoke(app, ["segment", str(scene), *words])
    assert run.exit_code == 0, run.output
    report = json.loads(run.stdout)
    assert (report["height"], report["width"], report["chips"]) == (175, 200, 4)
    assert "read at 0.4 m per pixel; the scene has 0.1" in report["notices"]
    with rasterio.open(tmp_path / "mask.tif") as mask, rasterio.open(scene) as own:
        np.testing.assert_allclose(mask.bounds, own.bounds)
        assert mask.res == pytest.approx((0.4, 0.4))
