import pytest
import torch

from geoseg.training.options import ALL_PARTS, LoraOptions, PartsOptions
from geoseg.training.parts import choose_parts, learned, part_of, to_training
from tests.geoseg.models.mllmseg.tiny import tiny

USUAL = PartsOptions(lora=LoraOptions(rank=2))

LLAMA = {
    "text_config": {
        "model_type": "llama", "vocab_size": 64, "hidden_size": 24, "intermediate_size": 40,
        "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 1,
        "max_position_embeddings": 128,
    }
}  # fmt: skip


def learning(parts: PartsOptions, **overrides: object) -> set[str]:
    model = tiny(**overrides).model
    choose_parts(model, parts)
    named = model.named_parameters()
    return {part_of(name) for name, parameter in named if parameter.requires_grad}


def test_as_published_lora_norm_and_decoder_learn() -> None:
    assert learning(USUAL) == {"language", "norm", "decoder", "smoothing"}


def test_word_embeddings_learn_where_the_language_model_is_internlm2() -> None:
    assert "embeddings" in learning(USUAL, **LLAMA)
    assert "embeddings" not in learning(USUAL.model_copy(update={"embeddings": False}), **LLAMA)


@pytest.mark.parametrize("part", ["vision", "projector", "embeddings", "norm", "decoder"])
def test_every_part_can_be_switched(part: str) -> None:
    off = PartsOptions(language="frozen", norm=False, decoder=False, embeddings=False)
    assert part not in learning(off)
    assert part in learning(off.model_copy(update={part: True}))


def test_the_whole_head_never_learns() -> None:
    assert learning(ALL_PARTS) == {
        "vision", "projector", "language", "embeddings", "norm", "decoder", "smoothing",
    }  # fmt: skip


def test_of_the_language_model_only_lora_learns() -> None:
    model = tiny().model
    choose_parts(model, USUAL)
    layers = model.language_model.layers.named_parameters()
    assert all(("lora_" in name) == parameter.requires_grad for name, parameter in layers)


def test_what_learns_is_in_float32_and_the_rest_stays_as_it_is() -> None:
    model = tiny().model
    model.to(torch.bfloat16)
    choose_parts(model, USUAL)
    for name, parameter in model.named_parameters():
        wanted = torch.float32 if parameter.requires_grad else torch.bfloat16
        assert parameter.dtype == wanted, name


def test_kept_statistics_do_not_move() -> None:
    model = tiny().model
    for parts, moves in ((USUAL, False), (ALL_PARTS, True)):
        choose_parts(model, parts.model_copy(update={"language": "frozen"}))
        to_training(model, parts)
        assert model.mask_decoder.pixels[1].training == moves
        assert model.mask_decoder.training
        assert model.vision_tower.training == parts.vision


def test_what_a_run_changes_are_the_learning_parameters_and_the_statistics() -> None:
    model = tiny().model
    choose_parts(model, USUAL)
    names = {name for name, _ in learned(model)}
    assert "mask_decoder.pixels.1.running_mean" in names
    assert "lm_head.weight" not in names
    assert {name for name, one in model.named_parameters() if one.requires_grad} <= names
