"""Small checkpoints in the layout in which MLLMSeg was published, made by hand."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors.torch import save_file
from torch import Tensor

from geoseg.models.mllmseg.tokenizer import word_tokenizer
from tests.geoseg.models.mllmseg.tiny import CHIP_SIZE, WORDS

Shape = tuple[int, ...]

ARCHITECTURES = {"qwen2": "Qwen2ForCausalLM", "internlm2": "InternLM2ForCausalLM"}

DECODER_FFN = 1024
"""The published decoder's, which config.json does not say."""


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """What decides the shapes of a published checkpoint."""

    llm: Literal["qwen2", "internlm2"] = "qwen2"
    lora: int = 0
    chip: int = CHIP_SIZE
    vision_width: int = 32
    vision_layers: int = 2
    vision_ffn: int = 48
    vision_heads: int = 2
    width: int = 24
    layers: int = 2
    ffn: int = 40
    heads: int = 4
    kv_heads: int = 2
    vocabulary: int = 64

    @property
    def head(self) -> int:
        return self.width // self.heads


def published_config(sizes: Sizes) -> dict[str, Any]:
    """What config.json holds, as far as anybody could read it."""
    language: dict[str, Any] = {
        "model_type": sizes.llm,
        "architectures": [ARCHITECTURES[sizes.llm]],
        "attn_implementation": "flash_attention_2",
        "hidden_act": "silu",
        "hidden_size": sizes.width,
        "intermediate_size": sizes.ffn,
        "num_hidden_layers": sizes.layers,
        "num_attention_heads": sizes.heads,
        "num_key_value_heads": sizes.kv_heads,
        "vocab_size": sizes.vocabulary,
        "max_position_embeddings": 32768,
        "rope_theta": 1000000.0,
        "rope_scaling": None,
        "rms_norm_eps": 1e-6,
        "pad_token_id": 2,
        "tie_word_embeddings": False,
        "torch_dtype": "bfloat16",
    }  # fmt: skip
    if sizes.llm == "internlm2":
        language |= {"rope_scaling": {"factor": 2.0, "type": "dynamic"}, "bias": False}
        language |= {"rms_norm_eps": 1e-5}
    else:
        language |= {"sliding_window": 32768, "use_sliding_window": False}
    vision = {
        "model_type": "intern_vit_6b",
        "hidden_act": "gelu",
        "hidden_size": sizes.vision_width,
        "intermediate_size": sizes.vision_ffn,
        "num_hidden_layers": sizes.vision_layers,
        "num_attention_heads": sizes.vision_heads,
        "num_channels": 3,
        "image_size": sizes.chip,
        "patch_size": 14,
        "layer_norm_eps": 1e-6,
        "norm_type": "layer_norm",
        "qk_normalization": False,
        "qkv_bias": True,
        "drop_path_rate": 0.1,
        "use_flash_attn": True,
        "torch_dtype": "bfloat16",
        "tie_word_embeddings": True,
    }
    return {
        "architectures": ["MLLMSeg"],
        "auto_map": {"AutoModel": "modeling_internvl_chat.InternVLChatModel"},
        "model_type": "internvl_chat",
        "downsample_ratio": 0.5,
        "force_image_size": sizes.chip,
        "hidden_size": sizes.width,
        "llm_config": language,
        "vision_config": vision,
        "ps_version": "v2",
        "select_layer": -1,
        "template": "internvl2_5",
        "torch_dtype": "bfloat16",
        "use_backbone_lora": 0,
        "use_llm_lora": sizes.lora,
    }


def published_shapes(sizes: Sizes) -> dict[str, Shape]:
    """The shape of every tensor, by its published name."""
    language = dict(LANGUAGES[sizes.llm](sizes))
    prefix = "language_model.base_model.model." if sizes.lora else "language_model."
    if sizes.lora:
        language = dict(with_lora(language, sizes.lora))
    return {
        **dict(vision_shapes(sizes)),
        **{prefix + name: shape for name, shape in language.items()},
        **dict(projector_shapes(sizes)),
        **{f"res_decoder.{name}": shape for name, shape in decoder_shapes(sizes)},
    }


