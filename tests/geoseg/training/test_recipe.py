import json
import shutil
from dataclasses import asdict
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import torch
import yaml
from affine import Affine

from geoseg.errors import CheckpointError, DataError, ModelError, OptionsError
from geoseg.evaluation.data_sets import evaluate
from geoseg.models.mllmseg.checkpoint import load_model
from geoseg.query import Query
from geoseg.segmenter import Running, embedded_folder, load_segmenter
from geoseg.training.finish import Outcome, write_finished
from geoseg.training.opened import open_validation
from geoseg.training.options import open_options
from geoseg.training.recipe import train, try_out
from geoseg.training.validation import quality_of
from tests.geoseg.models.mllmseg.tiny import tiny
from tests.geoseg.training.made_layer import write_made_layer
from tests.geoseg.training.runs import CHIP, MICRO, Heard, run_options, write_run

needs_weights = pytest.mark.skipif(
    not (embedded_folder() / "model.safetensors").exists(), reason="no weights in this checkout"
)

VALIDATION = "rendered:count=8&chip=56&absent=0.6"

SHORT = {
    "whole": {"steps": 14, "batch": 4, "learning_rate": 0.001, "warm_up": 3},
    "parts": {"lora": {"rank": 8}},
    "average": 0.6,
    "keep": {"validate_every": 100, "validation_samples": 4, "pictures": 2, "tensorboard": False},
    "machine": {"device": "cpu", "workers": 0, "threads": 1},
}


@needs_weights
def test_geoseg_tiny_learns_things_it_has_never_seen_in_seconds(tmp_path: Path) -> None:
    options = open_options(write_made_layer(tmp_path, **SHORT))
    source = open_validation(options)
    assert source is not None
    before = quality_of(evaluate(load_segmenter(running=Running("cpu")), source).outcomes)
    outcome = train(options, Heard())
    assert outcome is not None
    learned = load_segmenter(outcome.folder, Running("cpu"))
    after = quality_of(evaluate(learned, source).outcomes)
    assert before.mean_iou < 0.2
    assert after.mean_iou > before.mean_iou + 0.3
    spoken = [Query("the conveyor belts"), Query("the coolng towers")]
    assert not [told for told in learned.notices_for(spoken) if "does not know" in told]
    assert "'frobnicators'" in " ".join(learned.notices_for([Query("the frobnicators")]))


def test_a_finished_model_is_a_plain_checkpoint_that_answers_as_it_was_measured(
    tmp_path: Path,
) -> None:
    start = tiny().save(tmp_path / "start")
    options = run_options(tmp_path, model=str(start), parts={"lora": {"rank": 2}}, export="float32")
    outcome = train(options, Heard())
    assert outcome is not None
    assert sorted(path.name for path in outcome.folder.iterdir()) == [
        "README.md", "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json",
    ]  # fmt: skip
    model = load_model(outcome.folder, dtype=torch.float32)
    assert not any("lora" in name for name in model.state_dict())
    source = open_validation(options)
    assert source is not None
    again = evaluate(load_segmenter(outcome.folder, Running("cpu")), source, limit=2)
    assert outcome.quality is not None
    assert asdict(quality_of(again.outcomes)) == pytest.approx(
        asdict(outcome.quality), abs=0.01, nan_ok=True
    )
    config = json.loads((outcome.folder / "config.json").read_text("utf-8"))
    assert config["source"] == "start"
    assert config["trained_to_reject"] is True
    assert (tmp_path / "run" / "adapter" / "adapter_model.safetensors").exists()


