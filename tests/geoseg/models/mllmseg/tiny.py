"""A model small enough to build in every test."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from geoseg.models.mllmseg.configuration import MLLMSegConfig
from geoseg.models.mllmseg.modeling import MLLMSegModel
from geoseg.models.mllmseg.processing import MLLMSegProcessor
from geoseg.models.mllmseg.tokenizer import word_tokenizer

CHIP_SIZE = 56
WORDS = (
    "the",
    "a",
    "red",
    "blue",
    "large",
    "roof",
    "road",
    "tree",
    "water",
    "north",
    "of",
    "segment",
)


@dataclass(frozen=True)
class Tiny:
    """A random model and its processor."""

    model: MLLMSegModel
    processor: MLLMSegProcessor

    def save(self, folder: Path) -> Path:
        self.model.save_pretrained(folder)
        self.processor.save_pretrained(folder)
        return folder


def tiny_config(**overrides: Any) -> MLLMSegConfig:  # noqa: ANN401 - any field
    settings: dict[str, Any] = {
        "vision_config": {
            "hidden_size": 32,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "intermediate_size": 48,
            "image_size": CHIP_SIZE,
            "patch_size": 14,
            "attention_bias": True,
        },
        "text_config": {
            "model_type": "qwen2",
            "vocab_size": 64,
            "hidden_size": 24,
            "intermediate_size": 40,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "num_key_value_heads": 1,
            "max_position_embeddings": 128,
        },
        "decoder_heads": 4,
        "decoder_ffn_width": 40,
        "image_token_id": 4,
        "seg_token_id": 5,
        "rej_token_id": 6,
        "system_template": "",
        "question_template": "<|im_start|><image>segment {phrase}<|im_end|>",
        "answer_template": "the {phrase} [SEG]",
    }
    return MLLMSegConfig(**{**settings, **overrides})


def tiny(**overrides: Any) -> Tiny:  # noqa: ANN401 - any field
    """A model whose answers differ from query to query and from pixel to pixel."""
    config = tiny_config(**overrides)
    torch.manual_seed(0)
    model = MLLMSegModel(config)
    model.train(mode=False)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
        model.mask_decoder.smoothing.weight.mul_(8)
    return Tiny(model, MLLMSegProcessor(word_tokenizer(WORDS), config))
