"""Checkpoints fetched from a model hub, when the user names one."""

from pathlib import Path

import huggingface_hub
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

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
        raise ModelError(f"'{hub_id}' is not a hub id: {error}") from None
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ModelError(
            f"the model '{hub_id}' could not be fetched from the hub: {reason}; check the name and "
            "the connection, or give the folder of a downloaded checkpoint"
        ) from None
