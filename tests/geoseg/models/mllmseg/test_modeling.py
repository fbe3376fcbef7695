from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from transformers import AutoConfig, AutoModel, AutoProcessor

from geoseg.models.mllmseg.modeling import MLLMSegModel, MLLMSegOutput
from tests.geoseg.models.mllmseg.tiny import CHIP_SIZE, Tiny, tiny, tiny_config

CONDITIONINGS = pytest.mark.parametrize("query_conditioning", ["attention", "film"])
PHRASES = ("the red roof", "road", "a large tree north of the blue water")


def chips_of(number: int) -> Tensor:
    return torch.randn(number, 3, CHIP_SIZE, CHIP_SIZE, generator=torch.Generator().manual_seed(1))


@torch.inference_mode()
def answer(asked: Tiny, chips: Tensor, phrases: tuple[str, ...]) -> MLLMSegOutput:
    output: MLLMSegOutput = asked.model(chips, asked.processor.pack([phrases]).expand(len(chips)))
    return output


def assert_same(one: MLLMSegOutput, other: MLLMSegOutput) -> None:
    for some, others in (
        (one.mask_logits, other.mask_logits),
        (one.decision_logits, other.decision_logits),
    ):
        torch.testing.assert_close(some.sigmoid(), others.sigmoid(), atol=1e-5, rtol=0)


@CONDITIONINGS
def test_an_answer_does_not_depend_on_the_other_queries(query_conditioning: str) -> None:
    asked, chips = tiny(query_conditioning=query_conditioning), chips_of(2)
    together = answer(asked, chips, PHRASES)
    for place, phrase in enumerate(PHRASES):
        alone = answer(asked, chips, (phrase,))
        part = slice(place, place + 1)
        assert_same(
            alone,
            MLLMSegOutput(together.mask_logits[:, part], together.decision_logits[:, part]),
        )


@CONDITIONINGS
def test_an_answer_does_not_depend_on_the_other_chips(query_conditioning: str) -> None:
    asked, chips = tiny(query_conditioning=query_conditioning), chips_of(3)
    together = answer(asked, chips, PHRASES)
    for place in range(3):
        part = slice(place, place + 1)
        alone = answer(asked, chips[part], PHRASES)
        assert_same(
            alone, MLLMSegOutput(together.mask_logits[part], together.decision_logits[part])
        )


def test_an_answer_does_not_depend_on_the_filling_of_shorter_rows() -> None:
    asked, chips = tiny(), chips_of(2)
    with torch.inference_mode():
        filled = asked.model(chips, asked.processor.pack([PHRASES, PHRASES[:1]]))
    alone = answer(asked, chips[1:], PHRASES[:1])
    assert_same(alone, MLLMSegOutput(filled.mask_logits[1:, :1], filled.decision_logits[1:, :1]))


@CONDITIONINGS
def test_answers_differ_from_query_to_query(query_conditioning: str) -> None:
    masks = answer(tiny(query_conditioning=query_conditioning), chips_of(1), PHRASES).mask_logits[0]
    assert (masks[0] - masks[1]).abs().max() > 1e-3


def test_saving_and_loading_keeps_every_bit(tmp_path: Path) -> None:
    saved = tiny()
    loaded = MLLMSegModel.from_pretrained(saved.save(tmp_path)).state_dict()
    kept = saved.model.state_dict()
    assert loaded.keys() == kept.keys()
    assert all(torch.equal(loaded[key], kept[key]) for key in kept)


def test_auto_classes_of_transformers_know_the_model(tmp_path: Path) -> None:
    tiny().save(tmp_path)
    assert AutoConfig.from_pretrained(tmp_path).model_type == "mllmseg"
    assert isinstance(AutoModel.from_pretrained(tmp_path), MLLMSegModel)


def test_transformers_users_ask_it_in_their_own_way(tmp_path: Path) -> None:
    asked = tiny()
    asked.save(tmp_path)
    processor, model = AutoProcessor.from_pretrained(tmp_path), AutoModel.from_pretrained(tmp_path)
    chips = np.random.default_rng(0).integers(0, 256, (2, CHIP_SIZE, CHIP_SIZE, 3), np.uint8)
    with torch.inference_mode():
        output = model.eval()(**processor(images=chips, text=list(PHRASES)))
        expected = asked.model(asked.processor.pixels(chips), asked.processor.pack([PHRASES] * 2))
    assert_same(output, expected)


def test_another_language_model_fits(tmp_path: Path) -> None:
    text = {**tiny_config().text.to_dict(), "model_type": "llama"}
    asked = tiny(text_config=text)
    assert type(asked.model.language_model).__name__ == "LlamaModel"
    answers = answer(asked, chips_of(1), PHRASES)
    loaded = Tiny(MLLMSegModel.from_pretrained(asked.save(tmp_path)), asked.processor)
    assert_same(answer(loaded, chips_of(1), PHRASES), answers)


def test_masks_and_decisions_have_gradients_everywhere_they_should() -> None:
    asked = tiny(query_conditioning="film")
    asked.model.train()
    output = asked.model(chips_of(2), asked.processor.pack([PHRASES[:2]] * 2))
    (output.mask_logits.square().mean() + output.decision_logits.square().mean()).backward()
    still = {name for name, value in asked.model.named_parameters() if value.grad is None}
    assert still == set()


def test_weights_to_start_from_differ_from_place_to_place() -> None:
    torch.manual_seed(0)
    positions = MLLMSegModel(tiny_config()).vision_tower.embeddings.position_embeddings
    assert 0.015 < positions.std() < 0.025
