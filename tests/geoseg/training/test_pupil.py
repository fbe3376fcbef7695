"""What is made ready before the first step."""

from pathlib import Path

import pytest
import torch
import yaml

from geoseg.errors import ModelError, OptionsError
from geoseg.training.learner import Places
from geoseg.training.options import TrainOptions
from geoseg.training.pupil import BESIDE, Pupil, open_pupil
from geoseg.training.ranks import Rank
from geoseg.training.recipe import train
from tests.geoseg.models.mllmseg.tiny import CHIP_SIZE, tiny
from tests.geoseg.training.runs import MICRO, Heard, run_options, write_run

PLACES = Places(torch.device("cpu"), Rank())

PLAIN = {"parts": {"language": "frozen"}}

LORA = {"parts": {"lora": {"rank": 2}}}


def start(folder: Path) -> str:
    """A checkpoint that can be trained further."""
    return str(tiny().save(folder / "start"))


def opened(folder: Path, **changes: object) -> Pupil:
    return open_pupil(run_options(folder, **changes), PLACES)


def test_a_model_is_read_from_a_checkpoint_with_what_learns_chosen(tmp_path: Path) -> None:
    pupil = opened(tmp_path, model=start(tmp_path), **PLAIN)
    assert pupil.origin.name == "start"
    learning = {
        name.split(".")[1] if name.startswith("model.") else name
        for name, one in pupil.answering.named_parameters()
        if one.requires_grad
    }
    assert learning == {"rows", "mask_decoder", "language_model"}
    assert pupil.origin.model.language_model.norm.weight.requires_grad
    assert not any(one.requires_grad for one in pupil.origin.model.vision_tower.parameters())


def test_numbers_that_learn_are_counted_once(tmp_path: Path) -> None:
    only = {"language": "frozen", "norm": False, "decoder": False, "embeddings": False}
    pupil = opened(tmp_path, model=start(tmp_path), parts=only)
    assert pupil.learning == pupil.answering.rows.numel() == 2 * 24
    with_norm = opened(tmp_path, model=start(tmp_path), parts={**only, "norm": True})
    assert with_norm.learning == 3 * 24


def test_lora_learns_but_is_no_part_of_the_model(tmp_path: Path) -> None:
    plain = opened(tmp_path, model=start(tmp_path), **PLAIN)
    lora = opened(tmp_path, model=start(tmp_path), **LORA)
    assert plain.parameters == lora.parameters == sum(p.numel() for p in tiny().model.parameters())
    wide, narrow, middle, keys = 40, 24, 24, 12  # of the language model's layers, both alike
    pairs = [
        (middle, narrow), (keys, narrow), (keys, narrow), (narrow, middle), (wide, narrow),
        (wide, narrow), (narrow, wide),
    ]  # fmt: skip
    assert lora.learning - plain.learning == 2 * 2 * sum(a + b for a, b in pairs)


@pytest.mark.parametrize(
    ("absent", "empty", "told"), [(0.3, 0.0, True), (0.0, 0.06, True), (0.0, 0.0, False)]
)
def test_a_model_that_is_shown_what_is_absent_is_said_to_be_able_to_refuse(
    tmp_path: Path, *, absent: float, empty: float, told: bool
) -> None:
    ask = {"absent": absent, "all_empty": empty}
    assert opened(tmp_path, ask=ask).origin.model.config.trained_to_reject is told


def test_a_model_that_nothing_absent_can_be_shown_is_not_said_to_refuse(tmp_path: Path) -> None:
    config = yaml.safe_load(write_run(tmp_path).read_text("utf-8"))
    alone = {"ask": {"borrow": False}, "data": {**config["data"], "absent": 0}}
    assert opened(tmp_path, **alone).origin.model.config.trained_to_reject is False
    folder = tiny().save(tmp_path / "start")
    further = opened(tmp_path, model=str(folder), **alone, **PLAIN)
    assert further.origin.model.config.trained_to_reject is None


@pytest.mark.parametrize("lesson", ["tower", "losses"])
def test_patches_that_the_lesson_of_the_tower_cannot_part_are_refused_before_scenes_are_rendered(
    tmp_path: Path, lesson: str
) -> None:
    taught = {"tower": {"steps": 1, "batch": 1}, "losses": {"tower": 0.5}}
    options = run_options(
        tmp_path,
        model={"new": {**MICRO, "chip": 70, "patch": 7}},
        data={"scenes": str(tmp_path / "scenes"), "shards": 1},
        **{lesson: taught[lesson]},
    )
    with pytest.raises(OptionsError, match=r"every second pixel, and a patch has 7; .* even"):
        train(options, Heard())
    assert not (tmp_path / "scenes").exists()


def test_a_checkpoint_that_could_refuse_can_still_where_that_is_not_trained(tmp_path: Path) -> None:
    folder = tiny(trained_to_reject=True).save(tmp_path / "start")
    pupil = opened(tmp_path, model=str(folder), ask={"absent": 0.0, "all_empty": 0.0}, **PLAIN)
    assert pupil.origin.model.config.trained_to_reject is True


def test_rows_that_do_not_learn_teach_nothing_about_absence(tmp_path: Path) -> None:
    without = {"language": "frozen", "head_rows": False}
    folder = tiny(trained_to_reject=False).save(tmp_path / "start")
    pupil = opened(tmp_path, model=str(folder), parts=without)
    assert pupil.origin.model.config.trained_to_reject is False


def test_the_same_seed_gives_the_same_pupil(tmp_path: Path) -> None:
    def weights(options: TrainOptions) -> dict[str, torch.Tensor]:
        pupil = open_pupil(options, PLACES)
        return {**pupil.answering.state_dict(), **pupil.pixel_head.state_dict(prefix="head.")}

    options = run_options(tmp_path)
    one, again = weights(options), weights(options)
    other = weights(options.model_copy(update={"seed": 1}))
    assert all(torch.equal(one[name], again[name]) for name in one)
    assert not torch.equal(one["rows"], other["rows"])
    assert not torch.equal(one["head.linear.weight"], other["head.linear.weight"])


def test_chips_of_another_size_are_refused_before_anything_learns(tmp_path: Path) -> None:
    with pytest.raises(OptionsError, match=f"chips of {CHIP_SIZE} pixels, but the model sees 84"):
        opened(tmp_path, model={"new": {**MICRO, "chip": 84}})


def test_a_pupil_that_learns_nothing_is_refused(tmp_path: Path) -> None:
    nothing = {
        "language": "frozen", "norm": False, "decoder": False, "embeddings": False,
        "head_rows": False,
    }  # fmt: skip
    with pytest.raises(OptionsError, match="nothing is left to learn; switch on"):
        opened(tmp_path, model=start(tmp_path), parts=nothing)


def test_too_little_memory_for_learning_is_told_before_it_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learning = opened(tmp_path, **PLAIN).learning
    memory = "geoseg.models.mllmseg.memory.available_memory"
    monkeypatch.setattr(memory, lambda _: BESIDE * learning)
    opened(tmp_path, **PLAIN)
    monkeypatch.setattr(memory, lambda _: BESIDE * learning - 1)
    with pytest.raises(ModelError, match=rf"learning {learning:,} numbers, beside the model"):
        opened(tmp_path, **PLAIN)
