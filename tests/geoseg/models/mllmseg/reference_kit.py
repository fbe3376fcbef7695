"""The parity kit: tiny weights made by recipe, and what the original code answered with them."""

import json
import re
import zlib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from geoseg.models.mllmseg.configuration import MLLMSegConfig
from geoseg.models.mllmseg.modeling import MLLMSegModel

KIT = Path(__file__).parents[4].parent / "shared" / "parity"

needs_kit = pytest.mark.skipif(not KIT.is_dir(), reason="the parity kit is not beside the checkout")

GAINS = (
    ("lora_A", 1.0),
    ("lora_B", 0.5),
    ("q_proj", 2.0),
    ("k_proj", 2.0),
    ("wqkv", 2.0),
    ("attn.qkv", 1.5),
    ("in_proj_weight", 1.5),
    ("res_decoder.upsample_adapter_l.offset", 2.0),
    ("res_decoder.ca_layer_vl.decoder.layers.0.multihead_attn.out_proj", 1.5),
    ("res_decoder.conv2", 4.0),
)

MOVED = (
    (("running_var",), (1, 0.1)),
    (("running_mean",), (0, 0.1)),
    (("ls1", "ls2"), (0.5, 0.1)),
    (("class_embedding", "position_embedding"), (0, 0.5)),
    (("bias", "in_proj_bias"), (0, 0.05)),
)
"""Start and spread of the values of some leaves, whatever their shape."""

DECODER_RENAMES = (
    (r"^img_llm_down\.", "language_projection."),
    (r"^text_down\.", "intent_projection."),
    (r"^ca_layer_v2l\.decoder\.", "fusion."),
    (r"^upsample_adapter_l\.", "upsampler."),
    (r"^text_out_adapter\.", "adapter."),
    (
        r"^ca_layer_vl\.decoder\.layers\.0\.multihead_attn\.",
        "query_layer.conditioning.multihead_attn.",
    ),
    (r"^ca_layer_vl\.decoder\.layers\.0\.", "query_layer."),
    (r"^ca_layer_vl\.decoder\.norm\.", "query_layer.norm."),
    (r"^conv1\.", "pixels."),
    (r"^conv2\.", "smoothing."),
)

RENAMES = (
    (r"\.class_embedding$", ".cls_token"),
    (r"\.position_embedding$", ".position_embeddings"),
    (r"\.patch_embedding\.", ".patch_embeddings.projection."),
    (r"\.encoder\.layers\.", ".encoder.layer."),
    (r"\.norm1\.", ".layernorm_before."),
    (r"\.norm2\.", ".layernorm_after."),
    (r"\.attn\.proj\.", ".attention.projection_layer."),
    (r"\.ls1$", ".lambda_1"),
    (r"\.ls2$", ".lambda_2"),
    (r"^vision_model\.", "vision_tower."),
    (r"^mlp1\.", "projector."),
    (r"^language_model\.model\.", "language_model."),
    (r"^language_model\.lm_head\.", "lm_head."),
)


def read_json(name: str) -> Any:  # noqa: ANN401 - JSON enters here
    return json.loads((KIT / name).read_text(encoding="utf-8"))


@cache
def golden(name: str) -> dict[str, NDArray[Any]]:
    with np.load(KIT / name) as entries:
        return dict(entries)


