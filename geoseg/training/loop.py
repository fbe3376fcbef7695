"""One stage of training: update, log, keep, resume."""

import csv
import math
import time
from contextlib import closing
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import torch
from torch import Tensor, nn

from geoseg.readahead import ahead
from geoseg.training.options import StageOptions, TrainOptions

PREFETCH = 3
"""Batches made ready while the model learns from another."""

LOWEST = 0.02
"""Share of the learning rate that is left at the end."""

LONGEST_STEP = 1.0
"""Gradients longer than this are shortened."""


class DivergedError(RuntimeError):
    """The loss is not a number any more; the last checkpoint is from before."""


Batch = TypeVar("Batch")
"""What a stage learns from in one step."""


class Lesson(Protocol[Batch]):
    """What one stage teaches."""

    @property
    def module(self) -> nn.Module:
        """Everything that learns, and nothing else."""
        ...

    def rate(self, name: str) -> float:
        """Learning rate of a parameter, as a share of the stage's."""
        ...

    def batch(self, step: int) -> Batch:
        """What is learned from in a step; the same step gives the same batch."""
        ...

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """What was wrong, by name; their sum is made smaller."""
        ...


def learning_rate(step: int, stage: StageOptions) -> float:
    """Warm-up, then half a cosine wave."""
    warm = min(1.0, (step + 1) / stage.warm_up)
    wave = 0.5 * (1 + math.cos(math.pi * step / stage.steps))
    return stage.learning_rate * warm * (LOWEST + (1 - LOWEST) * wave)


def train(
    lesson: Lesson[Batch], stage: StageOptions, options: TrainOptions, *, name: str
) -> nn.Module:
    """The module after all steps of a stage, averaged; goes on from the stage's checkpoint."""
    run = Run(lesson, stage, options, path=options.run / f"{name}.pt")
    made = ((step, lesson.batch(step)) for step in range(run.step, stage.steps))
    with closing(ahead(made, depth=PREFETCH)) as batches:
        for step, batch in batches:
            started = time.monotonic()
            losses = run.update(step, batch)
            write_row(options.run / f"{name}.csv", step, losses, time.monotonic() - started)
            if run.step % options.keep_every == 0 or run.step == stage.steps:
                run.keep()
    lesson.module.load_state_dict(run.averaged)
    return lesson.module


class Run(Generic[Batch]):
    """Weights, their average and the optimizer while a stage runs."""

    def __init__(
        self, lesson: Lesson[Batch], stage: StageOptions, options: TrainOptions, *, path: Path
    ) -> None:
        self.lesson, self.stage, self.options, self.path = lesson, stage, options, path
        self.step = 0
        self.optimizer = torch.optim.AdamW(
            groups(lesson), lr=stage.learning_rate, betas=(0.9, 0.98)
        )
        self.averaged = {key: part.clone() for key, part in lesson.module.state_dict().items()}
        if path.exists():
            self._resume(torch.load(path, weights_only=True))

    def update(self, step: int, batch: Batch) -> dict[str, float]:
        """Learn from one batch; what was wrong before."""
        torch.manual_seed(self.options.seed * 1_000_003 + step)
        self.lesson.module.train()
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(step, self.stage) * group["share"]
        with torch.autocast("cpu", torch.bfloat16, enabled=self.options.bfloat16):
            losses = self.lesson.losses(batch)
        total = torch.stack(list(losses.values())).sum()
        if not math.isfinite(total.item()):
            raise DivergedError(f"the loss is {total.item()} in step {step}; see {self.path}")
        self.optimizer.zero_grad()
        torch.autograd.backward(total)
        nn.utils.clip_grad_norm_(self.lesson.module.parameters(), LONGEST_STEP)
        self.optimizer.step()
        self.step = step + 1
        self._follow()
        return {key: part.item() for key, part in losses.items()}

    def keep(self) -> None:
        """Write the checkpoint, whole or not at all."""
        state = {
            "step": self.step,
            "weights": self.lesson.module.state_dict(),
            "averaged": self.averaged,
            "optimizer": self.optimizer.state_dict(),
        }
        partial = self.path.with_suffix(".partial")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        torch.save(state, partial)
        partial.replace(self.path)

    def _resume(self, state: dict[str, object]) -> None:
        """Go on where a checkpoint was written."""
        self.step = int(str(state["step"]))
        self.lesson.module.load_state_dict(state["weights"])  # type: ignore[arg-type]
        self.averaged = state["averaged"]  # type: ignore[assignment]
        self.optimizer.load_state_dict(state["optimizer"])  # type: ignore[arg-type]

    @torch.no_grad()
    def _follow(self) -> None:
        """Let the averaged weights follow, fast at first."""
        keep = min(self.options.average, self.step / (self.step + 10))
        for key, part in self.lesson.module.state_dict().items():
            if part.is_floating_point():
                self.averaged[key].lerp_(part, 1 - keep)
            else:
                self.averaged[key].copy_(part)


def groups(lesson: Lesson[Batch]) -> list[dict[str, object]]:
    """Parameters by learning rate and by whether they decay (matrices do)."""
    sorted_out: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in lesson.module.named_parameters():
        decay = 0.05 if parameter.dim() > 1 else 0.0
        sorted_out.setdefault((lesson.rate(name), decay), []).append(parameter)
    return [
        {"params": parameters, "share": share, "weight_decay": decay}
        for (share, decay), parameters in sorted_out.items()
    ]


def write_row(path: Path, step: int, losses: dict[str, float], seconds: float) -> None:
    """Add one line to the log."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if new:
            writer.writerow(["step", *losses, "seconds"])
        writer.writerow([step, *(f"{loss:.5f}" for loss in losses.values()), f"{seconds:.3f}"])
