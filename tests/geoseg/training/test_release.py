from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from geoseg.errors import CheckpointError
from geoseg.models.mllmseg.checkpoint import load_model
from geoseg.models.mllmseg.processing import MLLMSegProcessor
from geoseg.training.release import Finished, chips_per_second, write_model
from tests.geoseg.models.mllmseg.tiny import Tiny, tiny


def finished(known: Tiny) -> Finished:
    def tensors() -> Iterator[tuple[str, torch.Tensor]]:
        yield from known.model.state_dict().items()

    model, processor = known.model, known.processor
    return Finished(tensors, model.config, processor, 17, torch.float16, "# a page\n")


def test_a_written_checkpoint_gives_the_model_back(tmp_path: Path) -> None:
    known = tiny()
    write_model(tmp_path / "run" / "model", finished(known))
    again = load_model(tmp_path / "run" / "model", dtype=torch.float16)
    for name, weights in known.model.state_dict().items():
        half = weights.half() if weights.is_floating_point() else weights
        assert torch.equal(half, again.state_dict()[name]), name
    assert again.config.parameters == 17
    assert (tmp_path / "run" / "model" / "README.md").read_text("utf-8") == "# a page\n"
    reader = MLLMSegProcessor.from_pretrained(tmp_path / "run" / "model")
    expected = known.processor.pack([["the red roof"]]).input_ids
    assert torch.equal(reader.pack([["the red roof"]]).input_ids, expected)


def test_a_former_checkpoint_is_replaced_only_by_a_whole_one(tmp_path: Path) -> None:
    known = tiny()
    write_model(tmp_path / "model", finished(known))
    before = (tmp_path / "model" / "model.safetensors").read_bytes()
    with torch.no_grad():
        known.model.lm_head.weight[0] = 1e30
    with pytest.raises(CheckpointError, match=r"lm_head\.weight holds numbers that torch\.float16"):
        write_model(tmp_path / "model", finished(known))
    assert (tmp_path / "model" / "model.safetensors").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_the_model_itself_keeps_its_numbers_and_settings(tmp_path: Path) -> None:
    known = tiny()
    write_model(tmp_path / "model", replace(finished(known), parameters=3))
    assert known.model.dtype == torch.float32
    assert getattr(known.model.config, "parameters", None) is None


def test_speed_is_a_positive_number() -> None:
    known = tiny()
    assert chips_per_second(known.model, known.processor) > 0
