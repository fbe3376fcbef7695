"""The processes that learn together, one for each GPU, as torchrun or accelerate starts them."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import torch
from torch import Tensor, distributed

LONGEST = timedelta(days=1)
"""How long the others wait while the first renders, measures or writes."""


@dataclass(frozen=True, slots=True)
class Rank:
    """Which of the processes this one is."""

    number: int = 0
    """0 writes files; the others only learn."""

    world: int = 1
    """How many there are."""

    local: int = 0
    """Which of those on this machine: the number of its GPU."""

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Rank":
        """What the starter said.

        >>> Rank.of({"RANK": "1", "WORLD_SIZE": "2", "LOCAL_RANK": "1"})
        Rank(number=1, world=2, local=1)
        """
        told = (environment.get(name, "0") for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK"))
        number, world, local = map(int, told)
        return cls(number, max(world, 1), local)

    @property
    def first(self) -> bool:
        """Whether this is the one that writes."""
        return self.number == 0

    def averaged(self, values: Tensor) -> Tensor:
        """The mean of the values (k,) over all processes."""
        if self.world > 1:
            distributed.all_reduce(values)
            values = values / self.world
        return values

    def wait(self) -> None:
        """Wait until all processes are here."""
        if self.world > 1:
            distributed.barrier()


@contextmanager
def joined(device: torch.device) -> Iterator[Rank]:
    """This process's rank, in touch with the others while inside."""
    rank = Rank.of(os.environ)
    if rank.world > 1:
        backend = "nccl" if device.type == "cuda" else "gloo"
        distributed.init_process_group(backend, timeout=LONGEST)
    try:
        yield rank
    finally:
        if rank.world > 1:
            distributed.destroy_process_group()
