from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor
from transformers import AutoConfig, AutoModel, AutoProcessor

from geoseg.models.mllmseg.modeling import MLLMSegModel, MLLMSegOutput
from geoseg.models.mllmseg.processing import MLLMSegProcessor
from geoseg.models.mllmseg.prompt import PackedPrompt
from tests.geoseg.models.mllmseg.reference_kit import (
    KIT,
    golden,
    needs_kit,
    read_json,
    reference_model,
    toy_tokenizer,
)
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


def causal_prompt(input_ids: Tensor) -> PackedPrompt:
    """The reference's form: all queries in one sentence, [SEG] and [REJ] in view."""
    tokens = input_ids.shape[1]
    answers = ((input_ids == 394) | (input_ids == 395)).nonzero()[:, 1] - 1
    return PackedPrompt(
        input_ids=input_ids,
        position_ids=torch.arange(tokens)[None],
        attention_mask=torch.ones(tokens, tokens).tril().bool()[None, None],
        answer_positions=answers[None],
        present=torch.ones(1, len(answers)).bool(),
    )


def kit_pixels(image: str) -> Tensor:
    chip = np.asarray(Image.open(KIT / f"images/{image}.png").convert("RGB"))[None]
    return MLLMSegProcessor(toy_tokenizer(), reference_model().config).pixels(chip)


@pytest.mark.shared
@needs_kit
@pytest.mark.parametrize("image", ["img0", "img1"])
def test_whole_model_equals_the_published_one_on_three_queries_in_one_sentence(image: str) -> None:
    model, expected = reference_model(), golden("golden/qwen2.npz")
    ids = torch.from_numpy(golden("cases/qwen2.npz")[f"{image}_res.input_ids"]).long()
    with torch.inference_mode():
        vit_tokens = model.encode_image(kit_pixels(image))
        reading = model.read(vit_tokens, causal_prompt(ids))
        trunk = model.mask_decoder.trunk(vit_tokens, reading.image_states)
        masks = model.mask_decoder.draw(trunk, reading.intents).sigmoid()[0]
        tokens = model.image_tokens(vit_tokens)[0]
    for values, name, tolerance in (
        (vit_tokens[0, ::16, ::4], "img_vit_s16_s4", 2e-5),
        (tokens, "vit_embeds_to_llm", 2e-5),
        (reading.image_states[0], "img_llm", 2e-4),
        (reading.intents[0], "hidden_before_seg", 2e-4),
        (reading.decision_logits[0, :, 0], "logit_seg_before_pass1", 2e-4),
        (reading.decision_logits[0, :, 1], "logit_rej_before_pass1", 2e-4),
        (masks[:, ::4, ::4], "mask_s4", 1e-4),
    ):
        np.testing.assert_allclose(
            values, expected[f"{image}_res.{name}"], rtol=0, atol=tolerance, err_msg=name
        )


@pytest.mark.shared
@needs_kit
@pytest.mark.parametrize("image", ["img0", "img1"])
def test_packed_queries_equal_the_published_model_asked_one_by_one(image: str) -> None:
    model, expected = reference_model(), golden("golden/qwen2.npz")
    processor = MLLMSegProcessor(toy_tokenizer(), model.config)
    phrases = read_json("cases/qwen2.json")["queries"][image]
    with torch.inference_mode():
        output = model(kit_pixels(image), processor.pack([phrases]))
    for values, name, tolerance in (
        (output.decision_logits[0, :, 0], "logit_seg_before_pass1", 2e-4),
        (output.decision_logits[0, :, 1], "logit_rej_before_pass1", 2e-4),
        (output.mask_logits[0, :, ::4, ::4].sigmoid(), "mask_s4", 1e-4),
    ):
        np.testing.assert_allclose(
            values, expected[f"{image}_batch.{name}"], rtol=0, atol=tolerance, err_msg=name
        )
