"""A folder of golden numbers: what the published code answered with weights made by recipe."""

import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from geoseg.errors import CheckpointError

LORA = "_lora"
"""Ending of variants whose language model was saved with unmerged LoRA weights."""

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
"""Part of a key and how much louder than usual its matrix is; the first that fits counts."""

LEAVES = {
    "running_var": (1, 0.1),
    "running_mean": (0, 0.1),
    "ls1": (0.5, 0.1),
    "ls2": (0.5, 0.1),
    "class_embedding": (0, 0.5),
    "position_embedding": (0, 0.5),
    "bias": (0, 0.05),
    "in_proj_bias": (0, 0.05),
}
"""Middle and spread of the values under some last parts of keys, whatever their shape."""

NORM = (1, 0.1)
"""Middle and spread of all other vectors, which are weights of norms."""

STEPS = ((-0.25, 0.25, -0.25, 0.25), (-0.25, -0.25, 0.25, 0.25))
"""Where DySample starts to look, x then y."""

HEADS = ("language_model.lm_head.weight", "language_model.output.weight")


@dataclass(frozen=True)
class Kit:
    """Configurations, cases and golden numbers in a folder."""

    folder: Path

    @cached_property
    def variants(self) -> tuple[str, ...]:
        """The models that were asked, by name."""
        found = sorted(path.parent.name for path in self.folder.glob("configs/*/config.json"))
        if not found:
            raise CheckpointError(
                f"'{self.folder}' is no parity kit: it has no configs/NAME/config.json;"
                " give the folder that holds configs, keys, cases and golden"
            )
        return tuple(found)

    @cached_property
    def recipe(self) -> dict[str, Any]:
        """The seed, and how loud the row of [REJ] is."""
        return self.json("recipe_params.json")

    def json(self, name: str) -> dict[str, Any]:
        """The object in a JSON file of the kit."""
        with readable(path := self._path(name)):
            content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return content

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """All arrays in a .npz file of the kit."""
        path = self._path(name)
        with readable(path), path.open("rb") as file, np.load(file, allow_pickle=False) as entries:
            return dict(entries)

    def image(self, name: str) -> NDArray[np.uint8]:
        """One of the pictures, (h, w, 3)."""
        with readable(path := self._path(f"images/{name}.png")):
            return np.asarray(Image.open(path).convert("RGB"))

    def tensors(self, variant: str) -> dict[str, Tensor]:
        """Every tensor of a variant under its published name, held against the kit's checksums."""
        tensors = {}
        for entry in self.json(f"keys/{variant}.json")["state_dict"]:
            key = entry["key"]
            values = self.tensor(key, tuple(entry["shape"]), variant)
            tensors[key] = torch.from_numpy(values)
            if zlib.crc32(values.tobytes()) != entry["crc32"]:
                raise CheckpointError(
                    f"the recipe gives other values for '{key}' of {variant} than the kit's"
                    f" checksum says; '{self.folder}' may be damaged or of another edition"
                )
        return tensors

    def tensor(self, key: str, shape: tuple[int, ...], variant: str) -> NDArray[Any]:
        """The values that the recipe gives to a published parameter."""
        plain = key.replace("language_model.base_model.model.", "language_model.")
        plain = plain.replace(".base_layer.", ".")
        leaf = plain.rpartition(".")[2]
        if leaf == "num_batches_tracked":
            return np.zeros((), np.int64)
        if leaf == "init_pos":
            groups = shape[1] // 8
            steps = [np.tile(np.array(axis, np.float32), groups) for axis in STEPS]
            return np.concatenate(steps).reshape(shape)
        values = self.normal(plain, shape)
        if "embed_tokens" in plain or "tok_embeddings" in plain:
            return values
        if leaf in LEAVES or values.ndim == 1:
            middle, spread = (np.float32(part) for part in LEAVES.get(leaf, NORM))
            return middle + spread * (np.abs(values) if leaf == "running_var" else values)
        return self._matrix(plain, values, variant)

    def normal(self, name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """Standard normal numbers that depend on nothing but the kit's seed, name and shape."""
        rng = np.random.default_rng([self.recipe["seed"], zlib.crc32(name.encode())])
        return rng.standard_normal(shape, dtype=np.float32)

    def _matrix(self, key: str, values: NDArray[np.float32], variant: str) -> NDArray[np.float32]:
        gain = next((gain for part, gain in GAINS if part in key), 1.0)
        weight = values * np.float32(gain / np.sqrt(np.prod(values.shape[1:])))
        if key in HEADS:
            louder = self.recipe["rej_gain"][variant.removesuffix(LORA)]
            weight[self.recipe["rej_id"]] *= np.float32(louder)
        return weight

    def _path(self, name: str) -> Path:
        path = self.folder / name
        if not path.is_file():
            raise CheckpointError(f"'{self.folder}' is no whole parity kit: it has no {name}")
        return path


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """While inside, a file that cannot be read is a `CheckpointError` that names it."""
    try:
        yield
    except (OSError, ValueError, BadZipFile) as error:
        raise CheckpointError(
            f"'{path}' of the kit cannot be read: {error}; copy the kit again"
        ) from error
