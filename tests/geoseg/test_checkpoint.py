import json
from math import prod
from pathlib import Path
from typing import Any

import pytest

from geoseg.checkpoint import (
    learned_to_reject,
    load_facts,
    name_of,
    published_facts,
    published_sizes,
    sizes_in,
)
from geoseg.costs import costs_of
from geoseg.errors import CheckpointError
from geoseg.segmenter import embedded_folder

SHARED = Path(__file__).parents[3] / "shared"

VISION = {
    "model_type": "intern_vit_6b",
    "image_size": 448,
    "patch_size": 14,
    "num_hidden_layers": 24,
    "hidden_size": 1024,
    "num_attention_heads": 16,
    "intermediate_size": 4096,
    "qkv_bias": True,
    "qk_normalization": False,
    "norm_type": "layer_norm",
    "num_channels": 3,
}
QWEN2 = {
    "model_type": "qwen2",
    "num_hidden_layers": 24,
    "hidden_size": 896,
    "num_attention_heads": 14,
    "num_key_value_heads": 2,
    "intermediate_size": 4864,
    "vocab_size": 151_676,
}
INTERNLM2 = {
    "model_type": "internlm2",
    "bias": False,
    "num_hidden_layers": 32,
    "hidden_size": 4096,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "intermediate_size": 14_336,
    "vocab_size": 92_555,
}


def published(**changed: Any) -> dict[str, Any]:  # noqa: ANN401 any setting
    return {
        "model_type": "internvl_chat",
        "force_image_size": 448,
        "downsample_ratio": 0.5,
        "vision_config": VISION,
        "llm_config": QWEN2,
        **changed,
    }


def saved(config: object, folder: Path) -> Path:
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


def test_the_embedded_model_tells_its_facts() -> None:
    facts = load_facts(embedded_folder())
    assert facts.chip_size % 10 == 0
    assert facts.chips_per_second is not None
    assert facts.parameters is not None
    assert facts.parameters <= 12_000_000
    assert facts.kind == "own"


def test_the_embedded_model_has_the_parameters_it_says() -> None:
    facts = load_facts(embedded_folder())
    assert facts.sizes is not None
    assert costs_of(facts.sizes).parameters.total == facts.parameters


@pytest.mark.parametrize("size", [448, [448, 448]])
def test_what_a_config_does_not_say_is_none(tmp_path: Path, size: object) -> None:
    facts = load_facts(saved({"vision_config": {"image_size": size}}, tmp_path))
    assert (facts.chip_size, facts.chips_per_second, facts.parameters) == (448, None, None)
    assert (facts.kind, facts.sizes) == (None, None)


@pytest.mark.parametrize("speed", ["fast", 0, -1, None])
def test_a_speed_that_is_none_is_left_out(tmp_path: Path, speed: object) -> None:
    config = {"vision_config": {"image_size": 448}, "chips_per_second": speed}
    assert load_facts(saved(config, tmp_path)).chips_per_second is None


@pytest.mark.parametrize(("size", "language"), [("1B", QWEN2), ("8B", INTERNLM2)])
def test_a_published_config_tells_the_published_sizes(
    tmp_path: Path, size: str, language: dict[str, Any]
) -> None:
    facts = load_facts(saved(published(llm_config=language), tmp_path))
    assert (facts.kind, facts.chip_size) == ("published", 448)
    assert facts.sizes == published_sizes(size)


def test_the_size_that_chips_are_forced_to_is_that_of_the_chip(tmp_path: Path) -> None:
    facts = load_facts(saved(published(force_image_size=896), tmp_path))
    assert (facts.chip_size, facts.sizes) == (896, None)


@pytest.mark.parametrize(
    "change",
    [
        {"vision_config": {**VISION, "qk_normalization": True}},
        {"vision_config": {**VISION, "num_hidden_layers": "many"}},
        {"vision_config": {**VISION, "patch_size": 13}},
        {"llm_config": {**QWEN2, "model_type": "mamba"}},
        {"llm_config": {**QWEN2, "num_attention_heads": 0}},
        {"llm_config": None},
        {"downsample_ratio": 0},
        {"model_type": "llava"},
    ],
)
def test_sizes_that_are_not_known_are_none(change: dict[str, Any]) -> None:
    assert sizes_in(published()) is not None
    assert sizes_in(published(**change)) is None


