"""Whether there is memory enough for a model, told before it is loaded."""

from collections.abc import Iterator
from pathlib import Path

import psutil
import torch

from geoseg.errors import ModelError

GIB = 2**30

CPU = torch.device("cpu")

CGROUPS = Path("/sys/fs/cgroup")
"""Where Linux tells what a container or a job may use."""

MEMBERSHIP = Path("/proc/self/cgroup")
"""Which groups this process belongs to."""

FILES = (
    ("memory.max", "memory.current", "inactive_file"),
    ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
)
"""Limit, usage, and what of it can be had back, in the second and the first version of cgroups."""


def check_memory(needed: int, device: torch.device, what: str) -> None:
    """Raise where the device has not that many bytes to give to what they are wanted for."""
    if needed > (available := available_memory(device)):
        raise ModelError(
            f"{what} needs {gib(needed)} of memory, but {gib(available)} are available on"
            f" {device}; close other programs, or use fewer bytes per number (dtype), a smaller"
            " model or another device"
        )


def available_memory(device: torch.device) -> int:
    """Bytes that can be had on a device."""
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        return int(free)
    return min([psutil.virtual_memory().available, *group_limits()])


def group_limits() -> Iterator[int]:
    """Bytes that each control group this process is in would still give it."""
    for group in groups():
        for limit, usage, reclaimable in FILES:
            try:
                allowed = int((group / limit).read_text(encoding="ascii"))
                used = int((group / usage).read_text(encoding="ascii"))
                yield max(allowed - used + counted(group / "memory.stat", reclaimable), 0)
            except (OSError, ValueError):  # no such file, or no limit: "max"
                continue


def groups() -> Iterator[Path]:
    """The folders of the memory groups this process is in, and of those around them."""
    try:
        lines = MEMBERSHIP.read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers in ("", "memory"):
            root = CGROUPS / controllers
            inner = root / path.lstrip("/")
            yield from (inner, *(place for place in inner.parents if place.is_relative_to(root)))


def counted(path: Path, name: str) -> int:
    """A number in a file of names and numbers; 0 where it is not in it."""
    lines = path.read_text(encoding="ascii").splitlines()
    return next((int(line.split()[1]) for line in lines if line.split()[0] == name), 0)


def gib(size: int) -> str:
    """Bytes as people read them.

    >>> gib(3 * 2**30)
    '3.0 GiB'
    """
    return f"{size / GIB:.1f} GiB"
