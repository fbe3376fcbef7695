import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from geoseg.errors import CheckpointError
from geoseg.models.mllmseg.checkpoint import load_config, load_model, load_processor
from geoseg.models.mllmseg.modeling import MLLMSegModel
from tests.geoseg.models.mllmseg.tiny import tiny


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tiny().save(tmp_path / "checkpoint")


def change_config(folder: Path, **changes: Any) -> None:  # noqa: ANN401 - JSON enters here
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def change_part(folder: Path, part: str, **changes: Any) -> None:  # noqa: ANN401 - as above
    settings = json.loads((folder / "config.json").read_text())[part]
    change_config(folder, **{part: {**settings, **changes}})


def change_weights(folder: Path, **changes: torch.Tensor | None) -> None:
    path = folder / "model.safetensors"
    tensors = {**load_file(path), **changes}
    save_file({name: tensor for name, tensor in tensors.items() if tensor is not None}, path)


def complaint(folder: Path) -> str:
    with pytest.raises(CheckpointError) as refused:
        load_model(folder, dtype=torch.float32)
    return str(refused.value)


def test_a_whole_checkpoint_loads_in_the_dtype_asked_for(folder: Path) -> None:
    model = load_model(folder, dtype=torch.float64)
    assert model.dtype == torch.float64
    assert not model.training


def test_loading_draws_no_progress_bar(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    capfd.readouterr()
    load_model(folder, dtype=torch.float32)
    assert capfd.readouterr() == ("", "")


def test_a_half_precision_checkpoint_loads_in_float32(folder: Path) -> None:
    MLLMSegModel.from_pretrained(folder, dtype=torch.float16).save_pretrained(folder)
    assert load_model(folder, dtype=torch.float32).dtype == torch.float32


def test_a_checkpoint_in_several_files_loads(folder: Path) -> None:
    whole = tiny().model
    (folder / "model.safetensors").unlink()
    whole.save_pretrained(folder, max_shard_size="50KB")
    assert len(list(folder.glob("model-*.safetensors"))) > 1
    loaded = load_model(folder, dtype=torch.float32).state_dict()
    assert all(torch.equal(loaded[name], tensor) for name, tensor in whole.state_dict().items())


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert f"has no {name}" in complaint(folder)


def test_a_missing_tokenizer_is_named(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    with pytest.raises(CheckpointError, match=r"has no tokenizer\.json"):
        load_processor(folder, load_config(folder))


@pytest.mark.parametrize("text", ["{", "{}"])
def test_a_damaged_tokenizer_is_refused(folder: Path, text: str) -> None:
    (folder / "tokenizer.json").write_text(text)
    with pytest.raises(CheckpointError, match=r"tokenizer\.json"):
        load_processor(folder, load_config(folder))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("tokenizer.json", '{"model": 3}'),
        ("tokenizer.json", '{"added_tokens": [], "model": {"type": "bogus"}}'),
        ("tokenizer_config.json", "{"),
        ("tokenizer_config.json", "[]"),
        ("special_tokens_map.json", "{"),
    ],
)
def test_tokenizer_files_that_the_library_stumbles_over_are_refused(
    folder: Path, name: str, text: str
) -> None:
    (folder / name).write_text(text)
    with pytest.raises(CheckpointError, match="tokenizer in") as refused:
        load_processor(folder, load_config(folder))
    assert str(folder) in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("text", ["{", "[]", "\x00", "[" * 100_000])
def test_a_damaged_config_is_refused(folder: Path, text: str) -> None:
    (folder / "config.json").write_text(text)
    assert "config.json" in complaint(folder)


def test_a_checkpoint_of_another_model_is_refused(folder: Path) -> None:
    change_config(folder, model_type="bert")
    assert "model_type 'bert'" in complaint(folder)


@pytest.mark.parametrize(
    "changes",
    [
        {"decoder_heads": 5},
        {"decoder_heads": "eight"},
        {"downsample_ratio": 0.3},
        {"vision_config": {"hidden_size": "wide"}},
        {"text_config": {"model_type": "no such model"}},
        {"text_config": 3},
    ],
)
def test_a_config_that_describes_no_model_is_refused(
    folder: Path, changes: dict[str, object]
) -> None:
    change_config(folder, **changes)
    assert "does not describe a model" in complaint(folder)


