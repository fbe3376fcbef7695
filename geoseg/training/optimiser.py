"""What moves weights: AdamW, or Muon for the matrices of layers and AdamW for all else."""

from collections.abc import Mapping
from typing import Any, Final

import torch
from torch import Tensor, nn

from geoseg.training.options import SMOOTHING, OptimiserOptions
from geoseg.training.parts import part_of

ROTATED: Final = ("vision", "projector", "language", "decoder")
"""Parts whose matrices turn one vector into another: those that Muon is made for."""

THROWN_AWAY: Final = "pixel_head."
"""Begins the names of what only a lesson needs; it reads classes off, as a head does."""


class Optimiser:
    """Moves the parameters of a module that learn, all in one step.

    Muon (K. Jordan, 2024; torch's own) takes the momentum of a matrix to the nearest orthogonal
    one, so that all directions of a layer learn equally fast. Its rate is `matrices` times that
    of the others; matrices are pulled towards 0 as fast as the others all the same.
    """

    def __init__(self, module: nn.Module, options: OptimiserOptions, *, rate: float) -> None:
        sorted_out = groups(module, options)
        self._kinds: dict[str, torch.optim.Optimizer] = {}
        if usual := [group for group in sorted_out if not group["rotated"]]:
            self._kinds["adamw"] = torch.optim.AdamW(usual, lr=rate, betas=options.betas)
        if rotated := [group for group in sorted_out if group["rotated"]]:
            self._kinds["muon"] = torch.optim.Muon(rotated, lr=rate)
        self.parameters: list[nn.Parameter] = [
            parameter for group in self._groups() for parameter in group["params"]
        ]

    def begin(self, rate: float) -> None:
        """Forget the gradients and take another learning rate."""
        for group in self._groups():
            group["lr"] = rate * group["share"]
        for kind in self._kinds.values():
            kind.zero_grad()

    def step(self) -> None:
        """Move all parameters by their gradients."""
        for kind in self._kinds.values():
            kind.step()

    def state(self) -> dict[str, Any]:
        """What is needed to go on."""
        return {name: kind.state_dict() for name, kind in self._kinds.items()}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Go on where a state was kept."""
        for name, kind in self._kinds.items():
            kind.load_state_dict(state[name])

    def _groups(self) -> list[dict[str, Any]]:
        return [group for kind in self._kinds.values() for group in kind.param_groups]


def groups(module: nn.Module, options: OptimiserOptions) -> list[dict[str, Any]]:
    """Parameters that learn, by who moves them, learning rate and whether they decay."""
    sorted_out: dict[tuple[bool, float, float], list[nn.Parameter]] = {}
    for name, parameter in module.named_parameters():
        if parameter.requires_grad:
            rotated = options.kind == "muon" and is_rotated(name, parameter)
            faster = options.matrices if rotated else 1.0
            share = rate_of(name, options.rates) * faster
            decay = options.weight_decay / faster if parameter.dim() > 1 else 0.0
            sorted_out.setdefault((rotated, share, decay), []).append(parameter)
    return [
        {"params": parameters, "rotated": rotated, "share": share, "weight_decay": decay}
        for (rotated, share, decay), parameters in sorted_out.items()
    ]


def is_rotated(name: str, parameter: Tensor) -> bool:
    """Whether a parameter is a matrix between the layers of a model."""
    inside = part_of(name) in ROTATED and not name.startswith(THROWN_AWAY)
    return inside and parameter.dim() == 2


def rate_of(name: str, rates: Mapping[str, float]) -> float:
    """The share of the learning rate for a parameter."""
    part = part_of(name)
    usual = rates.get("decoder", 1.0) if part == SMOOTHING else 1.0
    return rates.get(part, usual)
