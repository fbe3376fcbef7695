from pathlib import Path

import torch

from geoseg.models.mllmseg.modeling import MLLMSegModel
from geoseg.models.mllmseg.processing import MLLMSegProcessor
from geoseg.training.options import TrainOptions
from geoseg.training.release import chips_per_second, write_checkpoint
from geoseg.training.tiny import tiny_config, tiny_tokenizer


def test_a_written_checkpoint_gives_the_model_back(options: TrainOptions, tmp_path: Path) -> None:
    tokenizer = tiny_tokenizer()
    model = MLLMSegModel(tiny_config(options.size, tokenizer))
    processor = MLLMSegProcessor(tokenizer, model.config)
    write_checkpoint(tmp_path / "model", model, processor)
    again = MLLMSegModel.from_pretrained(tmp_path / "model", dtype=torch.float16)
    for name, weights in model.state_dict().items():
        assert torch.equal(weights, again.state_dict()[name]), name
    assert again.config.parameters == sum(part.numel() for part in model.parameters())
    reader = MLLMSegProcessor.from_pretrained(tmp_path / "model")
    assert torch.equal(
        reader.pack([["the red roofs"]]).input_ids, processor.pack([["the red roofs"]]).input_ids
    )


def test_speed_is_a_positive_number(options: TrainOptions) -> None:
    tokenizer = tiny_tokenizer()
    model = MLLMSegModel(tiny_config(options.size, tokenizer))
    model.train(mode=False)
    assert chips_per_second(model, MLLMSegProcessor(tokenizer, model.config)) > 0
