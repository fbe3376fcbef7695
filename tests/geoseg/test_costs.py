from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from geoseg.checkpoint import published_sizes, sizes_in
from geoseg.costs import (
    DecoderSizes,
    LanguageSizes,
    ModelCosts,
    ModelSizes,
    VisionSizes,
    costs_of,
    drawing_operations,
    trunk_operations,
)
from geoseg.models.mllmseg.configuration import MLLMSegConfig
from geoseg.models.mllmseg.modeling import MLLMSegModel
from tests.geoseg.models.mllmseg.tiny import tiny_config

SIZES = ("1B", "2B", "4B", "8B")

LLAMA = {
    "model_type": "llama",
    "vocab_size": 70,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
}
QWEN2 = {**LLAMA, "model_type": "qwen2", "num_key_value_heads": 1}
CONFIGS: dict[str, dict[str, Any]] = {
    "tiny": {},
    "qwen2": {"text_config": QWEN2},
    "llama": {"text_config": LLAMA},
    "llama with biases and wide heads": {
        "text_config": {**LLAMA, "attention_bias": True, "mlp_bias": True, "head_dim": 12}
    },
    "film": {"query_conditioning": "film", "decoder_upsample_groups": 8},
    "coarse": {"downsample_ratio": 0.25},
}


def built(config: MLLMSegConfig) -> MLLMSegModel:
    with torch.device("meta"):
        return MLLMSegModel(config)


