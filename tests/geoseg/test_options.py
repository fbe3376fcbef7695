import math
from pathlib import Path

import pytest

from geoseg.errors import OptionsError
from geoseg.options import RunOptions, flag_of, settings

CONFIGS = sorted((Path(__file__).parents[2] / "configs").glob("*.yaml"))


def test_defaults_need_nothing() -> None:
    assert RunOptions.of(None) == RunOptions() == RunOptions.of({})


def test_a_nested_mapping_sets_what_it_names() -> None:
    options = RunOptions.of({"chips": {"overlap": 8}, "mask": {"threshold": 0.25}})
    assert (options.chips.overlap, options.mask.threshold, options.chips.batch) == (8, 0.25, 4)


def test_options_pass_through() -> None:
    options = RunOptions.of({"chips": {"batch": 9}})
    assert RunOptions.of(options) is options


def test_yaml_and_mapping_say_the_same(tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    path.write_text("chips:\n  overlap: 8\nimage:\n  bands: [3, 2, 1]\n")
    assert RunOptions.of(path) == RunOptions.of(
        {"chips": {"overlap": 8}, "image": {"bands": "3,2,1"}}
    )
    assert RunOptions.of(str(path)) == RunOptions.of(path)


def test_a_group_with_nothing_under_it_means_defaults(tmp_path: Path) -> None:
    (tmp_path / "run.yaml").write_text("mask:\nchips:\n  batch: 2\n")
    assert RunOptions.of(tmp_path / "run.yaml") == RunOptions.of({"chips": {"batch": 2}})


def test_no_value_may_mean_no_data() -> None:
    nodata = RunOptions.of({"image": {"nodata": "nan"}}).image.nodata
    assert nodata is not None
    assert math.isnan(nodata)


def test_options_built_directly_are_checked_in_the_same_words() -> None:
    assert RunOptions(mask={"threshold": 0.25}) == RunOptions.of({"mask": {"threshold": 0.25}})
    with pytest.raises(OptionsError, match="--threshold"):
        RunOptions(mask={"threshold": 2})


def test_an_empty_yaml_file_means_defaults(tmp_path: Path) -> None:
    (tmp_path / "run.yaml").write_text("# nothing\n")
    assert RunOptions.of(tmp_path / "run.yaml") == RunOptions()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"mask": {"treshold": 0.5}}, ["mask.treshold", "threshold, presence"]),
        ({"masks": {}}, ["'masks'", "chips, image, mask"]),
        ({"mask": {"threshold": 1.5}}, ["mask.threshold", "--threshold", "1.5"]),
        ({"mask": {"threshold": float("nan")}}, ["mask.threshold", "nan"]),
        ({"chips": {"overlap": -1}}, ["chips.overlap", "--overlap", "-1"]),
        ({"chips": {"batch": 0}}, ["--batch", "0"]),
        ({"image": {"bands": "1,x"}}, ["image.bands", "'x'"]),
        ({"image": {"bands": [1, 2, 3, 4]}}, ["--bands", "one band"]),
        ({"image": {"bands": "1,2"}}, ["--bands", "three"]),
        ({"image": {"bands": [True, 2, 3]}}, ["--bands", "yes or no"]),
        ({"mask": {"threshold": True}}, ["--threshold", "yes or no"]),
        ({"model": {"device": "tpu"}}, ["--device", "tpu"]),
        ({"polygons": {"min_area_m2": -2}}, ["--min-area", "-2"]),
        ({"polygons": {"simplify_m": float("inf")}}, ["--simplify", "inf"]),
        ({"mask": 3}, ["mask", "3"]),
        ([1], ["options"]),
    ],
)
def test_a_wrong_setting_is_named_with_what_was_given(given: object, told: list[str]) -> None:
    with pytest.raises(OptionsError) as caught:
        RunOptions.of(given)  # type: ignore[arg-type] # the point of the test
    assert all(part in str(caught.value) for part in told), str(caught.value)


@pytest.mark.parametrize("content", ["- 1\n- 2\n", "a: [", "just text"])
def test_a_file_that_holds_no_options_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "run.yaml").write_text(content)
    with pytest.raises(OptionsError, match=r"run\.yaml"):
        RunOptions.of(tmp_path / "run.yaml")


@pytest.mark.parametrize("written", ["1e3", "1.e+3", "+1.0E3", "1_000", "10e2"])
def test_a_number_may_be_written_with_an_exponent(tmp_path: Path, written: str) -> None:
    (tmp_path / "run.yaml").write_text(f"chips: {{batch: {written}}}\n")
    assert RunOptions.of(tmp_path / "run.yaml").chips.batch == 1000


@pytest.mark.parametrize("word", ["e3", "1e3x", "'1e3'", "1e"])
def test_what_only_looks_like_a_number_stays_text(tmp_path: Path, word: str) -> None:
    (tmp_path / "run.yaml").write_text(f"model: {{name: {word}}}\n")
    assert RunOptions.of(tmp_path / "run.yaml").model.name == word.strip("'")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("mask:\n\tthreshold: 0.5\n", "line 2: there is a tab; write spaces"),
        ("mask:\n  threshold: 0.5\n\tpresence: 0.5\n", "line 3: there is a tab"),
        ("mask: threshold: 0.5\n", "line 1: mapping values are not allowed here; check"),
    ],
)
def test_what_is_no_yaml_is_told_by_its_line(tmp_path: Path, content: str, told: str) -> None:
    (tmp_path / "run.yaml").write_text(content)
    with pytest.raises(OptionsError, match=told):
        RunOptions.of(tmp_path / "run.yaml")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(OptionsError, match=r"nowhere\.yaml"):
        RunOptions.of(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_ready_configs_load(path: Path) -> None:
    assert RunOptions.of(path) != RunOptions()


def test_there_are_ready_configs() -> None:
    assert CONFIGS


def test_every_setting_has_a_help_text_and_its_own_flag() -> None:
    flags = [flag_of(field).split(" ")[0] for _, _, field in settings() if flag_of(field)]
    assert len(flags) == len(set(flags)) > 10
    assert all(str(field.description).endswith((".", ")")) for _, _, field in settings())


@pytest.mark.parametrize(("gsd", "told"), [(0.001, "at least 0.01"), (2000, "at most 1000")])
def test_a_gsd_out_of_bounds_is_refused(gsd: float, told: str) -> None:
    with pytest.raises(OptionsError, match=rf"image\.gsd \(--gsd, GEOSEG_GSD\) must be {told}"):
        RunOptions.of({"image": {"gsd": gsd}})


def test_scores_can_go_to_the_users_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    options = RunOptions.of({"mask": {"scores": "~/scores.tif"}})
    assert options.mask.scores == str(tmp_path / "scores.tif")
    assert RunOptions.of({"mask": {"scores": None}}).mask.scores is None
