"""Which data a run learns from and is measured on."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from geoseg.errors import DataError, OptionsError
from geoseg.training.batches import Example
from geoseg.training.data.own_layer import own_layer_source
from geoseg.training.data.own_options import OwnLayerOptions
from geoseg.training.opened import (
    check_calibration,
    check_chip,
    files_of,
    known_chip,
    open_examples,
    open_training,
    open_validation,
)
from geoseg.training.options import TrainOptions, open_options
from geoseg.training.rendered import RenderedExamples
from geoseg.training.sampled import SampledExamples
from tests.geoseg.training.runs import CHIP, run_options, write_run

NAMED = "rendered:seed={}&count=3&chip=56"

PLACES = range(6)


def named(folder: Path, *train: str, **data: str) -> TrainOptions:
    """A run on data sets by their names."""
    return run_options(folder, data={"train": list(train), **data})


def own_layer(options: TrainOptions) -> OwnLayerOptions:
    assert isinstance(options.data, OwnLayerOptions)
    return options.data


def same(one: Example, other: Example) -> bool:
    return one.phrases == other.phrases and np.array_equal(one.image, other.image)


def test_an_own_layer_is_learned_from_and_measured_on_in_different_places(tmp_path: Path) -> None:
    options = run_options(tmp_path)
    (training,) = open_training(options)
    validation = open_validation(options)
    assert validation is not None
    assert (training.name, validation.name) == ("roofs.gpkg train", "roofs.gpkg val")
    here, there = (
        {source[index].group for index in range(len(source))} for source in (training, validation)
    )
    assert here
    assert there
    assert not here & there


def test_data_sets_come_by_their_names_in_the_order_given(tmp_path: Path) -> None:
    options = named(tmp_path, NAMED.format(40), NAMED.format(20), validation=NAMED.format(900))
    names = [source.name for source in open_training(options)]
    assert names == ["rendered 40..42", "rendered 20..22"]
    validation = open_validation(options)
    assert validation is not None
    assert validation.name == "rendered 900..902"


def test_of_rendered_scenes_nothing_is_opened_to_learn_from(tmp_path: Path) -> None:
    data = {"scenes": str(tmp_path / "none"), "validation": None}
    options = run_options(tmp_path, data=data)
    assert open_training(options) == []
    assert open_validation(options) is None


def test_nothing_is_measured_where_nothing_is_kept_for_it(tmp_path: Path) -> None:
    assert open_validation(named(tmp_path, NAMED.format(0))) is None
    options = run_options(tmp_path)
    kept = own_layer(options).model_copy(update={"validation_share": 0.0})
    assert open_validation(options.model_copy(update={"data": kept})) is None


def test_what_is_there_is_told_before_the_first_example(tmp_path: Path) -> None:
    options = run_options(tmp_path, data={"scenes": str(tmp_path / "none"), "shards": 1})
    with pytest.raises(DataError, match="holds no scenes"):
        open_examples(options, chip=CHIP, stage=1)


def test_rendered_examples_differ_between_stages_and_seeds(scenes: Path, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("geoseg.training.rendered.SHARD", 4)
        options = run_options(tmp_path, data={"scenes": str(scenes), "shards": 2})
        other_seed = options.model_copy(update={"seed": 1})
        first, again, other, seeded = (
            open_examples(of, chip=CHIP, stage=stage)
            for of, stage in ((options, 1), (options, 1), (options, 2), (other_seed, 1))
        )
    assert isinstance(first, RenderedExamples)
    assert all(same(first(place), again(place)) for place in PLACES)
    assert not any(same(first(place), other(place)) for place in PLACES)
    assert not any(same(first(place), seeded(place)) for place in PLACES)
    assert first(0).image.shape == (CHIP, CHIP, 3)


def test_examples_of_an_own_layer_are_what_its_samples_give(tmp_path: Path) -> None:
    options = run_options(tmp_path)
    examples = open_examples(options, chip=28, stage=2)
    source = own_layer_source(own_layer(options), "train")
    expected = SampledExamples([source], options.ask, chip=28, seed=options.seed)
    assert all(same(examples(place), expected(place)) for place in PLACES)
    assert examples(0).image.shape == (28, 28, 3)


def test_several_data_sets_are_asked_in_turn(tmp_path: Path) -> None:
    examples = open_examples(
        named(tmp_path, NAMED.format(40), NAMED.format(20)), chip=CHIP, stage=2
    )
    names = [examples(place).name for place in range(4)]
    ends = [40 <= int(name.rpartition(" ")[2]) < 43 for name in names]
    assert ends == [True, False, True, False]


def test_a_rate_for_which_there_is_too_little_validation_data_is_refused(tmp_path: Path) -> None:
    options = named(tmp_path, NAMED.format(0), validation=NAMED.format(900))
    check_calibration(options)
    check_calibration(options.model_copy(update={"calibrate": 0.5}))
    own = run_options(tmp_path)
    told = r"'calibrate: 0\.01' is too low for .*at least 99 .* or leave 'calibrate' out"
    with pytest.raises(OptionsError, match=told):
        check_calibration(options.model_copy(update={"calibrate": 0.01}))
    with pytest.raises(OptionsError, match=told):
        check_calibration(own.model_copy(update={"calibrate": 0.01}))


def test_only_files_of_an_own_layer_have_marks(tmp_path: Path) -> None:
    marks = files_of(run_options(tmp_path))
    assert sorted(Path(path).name for path in marks) == ["roofs.gpkg", "scene.tif"]
    assert files_of(named(tmp_path, NAMED.format(0))) == {}


def test_an_own_layer_is_cut_into_chips_of_the_models_size(tmp_path: Path) -> None:
    options = run_options(tmp_path)
    check_chip(options, CHIP)
    with pytest.raises(OptionsError, match="chips of 56 pixels, but the model sees 448; write"):
        check_chip(options, 448)
    check_chip(named(tmp_path, NAMED.format(0)), 448)


@pytest.mark.parametrize("data", ["train", "validation", "rendered"])
def test_an_own_layer_by_its_name_is_cut_into_such_chips_too(tmp_path: Path, data: str) -> None:
    config = write_run(tmp_path)
    sets = {"train": NAMED.format(0), "validation": NAMED.format(900)}
    changes = {
        "train": {**sets, "train": [NAMED.format(0), f"own-layer:{config}?split=train"]},
        "validation": {**sets, "validation": f"own-layer:{config}?split=val"},
        "rendered": {"scenes": str(tmp_path), "validation": f"own-layer:{config}?split=val"},
    }
    content = yaml.safe_load(config.read_text("utf-8")) | {"data": changes[data]}
    (tmp_path / "named.yaml").write_text(yaml.safe_dump(content), "utf-8")
    options = open_options(tmp_path / "named.yaml")
    check_chip(options, CHIP)
    with pytest.raises(
        OptionsError, match=r"data\.yaml.* chips of 56 pixels, but the model sees 4"
    ):
        check_chip(options, 448)


@pytest.mark.parametrize(
    ("model", "chip"),
    [
        ({"new": {"chip": 84}}, 84),
        ("geoseg-tiny", 160),
        ("jcwang0602/MLLMSeg_InternVL2_5_1B_RES", 448),
        ("somebody/something", None),
    ],
)
def test_the_chip_size_is_known_before_a_model_is_loaded(
    tmp_path: Path, model: object, chip: int | None
) -> None:
    assert known_chip(run_options(tmp_path, model=model)) == chip