@pytest.mark.parametrize(
    "name", ["1B_RES", "2B_RES", "4B_RES", "8B_RES", "8B_GRES", "1B_RES@a1b2", "8B_GRES@v1.0"]
)
def test_published_checkpoints_are_known_by_their_names(name: str) -> None:
    facts = published_facts(f"jcwang0602/MLLMSeg_InternVL2_5_{name}")
    assert facts is not None
    assert facts.sizes == published_sizes(name[:2])


@pytest.mark.parametrize("name", ["1B_GRES", "16B_RES", "1B_RES2", "8B_RES_mine"])
def test_others_are_not(name: str) -> None:
    assert published_facts(f"jcwang0602/MLLMSeg_InternVL2_5_{name}") is None


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("MLLMSeg_InternVL2_5_2B_RES", False),
        ("MLLMSeg_InternVL2_5_8B_GRES", True),
        ("MLLMSeg_InternVL2_5_2B_RES_merged", False),
        ("mllmseg-2b-res", False),
        ("mllmseg-8b-gres-bf16", True),
        ("MLLMSeg_InternVL2_5_8B_RES_then_gres", True),
        ("MLLMSeg_InternVL2_5_8B", None),
        ("mllmseg-8b-resumed", None),
        ("mllmseg-8b-progres", None),
        ("mllmseg-high-res", None),
        ("", None),
    ],
)
def test_names_tell_of_training_with_absent_targets(name: str, *, told: bool | None) -> None:
    assert learned_to_reject(name) is told


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("runs/MLLMSeg_InternVL2_5_8B_RES/finetuned_gres", "finetuned_gres"),
        ("runs/MLLMSeg_InternVL2_5_8B_RES/final", "final"),
        ("hub/models--owner_res--MLLMSeg_InternVL2_5_8B_GRES/snapshots/0123", "GRES"),
        ("models--owner--a_RES/refs/main", "main"),
    ],
)
def test_only_the_name_of_the_model_itself_counts(tmp_path: Path, place: str, name: str) -> None:
    assert name_of(tmp_path / place).endswith(name)
    assert "RES/" not in name_of(tmp_path / place)


@pytest.mark.parametrize(
    ("name", "config", "told"),
    [
        ("x_GRES", {"model_type": "mllmseg", "trained_to_reject": False}, False),
        ("x_RES", {"model_type": "mllmseg", "trained_to_reject": True}, True),
        ("x_RES", {"model_type": "mllmseg", "trained_to_reject": None}, None),
        ("x_RES", {"model_type": "internvl_chat"}, False),
        ("x", {"model_type": "internvl_chat"}, None),
        ("x_RES", {}, None),
    ],
)
def test_a_folder_tells_whether_its_model_can_refuse(
    tmp_path: Path, name: str, config: dict[str, Any], *, told: bool | None
) -> None:
    (tmp_path / name).mkdir()
    folder = saved({"vision_config": {"image_size": 448}, **config}, tmp_path / name)
    assert load_facts(folder).can_reject is told


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the parity kit is not beside the checkout")
@pytest.mark.parametrize("name", ["qwen2", "internlm2", "qwen2_lora", "internlm2_lora"])
def test_the_configs_of_the_kit_tell_their_sizes(name: str) -> None:
    facts = load_facts(SHARED / "parity" / "configs" / name)
    assert facts.kind == "published"
    assert facts.sizes is not None
    assert facts.sizes.vision.layers == facts.sizes.language.layers == 2


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the parity kit is not beside the checkout")
@pytest.mark.parametrize("name", ["qwen2", "internlm2"])
def test_the_parameters_are_those_of_the_original_code(name: str) -> None:
    kit = SHARED / "parity"
    sizes = load_facts(kit / "configs" / name).sizes
    assert sizes is not None
    stored = json.loads((kit / "keys" / f"{name}.json").read_text(encoding="utf-8"))["state_dict"]
    learned = sum(prod(tensor["shape"]) for tensor in stored if tensor["kind"] == "parameter")
    assert costs_of(sizes).parameters.total == learned


@pytest.mark.parametrize(
    "content",
    [None, "", "[]", "{}", '{"vision_config": 3}', '{"vision_config": {"image_size": []}}'],
)
def test_a_folder_without_a_usable_config_is_refused(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "config.json").write_text(content)
    with pytest.raises(CheckpointError, match=r"config\.json"):
        load_facts(tmp_path)
