from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
from huggingface_hub.errors import (
    HFValidationError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    XetDownloadError,
)

from geoseg.errors import ModelError
from geoseg.models.hub import fetched

OFFLINE = (
    "Cannot find an appropriate cached snapshot folder for the specified revision on the local"
    " disk and outgoing traffic has been disabled.\nTo enable hub look-ups, see the manual."
)


def answer_with(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(huggingface_hub, "snapshot_download", refuse)


def complaint(hub_id: str = "owner/name") -> str:
    with pytest.raises(ModelError) as refused:
        fetched(hub_id)
    return str(refused.value)


def test_only_files_that_run_no_code_are_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: dict[str, Any] = {}

    def download(hub_id: str, **settings: object) -> str:
        asked.update(settings, hub_id=hub_id)
        return str(tmp_path)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    assert fetched("owner/name") == tmp_path
    assert asked.keys() == {"hub_id", "allow_patterns"}
    assert asked["hub_id"] == "owner/name"
    assert set(asked["allow_patterns"]) == {"*.json", "*.safetensors", "*.txt", "*.model"}
    for unsafe in ("pytorch_model.bin", "modeling.py", "best.pt", "archive.zip"):
        assert not any(fnmatch(unsafe, pattern) for pattern in asked["allow_patterns"])


@pytest.mark.parametrize(
    "error",
    [
        LocalEntryNotFoundError(OFFLINE),
        OfflineModeIsEnabled(OFFLINE),
        ConnectionError(OFFLINE),
        XetDownloadError(OFFLINE),
        RuntimeError(OFFLINE),
    ],
)
def test_a_hub_out_of_reach_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    answer_with(monkeypatch, error)
    message = complaint()
    assert "'owner/name' could not be fetched" in message
    assert "outgoing traffic has been disabled" in message
    assert "HF_HUB_OFFLINE" in message
    assert "folder of a downloaded checkpoint" in message
    assert "\n" not in message


def test_an_error_without_words_is_told_by_its_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    answer_with(monkeypatch, TimeoutError())
    assert "TimeoutError" in complaint()


def test_a_name_that_the_hub_forbids_is_no_hub_id(monkeypatch: pytest.MonkeyPatch) -> None:
    answer_with(monkeypatch, HFValidationError("Cannot have -- in it.\nMore"))
    message = complaint("owner/na--me")
    assert "'owner/na--me' is not a hub id: Cannot have -- in it; give" in message
    assert "\n" not in message


def test_the_hub_itself_refuses_to_go_online_when_told_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert "'owner/name-that-is-not-there' could not be" in complaint(
        "owner/name-that-is-not-there"
    )
