import errno
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from geoseg.errors import CheckpointError, OptionsError
from geoseg.training.states import (
    State,
    check_same,
    check_same_files,
    load_state,
    write_state,
)
from tiles.errors import OutputError

CPU = torch.device("cpu")


def state(step: int, numbers: int = 100) -> State:
    weights = {"weight": torch.arange(float(numbers)) + step}
    return State("whole", step, {"seed": 0}, weights, weights, {"state": {}})


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, former[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, former)


def test_a_state_comes_back_as_it_was(tmp_path: Path) -> None:
    write_state(tmp_path / "run" / "whole.state", state(3))
    found = load_state(tmp_path / "run" / "whole.state", CPU)
    assert found is not None
    assert (found.stage, found.step, found.settings) == ("whole", 3, {"seed": 0})
    assert torch.equal(found.weights["weight"], state(3).weights["weight"])


def test_where_nothing_was_kept_there_is_no_state(tmp_path: Path) -> None:
    assert load_state(tmp_path / "whole.state", CPU) is None


def test_a_full_disk_leaves_the_former_state_whole(tmp_path: Path) -> None:
    path = tmp_path / "whole.state"
    write_state(path, state(3))
    with files_of_at_most(20_000), pytest.raises(OutputError, match="kept before is still whole"):
        write_state(path, state(4, numbers=100_000))
    found = load_state(path, CPU)
    assert found is not None
    assert found.step == 3
    assert [entry.name for entry in tmp_path.iterdir()] == ["whole.state"]


def test_a_full_disk_is_told_with_what_is_needed_and_what_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(torch, "save", full)
    monkeypatch.setattr(
        "geoseg.training.states.disk_usage", lambda _: SimpleNamespace(free=300_000)
    )
    told = r"\(its disk is full\): it takes 0\.8 MB, and 0\.3 MB were free; nothing was kept"
    with pytest.raises(OutputError, match=told):
        write_state(tmp_path / "whole.state", state(4, numbers=100_000))


def test_a_full_disk_at_the_first_state_leaves_nothing(tmp_path: Path) -> None:
    with files_of_at_most(20_000), pytest.raises(OutputError, match="nothing was kept before"):
        write_state(tmp_path / "whole.state", state(4, numbers=100_000))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"nonsense", b"PK\x03\x04nonsense"])
def test_a_damaged_state_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "whole.state").write_bytes(content)
    with pytest.raises(CheckpointError, match=r"is damaged .* remove it"):
        load_state(tmp_path / "whole.state", CPU)


def test_a_state_of_other_settings_is_refused_with_their_names(tmp_path: Path) -> None:
    with pytest.raises(
        OptionsError,
        match=r"settings: seed was 0 and is 1 \(it was kept after 1 steps\); set them back",
    ):
        check_same(state(1), {"seed": 1}, path=tmp_path / "whole.state")
    check_same(state(1), {"seed": 0}, path=tmp_path / "whole.state")


def test_a_finished_model_is_offered_to_learn_on_from(tmp_path: Path) -> None:
    with pytest.raises(OptionsError) as caught:
        check_same(state(1), {"seed": 1}, path=tmp_path / "whole.state")
    assert "learn on" not in str(caught.value)
    (tmp_path / "model").mkdir()
    with pytest.raises(OptionsError, match=f"'model: {tmp_path / 'model'}' to learn on from"):
        check_same(state(1), {"seed": 1}, path=tmp_path / "whole.state")


def test_a_long_setting_is_cut_short(tmp_path: Path) -> None:
    with pytest.raises(OptionsError, match=r'seed was 0 and is "a{56}\.\.\. '):
        check_same(state(1), {"seed": "a" * 100}, path=tmp_path / "whole.state")


def test_a_state_of_other_files_is_refused_with_their_names(tmp_path: Path) -> None:
    path = tmp_path / "whole.state"
    kept = replace(state(5), files={"/a/roofs.gpkg": "mark"})
    check_same_files(kept, {"/a/roofs.gpkg": "mark"}, path=path)
    told = r"5 steps, and the images or the layer have changed since: roofs\.gpkg is another; rest"
    with pytest.raises(OptionsError, match=told):
        check_same_files(kept, {"/a/roofs.gpkg": "other"}, path=path)


def test_a_state_of_an_earlier_version_goes_on_but_where_ground_was_parted_otherwise(
    tmp_path: Path,
) -> None:
    path = tmp_path / "whole.state"
    content = {name: getattr(state(3), name) for name in State.__slots__ if name != "files"}
    torch.save(content, path)
    found = load_state(path, CPU)
    assert found is not None
    check_same_files(found, {}, path=path)
    with pytest.raises(OptionsError, match="by an earlier version, which parted the ground"):
        check_same_files(found, {"/a/roofs.gpkg": "mark"}, path=path)
