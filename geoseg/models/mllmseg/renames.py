"""What published checkpoints call the parameters, and what we call them."""

import re

QKV, GROUPED_QKV = "<qkv>", "<grouped qkv>"
"""Query, key and value in one tensor: one after the other, or by groups of heads."""

VISION = r"^vision_model\.embeddings\."
VISION_LAYER = r"^vision_model\.encoder\.layers\.(\d+)\."
OUR_VISION_LAYER = r"vision_tower.encoder.layer.\1."

LANGUAGE = r"^language_model\.model\."
LANGUAGE_LAYER = r"^language_model\.model\.layers\.(\d+)\."
OUR_LANGUAGE_LAYER = r"language_model.layers.\1."

QUERY_LAYER = r"^res_decoder\.ca_layer_vl\.decoder\."

RENAMES = (
    (rf"{VISION}class_embedding$", "vision_tower.embeddings.cls_token"),
    (rf"{VISION}position_embedding$", "vision_tower.embeddings.position_embeddings"),
    (rf"{VISION}patch_embedding\.", "vision_tower.embeddings.patch_embeddings.projection."),
    (rf"{VISION_LAYER}norm1\.", rf"{OUR_VISION_LAYER}layernorm_before."),
    (rf"{VISION_LAYER}norm2\.", rf"{OUR_VISION_LAYER}layernorm_after."),
    (rf"{VISION_LAYER}attn\.qkv\.", rf"{OUR_VISION_LAYER}attention.{QKV}_proj."),
    (rf"{VISION_LAYER}attn\.proj\.", rf"{OUR_VISION_LAYER}attention.projection_layer."),
    (rf"{VISION_LAYER}mlp\.", rf"{OUR_VISION_LAYER}mlp."),
    (rf"{VISION_LAYER}ls1$", rf"{OUR_VISION_LAYER}lambda_1"),
    (rf"{VISION_LAYER}ls2$", rf"{OUR_VISION_LAYER}lambda_2"),
    (r"^mlp1\.", "projector."),
    # InternLM2 is Llama by other names
    (rf"{LANGUAGE}tok_embeddings\.", "language_model.embed_tokens."),
    (rf"{LANGUAGE_LAYER}attention\.wqkv\.", rf"{OUR_LANGUAGE_LAYER}self_attn.{GROUPED_QKV}_proj."),
    (rf"{LANGUAGE_LAYER}attention\.wo\.", rf"{OUR_LANGUAGE_LAYER}self_attn.o_proj."),
    (rf"{LANGUAGE_LAYER}feed_forward\.w1\.", rf"{OUR_LANGUAGE_LAYER}mlp.gate_proj."),
    (rf"{LANGUAGE_LAYER}feed_forward\.w2\.", rf"{OUR_LANGUAGE_LAYER}mlp.down_proj."),
    (rf"{LANGUAGE_LAYER}feed_forward\.w3\.", rf"{OUR_LANGUAGE_LAYER}mlp.up_proj."),
    (rf"{LANGUAGE_LAYER}attention_norm\.", rf"{OUR_LANGUAGE_LAYER}input_layernorm."),
    (rf"{LANGUAGE_LAYER}ffn_norm\.", rf"{OUR_LANGUAGE_LAYER}post_attention_layernorm."),
    (r"^language_model\.output\.", "lm_head."),
    # Qwen2 has the names of transformers already
    (rf"{LANGUAGE}(embed_tokens|layers|norm)\.", r"language_model.\1."),
    (r"^language_model\.lm_head\.", "lm_head."),
    (r"^res_decoder\.img_llm_down\.", "mask_decoder.language_projection."),
    (r"^res_decoder\.text_down\.", "mask_decoder.intent_projection."),
    (r"^res_decoder\.ca_layer_v2l\.decoder\.", "mask_decoder.fusion."),
    (r"^res_decoder\.upsample_adapter_l\.", "mask_decoder.upsampler."),
    (r"^res_decoder\.text_out_adapter\.", "mask_decoder.adapter."),
    (
        rf"{QUERY_LAYER}layers\.0\.multihead_attn\.",
        "mask_decoder.query_layer.conditioning.multihead_attn.",
    ),
    (rf"{QUERY_LAYER}layers\.0\.", "mask_decoder.query_layer."),
    (rf"{QUERY_LAYER}norm\.", "mask_decoder.query_layer.norm."),
    (r"^res_decoder\.conv1\.", "mask_decoder.pixels."),
    (r"^res_decoder\.conv2\.", "mask_decoder.smoothing."),
)
"""The first that matches counts."""


def renamed(key: str) -> str | None:
    """Our name for a parameter of a published checkpoint; None where it has no counterpart.

    >>> renamed("language_model.model.layers.3.feed_forward.w1.weight")
    'language_model.layers.3.mlp.gate_proj.weight'
    """
    for pattern, ours in RENAMES:
        if re.match(pattern, key):
            return re.sub(pattern, ours, key)
    return None