def normal(name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    seed = read_json("recipe_params.json")["seed"]
    rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
    return rng.standard_normal(shape, dtype=np.float32)


def recipe_tensor(key: str, shape: tuple[int, ...], variant: str) -> NDArray[Any]:
    """The value the kit gives to a parameter; see section 2 of its README."""
    leaf = key.rsplit(".", 1)[-1]
    if leaf == "num_batches_tracked":
        return np.zeros((), np.int64)
    if leaf == "init_pos":
        x = np.tile(np.array([-0.25, 0.25, -0.25, 0.25], np.float32), 4)
        y = np.tile(np.array([-0.25, -0.25, 0.25, 0.25], np.float32), 4)
        return np.concatenate([x, y]).reshape(1, 32, 1, 1)
    values = normal(key, shape)
    if (scaled := vector_tensor(key, leaf, values)) is not None:
        return scaled
    gain = next((gain for part, gain in GAINS if part in key), 1.0)
    weight = values * np.float32(gain / np.sqrt(np.prod(shape[1:])))
    if key in ("language_model.lm_head.weight", "language_model.output.weight"):
        recipe = read_json("recipe_params.json")
        weight[recipe["rej_id"]] *= np.float32(recipe["rej_gain"][variant])
    return weight


def vector_tensor(key: str, leaf: str, values: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """The recipe for everything but weight matrices; None for those."""
    if "embed_tokens" in key or "tok_embeddings" in key:
        return values
    if leaf == "running_var":
        values = np.abs(values)
    known = next((moved for leaves, moved in MOVED if leaf in leaves), None)
    if known is None and values.ndim > 1:
        return None
    start, spread = known or (1, 0.1)  # the remaining vectors are norm weights
    return np.float32(start) + np.float32(spread) * values


def reference_tensors(variant: str) -> dict[str, NDArray[Any]]:
    """Every tensor of a variant under its published name, checked against the kit's checksums."""
    tensors = {}
    for entry in read_json(f"keys/{variant}.json")["state_dict"]:
        tensor = recipe_tensor(entry["key"], tuple(entry["shape"]), variant)
        assert zlib.crc32(np.ascontiguousarray(tensor).tobytes()) == entry["crc32"], entry["key"]
        tensors[entry["key"]] = tensor
    return tensors


def our_names(tensors: dict[str, NDArray[Any]]) -> dict[str, torch.Tensor]:
    """Published Qwen2 tensors under our names."""
    ours = {}
    for key, tensor in tensors.items():
        if ".attn.qkv." in key:
            for part, chunk in zip("qkv", np.split(tensor, 3), strict=True):
                name = key.replace(".attn.qkv.", f".attention.{part}_proj.")
                ours[renamed(name, RENAMES)] = torch.from_numpy(chunk)
        elif key.startswith("res_decoder."):
            name = renamed(key.removeprefix("res_decoder."), DECODER_RENAMES)
            ours[f"mask_decoder.{name}"] = torch.from_numpy(tensor)
        else:
            ours[renamed(key, RENAMES)] = torch.from_numpy(tensor)
    return ours


def renamed(key: str, renames: tuple[tuple[str, str], ...]) -> str:
    for pattern, ours in renames:
        key = re.sub(pattern, ours, key)
    return key


def reference_config(*, language_width: int = 96) -> MLLMSegConfig:
    """Our configuration of the kit's qwen2 variant."""
    official = read_json("configs/qwen2/config.json")
    vision, text = official["vision_config"], official["llm_config"]
    names = ("hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads")
    return MLLMSegConfig(
        vision_config={
            **{name: vision[name] for name in names},
            "image_size": vision["image_size"],
            "patch_size": vision["patch_size"],
            "layer_norm_eps": vision["layer_norm_eps"],
            "attention_bias": True,
        },
        text_config={
            "model_type": "qwen2",
            **{name: text[name] for name in (*names, "num_key_value_heads", "vocab_size")},
            "hidden_size": language_width,
            "rms_norm_eps": text["rms_norm_eps"],
            "rope_parameters": {"rope_type": "default", "rope_theta": text["rope_theta"]},
        },
        image_token_id=387,
        seg_token_id=394,
        rej_token_id=395,
    )


@cache
def reference_model() -> MLLMSegModel:
    """Our model holding the kit's qwen2 weights."""
    model = MLLMSegModel(reference_config())
    model.load_state_dict(our_names(reference_tensors("qwen2")), strict=True)
    model.train(mode=False)
    return model


@cache
def toy_tokenizer() -> PreTrainedTokenizerFast:
    """The kit's tokenizer: one token per character."""
    special = read_json("cases/qwen2.json")["special_ids"]
    wide = sorted(char for char in set(reference_config().system_template) if ord(char) > 127)
    # a vocabulary holds one text per id, so characters that share an id share a stand-in
    stand_ins = {char: chr(0x1000 + ord(char) % 160) for char in wide}
    unknown = chr(0)
    vocabulary = {chr(code): code for code in range(128)}
    vocabulary |= {stand_in: 128 + ord(stand_in) - 0x1000 for stand_in in stand_ins.values()}
    backend = Tokenizer(models.WordLevel({**vocabulary, **special}, unk_token=unknown))
    backend.normalizer = normalizers.Sequence(
        [normalizers.Replace(char, stand_in) for char, stand_in in stand_ins.items()]
    )
    backend.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), behavior="isolated")
    backend.add_special_tokens([AddedToken(token, normalized=False) for token in special])
    return PreTrainedTokenizerFast(tokenizer_object=backend)
