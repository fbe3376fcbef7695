"""The files of a checkpoint folder."""

import json
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from geoseg.errors import CheckpointError

CONFIG_FILE = "config.json"
WEIGHTS_FILE = "model.safetensors"
INDEX_FILE = "model.safetensors.index.json"
"""Names the files of weights too large for one."""

TOKENIZER_FILE = "tokenizer.json"

LISTED = 8
"""Names in an error before the rest is only counted."""


def existing(folder: Path, name: str) -> Path:
    """The path of a file that a checkpoint must have."""
    path = folder / name
    if not path.is_file():
        raise CheckpointError(
            f"'{folder}' is no whole checkpoint: it has no {name}; a checkpoint holds"
            f" {CONFIG_FILE}, {WEIGHTS_FILE} and {TOKENIZER_FILE}, or their published kin"
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


def listed(names: Sequence[str]) -> str:
    """The first few names, and how many more there are.

    >>> listed(["a", "b"])
    'a, b'
    """
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more


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
