import json
import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

from geoseg.errors import DataError, OptionsError
from geoseg.evaluation.referring import KINDS, open_referring
from geoseg.evaluation.scene_names import open_scenes
from geoseg.evaluation.scenes import ONE_BY_ONE
from tests.geoseg.evaluation.test_scene_truths import FLAT, layer
from tests.geoseg.evaluation.test_scenes import scene

SHARED = Path(__file__).parents[4] / "shared" / "data" / "open" / "referring.jsonl"


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
    path = listed(tmp_path)
    entry = json.loads(path.read_text("utf-8"))
    later = {**entry, "image2": "open/scene.tif", "expression": "the new squares"}
    path.write_text(json.dumps(later) + "\n" + json.dumps(entry), "utf-8")
    (found,) = open_referring(path)
    assert [one.phrase for one in found.expressions] == ["the red squares"]


def test_a_list_with_nothing_to_ask_is_refused(tmp_path: Path) -> None:
    path = listed(tmp_path, image2="open/scene.tif")
    with pytest.raises(OptionsError, match=r"all expressions of .* \(1\) are about two dates"):
        open_referring(path)
    path.write_text("\n \n", "utf-8")
    with pytest.raises(OptionsError, match=r"holds no expression; write one on each line, with"):
        open_referring(path)


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        (
            "polygones",
            r"\"polygones\", which .* did you mean 'polygons'\? known are polygons, hand",
        ),
        ("Mask", r"\"Mask\", which nobody knows; did you mean 'mask'"),
        (3, "3, which nobody knows; known are"),
        (["mask"], r"\[\"mask\"\], which"),
    ],
)
def test_a_kind_of_truth_that_nobody_knows_is_refused(
    tmp_path: Path, kind: object, says: str
) -> None:
    with pytest.raises(OptionsError, match=f"line 1 of .* has the truth_kind {says}"):
        open_referring(listed(tmp_path, truth_kind=kind))


def test_kinds_whose_objects_are_counted_are_known() -> None:
    assert set(KINDS) > ONE_BY_ONE


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"truth_geojson_path": "open/lost.geojson"}, "names 'open/lost.geojson', which is not in"),
        ({"image": "open/lost.tif"}, r"line 1 of .* names 'open/lost.tif', which .*; paths start"),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, changes: dict[str, object], says: str) -> None:
    with pytest.raises(DataError, match=says):
        open_referring(listed(tmp_path, **changes))


def test_paths_of_a_list_may_start_from_its_own_folder(tmp_path: Path) -> None:
    path = listed(tmp_path, image="scene.tif", truth_geojson_path="truth.geojson")
    shutil.copy(tmp_path / "open" / "scene.tif", tmp_path)  # another one in the folder above
    (found,) = open_referring(path)
    assert found.scene == tmp_path / "open" / "scene.tif"
    assert len(found.expressions[0].truth) == 3


def test_a_line_that_is_no_expression_is_told_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "list.jsonl"
    path.write_text('\n{"image": "a.tif"}', "utf-8")
    with pytest.raises(OptionsError, match=r"line 2 .*expression"):
        open_referring(path)


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_file(), reason="the real scenes are not beside the checkout")
def test_the_real_benchmark_opens_and_its_truths_lie_in_their_scenes() -> None:
    scenes = open_referring(SHARED)
    assert sum(len(one.expressions) for one in scenes) == 40
    kinds = {expression.kind for one in scenes for expression in one.expressions}
    assert kinds == {"polygons", "mask", "boxes", "derived", "hand", "empty"}
    assert all(np.isfinite(e.truth.total_bounds).all() for s in scenes for e in s.expressions
               if len(e.truth))  # fmt: skip


def test_a_line_of_a_list_can_name_a_layer(tmp_path: Path) -> None:
    path = listed(tmp_path, truth_geojson_path="open/both.gpkg", truth_layer="b")
    table = gpd.read_file(tmp_path / "open" / "truth.geojson")
    table.to_file(tmp_path / "open" / "both.gpkg", layer="a")
    table[:1].to_file(tmp_path / "open" / "both.gpkg", layer="b")
    (found,) = open_referring(path)
    assert len(found.expressions[0].truth) == 1


def test_a_list_that_asks_twice_is_told_by_the_line(tmp_path: Path) -> None:
    path = listed(tmp_path)
    entry = json.loads(path.read_text("utf-8"))
    path.write_text(
        json.dumps(entry) + "\n" + json.dumps({**entry, "expression": "The red  squares"}), "utf-8"
    )
    with pytest.raises(OptionsError, match=r"line 2 of .* asks for 'The red squares' .* once more"):
        open_referring(path)


@pytest.mark.parametrize("expression", [None, " ", 3])
def test_a_line_that_asks_nothing_is_told_by_its_number(tmp_path: Path, expression: object) -> None:
    with pytest.raises(OptionsError, match=r"line 1 of .* cannot be asked: "):
        open_referring(listed(tmp_path, expression=expression))


def test_truth_of_a_list_that_holds_no_ground_is_told(tmp_path: Path) -> None:
    path = listed(tmp_path)
    truth = tmp_path / "open" / "truth.geojson"
    table = gpd.read_file(truth)
    table.loc[2, "geometry"] = FLAT
    table.to_file(truth)
    (found,) = open_referring(path)
    assert len(found.expressions[0].truth) == 2
    assert found.notices[0].startswith("1 of the outlines of ")
    table.geometry = [FLAT] * 3
    table.to_file(truth)
    with pytest.raises(DataError, match=r"none of the 3 outlines in .* holds ground"):
        open_referring(path)


def beside(path: Path) -> None:
    """Move the truth of a list away from its scene."""
    truth = path.parent / "truth.geojson"
    table = gpd.read_file(truth)
    table.geometry = table.translate(50_000)
    table.to_file(truth)


def test_truth_beside_its_scene_is_refused_unless_there_is_to_be_none(tmp_path: Path) -> None:
    path = listed(tmp_path)
    beside(path)
    with pytest.raises(OptionsError, match=r"line 1 of .*: none of the 3 polygons .* lies on"):
        open_referring(path)
    entry = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**entry, "truth_kind": "empty"}), "utf-8")
    (found,) = open_referring(path)
    assert found.expressions[0].truth.empty


def test_what_is_said_to_be_absent_has_no_truth_on_the_scene(tmp_path: Path) -> None:
    path = listed(tmp_path, truth_kind="empty")
    with pytest.raises(OptionsError, match=r"line 1 .* 'the red squares' .* but 3 polygons of"):
        open_referring(path)


def test_a_truth_without_rows_is_absent(tmp_path: Path) -> None:
    path = listed(tmp_path)
    truth = path.parent / "truth.geojson"
    gpd.read_file(truth)[:0].to_file(truth)
    (found,) = open_referring(path)
    assert found.expressions[0].kind == "empty"