def vision_shapes(sizes: Sizes) -> Iterator[tuple[str, Shape]]:
    width, side = sizes.vision_width, sizes.chip // 14
    yield "vision_model.embeddings.class_embedding", (1, 1, width)
    yield "vision_model.embeddings.position_embedding", (1, side**2 + 1, width)
    yield "vision_model.embeddings.patch_embedding.weight", (width, 3, 14, 14)
    yield "vision_model.embeddings.patch_embedding.bias", (width,)
    for layer in range(sizes.vision_layers):
        at = f"vision_model.encoder.layers.{layer}"
        yield f"{at}.ls1", (width,)
        yield f"{at}.ls2", (width,)
        yield from linear(f"{at}.attn.qkv", 3 * width, width)
        yield from linear(f"{at}.attn.proj", width, width)
        yield from linear(f"{at}.mlp.fc1", sizes.vision_ffn, width)
        yield from linear(f"{at}.mlp.fc2", width, sizes.vision_ffn)
        yield from norm(f"{at}.norm1", width)
        yield from norm(f"{at}.norm2", width)


def projector_shapes(sizes: Sizes) -> Iterator[tuple[str, Shape]]:
    yield from norm("mlp1.0", 4 * sizes.vision_width)
    yield from linear("mlp1.1", sizes.width, 4 * sizes.vision_width)
    yield from linear("mlp1.3", sizes.width, sizes.width)


def qwen2_shapes(sizes: Sizes) -> Iterator[tuple[str, Shape]]:
    width, few = sizes.width, sizes.kv_heads * sizes.head
    yield "model.embed_tokens.weight", (sizes.vocabulary, width)
    for layer in range(sizes.layers):
        at = f"model.layers.{layer}"
        yield from linear(f"{at}.self_attn.q_proj", width, width)
        yield from linear(f"{at}.self_attn.k_proj", few, width)
        yield from linear(f"{at}.self_attn.v_proj", few, width)
        yield f"{at}.self_attn.o_proj.weight", (width, width)
        yield f"{at}.mlp.gate_proj.weight", (sizes.ffn, width)
        yield f"{at}.mlp.up_proj.weight", (sizes.ffn, width)
        yield f"{at}.mlp.down_proj.weight", (width, sizes.ffn)
        yield f"{at}.input_layernorm.weight", (width,)
        yield f"{at}.post_attention_layernorm.weight", (width,)
    yield "model.norm.weight", (width,)
    yield "lm_head.weight", (sizes.vocabulary, width)


def internlm2_shapes(sizes: Sizes) -> Iterator[tuple[str, Shape]]:
    width = sizes.width
    yield "model.tok_embeddings.weight", (sizes.vocabulary, width)
    for layer in range(sizes.layers):
        at = f"model.layers.{layer}"
        yield (
            f"{at}.attention.wqkv.weight",
            ((sizes.heads + 2 * sizes.kv_heads) * sizes.head, width),
        )
        yield f"{at}.attention.wo.weight", (width, width)
        yield f"{at}.feed_forward.w1.weight", (sizes.ffn, width)
        yield f"{at}.feed_forward.w3.weight", (sizes.ffn, width)
        yield f"{at}.feed_forward.w2.weight", (width, sizes.ffn)
        yield f"{at}.attention_norm.weight", (width,)
        yield f"{at}.ffn_norm.weight", (width,)
    yield "model.norm.weight", (width,)
    yield "output.weight", (sizes.vocabulary, width)


LANGUAGES = {"qwen2": qwen2_shapes, "internlm2": internlm2_shapes}

ADAPTED = (
    "q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj",
    "wqkv", "wo", "w1", "w2", "w3",
)  # fmt: skip
"""The layers that published LoRA adapts."""


def with_lora(shapes: dict[str, Shape], rank: int) -> Iterator[tuple[str, Shape]]:
    for name, shape in shapes.items():
        layer, _, leaf = name.rpartition(".")
        if layer.rpartition(".")[2] not in ADAPTED:
            yield name, shape
            continue
        yield f"{layer}.base_layer.{leaf}", shape
        if leaf == "weight":
            yield f"{layer}.lora_A.default.weight", (rank, shape[1])
            yield f"{layer}.lora_B.default.weight", (shape[0], rank)


