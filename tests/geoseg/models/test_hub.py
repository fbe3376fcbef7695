import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import huggingface_hub
import pytest
from huggingface_hub import constants
from huggingface_hub.errors import HFValidationError, XetDownloadError

from geoseg.errors import ModelError
from geoseg.models.hub import fetched
from tests.geoseg.models import hub_server
from tests.geoseg.models.hub_server import Hub

SETTINGS = {
    "config.json": b'{"model_type": "internvl_chat"}',
    "added_tokens.json": b"{}",
    "merges.txt": b"a b",
    "tokenizer.model": b"pieces",
}
UNWANTED = {
    "modeling.py": b"raise SystemExit",
    "training_args.bin": b"pickle",
    "best.pt": b"pickle",
    "examples/image.png": b"picture",
    "checkpoint-100/config.json": b"{}",
    "checkpoint-100/model.safetensors": b"state",
    "checkpoint-100/pytorch_model.bin": b"state",
}
SAFE = {"model-00001-of-00001.safetensors": b"safe", "model.safetensors.index.json": b"safe index"}
PICKLED = {
    "pytorch_model-00001-of-00001.bin": b"pickle",
    "pytorch_model.bin.index.json": b"pickled index",
}

ASKING = """
import sys
from geoseg.models.hub import fetched
print(fetched(sys.argv[1]).commit)
"""

NOBODY = "http://127.0.0.1:9"
"""Where no hub answers."""


@pytest.fixture(scope="module")
def running() -> Iterator[Hub]:
    with hub_server.running() as hub:
        yield hub


@pytest.fixture
def hub(running: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """An empty hub that the library's requests go to, and an empty cache."""
    running.clear()
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "AGENT_HARNESSES_PATH", str(tmp_path / "x"), raising=False)
    go_to(running.url, monkeypatch)
    return running


