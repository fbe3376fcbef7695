"""Published checkpoints through `load_config` and `load_model`, the way every user takes."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from geoseg.errors import CheckpointError, ModelError
from geoseg.models.mllmseg import memory
from geoseg.models.mllmseg.checkpoint import load_config, load_model, load_processor
from geoseg.models.mllmseg.modeling import MLLMSegModel
from geoseg.models.mllmseg.segmenter import MLLMSegSegmenter
from geoseg.query import Query
from tests.geoseg.models.mllmseg.hand_conversion import converted_by_hand
from tests.geoseg.models.mllmseg.published import (
    Published,
    Sizes,
    published_tensors,
    write_json,
    write_weights,
)
from tests.geoseg.models.mllmseg.tiny import CHIP_SIZE

BF16, F16, F32 = torch.bfloat16, torch.float16, torch.float32

QWEN2, INTERNLM2 = Sizes(llm="qwen2"), Sizes(llm="internlm2")
UNMERGED = Sizes(llm="internlm2", lora=3)

RELEASED = Published(QWEN2, files="bin", dtype=BF16, decoder_dtype=F16)
"""As the released ones most likely are: merged, one .bin, the decoder in float16."""


def save(folder: Path, sizes: Sizes = QWEN2, **changes: Tensor | None) -> Path:
    """A published checkpoint with some of its tensors changed or left out."""
    Published(sizes).save(folder)
    tensors = {**published_tensors(sizes), **changes}
    write_weights(folder, {name: t for name, t in tensors.items() if t is not None})
    return folder


def change_config(folder: Path, **changes: Any) -> None:  # noqa: ANN401 - JSON enters here
    path = folder / "config.json"
    write_json(path, {**json.loads(path.read_text()), **changes})


def complaint(folder: Path) -> str:
    with pytest.raises(CheckpointError) as refused:
        load_model(folder, dtype=F32)
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize(
    "published",
    [
        RELEASED,
        Published(INTERNLM2, files="bin", parts=3, dtype=BF16, decoder_dtype=F16),
        Published(QWEN2, parts=3),
        Published(Sizes(llm="qwen2", lora=4), parts=2, dtype=BF16),
        Published(UNMERGED, dtype=BF16, decoder_dtype=F16),
        Published(UNMERGED, files="bin", parts=2),
    ],
    ids=lambda p: f"{p.sizes.llm}-{p.sizes.lora}-{p.parts}-{p.files}",
)
def test_every_tensor_is_what_converting_by_hand_gives(
    tmp_path: Path, published: Published
) -> None:
    loaded = load_model(published.save(tmp_path), dtype=F32).state_dict()
    expected = converted_by_hand(published.tensors(), published.sizes)
    assert loaded.keys() == expected.keys()
    for name, tensor in loaded.items():
        torch.testing.assert_close(tensor, expected[name], atol=2e-6, rtol=0, msg=name)


@pytest.mark.parametrize(
    ("place", "learned"),
    [
        ("MLLMSeg_InternVL2_5_8B_GRES", True),
        ("mllmseg-2b-res", False),
        ("MLLMSeg_InternVL2_5_8B_RES/final", None),
        ("MLLMSeg_InternVL2_5_8B_RES/finetuned_gres", True),
        ("models--owner--MLLMSeg_InternVL2_5_2B_RES/snapshots/0123abcd", False),
    ],
)
def test_what_it_learned_to_reject_is_read_in_its_own_name(
    tmp_path: Path, place: str, *, learned: bool | None
) -> None:
    assert load_config(Published().save(tmp_path / place)).trained_to_reject is learned


@pytest.mark.parametrize("dtype", [BF16, F16, F32])
def test_mixed_dtypes_all_end_in_the_one_asked_for(tmp_path: Path, dtype: torch.dtype) -> None:
    model = load_model(RELEASED.save(tmp_path), dtype=dtype)
    kinds = {tensor.dtype for tensor in model.state_dict().values()}
    assert kinds == {dtype, torch.int64}
    assert model.mask_decoder.pixels[1].num_batches_tracked == 7
    assert model.config.dtype == dtype


def test_numbers_that_no_file_holds_are_those_of_a_model_built_as_usual(tmp_path: Path) -> None:
    loaded = load_model(Published(INTERNLM2).save(tmp_path), dtype=F32)
    usual = MLLMSegModel(load_config(tmp_path))
    usual.load_state_dict(loaded.state_dict())
    for (name, some), (_, other) in zip(usual.named_buffers(), loaded.named_buffers(), strict=True):
        assert torch.equal(some, other), name
        assert some.dtype == other.dtype, name
    assert [n for n, p in loaded.named_parameters() if not p.requires_grad] == []
    assert not loaded.training


@pytest.mark.parametrize("sizes", [QWEN2, UNMERGED], ids=["qwen2", "internlm2"])
def test_it_answers_as_a_model_built_as_usual(tmp_path: Path, sizes: Sizes) -> None:
    folder = Published(sizes).save(tmp_path)
    loaded = load_model(folder, dtype=F32)
    usual = MLLMSegModel(load_config(folder))
    usual.load_state_dict(loaded.state_dict())
    chips = np.random.default_rng(0).integers(0, 255, (1, CHIP_SIZE, CHIP_SIZE, 3), np.uint8)
    processor = load_processor(folder, loaded.config)
    one, other = (
        MLLMSegSegmenter(model, processor).segment(chips, [Query("the red roof")])[0]
        for model in (loaded, usual)
    )
    assert np.isfinite(one.probability).all()
    np.testing.assert_array_equal(one.probability, other.probability)


def test_what_the_file_says_of_kernels_and_dtypes_is_not_obeyed(tmp_path: Path) -> None:
    model = load_model(Published().save(tmp_path), dtype=F32)
    towers = (model, model.vision_tower, model.language_model)
    assert {tower.config._attn_implementation for tower in towers} == {"sdpa"}
    assert model.dtype == F32


@pytest.mark.parametrize(
    ("name", "changed", "told"),
    [
        ("mlp1.3.bias", None, "1 missing: projector.3.bias"),
        ("surplus", torch.zeros(1), "1 not part of the model: surplus"),
        ("mlp1.0.bias", torch.zeros(3), "projector.0.bias (of mlp1.0.bias) (3,) instead of (128,)"),
        ("vision_model.encoder.layers.0.attn.qkv.bias", torch.zeros(4), "qkv.bias (4,)"),
        ("vision_model.encoder.layers.0.attn.qkv.bias", torch.zeros(6), "(2,) instead of (32,)"),
        ("language_model.output.weight", torch.zeros(64, 24), "1 stored under two names"),
        ("mlp1.3.bias", torch.zeros(24, dtype=torch.int8), "mlp1.3.bias (int8); quantised"),
        ("res_decoder.conv2.bias", torch.zeros(1).to(torch.float8_e5m2), "(float8_e5m2)"),
    ],
)
def test_tensors_that_do_not_fit_are_listed(
    tmp_path: Path, name: str, changed: Tensor | None, told: str
) -> None:
    assert told in complaint(save(tmp_path, **{name: changed}))


def test_a_long_list_is_cut(tmp_path: Path) -> None:
    change = {"num_hidden_layers": 9}
    save(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    change_config(tmp_path, llm_config={**config["llm_config"], **change})
    assert "84 missing: " in (message := complaint(tmp_path))
    assert " and 76 more" in message


def test_query_key_and_value_of_other_heads_are_refused(tmp_path: Path) -> None:
    name = "language_model.model.layers.0.attention.wqkv.weight"
    message = complaint(save(tmp_path, INTERNLM2, **{name: torch.zeros(42, 24)}))
    assert f"1 of another shape: {name} (42, 24)" in message


LAYER = "language_model.base_model.model.model.layers.0.attention.wo"


def test_half_a_lora_is_refused(tmp_path: Path) -> None:
    message = complaint(save(tmp_path, UNMERGED, **{f"{LAYER}.lora_B.default.weight": None}))
    assert f"{LAYER}.lora_A.default.weight" in message


def test_a_lora_that_does_not_fit_what_it_adapts_is_refused(tmp_path: Path) -> None:
    wrong = {f"{LAYER}.lora_B.default.weight": torch.zeros(24, 5)}
    assert "lora_B.default.weight (24, 5)" in complaint(save(tmp_path, UNMERGED, **wrong))


@pytest.mark.parametrize(
    ("sizes", "rank", "told"),
    [
        (UNMERGED, 0, "hold LoRA of rank 3, but its config.json says use_llm_lora 0"),
        (UNMERGED, 8, "hold LoRA of rank 3, but its config.json says use_llm_lora 8"),
        (INTERNLM2, 8, "hold no LoRA, but its config.json says use_llm_lora 8"),
        (INTERNLM2, "eight", "use_llm_lora must be"),
    ],
)
def test_a_lora_that_the_config_does_not_tell_of_is_refused(
    tmp_path: Path, sizes: Sizes, rank: object, told: str
) -> None:
    Published(sizes).save(tmp_path)
    change_config(tmp_path, use_llm_lora=rank)
    assert told in complaint(tmp_path)


def test_nothing_is_read_where_memory_is_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Published(dtype=F32).save(tmp_path / "checkpoint")
    (tmp_path / "memory.max").write_text("2000000\n")
    (tmp_path / "memory.current").write_text("1900000\n")
    (tmp_path / "memory.stat").write_text("anon 5\ninactive_file 100\n")
    (tmp_path / "membership").write_text("0::/\n")
    monkeypatch.setattr(memory, "CGROUPS", tmp_path)
    monkeypatch.setattr(memory, "MEMBERSHIP", tmp_path / "membership")
    with pytest.raises(ModelError, match=r"float32 needs 0\.0 GiB .* are available on cpu"):
        load_model(folder, dtype=F32)


def test_a_tokenizer_without_the_answer_tokens_is_refused(tmp_path: Path) -> None:
    Published().save(tmp_path)
    for path in tmp_path.glob("tokenizer*.json"):
        path.write_text(path.read_text().replace("[SEG]", "[SEE]"))
    assert "has no [SEG]" in complaint(tmp_path)


@pytest.mark.parametrize("part", ["vision_config", "llm_config", None])
def test_a_quantised_checkpoint_is_refused(tmp_path: Path, part: str | None) -> None:
    Published().save(tmp_path)
    settings = {"quantization_config": {"quant_method": "gptq"}}
    if part:
        settings = {part: {**json.loads((tmp_path / "config.json").read_text())[part], **settings}}
    change_config(tmp_path, **settings)
    assert "quantised checkpoints cannot be loaded yet" in complaint(tmp_path)
