"""Weights averaged over the steps of a run: steadier than the last ones."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor

FAST = 10
"""Steps in which a new average still follows almost at once."""


class Average:
    """An exponential average that follows some tensors."""

    def __init__(self, followed: Mapping[str, Tensor], *, slowness: float) -> None:
        self._followed = followed
        self._slowness = slowness
        self.tensors = {name: tensor.detach().clone() for name, tensor in followed.items()}

    @torch.no_grad()
    def follow(self, step: int) -> None:
        """Move a little towards what is followed, after so many steps in all."""
        kept = min(self._slowness, step / (step + FAST))
        for name, tensor in self._followed.items():
            if tensor.is_floating_point():
                self.tensors[name].lerp_(tensor, 1 - kept)
            else:
                self.tensors[name].copy_(tensor)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """While inside, the tensors that are followed hold the average."""
        self._exchange()
        try:
            yield
        finally:
            self._exchange()

    @torch.no_grad()
    def _exchange(self) -> None:
        for name, tensor in self._followed.items():
            own = self.tensors[name].clone()
            self.tensors[name].copy_(tensor)
            tensor.copy_(own)
