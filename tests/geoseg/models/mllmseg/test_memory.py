from pathlib import Path

import psutil
import pytest
import torch

from geoseg.errors import ModelError
from geoseg.models.mllmseg import memory
from geoseg.models.mllmseg.memory import CPU, available_memory, check_memory

HERE = "/jobs/one"


@pytest.fixture
def cgroups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(memory, "CGROUPS", tmp_path)
    monkeypatch.setattr(memory, "MEMBERSHIP", tmp_path / "membership")
    return tmp_path


def second_version(cgroups: Path, group: str, limit: str, used: int, cache: int) -> None:
    folder = cgroups / group
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "memory.max").write_text(f"{limit}\n")
    (folder / "memory.current").write_text(f"{used}\n")
    (folder / "memory.stat").write_text(f"anon 1\ninactive_file {cache}\nslab 3\n")
    (cgroups / "membership").write_text(f"0::{HERE}\n")


def first_version(cgroups: Path, group: str, limit: int, used: int, cache: int) -> None:
    folder = cgroups / "memory" / group
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "memory.limit_in_bytes").write_text(f"{limit}\n")
    (folder / "memory.usage_in_bytes").write_text(f"{used}\n")
    (folder / "memory.stat").write_text(f"cache 9\ntotal_inactive_file {cache}\n")
    (cgroups / "membership").write_text(f"4:memory:{HERE}\n2:cpu,cpuacct:/\n0::/\n")


def test_a_limit_leaves_what_is_not_used_and_what_can_be_had_back(cgroups: Path) -> None:
    second_version(cgroups, "jobs/one", "5000", 4000, 300)
    assert available_memory(CPU) == 1300


def test_the_tightest_of_the_groups_around_counts(cgroups: Path) -> None:
    second_version(cgroups, "jobs/one", "5000", 1000, 0)
    second_version(cgroups, "jobs", "5000", 4900, 0)
    assert available_memory(CPU) == 100


def test_the_first_version_of_cgroups_is_read(cgroups: Path) -> None:
    first_version(cgroups, "jobs/one", 5000, 4000, 300)
    assert available_memory(CPU) == 1300


def test_inside_a_container_the_root_is_the_group(cgroups: Path) -> None:
    first_version(cgroups, "", 5000, 4000, 0)
    assert available_memory(CPU) == 1000


def test_a_full_group_has_nothing_left(cgroups: Path) -> None:
    second_version(cgroups, "jobs/one", "5000", 6000, 0)
    assert available_memory(CPU) == 0


@pytest.mark.parametrize("limit", ["max", "9223372036854771712"])
def test_without_a_limit_the_machine_counts(cgroups: Path, limit: str) -> None:
    second_version(cgroups, "jobs/one", limit, 4000, 0)
    assert 10_000 < available_memory(CPU) <= psutil.virtual_memory().total


def test_without_cgroups_the_machine_counts(cgroups: Path) -> None:
    assert not (cgroups / "membership").exists()
    assert 10_000 < available_memory(CPU) <= psutil.virtual_memory().total


def test_too_little_is_told_in_gib(cgroups: Path) -> None:
    second_version(cgroups, "jobs/one", str(3 * 2**30), 0, 0)
    check_memory(3 * 2**30, CPU, "it")
    with pytest.raises(ModelError, match=r"it needs 3\.5 GiB of memory, but 3\.0 GiB .* on cpu"):
        check_memory(7 * 2**29, CPU, "it")


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_gpu_has_its_own_memory() -> None:
    device = torch.device("cuda", 0)
    assert 0 < available_memory(device) <= torch.cuda.get_device_properties(0).total_memory