def decoder_shapes(sizes: Sizes) -> Iterator[tuple[str, Shape]]:
    width = sizes.vision_width
    yield from linear("img_llm_down", width, sizes.width)
    yield from linear("text_down", width, sizes.width)
    yield from linear("text_out_adapter", width, 3 * width)
    for layer in ("ca_layer_v2l", "ca_layer_vl"):
        at = f"{layer}.decoder.layers.0"
        for attention in ("self_attn", "multihead_attn"):
            yield f"{at}.{attention}.in_proj_weight", (3 * width, width)
            yield f"{at}.{attention}.in_proj_bias", (3 * width,)
            yield from linear(f"{at}.{attention}.out_proj", width, width)
        yield from linear(f"{at}.linear1", DECODER_FFN, width)
        yield from linear(f"{at}.linear2", width, DECODER_FFN)
        for number in (1, 2, 3):
            yield from norm(f"{at}.norm{number}", width)
        yield from norm(f"{layer}.decoder.norm", width)
    yield "upsample_adapter_l.init_pos", (1, 32, 1, 1)
    yield "upsample_adapter_l.offset.weight", (32, width, 1, 1)
    yield "upsample_adapter_l.offset.bias", (32,)
    yield "conv1.0.weight", (196, width, 3, 3)
    yield "conv1.0.bias", (196,)
    yield from norm("conv1.1", 196)
    yield "conv1.1.running_mean", (196,)
    yield "conv1.1.running_var", (196,)
    yield "conv1.1.num_batches_tracked", ()
    yield "conv2.weight", (1, 1, 5, 5)
    yield "conv2.bias", (1,)


def linear(name: str, out: int, into: int) -> Iterator[tuple[str, Shape]]:
    yield f"{name}.weight", (out, into)
    yield f"{name}.bias", (out,)


def norm(name: str, width: int) -> Iterator[tuple[str, Shape]]:
    yield f"{name}.weight", (width,)
    yield f"{name}.bias", (width,)


def published_tensors(sizes: Sizes, *, dtype: torch.dtype = torch.float32) -> dict[str, Tensor]:
    """Random tensors under the published names."""
    random = torch.Generator().manual_seed(0)
    return {
        name: tensor_for(name, shape, random, dtype)
        for name, shape in published_shapes(sizes).items()
    }


def tensor_for(name: str, shape: Shape, random: torch.Generator, dtype: torch.dtype) -> Tensor:
    if name.endswith("num_batches_tracked"):
        return torch.tensor(7)
    values = 0.2 * torch.randn(shape, generator=random)
    return (values.abs() + 0.5 if name.endswith("running_var") else values).to(dtype)


@dataclass(frozen=True)
class Published:
    """A published checkpoint before it is written."""

    sizes: Sizes = field(default_factory=Sizes)
    files: Literal["safetensors", "bin"] = "safetensors"
    parts: int = 1
    dtype: torch.dtype = torch.float32
    decoder_dtype: torch.dtype | None = None

    def tensors(self) -> dict[str, Tensor]:
        tensors = published_tensors(self.sizes, dtype=self.dtype)
        return {
            name: tensor.to(self.decoder_dtype)
            if self.decoder_dtype and name.startswith("res_decoder") and tensor.is_floating_point()
            else tensor
            for name, tensor in tensors.items()
        }

    def save(self, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        write_json(folder / "config.json", published_config(self.sizes))
        write_weights(folder, self.tensors(), files=self.files, parts=self.parts)
        word_tokenizer(WORDS).save_pretrained(folder)
        return folder


STEMS = {"safetensors": "model", "bin": "pytorch_model"}


def write_weights(
    folder: Path, tensors: dict[str, Tensor], *, files: str = "safetensors", parts: int = 1
) -> None:
    """The tensors in one file, or dealt out to several with their index."""
    names, stem = list(tensors), STEMS[files]
    if parts == 1:
        write_file(folder / f"{stem}.{files}", tensors)
        return
    index: dict[str, str] = {}
    for part in range(parts):
        name = f"{stem}-{part + 1:05}-of-{parts:05}.{files}"
        mine = names[len(names) * part // parts : len(names) * (part + 1) // parts]
        write_file(folder / name, {key: tensors[key] for key in mine})
        index |= dict.fromkeys(mine, name)
    content = {"metadata": {"total_size": 0}, "weight_map": index}
    write_json(folder / f"{stem}.{files}.index.json", content)


def write_file(path: Path, tensors: dict[str, Tensor]) -> None:
    if path.suffix == ".bin":
        torch.save(tensors, path)
    else:
        save_file(tensors, path, metadata={"format": "pt"})


def write_json(path: Path, content: Any) -> None:  # noqa: ANN401 - JSON
    path.write_text(json.dumps(content), encoding="utf-8")
