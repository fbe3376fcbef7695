"""Checkpoints fetched from a model hub, when the user names one."""

from pathlib import Path

import huggingface_hub
from huggingface_hub.errors import HFValidationError

from geoseg.errors import ModelError

_WANTED = ("*.json", "*.safetensors", "*.txt", "*.model")


def fetched(hub_id: str) -> Path:
    """The local folder of a checkpoint on the hub, downloaded where it is not in the cache yet.

    Weights come as safetensors only. The hub's own environment (`HF_HOME`, `HF_HUB_OFFLINE`,
    `HF_TOKEN`) is respected.
    """
    try:
        return Path(huggingface_hub.snapshot_download(hub_id, allow_patterns=list(_WANTED)))
    except HFValidationError as error:
        raise ModelError(
            f"'{hub_id}' is not a hub id: {_reason(error)}; give one such as 'owner/name'"
        ) from error
    except Exception as error:  # the hub also lets through what its transports raise
        raise ModelError(
            f"the model '{hub_id}' could not be fetched from the hub: {_reason(error)}; check the"
            " name, the connection and that HF_HUB_OFFLINE is not set, or give the folder of a"
            " downloaded checkpoint"
        ) from error


def _reason(error: Exception) -> str:
    """The first line of what an error says, or its kind where it says nothing."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__).rstrip(" .")
