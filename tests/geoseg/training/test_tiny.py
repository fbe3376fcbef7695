"""A small model made from nothing, and the words it knows."""

import torch

from geoseg.models.mllmseg.configuration import IMAGE_TOKEN, REJ, SEG
from geoseg.models.mllmseg.modeling import MLLMSegModel
from geoseg.models.mllmseg.processing import MLLMSegProcessor
from geoseg.training.language.phrases import vocabulary
from geoseg.training.options import SizeOptions
from geoseg.training.origin import made
from geoseg.training.tiny import CONTEXT, tiny_config, tiny_tokenizer, vision_config
from tests.geoseg.training.runs import CHIP, MICRO

SIZE = SizeOptions(**MICRO)

TOKENIZER = tiny_tokenizer()


def test_every_training_word_is_one_token() -> None:
    assert all(TOKENIZER.tokenize(word) == [word.lower()] for word in vocabulary())


def test_other_words_are_spelt_and_none_is_unknown() -> None:
    pieces = TOKENIZER.tokenize("the frobnicator")
    assert pieces == ["the", "f", *(f"##{letter}" for letter in "robnicator")]
    assert TOKENIZER.unk_token not in pieces


def test_the_shape_is_what_was_asked_for() -> None:
    size = SizeOptions(
        chip=72, patch=12, width=48, heads=3, vision_layers=2, language_layers=5,
        vision_ffn=64, decoder_ffn=72, language_ffn=80,
    )  # fmt: skip
    config = tiny_config(size, TOKENIZER)
    vision, text = config.vision, config.text
    assert (config.chip_size, config.patch_size, config.side) == (72, 12, 6)
    assert (vision.hidden_size, vision.num_hidden_layers, vision.intermediate_size) == (48, 2, 64)
    assert (text.hidden_size, text.num_hidden_layers, text.intermediate_size) == (48, 5, 80)
    assert (vision.num_attention_heads, text.num_attention_heads, config.decoder_heads) == (3, 3, 3)
    assert (config.decoder_width, config.decoder_ffn_width) == (48, 72)
    assert vision_config(size).image_size == [72, 72]


def test_the_model_knows_the_tokens_that_steer_it() -> None:
    config = tiny_config(SIZE, TOKENIZER)
    ids = {
        IMAGE_TOKEN: config.image_token_id,
        SEG: config.seg_token_id,
        REJ: config.rej_token_id,
    }
    assert ids == {token: TOKENIZER.convert_tokens_to_ids(token) for token in ids}
    assert config.text.vocab_size == len(TOKENIZER)


def test_a_chip_takes_66_tokens_and_leaves_room_for_a_phrase_spelt_letter_by_letter() -> None:
    size = SizeOptions()
    processor = MLLMSegProcessor(TOKENIZER, tiny_config(size, TOKENIZER))
    words = "frobnicators beside the antidisestablishmentarianists of llanfairpwllgwyngyll"
    taken = processor.pack([[words]]).input_ids.shape[1]
    assert taken > 66 + 60
    assert taken < CONTEXT
    (short,) = (processor.pack([["roofs"]]).input_ids,)
    chip = sum(int(token) == processor.config.image_token_id for token in short[0])
    assert chip + 2 == 66


def test_a_new_model_answers_every_phrase_of_a_chip() -> None:
    origin = made(SIZE)
    assert isinstance(origin.model, MLLMSegModel)
    assert (origin.name, origin.stored) == ("", torch.float16)
    prompt = origin.processor.pack([["the roofs", "the ships"]])
    found = origin.model(torch.zeros(1, 3, CHIP, CHIP), prompt)
    assert found.mask_logits.shape == (1, 2, CHIP, CHIP)
    assert found.decision_logits.shape == (1, 2, 2)
    assert found.mask_logits.isfinite().all()
