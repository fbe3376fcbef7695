"""Reading an MLLMSeg checkpoint folder, with an account of every tensor in it."""

# mypy: disable-error-code="no-untyped-call"
# transformers is typed only in parts

import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path, PureWindowsPath
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from transformers.utils import logging

from geoseg.errors import CheckpointError
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

QUANTISED = "quantization_config"
"""The setting that quantised checkpoints have."""

NOT_OURS = (
    "attn_implementation",
    "_attn_implementation",
    "experts_implementation",
    "_experts_implementation",
    "transformers_weights",
)
"""Settings that say how another program should run the model, or from which file."""

WEIGHTS_ENDING = ".safetensors"

PICKLED = ("pytorch_model*.bin", "*.pt", "*.pth", "*.ckpt")
"""Names of weight files that run code when they are read."""

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
    check_not_quantised(path, settings)
    with no_model_in(path):
        return MLLMSegConfig.from_dict(without_choices(settings))


def load_model(folder: Path, *, dtype: torch.dtype) -> MLLMSegModel:
    """The model in a checkpoint folder, its weights in that dtype."""
    config = load_config(folder)
    with no_model_in(folder / CONFIG_FILE), torch.device("meta"):
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
    complaint = f"the tokenizer in '{folder}' cannot be used"
    with library_errors(complaint, way_out="copy or download its files again"):
        return MLLMSegProcessor.from_pretrained(folder, config=config)


def check_not_quantised(path: Path, settings: Mapping[str, Any]) -> None:
    """Raise where the model or a part of it has quantised weights."""
    parts = (settings, settings.get("vision_config"), settings.get("text_config"))
    if any(isinstance(part, dict) and part.get(QUANTISED) is not None for part in parts):
        raise CheckpointError(
            f"'{path}' has a {QUANTISED}; quantised checkpoints cannot be loaded yet, so use one"
            " with its weights in float32, bfloat16 or float16"
        )


def without_choices(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings, less those that are not the checkpoint's to make.

    >>> without_choices({"width": 8, "text": {"depth": 2, "_attn_implementation": "eager"}})
    {'width': 8, 'text': {'depth': 2}}
    """
    return {
        name: without_choices(value) if isinstance(value, dict) else value
        for name, value in settings.items()
        if name not in NOT_OURS
    }


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
    whole, index = folder / WEIGHTS_FILE, folder / INDEX_FILE
    named = indexed_files(index) if index.is_file() else []
    if whole.is_file():  # the library reads it even where there is an index, so account for it
        return [whole]
    if not named:
        check_not_pickled(folder)
    return named or [existing(folder, WEIGHTS_FILE)]


def indexed_files(index: Path) -> list[Path]:
    """The safetensors files that an index names, all beside it."""
    content = load_json(index)
    named = content.get("weight_map")
    if not isinstance(named, dict) or not named:
        raise CheckpointError(f"'{index}' has no weight_map; copy or download it again")
    for name in named.values():
        check_plain_name(index, name)
    if not isinstance(content.get("metadata"), dict):  # the library asks for it
        raise CheckpointError(f"'{index}' has no metadata; copy or download it again")
    return [existing(index.parent, name) for name in sorted(set(named.values()))]


def check_plain_name(index: Path, name: object) -> None:
    """Raise unless an index names a safetensors file that lies beside it."""
    is_plain = isinstance(name, str) and PureWindowsPath(name).name == name  # knows / and \ and C:
    if not is_plain or not str(name).endswith(WEIGHTS_ENDING):
        raise CheckpointError(
            f"'{index}' names {name!r}, which is no {WEIGHTS_ENDING} file beside it; weights are"
            " read from the checkpoint's own folder only, so correct it or download it again"
        )


def check_not_pickled(folder: Path) -> None:
    """Raise where a folder without safetensors holds pickled weights."""
    if names := sorted(path.name for pattern in PICKLED for path in folder.glob(pattern)):
        raise CheckpointError(
            f"'{folder}' holds pickled weights ({listed(names)}), which are not loaded because"
            f" reading them can run code; save them as {WEIGHTS_FILE} (safetensors)"
        )


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
    except (OSError, ValueError, RecursionError) as error:
        raise CheckpointError(f"'{path}' cannot be read: {error}; copy it again") from error
    if not isinstance(content, dict):
        raise CheckpointError(f"'{path}' holds no settings; copy or download it again")
    return content


def no_model_in(path: Path) -> AbstractContextManager[None]:
    """While inside, whatever goes wrong is a `CheckpointError` about that configuration."""
    return library_errors(
        f"'{path}' does not describe a model that can be built",
        way_out="correct it, or copy or download it again",
    )


@contextmanager
def library_errors(complaint: str, *, way_out: str) -> Iterator[None]:
    """While inside, whatever the libraries raise is a `CheckpointError` that says so."""
    try:
        yield
    except CheckpointError:
        raise
    except Exception as error:  # on files that they did not check, they raise errors of any kind
        raise CheckpointError(f"{complaint}: {reason(error)}; {way_out}") from error


def reason(error: Exception) -> str:
    r"""What an error says, in one line.

    >>> reason(ValueError("field 'heads' is wrong:\n    expected int\nsee the manual"))
    "field 'heads' is wrong: expected int"
    >>> reason(KeyError("vocab"))
    "KeyError 'vocab'"
    """
    first, *more = str(error).strip().splitlines() or [""]
    line = f"{first} {more[0].strip()}" if first.endswith(":") and more else first
    return line if " " in line else f"{type(error).__name__} {line}".strip()


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
