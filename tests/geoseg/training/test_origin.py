from pathlib import Path

import torch

from geoseg.training.options import TrainOptions
from geoseg.training.origin import open_origin
from tests.geoseg.models.mllmseg.tiny import tiny
from tests.geoseg.training.runs import MICRO, run_options

CPU = torch.device("cpu")


def start(folder: Path, **changes: object) -> TrainOptions:
    known = tiny(mask_logit_scale=2.0, presence_logit_offset=-0.5)
    return run_options(folder, model=str(known.save(folder / "start")), **changes)


def test_a_checkpoint_is_called_by_its_folder_without_the_place_it_lies_in(tmp_path: Path) -> None:
    assert open_origin(start(tmp_path), CPU).name == "start"


def test_an_old_calibration_does_not_belong_to_what_will_be_learned(tmp_path: Path) -> None:
    config = open_origin(start(tmp_path), CPU).model.config
    assert (config.mask_logit_scale, config.presence_logit_offset) == (1.0, 0.0)
    assert config.calibration is None


def test_what_is_frozen_can_be_kept_in_half_the_memory(tmp_path: Path) -> None:
    machine = {"device": "cpu", "frozen": "bfloat16"}
    origin = open_origin(start(tmp_path, machine=machine), CPU)
    assert origin.model.dtype == torch.bfloat16
    assert origin.stored == torch.float32


def test_a_new_model_depends_on_the_seed_alone(tmp_path: Path) -> None:
    options = run_options(tmp_path, model={"new": MICRO})
    one, two = (open_origin(options, CPU).model.state_dict() for _ in range(2))
    other = open_origin(options.model_copy(update={"seed": 1}), CPU).model.state_dict()
    assert all(torch.equal(part, two[name]) for name, part in one.items())
    assert not torch.equal(one["lm_head.weight"], other["lm_head.weight"])
