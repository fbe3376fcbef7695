import csv

import pytest
import torch

from geoseg.models.mllmseg.modeling import MLLMSegModel
from geoseg.training.loop import DivergedError, learning_rate
from geoseg.training.options import StageOptions, TrainOptions
from geoseg.training.recipe import PhraseLesson, released, teach

RATES = StageOptions(steps=100, batch=1, learning_rate=1.0, warm_up=10)


def last_losses(options: TrainOptions) -> list[str]:
    with (options.run / "whole.csv").open(encoding="utf-8") as file:
        return list(csv.reader(file))[-1][:-1]


def test_three_updates_run_and_are_logged(options: TrainOptions) -> None:
    model = teach(options)
    assert isinstance(model, MLLMSegModel)
    assert last_losses(options)[0] == "1"
    assert (options.run / "tower.pt").exists()


def test_a_resumed_run_ends_with_the_same_loss(options: TrainOptions) -> None:
    teach(options)
    through = last_losses(options)
    (options.run / "whole.pt").unlink()
    (options.run / "whole.csv").unlink()
    shorter = options.model_copy(update={"whole": options.whole.model_copy(update={"steps": 1})})
    teach(shorter)
    teach(options)
    # The first step's learning rate follows the planned length: near, not equal.
    resumed = last_losses(options)
    assert resumed[0] == through[0]
    assert [float(x) for x in resumed] == pytest.approx([float(x) for x in through], rel=0.05)


def test_going_on_from_a_checkpoint_changes_nothing_that_was_done(options: TrainOptions) -> None:
    first = teach(options).state_dict()
    again = teach(options).state_dict()
    for name, weights in first.items():
        assert torch.equal(weights, again[name]), name


def test_a_loss_that_is_not_a_number_stops_the_run(
    options: TrainOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: PhraseLesson, batch: object) -> dict[str, torch.Tensor]:
        del batch
        first = next(self.module.parameters())
        return {"mask": first.sum() * float("nan")}

    monkeypatch.setattr(PhraseLesson, "losses", broken)
    with pytest.raises(DivergedError, match="step 0"):
        teach(options)
    assert (options.run / "tower.pt").exists()
    assert not (options.run / "whole.pt").exists()


def test_the_learning_rate_rises_then_falls() -> None:
    rates = [learning_rate(step, RATES) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == rates[9]
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] < 0.03


def test_what_is_released_is_calibrated_and_says_how_good_it_is(options: TrainOptions) -> None:
    rows = released(options, teach(options))
    assert {"class", "absent", "present"} <= {row.family for row in rows}
    config = MLLMSegModel.from_pretrained(options.run / "model").config
    assert config.chips_per_second > 0
    assert config.presence_logit_offset != 0
    assert (options.run / "model" / "tokenizer.json").exists()