def learned(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def costs(config: MLLMSegConfig) -> ModelCosts:
    sizes = sizes_in(config.to_dict())
    assert sizes is not None
    return costs_of(sizes)


@pytest.mark.parametrize("name", CONFIGS)
def test_parameters_are_those_of_the_model(name: str) -> None:
    config = tiny_config(**CONFIGS[name])
    model, told = built(config), costs(config).parameters
    assert told.vision == learned(model.vision_tower)
    assert told.projector == learned(model.projector)
    assert told.language_model == learned(model.language_model)
    assert told.head == learned(model.lm_head)
    assert told.decoder == learned(model.mask_decoder)
    assert told.total == learned(model)


@pytest.mark.parametrize("name", CONFIGS)
def test_quantisation_reaches_the_matrices_of_both_towers(name: str) -> None:
    config = tiny_config(**CONFIGS[name])
    model = built(config)
    matrices = sum(
        layer.weight.numel()
        for tower in (model.vision_tower, model.language_model)
        for layer in tower.modules()
        if isinstance(layer, torch.nn.Linear)
    )
    assert costs(config).matrices == matrices


@pytest.mark.parametrize(
    ("size", "parameters"),
    list(zip(SIZES, (27_831_942, 30_191_238, 30_191_238, 34_385_542), strict=True)),
)
def test_the_published_decoders_have_the_parameters_known_of_them(
    size: str, parameters: int
) -> None:
    assert costs_of(published_sizes(size)).parameters.decoder == parameters


@pytest.mark.parametrize(
    ("size", "shared", "query"),
    [("1B", 992, 45), ("2B", 1707, 163), ("4B", 2486, 291), ("8B", 5082, 715)],
)
def test_the_published_sizes_take_the_arithmetic_known_of_them(
    size: str, shared: float, query: float
) -> None:
    told = costs_of(published_sizes(size))
    assert told.shared_gflop == pytest.approx(shared, rel=0.001)
    assert told.query_gflop == pytest.approx(query, rel=0.01)


@pytest.mark.parametrize(("size", "mib"), list(zip(SIZES, (3.6, 28.7, 10.8, 38.2), strict=True)))
def test_the_prefix_of_a_chip_takes_the_memory_known_of_it(size: str, mib: float) -> None:
    sizes = published_sizes(size)
    assert sizes.language.remembered(sizes.prefix) * 2 / 2**20 == pytest.approx(mib, abs=0.06)


@pytest.mark.parametrize("name", CONFIGS)
def test_arithmetic_is_what_torch_counts(name: str) -> None:
    config = tiny_config(**CONFIGS[name], decoder_dropout=0.0)
    sizes = sizes_in(config.to_dict())
    assert sizes is not None
    model, side = built(config), config.chip_size
    with torch.device("meta"):
        pixels, intents = torch.empty(1, 3, side, side), torch.empty(1, 3, config.language_width)
        image_states = torch.empty(1, config.image_tokens, config.language_width)
    with FlopCounterMode(display=False) as looking:
        vit_tokens = model.encode_image(pixels)
    with FlopCounterMode(display=False) as sharing:
        trunk = model.mask_decoder.trunk(vit_tokens, image_states)
    with FlopCounterMode(display=False) as drawing:
        model.mask_decoder.draw(trunk, intents)
    with FlopCounterMode(display=False) as reading:
        model.language_model(inputs_embeds=intents[:, :1])
    assert looking.get_total_flops() == sizes.vision.operations
    assert sharing.get_total_flops() == trunk_operations(sizes)
    assert drawing.get_total_flops() == 3 * drawing_operations(sizes)
    assert reading.get_total_flops() == sizes.language.operations(1)


def test_tokens_read_one_after_another_cost_what_they_cost_together() -> None:
    language = published_sizes("1B").language
    apart = language.operations(306) + language.operations(50, behind=306)
    assert apart == language.operations(356)


def test_one_query_is_no_faster_than_itself() -> None:
    assert costs_of(published_sizes("1B")).speed_up(1) == 1


@given(queries=st.integers(1, 1000), size=st.sampled_from(SIZES))
def test_more_queries_gain_more_up_to_what_the_chip_costs(queries: int, size: str) -> None:
    told = costs_of(published_sizes(size))
    limit = told.gflop() / told.query_gflop
    assert told.speed_up(queries) < told.speed_up(queries + 1) < min(queries + 1, limit)


@given(peak=st.floats(1e9, 1e15), share=st.floats(0.01, 1), queries=st.integers(1, 100))
def test_a_chip_a_second_takes_the_arithmetic_of_a_chip(
    peak: float, share: float, queries: int
) -> None:
    told = costs_of(published_sizes("2B"))
    rate = told.chips_per_second(peak, share=share, queries=queries)
    assert rate * told.gflop(queries) * 1e9 == pytest.approx(peak * share)


@pytest.mark.parametrize("size", SIZES)
def test_fewer_bits_take_less_memory(size: str) -> None:
    told = costs_of(published_sizes(size))
    weights = [told.weight_bytes(dtype) for dtype in ("float32", "bfloat16", "8bit", "4bit")]
    assert weights == sorted(weights, reverse=True)
    assert weights[0] == 2 * weights[1] == 4 * told.parameters.total


def test_more_queries_of_a_chip_take_more_memory() -> None:
    told = costs_of(published_sizes("1B"))
    assert told.chip_bytes("float32", queries=64) > told.chip_bytes("float32", queries=8)
    assert told.chip_bytes("float32", queries=8) == 2 * told.chip_bytes("bfloat16", queries=8)


@pytest.mark.parametrize(
    ("sizes", "change"),
    [
        (published_sizes("1B").vision, {"layers": 0}),
        (published_sizes("1B").vision, {"chip_size": 450}),
        (published_sizes("1B").language, {"kv_heads": -1}),
        (DecoderSizes(), {"shrink": 0}),
    ],
)
def test_sizes_that_no_model_has_are_refused(
    sizes: VisionSizes | LanguageSizes | DecoderSizes, change: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=r"must be|do not fill"):
        replace(sizes, **change)


def test_a_chip_is_as_many_tokens_as_squares_of_patches() -> None:
    sizes: ModelSizes = published_sizes("1B")
    assert (sizes.image_tokens, sizes.prefix) == (256, 306)


def test_our_layout_of_a_published_model_costs_what_the_published_one_does() -> None:
    sizes = published_sizes("1B")
    text = {
        "model_type": "qwen2",
        "vocab_size": sizes.language.vocabulary,
        "hidden_size": sizes.language.width,
        "intermediate_size": sizes.language.hidden,
        "num_hidden_layers": sizes.language.layers,
        "num_attention_heads": sizes.language.heads,
        "num_key_value_heads": sizes.language.kv_heads,
    }
    ours, theirs = costs(MLLMSegConfig(text_config=text)), costs_of(sizes)
    assert ours.parameters == theirs.parameters
    assert ours.shared_gflop == pytest.approx(theirs.shared_gflop, rel=0.005)
    assert ours.query_gflop == pytest.approx(theirs.query_gflop, rel=0.05)
