from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast

from geoseg.errors import CheckpointError, ChipError, QueryError
from geoseg.models.mllmseg.processing import MLLMSegProcessor, normalised
from geoseg.models.mllmseg.tokenizer import CONTROL_TOKENS, word_tokenizer
from tests.geoseg.models.mllmseg.tiny import CHIP_SIZE, WORDS, tiny_config


def processor(**overrides: str) -> MLLMSegProcessor:
    return MLLMSegProcessor(word_tokenizer(WORDS), tiny_config(**overrides))


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
    tokenizer = word_tokenizer([*WORDS, "steer"])
    tokenizer.add_tokens(["steer"], special_tokens=True)
    with pytest.raises(QueryError, match="steer"):
        MLLMSegProcessor(tokenizer, tiny_config()).pack([["the steer"]])


def test_an_added_word_that_steers_nothing_is_only_a_word() -> None:
    tokenizer = word_tokenizer(WORDS)
    tokenizer.add_tokens(["rooftop"])
    asked = MLLMSegProcessor(tokenizer, tiny_config())
    ids = asked.pack([["the rooftop"]]).input_ids[0].tolist()
    assert ids.count(tokenizer.convert_tokens_to_ids("rooftop")) == 2


def test_a_chip_may_be_asked_alone_and_in_plain_words() -> None:
    asked, chip = processor(), np.zeros((CHIP_SIZE, CHIP_SIZE, 3), np.uint8)
    inputs = asked(images=chip, text="the red roof")
    assert inputs["pixel_values"].shape == (1, 3, CHIP_SIZE, CHIP_SIZE)
    assert torch.equal(inputs["prompt"].input_ids, asked.pack([["the red roof"]]).input_ids)
    with pytest.raises(ChipError, match="RGB uint8"):
        asked(images=chip.astype(np.float32), text="the red roof")


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


def test_opening_image_and_closing_are_the_whole_prefix() -> None:
    asked = processor(system_template="<|im_start|>the large<|im_end|>")
    opening, closing = asked.opening_ids.tolist(), asked.closing_ids.tolist()
    image = [asked.config.image_token_id] * asked.config.image_tokens
    assert [*opening, *image, *closing] == asked.prefix
    assert asked.tokenizer.convert_ids_to_tokens([opening[-1], closing[0]]) == ["<img>", "</img>"]


def test_questions_are_the_prompt_without_its_prefix() -> None:
    asked = processor()
    phrases = [("the red roof", "road"), ("road",)]
    whole, questions = asked.pack(phrases), asked.questions(phrases)
    behind = len(asked.prefix)
    assert torch.equal(questions.input_ids, whole.input_ids[:, behind:])
    assert torch.equal(questions.attention_mask, whole.attention_mask[:, :, behind:])
    answers = questions.input_ids.gather(1, questions.answer_positions)
    there = questions.present
    assert torch.equal(answers[there], whole.input_ids.gather(1, whole.answer_positions)[there])


def test_the_published_form_asks_all_in_one_text_and_tells_what_is_absent() -> None:
    asked = processor()
    prompt = asked.reference_questions(["The road.", "the red roof"], absent=["the red roof"])
    text = asked.tokenizer.convert_ids_to_tokens(prompt.input_ids[0].tolist())
    question = "segment the road <unk> the red roof <|im_end|>"
    assert " ".join(text) == f"{question} the the road [SEG] <unk> the red roof [REJ]"
    answered = [text[place + 1] for place in prompt.answer_positions[0]]
    assert answered == ["[SEG]", "[REJ]"]
    assert prompt.attention_mask.shape[-1] == len(asked.prefix) + len(text)


def test_too_many_queries_for_one_text_are_refused() -> None:
    with pytest.raises(QueryError, match="ask fewer at once"):
        processor().reference_questions(["the red roof"] * 30)