def go_to(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Do what HF_ENDPOINT does when the library is imported."""
    template = f"{url}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
    monkeypatch.setattr(constants, "ENDPOINT", url)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)


def go_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do what HF_HUB_OFFLINE does when the library is imported."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    huggingface_hub.close_session()


@pytest.fixture(autouse=True)
def new_session() -> Iterator[None]:
    huggingface_hub.close_session()
    yield
    huggingface_hub.close_session()


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def complaint(hub_id: str = "owner/name") -> str:
    with pytest.raises(ModelError) as refused:
        fetched(hub_id)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_settings_and_safe_weights_are_fetched_and_nothing_else(hub: Hub) -> None:
    commit = hub.commit({**SETTINGS, **UNWANTED, **SAFE, **PICKLED}, "main")
    found = fetched("owner/name")
    assert found.commit == commit
    wanted = {*SETTINGS, *SAFE, "pytorch_model.bin.index.json"}
    assert files_in(found.folder) == wanted
    assert hub.fetched() == {f"{commit}/{name}" for name in wanted}


def test_pickled_weights_are_fetched_where_there_are_no_safe_ones(hub: Hub) -> None:
    hub.commit({**SETTINGS, **UNWANTED, **PICKLED}, "main")
    assert files_in(fetched("owner/name").folder) == {*SETTINGS, *PICKLED}


def test_safe_weights_of_an_adapter_are_not_those_of_the_model(hub: Hub) -> None:
    hub.commit({**SETTINGS, **PICKLED, "adapter.safetensors": b"adapter"}, "main")
    assert files_in(fetched("owner/name").folder) == {*SETTINGS, *PICKLED}


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize("status", [401, 403, 404])
def test_what_the_hub_may_be_hiding_is_told_with_the_way_to_see_it(
    monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setattr(hub_server, "NOT_FOUND", status)
    message = complaint("owner/other")
    assert "private or gated" in message
    assert "HF_TOKEN" in message


def test_a_revision_leads_to_its_commit(hub: Hub) -> None:
    old = hub.commit({**SETTINGS, **SAFE}, "v1.0/first")
    new = hub.commit({**SETTINGS, **SAFE, "config.json": b"{}"}, "main")
    assert fetched("owner/name@v1.0/first").commit == old
    assert fetched(f"owner/name@{old}").commit == old
    assert fetched("owner/name").commit == new
    assert (fetched("owner/name").folder / "config.json").read_bytes() == b"{}"


def test_a_branch_that_moves_on_is_followed(hub: Hub) -> None:
    hub.commit({**SETTINGS, **SAFE}, "main")
    fetched("owner/name")
    new = hub.commit({**SETTINGS, **SAFE, "config.json": b"{}"}, "main")
    assert fetched("owner/name").commit == new


@pytest.mark.parametrize("weights", [SAFE, PICKLED], ids=["safe", "pickled"])
def test_what_was_fetched_is_there_offline(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, weights: dict[str, bytes]
) -> None:
    hub.commit({**SETTINGS, **weights}, "main", "v1")
    online = fetched("owner/name")
    go_offline(monkeypatch)
    hub.asked.clear()
    assert fetched("owner/name") == online
    assert fetched(f"owner/name@{online.commit}") == online
    assert hub.asked == []
    assert "'owner/name@v1' could not be fetched" in complaint("owner/name@v1")


def test_a_hub_out_of_reach_is_done_without(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.commit({**SETTINGS, **SAFE}, "main")
    online = fetched("owner/name")
    go_to(NOBODY, monkeypatch)
    assert fetched("owner/name") == online


def test_a_hub_that_has_failed_is_done_without(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "DEFAULT_REQUEST_TIMEOUT", 1)
    hub.commit({**SETTINGS, **SAFE}, "main")
    online = fetched("owner/name")
    hub.is_down = True
    assert fetched("owner/name") == online


def test_half_a_copy_is_not_taken_for_a_whole_one(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.commit({**SETTINGS, **SAFE}, "main")
    (fetched("owner/name").folder / "model-00001-of-00001.safetensors").unlink()
    go_offline(monkeypatch)
    assert "model-00001-of-00001.safetensors" in complaint()


@pytest.mark.parametrize("hub_id", ["owner/other", "owner/name@no-such"])
def test_what_the_hub_does_not_have_is_told(hub: Hub, hub_id: str) -> None:
    hub.commit({**SETTINGS, **SAFE}, "main")
    assert f"the model '{hub_id}' could not be fetched from the hub" in complaint(hub_id)


@pytest.mark.usefixtures("hub")
def test_an_id_like_a_published_one_is_told_of_it() -> None:
    message = complaint("jcwang0602/MLLMSeg_InternVL2.5_8B_GRES")
    assert "did you mean 'jcwang0602/MLLMSeg_InternVL2_5_8B_GRES'?" in message
    assert "did you mean" not in complaint("owner/other")


@pytest.mark.usefixtures("hub")
def test_without_hub_and_copy_it_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    go_to(NOBODY, monkeypatch)
    assert "there is no connection to the hub; check the name, the connection" in complaint()
    assert "Errno" not in complaint()
    assert "HF_TOKEN" not in complaint()
    go_offline(monkeypatch)
    message = complaint()
    assert f"HF_HUB_OFFLINE is set and the cache ({tmp_path / 'hub'}) holds no copy" in message
    assert "fetch it once with a connection" in message
    assert "local_files_only" not in message
    assert "folder of a downloaded checkpoint" in message


def test_the_environment_of_the_hub_is_respected(hub: Hub, tmp_path: Path) -> None:
    commit = hub.commit({**SETTINGS, **SAFE}, "main")
    environment = {"PATH": os.environ["PATH"], "HF_HOME": str(tmp_path), "HF_ENDPOINT": hub.url}
    done = subprocess.run(
        [sys.executable, "-c", ASKING, "owner/name"],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == commit
    assert list(tmp_path.glob("hub/models--owner--name/snapshots/*")) != []


@pytest.mark.parametrize("error", [XetDownloadError("it broke\nMore"), TimeoutError()])
def test_whatever_goes_wrong_while_downloading_is_told(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise error

    info = huggingface_hub.ModelInfo(id="owner/name", sha="0" * 40, siblings=[])
    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", lambda *_, **__: info)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", refuse)
    with pytest.raises(ModelError, match=r"it broke;|TimeoutError;") as refused:
        fetched("owner/name")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("hub_id", ["owner/na--me", "owner/name/more", "own er/name"])
def test_a_name_that_the_hub_forbids_is_no_hub_id(hub_id: str) -> None:
    with pytest.raises(ModelError, match=f"'{hub_id}' is not a hub id:") as refused:
        fetched(hub_id)
    assert "\n" not in str(refused.value)
    assert isinstance(refused.value.__cause__, HFValidationError)


@pytest.mark.parametrize("revision", ["..", "../../config", "a/../../b"])
def test_a_revision_leads_to_no_other_place(revision: str) -> None:
    with pytest.raises(ModelError, match="names no revision"):
        fetched(f"owner/name@{revision}")
