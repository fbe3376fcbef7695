import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast

from geoseg.errors import CheckpointError, QueryError
from geoseg.models.mllmseg.processing import MLLMSegProcessor, normalised
from geoseg.models.mllmseg.tokenizer import CONTROL_TOKENS, word_tokenizer
from tests.geoseg.models.mllmseg.reference_kit import (
    KIT,
    golden,
    needs_kit,
    read_json,
    reference_config,
    toy_tokenizer,
)
from tests.geoseg.models.mllmseg.tiny import CHIP_SIZE, WORDS, tiny_config


def processor() -> MLLMSegProcessor:
    return MLLMSegProcessor(word_tokenizer(WORDS), tiny_config())


def tokens_of(phrase: str) -> list[str]:
    asked = processor()
    ids = asked.pack([[phrase]]).input_ids[0]
    return [str(asked.tokenizer.convert_ids_to_tokens(int(token))) for token in ids]


def test_a_prompt_is_image_question_and_the_answer_up_to_seg() -> None:
    image = ["<img>", *["<IMG_CONTEXT>"] * 4, "</img>"]
    question = ["segment", "the", "red", "roof", "<|im_end|>"]
    answer = ["the", "the", "red", "roof"]
    assert tokens_of(" The RED roof. ") == ["<|im_start|>", *image, *question, *answer]


def test_the_answer_is_read_at_the_last_token_of_each_block() -> None:
    prompt = processor().pack([["road", "the red roof"], ["road"]])
    assert prompt.answer_positions.tolist() == [[11, 20], [11, 0]]
    assert prompt.present.tolist() == [[True, True], [True, False]]


@pytest.mark.parametrize("token", CONTROL_TOKENS)
def test_control_tokens_in_a_phrase_are_only_text(token: str) -> None:
    clean, dirty = tokens_of("red roof"), tokens_of(f"red{token} roof {token}")
    steering = [word for word in dirty if word in CONTROL_TOKENS and word != "<unk>"]
    assert steering == [word for word in clean if word in CONTROL_TOKENS]


def test_a_phrase_that_names_a_template_slot_is_only_text() -> None:
    assert "{phrase}" not in "".join(tokens_of("red {phrase} <image>"))


def test_a_tokenizer_that_lets_control_tokens_through_is_caught() -> None:
    tokenizer = word_tokenizer(WORDS)
    tokenizer.add_tokens(["steer"])
    with pytest.raises(QueryError, match="steer"):
        MLLMSegProcessor(tokenizer, tiny_config()).pack([["the steer"]])


@pytest.mark.parametrize("phrase", ["", "  ", "...", " . "])
def test_a_phrase_without_words_is_refused(phrase: str) -> None:
    with pytest.raises(QueryError, match="no words"):
        normalised(phrase)


def test_a_phrase_longer_than_the_context_is_refused_with_the_numbers() -> None:
    with pytest.raises(QueryError, match=r"takes 203 tokens .* room for 121"):
        processor().pack([["road " * 100]])


def test_words_the_model_does_not_know_are_named() -> None:
    assert processor().unknown_words("the Crimson roof, <b>") == ["crimson", "b"]


def test_saving_and_loading_keeps_the_prompt(tmp_path: Path) -> None:
    saved = processor()
    saved.save_pretrained(tmp_path)
    loaded = MLLMSegProcessor.from_pretrained(tmp_path)
    assert torch.equal(
        loaded.pack([["the red roof"]]).input_ids, saved.pack([["the red roof"]]).input_ids
    )


def test_a_chip_of_the_models_size_is_not_resampled() -> None:
    chip = np.random.default_rng(0).integers(0, 256, (1, CHIP_SIZE, CHIP_SIZE, 3), np.uint8)
    pixels = processor().pixels(chip)
    restored = pixels[0].permute(1, 2, 0) * torch.tensor([0.229, 0.224, 0.225])
    restored = (restored + torch.tensor([0.485, 0.456, 0.406])) * 255
    np.testing.assert_allclose(restored, chip[0], atol=1e-3)


def test_a_chip_of_another_size_is_resized() -> None:
    assert processor().pixels(np.zeros((2, 30, 90, 3), np.uint8)).shape == (2, 3, 56, 56)


def test_a_tokenizer_with_other_ids_is_refused() -> None:
    with pytest.raises(CheckpointError, match="different models"):
        MLLMSegProcessor(word_tokenizer(WORDS), tiny_config(seg_token_id=6, rej_token_id=5))


def test_a_tokenizer_with_more_words_than_the_model_is_refused() -> None:
    words = [f"word{number}" for number in range(80)]
    with pytest.raises(CheckpointError, match="89 tokens"):
        MLLMSegProcessor(word_tokenizer(words), tiny_config())


def test_a_tokenizer_of_another_model_is_refused() -> None:
    backend = Tokenizer(models.BPE())
    with pytest.raises(CheckpointError, match="<img>"):
        MLLMSegProcessor(PreTrainedTokenizerFast(tokenizer_object=backend), tiny_config())


def test_a_context_that_no_query_fits_into_is_refused() -> None:
    text = {**tiny_config().text.to_dict(), "max_position_embeddings": 7}
    with pytest.raises(CheckpointError, match="no query fits"):
        MLLMSegProcessor(word_tokenizer(WORDS), tiny_config(text_config=text))


@pytest.mark.shared
@needs_kit
@pytest.mark.parametrize("image", ["img0", "img1"])
def test_pixels_are_those_of_the_reference_to_the_bit(image: str) -> None:
    chip = np.asarray(Image.open(KIT / f"images/{image}.png").convert("RGB"))[None]
    pixels = MLLMSegProcessor(toy_tokenizer(), reference_config()).pixels(chip).numpy()
    expected = read_json("preprocess/preprocess.json")[image]["pixel_values_f32_crc32"]
    assert zlib.crc32(np.ascontiguousarray(pixels).tobytes()) == expected


@pytest.mark.shared
@needs_kit
@pytest.mark.parametrize("image", ["img0", "img1"])
def test_default_templates_give_the_token_ids_of_the_reference(image: str) -> None:
    asked = MLLMSegProcessor(toy_tokenizer(), reference_config())
    phrases = read_json("cases/qwen2.json")["queries"][image]
    expected = golden("cases/qwen2.npz")[f"{image}_batch.input_ids"]
    for phrase, row in zip(phrases, expected, strict=True):
        ids = asked.pack([[phrase]]).input_ids[0].tolist()
        assert [*ids, 394] == row[: len(ids) + 1].tolist()
