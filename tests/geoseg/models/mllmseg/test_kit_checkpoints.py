"""The parity kit's variants, written as published, against converting them by hand."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
import torch

from geoseg.models.mllmseg.checkpoint import load_model
from geoseg.models.mllmseg.parity.published import in_dtypes
from geoseg.models.mllmseg.published_tokenizer import NEEDED
from tests.geoseg.models.mllmseg.hand_conversion import converted_by_hand
from tests.geoseg.models.mllmseg.published import Sizes, write_json, write_weights
from tests.geoseg.models.mllmseg.reference_kit import KIT, kit, needs_kit

pytestmark = [pytest.mark.shared, needs_kit]

SMALL = {"vision_width": 1024, "layers": 2, "kv_heads": 2, "vocabulary": 396}

VARIANTS = {
    "qwen2": Sizes(llm="qwen2", width=96, heads=6, **SMALL),
    "internlm2": Sizes(llm="internlm2", width=128, heads=8, **SMALL),
    "qwen2_lora": Sizes(llm="qwen2", lora=4, width=96, heads=6, **SMALL),
    "internlm2_lora": Sizes(llm="internlm2", lora=4, width=128, heads=8, **SMALL),
}


def write_settings(variant: str, folder: Path) -> None:
    """The kit's own config.json, and as much of a tokenizer as names the control tokens."""
    shutil.copy(KIT / "configs" / variant / "config.json", folder)
    special = kit().json(f"cases/{variant.removesuffix('_lora')}.json")["special_ids"]
    added = [{"id": special[token], "content": token} for token in NEEDED]  # others share ids
    write_json(folder / "tokenizer.json", {"added_tokens": added})


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A place for weights, which are too many to be kept as other tests' files are."""
    yield tmp_path
    shutil.rmtree(tmp_path)


@pytest.mark.parametrize(
    ("variant", "files", "parts"),
    [
        ("qwen2", "bin", 1),
        ("qwen2", "safetensors", 3),
        ("internlm2", "bin", 1),
        ("internlm2", "bin", 3),
        ("qwen2_lora", "safetensors", 3),
        ("internlm2_lora", "safetensors", 3),
    ],
)
def test_every_tensor_is_what_converting_by_hand_gives(
    folder: Path, variant: str, files: Literal["bin", "safetensors"], parts: int
) -> None:
    tensors = kit().tensors(variant)
    if parts == 1:
        tensors = in_dtypes(tensors, decoder=torch.float16, rest=torch.bfloat16)
    write_settings(variant, folder)
    write_weights(folder, tensors, files=files, parts=parts)
    loaded = load_model(folder, dtype=torch.float32).state_dict()
    expected = converted_by_hand(tensors, VARIANTS[variant])
    assert loaded.keys() == expected.keys()
    for name, tensor in loaded.items():
        torch.testing.assert_close(tensor, expected[name], atol=2e-6, rtol=0, msg=name)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_shapes_that_tests_are_made_with_are_those_of_the_kit(variant: str) -> None:
    config = json.loads((KIT / "configs" / variant / "config.json").read_text())
    assert config["llm_config"]["hidden_size"] == VARIANTS[variant].width
    assert config["llm_config"]["num_attention_heads"] == VARIANTS[variant].heads
    assert config["use_llm_lora"] == VARIANTS[variant].lora
