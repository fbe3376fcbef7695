"""What a run needs to go on where it was, in one file that is whole or as it was before."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from shutil import disk_usage
from typing import Any

import torch

from geoseg.errors import CheckpointError, OptionsError
from geoseg.training.data.fingerprint import changes
from tiles.errors import OutputError

MODEL = "model"
"""The folder of a run that holds the finished checkpoint."""

MB = 1e6

LONGEST = 60
"""Letters of a setting in a message."""


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """A stage after some steps. Batches and dropout follow from seed and step alone."""

    stage: str

    step: int
    """How many steps are done."""

    settings: dict[str, Any]
    """Those that decide what is learned."""

    weights: dict[str, torch.Tensor]
    """What learns."""

    average: dict[str, torch.Tensor]

    optimiser: dict[str, Any]

    files: dict[str, str] = field(default_factory=dict)
    """The marks of the user's own images and layer; of earlier versions, and without any: none."""


def write_state(path: Path, state: State) -> None:
    """Keep a state; until the new file is whole the former one stays."""
    partial = path.with_name(f".{path.name}.partial")
    content = {name: getattr(state, name) for name in State.__slots__}
    free = room(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.save(content, partial)
        partial.replace(path)
    except (OSError, RuntimeError) as error:  # torch tells of a full disk by a RuntimeError
        kept = "the one kept before is still whole" if path.exists() else "nothing was kept before"
        size = size_of(content)
        why = "its disk is full" if size > free else reason(error)
        raise OutputError(
            f"'{path}' cannot be written after {state.step} steps ({why}): it takes "
            f"{size / MB:,.1f} MB, and {free / MB:,.1f} MB were free; {kept}; make "
            "room or correct 'run', and start again: it goes on where it was"
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def size_of(content: object) -> int:
    """Bytes of all tensors in a tree.

    >>> size_of({"weights": {"a": torch.zeros(3)}, "more": [torch.zeros(2, dtype=torch.int64)]})
    28
    """
    if isinstance(content, torch.Tensor):
        return content.nbytes
    if isinstance(content, dict):
        return sum(map(size_of, content.values()))
    return sum(map(size_of, content)) if isinstance(content, list | tuple) else 0


def room(path: Path) -> int:
    """Bytes that are free where a file is to be, whether or not its folder is there already."""
    there = next(folder for folder in path.resolve().parents if folder.is_dir())
    return disk_usage(there).free


def load_state(path: Path, device: torch.device) -> State | None:
    """The state in a file; None where there is no such file."""
    if not path.exists():
        return None
    try:
        return State(**torch.load(path, map_location=device, weights_only=True))
    except Exception as error:  # whatever torch makes of a damaged file
        raise CheckpointError(
            f"'{path}' is damaged ({reason(error)}); remove it to begin this stage anew"
        ) from error


def check_same(state: State, settings: dict[str, Any], *, path: Path) -> None:
    """Refuse to go on with other settings than those that a run began with."""
    changed = differences(state.settings, settings)
    if not changed:
        return
    told = ", ".join(
        f"{name} was {shown(former)} and is {shown(now)}"
        for name, (former, now) in sorted(changed.items())
    )
    raise OptionsError(
        f"'{path}' is of a run with other settings: {told} (it was kept after {state.step} steps); "
        f"set them back to go on with it, or {_anew(path)}"
    )


def check_same_files(state: State, files: Mapping[str, str], *, path: Path) -> None:
    """Refuse to go on with other images or another layer than those that a run began with."""
    if files and not state.files:
        raise OptionsError(
            f"'{path}' was kept after {state.step} steps by an earlier version, which parted the "
            "ground of own images otherwise: what it learned from would be measured on; "
            f"{_anew(path)}"
        )
    if changed := changes(state.files, files):
        raise OptionsError(
            f"'{path}' was kept after {state.step} steps, and the images or the layer have changed "
            f"since: {changed}; restore them to go on with it, or {_anew(path)}"
        )


def _anew(path: Path) -> str:
    """How to begin anew where a state is no use any more."""
    model = path.parent / MODEL
    further = f", there with 'model: {model}' to learn on from its model" if model.is_dir() else ""
    return f"name another folder with 'run' to begin anew{further}"


def differences(one: object, other: object, name: str = "") -> dict[str, tuple[object, object]]:
    """The settings in which two trees differ, by name, with their values in both.

    >>> differences({"a": 1, "b": {"c": 2, "d": 3}}, {"a": 1, "b": {"c": 4, "d": 3}})
    {'b.c': (2, 4)}
    """
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return {} if one == other else {name: (one, other)}
    found: dict[str, tuple[object, object]] = {}
    for key in one.keys() | other.keys():
        below = f"{name}.{key}" if name else str(key)
        found |= differences(one.get(key), other.get(key), below)
    return found


def shown(value: object) -> str:
    """A setting in a few letters."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def reason(error: Exception) -> str:
    """Why, in a few words."""
    told = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return told.partition("\n")[0][:120] or type(error).__name__
