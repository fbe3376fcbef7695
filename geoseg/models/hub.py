"""Checkpoints fetched from a model hub, when the user names one."""

from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import huggingface_hub
from huggingface_hub import constants
from huggingface_hub.errors import (
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
)

from geoseg.checkpoint import hint
from geoseg.errors import ModelError

SETTINGS = ("*.json", "*.txt", "*.model")
"""Configuration and tokenizer."""

SAFE = "model*.safetensors"
PICKLED = "pytorch_model*.bin"
"""Weights; the second only where there are none of the first. Adapters are none of either."""

DEEPER = "*/*"
"""Files in folders of the repository, such as training states; nothing there is wanted."""

BROKEN = 500
"""From this status on it is the hub that has failed, not what it was asked for."""

NOT_FOR_YOU = (401, 403, 404)
"""What the hub answers of what it does not have, and of what it hides from who is asking."""

LATEST = "main"
"""The revision of a hub id that names none."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A checkpoint that has come from the hub."""

    folder: Path
    """Where its files lie."""

    commit: str
    """The hash of exactly these files on the hub."""


def fetched(hub_id: str) -> Fetched:
    """The checkpoint of a hub id, `owner/name` or `owner/name@revision`, from cache or hub.

    A branch or tag is looked up first, and then the commit it stands for is fetched. The hub's own
    environment (`HF_HOME`, `HF_HUB_OFFLINE`, `HF_TOKEN`) is respected; where the hub cannot be
    reached, a whole copy in the cache will do.
    """
    name, _, revision = hub_id.partition("@")
    if ".." in revision:  # it becomes the name of a file in the cache
        raise ModelError(f"'{hub_id}' names no revision: {revision!r}; give a branch, tag or hash")
    try:
        return _fetched(name, revision or LATEST)
    except HFValidationError as error:
        raise ModelError(
            f"'{hub_id}' is not a hub id: {_reason(error)}; give one such as 'owner/name' or"
            " 'owner/name@revision'"
        ) from error
    except Exception as error:  # the hub also lets through what its transports raise
        raise ModelError(
            f"the model '{hub_id}' could not be fetched from the hub: {_reason(error)}{hint(name)};"
            f" {_way_out(error)}, or give the folder of a downloaded checkpoint"
        ) from error


def _fetched(name: str, revision: str) -> Fetched:
    try:
        info = huggingface_hub.HfApi().model_info(name, revision=revision)
    except HFValidationError:
        raise
    except Exception as error:  # its transports raise errors of their own
        if isinstance(error, HfHubHTTPError) and error.response.status_code < BROKEN:
            raise  # the hub has answered: it has no such model, or not for this user
        return _cached(name, revision, error)
    commit, files = str(info.sha), [file.rfilename for file in info.siblings or ()]
    is_safe = any(fnmatch(file, SAFE) and "/" not in file for file in files)
    folder = _snapshot(name, commit, SAFE if is_safe else PICKLED)
    _remember(folder, revision, commit)
    return Fetched(folder, commit)


def _cached(name: str, revision: str, error: Exception) -> Fetched:
    """What the cache holds of a revision; where it is nothing, the error that led here."""
    for weights in (SAFE, PICKLED):
        try:
            folder = _snapshot(name, revision, weights, local_files_only=True)
        except LocalEntryNotFoundError as missing:
            if isinstance(error, OfflineModeIsEnabled):
                raise missing from error
            raise error from missing
        if any(folder.glob(weights)):
            return Fetched(folder, folder.name)
    raise error


def _snapshot(name: str, revision: str, weights: str, *, local_files_only: bool = False) -> Path:
    """The folder that holds settings and weights of a revision."""
    return Path(
        huggingface_hub.snapshot_download(
            name,
            revision=revision,
            allow_patterns=[*SETTINGS, weights],
            ignore_patterns=[DEEPER],
            local_files_only=local_files_only,
        )
    )


def _remember(folder: Path, revision: str, commit: str) -> None:
    """Note in the cache, as the hub's own library does, which commit a branch or tag stood for."""
    if revision != commit:
        with suppress(OSError):  # a cache that others keep may be read-only
            note = folder.parent.parent / "refs" / revision
            note.parent.mkdir(parents=True, exist_ok=True)
            note.write_text(commit, encoding="ascii")


def _way_out(error: Exception) -> str:
    """What may help, by what the hub has answered, if anything."""
    answer = error.response if isinstance(error, HfHubHTTPError) else None
    if answer is not None and answer.status_code in NOT_FOR_YOU:
        return (
            "check the name; if the repository is private or gated, ask for access on its page and"
            " set HF_TOKEN to a token of your account"
        )
    if _has_no_copy(error):
        return "fetch it once with a connection"
    return "check the name, the connection and that HF_HUB_OFFLINE is not set"


def _reason(error: Exception) -> str:
    """The first line of what an error says, or its kind where it says nothing."""
    if _has_no_copy(error):
        return f"HF_HUB_OFFLINE is set and the cache ({constants.HF_HUB_CACHE}) holds no copy of it"
    if type(error).__name__ == "ConnectError" and "[Errno" in str(error):  # not one of TLS
        return "there is no connection to the hub"
    return next(iter(str(error).strip().splitlines()), type(error).__name__).rstrip(" .")


def _has_no_copy(error: Exception) -> bool:
    """Whether the cache was all there is, and has nothing; a broken copy is another matter."""
    is_offline = isinstance(error.__cause__, OfflineModeIsEnabled)
    return type(error) is LocalEntryNotFoundError and is_offline
