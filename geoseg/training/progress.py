"""How a run goes, told while it lasts."""

import time
from collections.abc import Callable, Mapping
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from geoseg.training.validation import Quality

SECONDS = 60.0
"""Between two lines where there is no bar."""

SMOOTH = 0.95
"""How slowly the figures shown follow those of single steps."""

UNTOLD = ("gradient", "learning_rate")
"""Figures that are for the log alone."""


class Bar:
    """A bar on a terminal, with the time that is left."""

    def __init__(self, console: Console) -> None:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[figures]}"),
        )
        self._progress = Progress(*columns, console=console)
        self._tasks: dict[str, TaskID] = {}
        self._figures: dict[str, float] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def step(self, stage: str, done: int, steps: int, figures: dict[str, float]) -> None:
        """Move the bar."""
        if stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(
                stage, total=steps, completed=done - 1, figures=""
            )
            self._figures = {}
        self._figures = followed(self._figures, figures)
        self._progress.update(self._tasks[stage], completed=done, figures=words(self._figures))

    def quality(self, done: int, quality: Quality) -> None:
        """Tell the figures above the bar."""
        self._progress.console.print(f"after {done} steps: {quality}", highlight=False)

    def notice(self, text: str) -> None:
        """Tell it above the bar."""
        self._progress.console.print(f"note: {text}", highlight=False, markup=False)


class Lines:
    """A line now and then, where there is no terminal."""

    def __init__(self, say: Callable[[str], None], clock: Callable[[], float]) -> None:
        self._say, self._clock = say, clock
        self._began: tuple[str, float, int] | None = None
        self._told = -SECONDS
        self._figures: dict[str, float] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def step(self, stage: str, done: int, steps: int, figures: dict[str, float]) -> None:
        """Say how far it is, and how long it will take."""
        now = self._clock()
        if self._began is None or self._began[0] != stage:
            self._began, self._figures = (stage, now, done), {}
        self._figures = followed(self._figures, figures)
        if now - self._told < SECONDS and done < steps:
            return
        self._told = now
        left = time_left(now - self._began[1], done - self._began[2], steps - done)
        self._say(f"{stage} {done}/{steps}{left}: {words(self._figures)}")

    def quality(self, done: int, quality: Quality) -> None:
        """Say how good the model is."""
        self._say(f"after {done} steps: {quality}")

    def notice(self, text: str) -> None:
        """Say it."""
        self._say(f"note: {text}")


def lines(say: Callable[[str], None]) -> Lines:
    """Lines by the clock of this machine."""
    return Lines(say, time.monotonic)


def time_left(seconds: float, done: int, left: int) -> str:
    """How long the steps that are left take, in words; nothing where nobody knows.

    >>> time_left(120.0, 10, 50)
    ', 10 min left'
    """
    if not done or not left:
        return ""
    return f", {round(seconds / done * left / 60)} min left"


def followed(shown: Mapping[str, float], new: Mapping[str, float]) -> dict[str, float]:
    """Figures that follow those of single steps slowly."""
    return {name: SMOOTH * shown.get(name, value) + (1 - SMOOTH) * value
            for name, value in new.items() if name not in UNTOLD}  # fmt: skip


def words(figures: Mapping[str, float]) -> str:
    """Figures in a few words.

    >>> words({"dice": 0.25, "decision": 1.0})
    'dice 0.250, decision 1.000'
    """
    return ", ".join(f"{name} {value:.3f}" for name, value in figures.items())
