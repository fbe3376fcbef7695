import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from geoseg.errors import CheckpointError
from geoseg.training.finish import ADAPTER, Outcome, calibrate_in_place, finish, quality_of
from geoseg.training.learner import Places
from geoseg.training.loop import Stage
from geoseg.training.opened import open_validation
from geoseg.training.options import TrainOptions
from geoseg.training.pupil import Pupil, open_pupil
from geoseg.training.ranks import Rank
from geoseg.training.recipe import whole_stage
from geoseg.training.states import MODEL
from tests.geoseg.evaluation.made_up import ListedSource, coloured
from tests.geoseg.models.mllmseg.tiny import CHIP_SIZE, tiny
from tests.geoseg.training.runs import run_options

PLACES = Places(torch.device("cpu"), Rank())

STEPS = 2

DRAWN = "mask_decoder.pixels.1.bias"
"""A weight of the decoder that learns in every run."""


def taught(options: TrainOptions) -> tuple[Pupil, Stage]:
    """A pupil after some steps, whose average lags behind."""
    pupil = open_pupil(options, PLACES)
    stage = whole_stage(pupil, options, PLACES)
    for step in range(STEPS):
        stage.learner.update(stage.steps.batches(step))
    return pupil, stage


def finished(options: TrainOptions) -> Outcome:
    pupil, stage = taught(options)
    return finish(pupil, stage.learner, options, stage.examiner)


def weights(folder: Path) -> dict[str, Tensor]:
    return load_file(folder / "model.safetensors")


def config(folder: Path) -> dict[str, Any]:
    known: dict[str, Any] = json.loads((folder / "config.json").read_text("utf-8"))
    return known


def copies(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.clone() for name, tensor in tensors.items()}


def further(folder: Path, **changes: Any) -> TrainOptions:  # noqa: ANN401 any setting
    """A run that trains a checkpoint further."""
    start = tiny().save(folder / "start")
    frozen = {"language": "frozen"}
    return run_options(folder, **{"model": str(start), "parts": frozen, **changes})


def test_the_averaged_weights_are_written_and_the_last_ones_stay_in_place(tmp_path: Path) -> None:
    options = run_options(tmp_path, export="float32")
    pupil, stage = taught(options)
    learner = stage.learner
    last, mean = copies(learner.learned), copies(learner.average.tensors)
    outcome = finish(pupil, learner, options, None)
    written = weights(outcome.folder)
    assert torch.equal(written[DRAWN], mean[f"model.{DRAWN}"])
    assert not torch.equal(written[DRAWN], last[f"model.{DRAWN}"])
    assert all(torch.equal(learner.learned[name], tensor) for name, tensor in last.items())
    assert all(torch.equal(learner.average.tensors[name], tensor) for name, tensor in mean.items())


def test_the_rows_that_learned_apart_are_in_the_head_that_is_written(tmp_path: Path) -> None:
    options = further(tmp_path, export="float32")
    pupil, stage = taught(options)
    mean = stage.learner.average.tensors["rows"].clone()
    written = weights(finish(pupil, stage.learner, options, None).folder)["lm_head.weight"]
    known = pupil.origin.model.config
    assert torch.equal(written[[known.seg_token_id, known.rej_token_id]], mean)
    others = [row for row in range(64) if row not in (known.seg_token_id, known.rej_token_id)]
    assert torch.equal(written[others], tiny().model.lm_head.weight.detach()[others])


@pytest.mark.parametrize(("export", "kept"), [("auto", torch.float32), ("float16", torch.float16)])
def test_weights_are_stored_in_the_numbers_asked_for(
    tmp_path: Path, export: str, kept: torch.dtype
) -> None:
    outcome = finished(further(tmp_path, export=export))
    floats = {one.dtype for one in weights(outcome.folder).values() if one.is_floating_point()}
    assert floats == {kept}
    assert config(outcome.folder)["dtype"] == str(kept).removeprefix("torch.")


def test_a_checkpoint_trained_further_tells_of_its_origin_and_not_of_a_speed(
    tmp_path: Path,
) -> None:
    known = config(finished(further(tmp_path)).folder)
    assert (known["source"], known["source_commit"]) == ("start", None)
    assert known["source_changes"] == ["trained further by geoseg"]
    assert known.get("chips_per_second") is None
    assert known["parameters"] == sum(one.numel() for one in tiny().model.parameters())


