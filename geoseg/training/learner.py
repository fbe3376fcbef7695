"""Weights that learn, their average, and what moves them."""

import contextlib
import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from geoseg.errors import DivergedError
from geoseg.training.average import Average
from geoseg.training.batches import Batch
from geoseg.training.lessons import Lesson
from geoseg.training.losses import Totals, summed
from geoseg.training.optimiser import Optimiser
from geoseg.training.options import LossOptions, StageOptions, TrainOptions
from geoseg.training.parts import learned
from geoseg.training.ranks import Rank
from geoseg.training.schedule import learning_rate
from geoseg.training.states import State

NAMED = 8
"""Samples of a batch that an error names."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where a stage is computed."""

    device: torch.device
    rank: Rank


class Learner:
    """A module that learns; its output is what was wrong."""

    def __init__(
        self, module: Lesson, stage: StageOptions, options: TrainOptions, *, places: Places
    ) -> None:
        self.module, self.stage, self.options = module, stage, options
        self.places, self.weights = places, options.losses.model_dump()
        self.step = 0
        self.learned = dict(learned(module))
        self.average = Average(self.learned, slowness=options.average)
        self.optimiser = Optimiser(module, options.optimiser, rate=stage.learning_rate)
        self._called = shared(module, places, options.losses)

    def update(self, batches: Sequence[Batch]) -> dict[str, float]:
        """Learn from the batches of one step; what was wrong before, and how it went."""
        rank, optimiser = self.places.rank, self.options.optimiser
        seed = (self.options.seed * 1_000_003 + self.step) * rank.world + rank.number
        torch.manual_seed(seed)
        rate = learning_rate(self.step, self.stage, optimiser)
        self.optimiser.begin(rate)
        self._called.train()
        counts = self._counts(batches)
        parts = [
            self._add_gradients(batch, counts, last=place == len(batches) - 1)
            for place, batch in enumerate(batches)
        ]
        length = nn.utils.clip_grad_norm_(self.optimiser.parameters, optimiser.clip)
        if not math.isfinite(length):
            names = [name for batch in batches for name in batch.names]
            raise self.diverged(f"the gradient is {length:g}", names)
        self.optimiser.step()
        self.step += 1
        self.average.follow(self.step)
        means = {kind: sum(part[kind] for part in parts) / (counts[kind] or 1) for kind in counts}
        return {**means, "gradient": float(length), "learning_rate": rate}

    def _counts(self, batches: Sequence[Batch]) -> dict[str, float]:
        """How many queries each kind of error is about in one step, averaged over all processes.

        Every query of a step counts the same, whichever of its batches it is in.
        """
        told = [self.module.counts(batch) for batch in batches]
        return self._averaged(
            {kind: torch.tensor(sum(one[kind] for one in told)) for kind in told[0]}
        )

    def _add_gradients(
        self, batch: Batch, counts: Mapping[str, float], *, last: bool
    ) -> dict[str, float]:
        """Add the gradient of one batch; the sum of each kind of error, averaged over processes."""
        device = self.places.device
        with contextlib.ExitStack() as inside:
            if isinstance(self._called, DistributedDataParallel) and not last:
                inside.enter_context(self._called.no_sync())
            with mixed(self.options, device):
                totals: Totals = self._called(batch.to(device))
            found = self._averaged(totals)
            if not all(map(math.isfinite, found.values())):
                told = ", ".join(f"{kind} {total:g}" for kind, total in found.items())
                raise self.diverged(f"what is wrong is not a number ({told})", batch.names)
            torch.autograd.backward(summed(totals, counts, self.weights))
        return found

    def _averaged(self, values: Totals) -> dict[str, float]:
        """Values of all processes, averaged."""
        own = torch.stack([value.detach().float() for value in values.values()])
        means = self.places.rank.averaged(own.to(self.places.device)).tolist()
        return dict(zip(values, means, strict=True))

    def diverged(self, what: str, names: Sequence[str]) -> DivergedError:
        """The error that tells in which batch it happened."""
        listed = ", ".join(names[:NAMED]) + (", ..." if len(names) > NAMED else "")
        return DivergedError(
            f"{what} in step {self.step} (samples: {listed}); the state kept last is from before "
            "and stays; look at these samples, or lower the learning rate and begin in another "
            "folder ('run')"
        )

    def state(self, stage: str, settings: dict[str, Any]) -> State:
        """What is needed to go on from here."""
        return State(
            stage,
            self.step,
            settings,
            dict(self.learned),
            dict(self.average.tensors),
            self.optimiser.state(),
        )

    @torch.no_grad()
    def settle(self) -> None:
        """Take the averaged weights for good."""
        for name, tensor in self.learned.items():
            tensor.copy_(self.average.tensors[name])

    @torch.no_grad()
    def resume(self, state: State) -> None:
        """Go on where a state was kept."""
        self.step = state.step
        for mine, kept in ((self.learned, state.weights), (self.average.tensors, state.average)):
            for name, tensor in mine.items():
                tensor.copy_(kept[name])
        self.optimiser.resume(state.optimiser)


def mixed(options: TrainOptions, device: torch.device) -> torch.autocast:
    """While inside, products are computed in the numbers that were asked for."""
    wanted = options.machine.numbers == "bfloat16"
    return torch.autocast(device.type, torch.bfloat16, enabled=wanted)


def shared(module: nn.Module, places: Places, losses: LossOptions) -> nn.Module:
    """The module, or one that learns together with those of the other processes."""
    if places.rank.world == 1:
        return module
    # the decoder's last layer has one channel, whose stride may be any number: nothing is slower
    warnings.filterwarnings("ignore", "Grad strides do not match bucket view strides")
    devices = [places.device] if places.device.type == "cuda" else None
    drawn = losses.focal or losses.dice or losses.pixel or losses.absent
    return DistributedDataParallel(module, device_ids=devices, find_unused_parameters=not drawn)