@pytest.mark.parametrize(
    ("part", "changes", "told"),
    [
        ("vision_config", {"patch_size": [0, 0]}, "0 x 0 pixels"),
        ("vision_config", {"patch_size": []}, "does not describe a model"),
        ("vision_config", {"image_size": [-56, -56]}, "-56 x -56 pixels"),
        ("vision_config", {"hidden_size": 0}, "hidden_size must be 1 or more, not 0"),
        ("vision_config", {"num_attention_heads": 0}, "heads must be 1 or more, not 0"),
        ("vision_config", {"num_attention_heads": -2}, "heads must be 1 or more, not -2"),
        ("vision_config", {"num_attention_heads": 3}, "3 does not divide the width 32"),
        ("vision_config", {"hidden_act": "bogus"}, "hidden_act 'bogus' is unknown"),
        ("text_config", {"num_attention_heads": 0}, "heads must be 1 or more, not 0"),
        ("text_config", {"num_key_value_heads": 0}, "heads must be 1 or more, not 0"),
        ("text_config", {"hidden_act": "bogus"}, "hidden_act 'bogus' is unknown"),
        ("text_config", {"num_hidden_layers": 3}, "does not describe a model"),
        (
            "text_config",
            {"model_type": "llama", "num_attention_heads": 0},
            "does not describe a model",
        ),
        (
            "text_config",
            {"rope_parameters": {"rope_type": "bogus", "rope_theta": 1.0}},
            "does not describe a model",
        ),
    ],
)
def test_a_part_that_cannot_be_built_is_refused_in_one_line(
    folder: Path, part: str, changes: dict[str, object], told: str
) -> None:
    change_part(folder, part, **changes)
    message = complaint(folder)
    assert told in message
    assert "config.json' does not describe a model" in message
    assert "\n" not in message


@pytest.mark.parametrize("value", ["flash_attention_2", "bogus", {"": "flash_attention_2"}])
@pytest.mark.parametrize("name", ["_attn_implementation", "attn_implementation"])
def test_a_choice_of_attention_is_ignored(folder: Path, name: str, value: object) -> None:
    for part in ("vision_config", "text_config"):
        change_part(folder, part, **{name: value})
    change_config(folder, **{name: value})
    model = load_model(folder, dtype=torch.float32)
    towers = (model, model.vision_tower, model.language_model)
    assert {tower.config._attn_implementation for tower in towers} == {"sdpa"}


def test_a_choice_of_another_weights_file_is_ignored(folder: Path) -> None:
    expected = load_model(folder, dtype=torch.float32).lm_head.weight
    change_config(folder, transformers_weights="../other.safetensors")
    assert torch.equal(load_model(folder, dtype=torch.float32).lm_head.weight, expected)


QUANTISED = {"quant_method": "bitsandbytes", "load_in_4bit": True}


def test_a_quantised_checkpoint_is_refused(folder: Path) -> None:
    change_config(folder, quantization_config=QUANTISED)
    assert "quantised checkpoints cannot be loaded yet" in complaint(folder)


@pytest.mark.parametrize("part", ["vision_config", "text_config"])
def test_a_quantised_part_is_refused(folder: Path, part: str) -> None:
    change_part(folder, part, quantization_config=QUANTISED)
    assert "quantised checkpoints cannot be loaded yet" in complaint(folder)


def test_a_quantisation_that_is_none_is_no_quantisation(folder: Path) -> None:
    expected = load_model(folder, dtype=torch.float32).lm_head.weight
    change_config(folder, quantization_config=None)
    assert torch.equal(load_model(folder, dtype=torch.float32).lm_head.weight, expected)


def test_a_missing_tensor_is_named(folder: Path) -> None:
    change_weights(folder, **{"lm_head.weight": None})
    assert "1 missing: lm_head.weight" in complaint(folder)


def test_an_extra_tensor_is_named(folder: Path) -> None:
    change_weights(folder, surplus=torch.zeros(1))
    assert "1 not part of the model: surplus" in complaint(folder)


def test_a_tensor_of_another_shape_is_named_with_both_shapes(folder: Path) -> None:
    change_weights(folder, **{"lm_head.weight": torch.zeros(3, 24)})
    assert "1 of another shape: lm_head.weight (3, 24) instead of (64, 24)" in complaint(folder)


def test_a_config_of_another_size_lists_only_the_first_tensors(folder: Path) -> None:
    change_config(folder, decoder_ffn_width=48)
    assert "of another shape" in complaint(folder)
    change_config(folder, query_conditioning="film")
    message = complaint(folder)
    assert "missing" in message
    assert "not part of the model" in message
