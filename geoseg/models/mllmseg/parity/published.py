"""Checkpoints of a kit, written as the published ones are."""

import json
import math
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from geoseg.models.mllmseg.parity.kit import Kit
from geoseg.models.mllmseg.parity.toy import toy_tokenizer

Tensors = Mapping[str, Tensor]

SHARDS = 3
"""Files that a sharded checkpoint is cut into."""

DECODER = "res_decoder."


def one_bin(folder: Path, tensors: Tensors) -> None:
    """All weights in one .bin file, as merged checkpoints come."""
    torch.save(dict(tensors), folder / "pytorch_model.bin")


def one_safetensors(folder: Path, tensors: Tensors) -> None:
    """All weights in one safetensors file."""
    save_file(dict(tensors), folder / "model.safetensors", metadata={"format": "pt"})


def bin_shards(folder: Path, tensors: Tensors) -> None:
    """Weights in several .bin files with an index."""
    named = shards(tensors, "pytorch_model", "bin")
    for name, part in named.items():
        torch.save(part, folder / name)
    write_index(folder / "pytorch_model.bin.index.json", named)


def safetensors_shards(folder: Path, tensors: Tensors) -> None:
    """Weights in several safetensors files with an index, as training writes them."""
    named = shards(tensors, "model", "safetensors")
    for name, part in named.items():
        save_file(part, folder / name, metadata={"format": "pt"})
    write_index(folder / "model.safetensors.index.json", named)


LAYOUTS: dict[str, Callable[[Path, Tensors], None]] = {
    "one .bin": one_bin,
    "one safetensors": one_safetensors,
    "sharded .bin": bin_shards,
    "sharded safetensors": safetensors_shards,
}


def write_published(kit: Kit, variant: str, folder: Path, *, layout: str) -> None:
    """A kit's variant as a checkpoint in one of the `LAYOUTS`.

    Dtypes are mixed without loss: the decoder is in float64, the rest in float32.
    """
    write_files(kit, variant, folder)
    dtypes = {"decoder": torch.float64, "rest": torch.float32}
    LAYOUTS[layout](folder, in_dtypes(kit.tensors(variant), **dtypes))


def write_released(kit: Kit, variant: str, folder: Path) -> None:
    """A kit's variant in the numbers of released checkpoints: bfloat16, the decoder in float16."""
    write_files(kit, variant, folder)
    dtypes = {"decoder": torch.float16, "rest": torch.bfloat16}
    one_bin(folder, in_dtypes(kit.tensors(variant), **dtypes))


def write_files(kit: Kit, variant: str, folder: Path) -> None:
    """Everything but the weights."""
    folder.mkdir(parents=True)
    shutil.copy(kit.folder / "configs" / variant / "config.json", folder)
    cases = kit.json(f"cases/{variant.removesuffix('_lora')}.json")
    characters = json.dumps(cases, ensure_ascii=False)
    toy_tokenizer(cases["special_ids"], characters).save_pretrained(folder)


def in_dtypes(tensors: Tensors, *, decoder: torch.dtype, rest: torch.dtype) -> dict[str, Tensor]:
    """The tensors with fractions in the dtype of their part, the others as they are."""
    return {
        key: tensor.to(decoder if key.startswith(DECODER) else rest)
        if tensor.is_floating_point()
        else tensor
        for key, tensor in tensors.items()
    }


def shards(tensors: Tensors, stem: str, ending: str) -> dict[str, dict[str, Tensor]]:
    """The tensors cut into files of about as many each."""
    keys = list(tensors)
    step = math.ceil(len(keys) / SHARDS)
    return {
        f"{stem}-{number + 1:05d}-of-{SHARDS:05d}.{ending}": {
            key: tensors[key] for key in keys[number * step : (number + 1) * step]
        }
        for number in range(SHARDS)
    }


def write_index(path: Path, named: Mapping[str, Tensors]) -> None:
    """The file that says which tensor lies where."""
    total = sum(tensor.nbytes for part in named.values() for tensor in part.values())
    places = {key: name for name, part in named.items() for key in part}
    index = {"metadata": {"total_size": total}, "weight_map": places}
    path.write_text(json.dumps(index), encoding="utf-8")
