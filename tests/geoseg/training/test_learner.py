from pathlib import Path

import pytest
import torch

from geoseg.errors import DivergedError
from geoseg.training.data_options import RenderedData
from geoseg.training.learner import Learner, Places
from geoseg.training.options import StageOptions, TrainOptions
from geoseg.training.pupil import open_pupil
from geoseg.training.ranks import Rank
from geoseg.training.recipe import WHOLE, tower_stage, whole_stage
from tests.geoseg.training.runs import run_options

PLACES = Places(torch.device("cpu"), Rank())


def learner_of(options: TrainOptions, steps: int) -> Learner:
    stage = whole_stage(open_pupil(options, PLACES), options, PLACES)
    for step in range(steps):
        stage.learner.update(stage.steps.batches(step))
    return stage.learner


def weights(learner: Learner) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in learner.learned.items()}


@pytest.mark.parametrize("kind", ["adamw", "muon"])
def test_going_on_from_a_state_gives_the_same_weights_as_going_through(
    tmp_path: Path, kind: str
) -> None:
    options = run_options(tmp_path, optimiser={"kind": kind})
    through = learner_of(options, 4)
    state = learner_of(options, 2).state(WHOLE, {})
    stage = whole_stage(open_pupil(options, PLACES), options, PLACES)
    stage.learner.resume(state)
    for step in range(2, 4):
        stage.learner.update(stage.steps.batches(step))
    for name, expected in weights(through).items():
        assert torch.equal(stage.learner.learned[name], expected), name
    for name, expected in through.average.tensors.items():
        assert torch.equal(stage.learner.average.tensors[name], expected), name


def test_two_small_batches_teach_what_one_large_one_does(tmp_path: Path) -> None:
    every = {"queries": 3, "absent": 0.4, "all_empty": 0.3, "augment": False}
    kept = {"vision": True, "language": "all", "statistics": False}
    large, small = (
        run_options(
            tmp_path,
            ask=every,
            parts=kept,
            losses={"pixel": 1, "absent": 1},
            whole={"steps": 4, "learning_rate": 0.001, "warm_up": 1, **sizes},
        )
        for sizes in ({"batch": 4}, {"batch": 2, "accumulate": 2})
    )
    one, two = (learner_of(options, 1) for options in (large, small))
    for name, expected in weights(one).items():
        torch.testing.assert_close(two.learned[name], expected, atol=2e-4, rtol=1e-3)


def test_frozen_parts_stay_as_they_are(tmp_path: Path) -> None:
    options = run_options(tmp_path, parts={"language": "frozen", "embeddings": False})
    learner = learner_of(options, 0)
    before = {name: part.clone() for name, part in learner.module.state_dict().items()}
    stage = whole_stage(open_pupil(options, PLACES), options, PLACES)
    for step in range(2):
        stage.learner.update(stage.steps.batches(step))
    after = stage.learner.module.state_dict()
    moved = {name for name, part in before.items() if not torch.equal(part, after[name])}
    assert moved
    allowed = ("rows", "model.mask_decoder", "model.language_model.norm")
    assert all(name.startswith(allowed) for name in moved)


def test_layers_that_are_computed_twice_learn_the_same(tmp_path: Path) -> None:
    plain = run_options(tmp_path)
    machine = plain.machine.model_copy(update={"checkpointing": True})
    one = learner_of(plain, 1)
    two = learner_of(plain.model_copy(update={"machine": machine}), 1)
    for name, expected in weights(one).items():
        torch.testing.assert_close(two.learned[name], expected, atol=1e-5, rtol=1e-5)


HALF = 0.03
"""Of a loss: how far it may be in bfloat16 from what it is in float32, after a few steps of
learning as well. Measured on a CPU: 0.003."""

SIZES = StageOptions(steps=3, batch=4, learning_rate=0.001, warm_up=1)


def losses_of(options: TrainOptions, device: str) -> list[dict[str, float]]:
    """What was wrong in the first steps of both stages, on a device."""
    places = Places(torch.device(device), Rank())
    pupil = open_pupil(options, places)
    figures = []
    stages = (
        tower_stage(pupil, options, SIZES, places=places),
        whole_stage(pupil, options, places),
    )
    for stage in stages:
        figures += [stage.learner.update(stage.steps.batches(step)) for step in range(SIZES.steps)]
        stage.learner.settle()
    beside = {"gradient", "learning_rate"}
    return [{kind: one[kind] for kind in one.keys() - beside} for one in figures]


GPU = pytest.param(
    "cuda:0",
    marks=[
        pytest.mark.gpu,
        pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
    ],
)


@pytest.mark.parametrize("device", ["cpu", GPU])
def test_half_precision_learns_what_the_cpu_learns_in_whole_in_both_stages(
    scenes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, device: str
) -> None:
    monkeypatch.setattr("geoseg.training.rendered.SHARD", 4)
    data = RenderedData(scenes=scenes, shards=2, validation=None)
    whole = run_options(tmp_path, losses={"pixel": 1, "absent": 0.25}).model_copy(
        update={"data": data, "whole": SIZES}
    )
    machine = whole.machine.model_copy(update={"numbers": "bfloat16"})
    expected = losses_of(whole, "cpu")
    found = losses_of(whole.model_copy(update={"machine": machine}), device)
    kinds = {"decision", "focal", "dice", "pixel", "absent"}
    assert [set(figures) for figures in found] == [{"tower"}] * 3 + [kinds] * 3
    for rough, exact in zip(found, expected, strict=True):
        assert rough == pytest.approx(exact, rel=HALF)
    assert found != expected


def test_a_loss_that_is_no_number_names_step_and_samples(tmp_path: Path) -> None:
    options = run_options(
        tmp_path, whole={"steps": 9, "batch": 2, "learning_rate": 1e30, "warm_up": 1}
    )
    with pytest.raises(DivergedError, match=r"in step \d+ \(samples: .*scene.tif rows"):
        learner_of(options, 9)
