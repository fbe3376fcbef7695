"""What a run needs to go on where it was, in one file that is whole or as it was before."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from geoseg.errors import CheckpointError, OptionsError
from tiles.errors import OutputError


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


def write_state(path: Path, state: State) -> None:
    """Keep a state; until the new file is whole the former one stays."""
    partial = path.with_name(f".{path.name}.partial")
    content = {name: getattr(state, name) for name in State.__slots__}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.save(content, partial)
        partial.replace(path)
    except (OSError, RuntimeError) as error:  # torch tells of a full disk by a RuntimeError
        kept = "the one kept before is still whole" if path.exists() else "nothing was kept before"
        raise OutputError(
            f"'{path}' cannot be written after {state.step} steps ({reason(error)}); {kept}; make "
            "room or correct 'run', and start again: it goes on where it was"
        ) from error
    finally:
        partial.unlink(missing_ok=True)


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
    if changed := sorted(differences(state.settings, settings)):
        raise OptionsError(
            f"'{path}' is of a run with other settings ({', '.join(changed)}); set them back to go "
            "on with it, or name another folder with 'run' to begin anew"
        )


def differences(one: object, other: object, name: str = "") -> set[str]:
    """The names of the settings in which two trees differ.

    >>> sorted(differences({"a": 1, "b": {"c": 2, "d": 3}}, {"a": 1, "b": {"c": 4, "d": 3}}))
    ['b.c']
    """
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return set() if one == other else {name}
    found = set()
    for key in one.keys() | other.keys():
        below = f"{name}.{key}" if name else str(key)
        found |= differences(one.get(key), other.get(key), below)
    return found


def reason(error: Exception) -> str:
    """Why, in a few words."""
    told = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return told.partition("\n")[0][:120] or type(error).__name__