def test_a_model_made_from_nothing_tells_its_speed_and_no_origin(tmp_path: Path) -> None:
    outcome = finished(run_options(tmp_path))
    known = config(outcome.folder)
    assert known["chips_per_second"] > 0
    assert known["source"] is None
    assert known["source_changes"] == []
    assert "Trained from nothing." in (outcome.folder / "README.md").read_text("utf-8")


def test_lora_alone_is_kept_beside_the_model_and_only_where_there_is_one(tmp_path: Path) -> None:
    lora, plain = tmp_path / "lora", tmp_path / "plain"
    for folder in (lora, plain):
        folder.mkdir()
    outcome = finished(further(lora, parts={"lora": {"rank": 2}}))
    small = load_file(lora / "run" / ADAPTER / "adapter_model.safetensors")
    assert all("lora_" in name for name in small)
    assert set(weights(outcome.folder)) == set(tiny().model.state_dict())
    assert outcome.folder == lora / "run" / MODEL
    finished(further(plain))
    assert [path.name for path in (plain / "run").iterdir()] == [MODEL]


def test_what_is_told_of_quality_is_that_of_the_written_checkpoint(tmp_path: Path) -> None:
    options = further(tmp_path, export="bfloat16")
    outcome = finished(options)
    source = open_validation(options)
    assert source is not None
    assert outcome.quality is not None
    again = quality_of(outcome.folder, source, options)
    assert asdict(outcome.quality) == pytest.approx(asdict(again), nan_ok=True)
    page = (outcome.folder / "README.md").read_text("utf-8")
    assert f"- On validation data: {outcome.quality}." in page
    assert "Learned parts: decoder, norm, head rows." in page


def test_without_validation_data_nothing_is_measured(tmp_path: Path) -> None:
    options = further(tmp_path)
    pupil, stage = taught(options)
    outcome = finish(pupil, stage.learner, options, None)
    assert outcome.quality is None
    assert outcome.notice == ""
    assert "validation" not in (outcome.folder / "README.md").read_text("utf-8")


def test_calibration_changes_the_configuration_and_no_weight(tmp_path: Path) -> None:
    options = further(tmp_path, calibrate=0.5)
    pupil, stage = taught(options)
    folder = finish(pupil, stage.learner, options, None).folder
    plain, before = (folder / "model.safetensors").read_bytes(), config(folder)
    source = ListedSource(
        [coloured((CHIP_SIZE, CHIP_SIZE), np.s_[9:30, 9:40], name=str(n)) for n in range(8)]
    )
    calibrate_in_place(folder, source, options)
    after = config(folder)
    assert (folder / "model.safetensors").read_bytes() == plain
    assert after["calibration"]["data"] == "made up"
    assert after["calibration"]["false_accept"] == 0.5
    moved = {name for name, value in after.items() if before.get(name) != value}
    assert moved <= {
        "calibration", "mask_logit_scale", "mask_logit_offset", "presence_logit_offset",
    }  # fmt: skip


def test_what_cannot_be_calibrated_is_told_and_written_all_the_same(tmp_path: Path) -> None:
    outcome = finished(further(tmp_path, calibrate=0.0001))
    assert "the model is not calibrated: " in outcome.notice
    assert config(outcome.folder).get("calibration") is None
    assert outcome.quality is not None


def test_a_calibration_on_little_data_is_told_to_be_in_doubt(tmp_path: Path) -> None:
    few = {
        "train": "rendered:seed=0&count=3&chip=56",
        "validation": "rendered:seed=1&count=4&chip=56&absent=0.6",
    }
    outcome = finished(further(tmp_path, calibrate=0.5, data=few))
    assert config(outcome.folder)["calibration"]["false_accept"] == 0.5
    assert "give more data" in outcome.notice


def test_numbers_too_large_to_store_are_told_and_the_former_model_stays(tmp_path: Path) -> None:
    options = further(tmp_path, export="float16")
    pupil, stage = taught(options)
    folder = finish(pupil, stage.learner, options, None).folder
    before = (folder / "model.safetensors").read_bytes()
    stage.learner.average.tensors[f"model.{DRAWN}"].fill_(1e30)
    with pytest.raises(CheckpointError, match=rf"{DRAWN} holds numbers that torch\.float16 cannot"):
        finish(pupil, stage.learner, options, None)
    assert (folder / "model.safetensors").read_bytes() == before