def test_both_stages_of_a_model_made_from_nothing(scenes: Path, tmp_path: Path) -> None:
    config = write_run(
        tmp_path,
        data={"scenes": str(scenes), "shards": 2, "validation": VALIDATION},
        calibrate=0.4,
        tower={"steps": 3, "batch": 2, "learning_rate": 0.001},
        losses={"focal": 0, "pixel": 1, "absent": 0.25, "tower": 0.5},
        export="float32",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("geoseg.training.rendered.SHARD", 4)
        heard = Heard()
        outcome = train(open_options(config), heard)
    assert outcome is not None
    assert heard.steps == [("tower", step) for step in (1, 2, 3)] + [
        ("whole", step) for step in (1, 2, 3, 4)
    ]
    assert (tmp_path / "run" / "tower.state").exists()
    chips = np.zeros((1, CHIP, CHIP, 3), np.uint8)
    (answer,) = load_segmenter(outcome.folder, Running("cpu")).segment(chips, [Query("roofs")])
    assert answer.probability.shape == (1, CHIP, CHIP)
    told = json.loads((outcome.folder / "config.json").read_text("utf-8"))
    assert told["chips_per_second"] > 0
    assert told["calibration"]["false_accept"] == 0.4


def test_a_calibration_that_cannot_be_done_is_told_before_anything_is_learned(
    tmp_path: Path,
) -> None:
    options = run_options(tmp_path, calibrate=0.0001)
    for begin in (try_out, lambda options: train(options, Heard())):
        with pytest.raises(OptionsError, match=r"'calibrate: 0\.0001' is too low .*at least 9999"):
            begin(options)
    assert not options.run.exists()


def test_pictures_are_drawn_where_the_model_is_measured(tmp_path: Path) -> None:
    train(run_options(tmp_path), Heard())
    drawn = sorted(path.name for path in (tmp_path / "run" / "pictures").iterdir())
    assert drawn == ["0000000.jpg", "0000004.jpg"]


def test_a_look_before_tells_data_size_and_time_and_writes_nothing(tmp_path: Path) -> None:
    options = run_options(tmp_path)
    trial = try_out(options)
    assert [seen.name for seen in trial.data] == ["roofs.gpkg train", "roofs.gpkg val"]
    assert 0 < trial.learning <= trial.parameters
    (stage,) = trial.stages
    assert (stage.name, stage.steps) == ("whole", 4)
    assert stage.pace >= stage.seconds > 0
    assert stage.kept > 0
    assert trial.rendering is None
    assert trial.seconds == pytest.approx(4 * stage.pace + trial.examining)
    assert not options.run.exists()


def test_a_look_before_tells_what_is_still_to_be_rendered(scenes: Path, tmp_path: Path) -> None:
    data = {"scenes": str(scenes), "shards": 3, "validation": VALIDATION}
    config = write_run(tmp_path, data=data, export="float32")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("geoseg.training.rendered.SHARD", 4)
        patch.setattr("geoseg.training.trial.SCENE_SIDE", 32)
        trial = try_out(open_options(config))
    assert trial.rendering is not None
    assert (trial.rendering.there, trial.rendering.missing) == (2, 1)
    assert trial.rendering.seconds > 0
    size = sum(path.stat().st_size for path in scenes.iterdir())
    assert trial.rendering.size == pytest.approx(size / 2, rel=0.2)
    learned, measured = trial.data
    assert (learned.role, learned.images, learned.chips) == ("learning", 96, 0)
    assert (measured.role, measured.images, measured.read) == ("validation", 8, 8)
    assert 0 < learned.absent < 1


def test_a_finished_run_is_left_alone(tmp_path: Path) -> None:
    options = run_options(tmp_path)
    first = train(options, Heard())
    assert first is not None
    assert not first.before
    written = (first.folder / "model.safetensors").stat().st_mtime_ns
    again = train(options, heard := Heard())
    assert again is not None
    assert again.before
    assert again.folder == first.folder
    assert (heard.steps, heard.measured) == ([], [])
    assert (first.folder / "model.safetensors").stat().st_mtime_ns == written


@pytest.mark.parametrize("lost", ["finished.json", "model/model.safetensors"])
def test_a_run_that_lacks_a_part_is_finished_again(tmp_path: Path, lost: str) -> None:
    options = run_options(tmp_path)
    train(options, Heard())
    (options.run / lost).unlink()
    again = train(options, heard := Heard())
    assert again is not None
    assert not again.before
    assert heard.steps == []
    assert (options.run / lost).exists()


def test_a_finished_run_is_finished_again_where_it_is_to_be_stored_otherwise(
    tmp_path: Path,
) -> None:
    few = {
        "train": "rendered:seed=0&count=3&chip=56",
        "validation": "rendered:seed=1&count=4&chip=56&absent=0.6",
    }
    options = run_options(tmp_path, data=few, calibrate=0.5)
    first = train(options, Heard())
    assert first is not None
    assert "give more data" in first.notice
    same = train(options, Heard())
    assert same is not None
    assert (same.before, same.notice) == (True, first.notice)
    other = train(options.model_copy(update={"export": "float32"}), Heard())
    assert other is not None
    assert not other.before


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"export": "float32"}, r"export was \"auto\".*model with geoseg convert --dtype, or name"),
        ({"calibrate": 0.5}, r"calibrate was null and is 0\.5;.*model with geoseg calibrate, or"),
        ({"seed": 3}, r"seed was 0 and is 3;.*set them back, or name another folder with 'run'"),
    ],
)
def test_a_finished_model_is_not_replaced_where_the_states_are_gone(
    tmp_path: Path, changes: dict[str, object], told: str
) -> None:
    options = run_options(tmp_path)
    model = options.run / "model" / "model.safetensors"
    model.parent.mkdir(parents=True)
    model.write_bytes(b"learned")
    write_finished(options, Outcome(model.parent, None), files={})
    other = options.model_copy(update=changes)
    with pytest.raises(OptionsError, match=told):
        train(other, Heard())
    with pytest.raises(OptionsError, match=told):
        try_out(other)
    assert model.read_bytes() == b"learned"
    same = train(options, Heard())
    assert same is not None
    assert same.before


def test_a_look_before_is_refused_in_several_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(OptionsError, match="one of 2; call it without torchrun"):
        try_out(run_options(tmp_path))


def test_scenes_that_cannot_be_read_are_told_by_a_look_before(scenes: Path, tmp_path: Path) -> None:
    kept = shutil.copytree(scenes, tmp_path / "scenes")
    (kept / "000000004.json").write_text("{")
    data = {"scenes": str(kept), "shards": 2, "validation": VALIDATION}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("geoseg.training.rendered.SHARD", 4)
        with pytest.raises(DataError, match=r"000000004\.json' cannot be read.*renders them again"):
            try_out(run_options(tmp_path, data=data))


