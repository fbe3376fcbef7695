"""Published tensors under our names, worked out by hand: the oracle of the conversion."""

from collections.abc import Mapping

import torch
from torch import Tensor

from tests.geoseg.models.mllmseg.published import Sizes

Tensors = Mapping[str, Tensor]

VISION_LAYER = {
    "norm1.weight": "layernorm_before.weight",
    "norm1.bias": "layernorm_before.bias",
    "norm2.weight": "layernorm_after.weight",
    "norm2.bias": "layernorm_after.bias",
    "attn.proj.weight": "attention.projection_layer.weight",
    "attn.proj.bias": "attention.projection_layer.bias",
    "mlp.fc1.weight": "mlp.fc1.weight",
    "mlp.fc1.bias": "mlp.fc1.bias",
    "mlp.fc2.weight": "mlp.fc2.weight",
    "mlp.fc2.bias": "mlp.fc2.bias",
    "ls1": "lambda_1",
    "ls2": "lambda_2",
}

INTERNLM2_LAYER = {
    "attention.wo.weight": "self_attn.o_proj.weight",
    "feed_forward.w1.weight": "mlp.gate_proj.weight",
    "feed_forward.w3.weight": "mlp.up_proj.weight",
    "feed_forward.w2.weight": "mlp.down_proj.weight",
    "attention_norm.weight": "input_layernorm.weight",
    "ffn_norm.weight": "post_attention_layernorm.weight",
}

DECODER = {
    "img_llm_down": "language_projection",
    "text_down": "intent_projection",
    "text_out_adapter": "adapter",
    "upsample_adapter_l": "upsampler",
    "conv1": "pixels",
    "conv2": "smoothing",
}


def converted_by_hand(tensors: Tensors, sizes: Sizes) -> dict[str, Tensor]:
    """Every tensor of the model, in float32 where it is a number with a fraction."""
    plain = {name: tensor.double() for name, tensor in tensors.items()}
    plain = merged(plain) if sizes.lora else plain
    ours = {**vision(plain, sizes), **decoder(plain)}
    ours |= {f"projector.{n[5:]}": t for n, t in plain.items() if n.startswith("mlp1.")}
    ours |= qwen2(plain) if sizes.llm == "qwen2" else internlm2(plain, sizes)
    return {
        name: tensor.long() if name.endswith("num_batches_tracked") else tensor.float()
        for name, tensor in ours.items()
    }


def merged(tensors: Tensors) -> dict[str, Tensor]:
    """LoRA of scale 2 added to what it adapts."""
    plain = {}
    for name, tensor in tensors.items():
        if ".lora_" in name:
            continue
        value = tensor
        if name.endswith(".base_layer.weight"):
            lora = name.removesuffix("base_layer.weight") + "lora_{}.default.weight"
            down, up = tensors[lora.format("A")], tensors[lora.format("B")]
            value = tensor + up @ down + up @ down
        name = name.replace("language_model.base_model.model.", "language_model.")  # noqa: PLW2901
        plain[name.replace(".base_layer.", ".")] = value
    return plain


def vision(plain: Tensors, sizes: Sizes) -> dict[str, Tensor]:
    theirs, ours = "vision_model.embeddings", "vision_tower.embeddings"
    made = {
        f"{ours}.cls_token": plain[f"{theirs}.class_embedding"],
        f"{ours}.position_embeddings": plain[f"{theirs}.position_embedding"],
        f"{ours}.patch_embeddings.projection.weight": plain[f"{theirs}.patch_embedding.weight"],
        f"{ours}.patch_embeddings.projection.bias": plain[f"{theirs}.patch_embedding.bias"],
    }
    width = sizes.vision_width
    for layer in range(sizes.vision_layers):
        theirs, ours = f"vision_model.encoder.layers.{layer}", f"vision_tower.encoder.layer.{layer}"
        made |= {f"{ours}.{o}": plain[f"{theirs}.{t}"] for t, o in VISION_LAYER.items()}
        for leaf in ("weight", "bias"):
            fused = plain[f"{theirs}.attn.qkv.{leaf}"]
            made[f"{ours}.attention.q_proj.{leaf}"] = fused[:width]
            made[f"{ours}.attention.k_proj.{leaf}"] = fused[width : 2 * width]
            made[f"{ours}.attention.v_proj.{leaf}"] = fused[2 * width :]
    return made


def qwen2(plain: Tensors) -> dict[str, Tensor]:
    stem = "language_model.model."
    made = {f"language_model.{n[len(stem) :]}": t for n, t in plain.items() if n.startswith(stem)}
    return {**made, "lm_head.weight": plain["language_model.lm_head.weight"]}


def internlm2(plain: Tensors, sizes: Sizes) -> dict[str, Tensor]:
    made = {
        "lm_head.weight": plain["language_model.output.weight"],
        "language_model.embed_tokens.weight": plain["language_model.model.tok_embeddings.weight"],
        "language_model.norm.weight": plain["language_model.model.norm.weight"],
    }
    for layer in range(sizes.layers):
        theirs, ours = f"language_model.model.layers.{layer}", f"language_model.layers.{layer}"
        made |= {f"{ours}.{o}": plain[f"{theirs}.{t}"] for t, o in INTERNLM2_LAYER.items()}
        parts = rows_of_groups(plain[f"{theirs}.attention.wqkv.weight"], sizes)
        made |= {f"{ours}.self_attn.{k}_proj.weight": torch.cat(v) for k, v in parts.items()}
    return made


def rows_of_groups(fused: Tensor, sizes: Sizes) -> dict[str, list[Tensor]]:
    """For each key head: its group's query heads, then the key, then the value."""
    rows = iter(fused.split(sizes.head))
    parts: dict[str, list[Tensor]] = {"q": [], "k": [], "v": []}
    for _ in range(sizes.kv_heads):
        parts["q"] += [next(rows) for _ in range(sizes.heads // sizes.kv_heads)]
        parts["k"].append(next(rows))
        parts["v"].append(next(rows))
    return parts


def decoder(plain: Tensors) -> dict[str, Tensor]:
    made = {}
    for name, tensor in plain.items():
        if not name.startswith("res_decoder."):
            continue
        part, _, rest = name.removeprefix("res_decoder.").partition(".")
        if part == "ca_layer_v2l":
            ours = f"fusion.{rest.removeprefix('decoder.')}"
        elif part == "ca_layer_vl":
            rest = rest.removeprefix("decoder.").removeprefix("layers.0.")
            is_memory = rest.startswith("multihead_attn.")
            ours = f"query_layer.{'conditioning.' * is_memory}{rest}"
        else:
            ours = f"{DECODER[part]}.{rest}"
        made[f"mask_decoder.{ours}"] = tensor
    return made
