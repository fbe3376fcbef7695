import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

from geoseg.errors import OptionsError
from geoseg.evaluation.scene_truths import open_referring, open_scenes, open_truth
from tests.geoseg.evaluation.test_scenes import LARGE, SMALL, scene, square
from tiles.errors import SourceError

SHARED = Path(__file__).parents[4] / "shared" / "data" / "open" / "referring.jsonl"


def layer(folder: Path, *, crs: str = "EPSG:32636", name: str = "truth.gpkg") -> Path:
    table = gpd.GeoDataFrame(
        {"query": ["red", "red", "the pool"], "kind": ["roof", "roof", "pool"]},
        geometry=[square(*LARGE), square(*SMALL), square(*LARGE)],
        crs="EPSG:32636",
    )
    table.to_crs(crs).to_file(folder / name)
    return folder / name


def test_a_layer_gives_one_expression_for_each_phrase(tmp_path: Path) -> None:
    found = open_truth(scene(tmp_path), layer(tmp_path))
    assert {one.phrase: len(one.truth) for one in found.expressions} == {"red": 2, "the pool": 1}


def test_a_phrase_whose_row_has_no_polygon_is_absent(tmp_path: Path) -> None:
    path = layer(tmp_path)
    table = gpd.read_file(path)
    table.loc[2, "geometry"] = None
    table.loc[3] = ["red", "roof", None]
    table.to_file(path)
    red, pool = open_truth(scene(tmp_path), path).expressions
    assert (red.phrase, len(red.truth), red.kind) == ("red", 2, "polygons")
    assert (pool.phrase, len(pool.truth), pool.kind) == ("the pool", 0, "empty")


def test_a_layer_without_crs_on_a_scene_with_one_is_refused(tmp_path: Path) -> None:
    layer(tmp_path, name="bare.shp")
    (tmp_path / "bare.prj").unlink()
    with pytest.raises(OptionsError, match=r"layer has no CRS but the other.*scene\.tif'; write"):
        open_truth(scene(tmp_path), tmp_path / "bare.shp")


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")  # the test's own
def test_a_layer_on_a_scene_without_crs_is_taken_as_it_is(tmp_path: Path) -> None:
    path = layer(tmp_path)
    found = open_truth(scene(tmp_path, crs=None), path)
    assert found.expressions[0].truth.iloc[0].equals(square(*LARGE))


def test_a_layer_in_another_crs_is_moved_onto_the_scene(tmp_path: Path) -> None:
    found = open_truth(scene(tmp_path), layer(tmp_path, crs="EPSG:4326"))
    expected = square(*LARGE)
    assert found.expressions[0].truth.iloc[0].hausdorff_distance(expected) < 0.01


def test_another_column_can_hold_the_phrases(tmp_path: Path) -> None:
    place = f"{scene(tmp_path)}?truth={layer(tmp_path)}&column=kind"
    (found,) = open_scenes(f"scenes:{place}")
    assert [one.phrase for one in found.expressions] == ["roof", "pool"]


def test_a_column_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(OptionsError, match=r"no column 'said'.*'query', 'kind'"):
        open_truth(scene(tmp_path), layer(tmp_path), column="said")


def listed(folder: Path, **changes: object) -> Path:
    """A list of one expression beside its scene, in the benchmark's layout."""
    data = folder / "open"
    data.mkdir()
    scene(data)
    layer(data, name="truth.geojson")
    entry = {
        "image": "open/scene.tif",
        "image2": None,
        "expression": "the red squares",
        "truth_geojson_path": "open/truth.geojson",
        "truth_kind": "hand",
        **changes,
    }
    path = data / "referring.jsonl"
    path.write_text(json.dumps(entry) + "\n\n", "utf-8")
    return path


def test_a_list_names_scenes_phrases_and_truths(tmp_path: Path) -> None:
    (found,) = open_scenes(f"scenes:{listed(tmp_path)}")
    assert found.scene.name == "scene.tif"
    (expression,) = found.expressions
    assert (expression.phrase, expression.kind) == ("the red squares", "hand")
    assert len(expression.truth) == 3
    assert found.scene.is_file()


def test_expressions_about_two_dates_are_left_out(tmp_path: Path) -> None:
    assert open_referring(listed(tmp_path, image2="open/scene.tif")) == ()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"truth_geojson_path": "open/lost.geojson"}, "lost.geojson' cannot be read"),
        ({"image": "open/lost.tif"}, "lost.tif"),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, changes: dict[str, object], says: str) -> None:
    with pytest.raises((OptionsError, SourceError), match=says):
        open_referring(listed(tmp_path, **changes))


def test_a_line_that_is_no_expression_is_told_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "list.jsonl"
    path.write_text('{"image": "a.tif"}', "utf-8")
    with pytest.raises(OptionsError, match=r"line 1 .*expression"):
        open_referring(path)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("scenes:a.tif", "truth=truth.gpkg"),
        ("scenes:a.tif?truht=b.gpkg", "no setting 'truht'"),
        ("scenes:lost.jsonl", "cannot be read"),
    ],
)
def test_a_name_that_says_too_little_is_refused(name: str, says: str) -> None:
    with pytest.raises(OptionsError, match=says):
        open_scenes(name)


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_file(), reason="the real scenes are not beside the checkout")
def test_the_real_benchmark_opens_and_its_truths_lie_in_their_scenes() -> None:
    scenes = open_referring(SHARED)
    assert sum(len(one.expressions) for one in scenes) == 40
    kinds = {expression.kind for one in scenes for expression in one.expressions}
    assert kinds == {"polygons", "mask", "boxes", "derived", "hand", "empty"}
    assert all(np.isfinite(e.truth.total_bounds).all() for s in scenes for e in s.expressions
               if len(e.truth))  # fmt: skip


def test_a_layer_that_lies_elsewhere_is_refused(tmp_path: Path) -> None:
    table = gpd.read_file(layer(tmp_path))
    table.geometry = table.translate(50_000)
    table.to_file(tmp_path / "else.gpkg")
    with pytest.raises(OptionsError, match=r"none of the 3 polygons of .*else\.gpkg' lies on"):
        open_truth(scene(tmp_path), tmp_path / "else.gpkg")


def test_truth_is_drawn_as_polygons(tmp_path: Path) -> None:
    table = gpd.read_file(layer(tmp_path))
    table.geometry = table.boundary
    table.to_file(tmp_path / "lines.gpkg")
    with pytest.raises(OptionsError, match="holds LineString; truth is drawn as polygons"):
        open_truth(scene(tmp_path), tmp_path / "lines.gpkg")
    (tmp_path / "bare.csv").write_text("query,area\nred,3\n", "utf-8")
    with pytest.raises(OptionsError, match="a table without geometry"):
        open_truth(scene(tmp_path), tmp_path / "bare.csv")
