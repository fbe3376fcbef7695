"""Reading an MLLMSeg checkpoint folder, with an account of every tensor in it."""

# mypy: disable-error-code="no-untyped-call"
# transformers is typed only in parts

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from huggingface_hub.errors import StrictDataclassError
from safetensors import SafetensorError, safe_open
from transformers.utils import logging

from geoseg.errors import CheckpointError, ModelError
from geoseg.models.mllmseg.configuration import MLLMSegConfig
from geoseg.models.mllmseg.modeling import MLLMSegModel
from geoseg.models.mllmseg.processing import MLLMSegProcessor

CONFIG_FILE = "config.json"
WEIGHTS_FILE = "model.safetensors"
INDEX_FILE = "model.safetensors.index.json"
"""Names the files of weights too large for one."""

TOKENIZER_FILE = "tokenizer.json"

PUBLISHED_TYPE = "internvl_chat"
"""What published MLLMSeg checkpoints call themselves before conversion."""

LISTED = 8
"""Tensors named in an error before the rest is only counted."""

Shapes = dict[str, tuple[int, ...]]


def load_config(folder: Path) -> MLLMSegConfig:
    """The configuration in a checkpoint folder."""
    path = existing(folder, CONFIG_FILE)
    settings = load_json(path)
    kind = settings.get("model_type")
    if kind == PUBLISHED_TYPE:
        raise CheckpointError(
            f"'{folder}' holds an MLLMSeg checkpoint as published (model_type {kind!r}); it cannot"
            " be converted yet, so use one that geoseg saved itself"
        )
    if kind != MLLMSegConfig.model_type:
        raise CheckpointError(
            f"'{path}' is of model_type {kind!r}, not {MLLMSegConfig.model_type!r};"
            " give the folder of an MLLMSeg checkpoint"
        )
    try:
        return MLLMSegConfig.from_dict(settings)
    except (ModelError, StrictDataclassError, AttributeError, TypeError, ValueError) as error:
        raise CheckpointError(f"'{path}' does not describe a model: {error}") from error


def load_model(folder: Path, *, dtype: torch.dtype) -> MLLMSegModel:
    """The model in a checkpoint folder, its weights in that dtype."""
    config = load_config(folder)
    with torch.device("meta"):
        expected = shapes_of(MLLMSegModel(config))
    check_tensors(folder, stored=stored_shapes(folder), expected=expected)
    with quiet_progress():
        model: MLLMSegModel = MLLMSegModel.from_pretrained(
            folder, config=config, dtype=dtype, use_safetensors=True, local_files_only=True
        )
    return model


def load_processor(folder: Path, config: MLLMSegConfig) -> MLLMSegProcessor:
    """The processor in a checkpoint folder."""
    path = existing(folder, TOKENIZER_FILE)
    if "model" not in load_json(path):
        raise CheckpointError(f"'{path}' holds no tokenizer; copy or download it again")
    return MLLMSegProcessor.from_pretrained(folder, config=config)


def shapes_of(model: MLLMSegModel) -> Shapes:
    """The shape of every tensor that a checkpoint of this model holds."""
    return {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}


def stored_shapes(folder: Path) -> Shapes:
    """The shape of every tensor in the folder's weight files, read from their headers alone."""
    shapes: Shapes = {}
    for path in weight_files(folder):
        try:
            with safe_open(path, framework="pt") as tensors:
                for name in tensors.keys():  # noqa: SIM118 - safe_open is no mapping
                    shapes[name] = tuple(tensors.get_slice(name).get_shape())
        except SafetensorError as error:
            raise CheckpointError(
                f"'{path}' is damaged or cut short ({error}); copy or download it again"
            ) from error
    return shapes


def weight_files(folder: Path) -> list[Path]:
    """The safetensors files of a checkpoint: one, or those that its index names."""
    index = folder / INDEX_FILE
    if not index.is_file():
        return [existing(folder, WEIGHTS_FILE)]
    named = load_json(index).get("weight_map")
    if not isinstance(named, dict) or not named:
        raise CheckpointError(f"'{index}' has no weight_map; copy or download it again")
    return [existing(folder, str(name)) for name in sorted(set(named.values()))]


def check_tensors(folder: Path, *, stored: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    """Raise unless the stored tensors are exactly those expected, each in its shape."""
    complaints = (
        ("missing", sorted(expected.keys() - stored.keys())),
        ("not part of the model", sorted(stored.keys() - expected.keys())),
        (
            "of another shape",
            [
                f"{name} {stored[name]} instead of {expected[name]}"
                for name in sorted(expected.keys() & stored.keys())
                if stored[name] != expected[name]
            ],
        ),
    )
    found = [f"{len(names)} {what}: {listed(names)}" for what, names in complaints if names]
    if found:
        raise CheckpointError(
            f"the tensors in '{folder}' do not fit its {CONFIG_FILE}: {'; '.join(found)}."
            " Weights and configuration must come from the same training run"
        )


def listed(names: list[str]) -> str:
    """The first few names, and how many more there are.

    >>> listed(["a", "b"])
    'a, b'
    """
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more


def existing(folder: Path, name: str) -> Path:
    """The path of a file that a checkpoint must have."""
    path = folder / name
    if not path.is_file():
        raise CheckpointError(
            f"'{folder}' is no checkpoint: it has no {name}; a checkpoint holds {CONFIG_FILE},"
            f" {WEIGHTS_FILE} and {TOKENIZER_FILE}"
        )
    return path


def load_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file of a checkpoint."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(f"'{path}' cannot be read: {error}; copy it again") from error
    if not isinstance(content, dict):
        raise CheckpointError(f"'{path}' holds no settings; copy or download it again")
    return content


@contextmanager
def quiet_progress() -> Iterator[None]:
    """While inside, transformers draws no progress bars over those of the command line."""
    was_enabled = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if was_enabled:
            logging.enable_progress_bar()
