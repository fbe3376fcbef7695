"""A checkpoint folder that is written whole or not at all."""

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path

from geoseg.errors import CheckpointError
from geoseg.models.mllmseg.configuration import MLLMSegConfig
from geoseg.models.mllmseg.folder import CONFIG_FILE, INDEX_FILE, listed, load_json

WRITTEN = (
    CONFIG_FILE,
    INDEX_FILE,
    "README.md",
    "model*.safetensors",
    "tokenizer*",
    "special_tokens_map.json",
    "chat_template.*",
)
"""What the files are called that geoseg, or the tokenizer's library for it, writes."""


def check_target(target: Path, source: Path, *, overwrite: bool) -> None:
    """Refuse, before any work, a place where the checkpoint could not be put."""
    place, origin = target.resolve(), source.resolve()
    if place == origin or place in origin.parents:
        raise CheckpointError(
            f"'{target}' holds the checkpoint that is read; write the new one to another folder"
        )
    if origin in place.parents:
        raise CheckpointError(
            f"'{target}' lies in '{source}', the checkpoint that is read; write the new one to"
            " another folder"
        )
    if target.exists() and not target.is_dir():
        raise CheckpointError(f"'{target}' is a file; name a folder")
    if not place.parent.is_dir():
        raise CheckpointError(
            f"'{target}' cannot be written: there is no folder '{place.parent}'; create it"
        )
    if target.is_dir() and any(target.iterdir()):
        if not overwrite:
            raise CheckpointError(
                f"'{target}' exists already; choose another name or give --overwrite"
            )
        check_ours(target)


def check_ours(target: Path) -> None:
    """Refuse to replace a folder that holds something else than a checkpoint of ours."""
    path = target / CONFIG_FILE
    if not path.is_file() or load_json(path).get("model_type") != MLLMSegConfig.model_type:
        raise CheckpointError(
            f"'{target}' is no checkpoint that geoseg wrote, so it is not overwritten;"
            " choose another name, or remove it yourself"
        )
    if strangers := sorted(path.name for path in target.iterdir() if not is_ours(path)):
        raise CheckpointError(
            f"'{target}' also holds what geoseg did not write ({listed(strangers)}), so it is not"
            " overwritten; move that elsewhere, or choose another name"
        )


def is_ours(path: Path) -> bool:
    """Whether a file of a checkpoint folder is called as those that geoseg writes."""
    return path.is_file() and any(fnmatchcase(path.name, written) for written in WRITTEN)


@contextmanager
def whole_folder_or_nothing(target: Path) -> Iterator[Path]:
    """A folder to write to; it takes the name `target` only when the block ends well."""
    place = target.resolve()
    mark = f".{place.name}.{secrets.token_hex(4)}"
    partial, former = place.with_name(f"{mark}.partial"), place.with_name(f"{mark}.former")
    try:
        partial.mkdir()
        yield partial
        exchange(partial, place, former)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def exchange(new: Path, place: Path, former: Path) -> None:
    """Put `new` where `place` is; what was there goes by `former` until `new` has its name."""
    try:
        if place.exists():
            place.rename(former)
        new.rename(place)
    except BaseException:  # also when stopped between the two
        if former.exists() and not place.exists():
            former.rename(place)
        raise
    shutil.rmtree(former, ignore_errors=True)