def test_an_image_that_no_polygon_lies_on_is_told_when_learning_begins(tmp_path: Path) -> None:
    config = write_run(tmp_path)
    shutil.copy(tmp_path / "scene.tif", tmp_path / "far.tif")
    with rasterio.open(tmp_path / "far.tif", "r+") as file:
        file.transform = Affine.translation(0, -50_000) @ file.transform
    content = yaml.safe_load(config.read_text("utf-8"))
    content["data"] |= {"images": ["*.tif"], "validation_share": 0.5, "seed": 7}
    config.write_text(yaml.safe_dump(content), "utf-8")
    train(open_options(config), heard := Heard())
    assert any("no polygon lies on" in notice and "far.tif" in notice for notice in heard.noticed)


def test_more_steps_are_refused_with_the_way_to_learn_on(tmp_path: Path) -> None:
    options = run_options(tmp_path)
    train(options, Heard())
    longer = options.whole.model_copy(update={"steps": 6})
    with pytest.raises(OptionsError) as caught:
        train(options.model_copy(update={"whole": longer}), Heard())
    assert "whole.steps was 4 and is 6" in str(caught.value)
    assert f"'model: {options.run / 'model'}'" in str(caught.value)


def test_a_look_at_a_finished_run_with_more_steps_is_refused_as_the_run_is(tmp_path: Path) -> None:
    options = run_options(tmp_path)
    train(options, Heard())
    longer = options.whole.model_copy(update={"steps": 6})
    with pytest.raises(OptionsError, match=r"whole\.steps was 4 and is 6"):
        try_out(options.model_copy(update={"whole": longer}))


def test_a_look_at_a_run_that_was_stopped_reckons_from_where_it_is(tmp_path: Path) -> None:
    options = run_options(tmp_path)

    class Impatient(Heard):
        def step(self, stage: str, done: int, steps: int, figures: dict[str, float]) -> None:
            super().step(stage, done, steps, figures)
            if done == 3:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(options, Impatient())
    state = (options.run / "whole.state").read_bytes()
    (stage,) = try_out(options).stages
    assert (stage.steps, stage.done, stage.left) == (4, 2, 2)
    assert (options.run / "whole.state").read_bytes() == state


def test_notices_of_what_is_learned_from_are_told_when_learning_begins(tmp_path: Path) -> None:
    config = write_run(tmp_path)
    frame = gpd.read_file(tmp_path / "roofs.gpkg")
    frame.loc[0, "geometry"] = None
    frame.to_file(tmp_path / "roofs.gpkg", layer="roofs")
    content = yaml.safe_load(config.read_text("utf-8"))
    content["data"]["validation_share"] = 0
    config.write_text(yaml.safe_dump(content), "utf-8")
    train(open_options(config), heard := Heard())
    assert len(heard.noticed) == 1
    assert "60 polygons in roofs.gpkg: 1 left out, without an outline" in heard.noticed[0]


def test_chips_of_another_size_are_refused_before_data_is_read(tmp_path: Path) -> None:
    options = run_options(tmp_path, model="geoseg-tiny")
    (tmp_path / "roofs.gpkg").unlink()
    with pytest.raises(OptionsError, match="the model sees 160; write 'chip: 160'"):
        try_out(options)


def test_words_that_the_model_does_not_know_are_told(tmp_path: Path) -> None:
    config = write_run(tmp_path)
    text = config.read_text("utf-8").replace("the ships", "the frobnicators")
    config.write_text(text, "utf-8")
    assert try_out(open_options(config)).unknown == ("frobnicators",)


def test_chips_of_another_size_than_the_models_are_refused(tmp_path: Path) -> None:
    options = run_options(tmp_path, model={"new": {**MICRO, "chip": 84}})
    with pytest.raises(OptionsError, match="the model sees 84; write 'chip: 84'"):
        try_out(options)


def test_a_model_in_which_nothing_learns_is_refused(tmp_path: Path) -> None:
    nothing = {
        "language": "frozen", "norm": False, "decoder": False, "embeddings": False,
        "head_rows": False,
    }  # fmt: skip
    with pytest.raises(OptionsError, match="nothing is left to learn"):
        try_out(run_options(tmp_path, parts=nothing))


def test_a_checkpoint_of_another_kind_is_told_before_anything_else(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "config.json").write_text('{"model_type": "sam"}')
    with pytest.raises(CheckpointError, match="'sam'"):
        try_out(run_options(tmp_path, model=str(other)))
    with pytest.raises(ModelError, match="no model called"):
        try_out(run_options(tmp_path, model="nowhere at all"))


def test_a_mistyped_path_is_told_with_what_is_there(tmp_path: Path) -> None:
    options = run_options(tmp_path, data={"train": f"refsegrs:{tmp_path}/RefSegRs?split=train"})
    with pytest.raises(DataError, match="RefSegRs"):
        try_out(options)
