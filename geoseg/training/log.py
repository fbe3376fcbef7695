"""Figures of a run, step by step, as tables (CSV) and for TensorBoard."""

import csv
import io
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Protocol

from geoseg.training.extras import optional

STEP = "step"

EVENTS = "events"
"""The folder that TensorBoard is pointed to."""


class Events(Protocol):
    """What writes for TensorBoard."""

    def add_scalar(self, tag: str, value: float, step: int, /) -> None:
        """One number."""
        ...

    def close(self) -> None:
        """Finish the file."""
        ...


class Log:
    """One table of figures, which goes on after some step; later rows are taken out first."""

    def __init__(self, folder: Path, name: str, *, step: int, tensorboard: bool) -> None:
        self._path = folder / f"{name}.csv"
        self._name = name
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._last = keep_until(self._path, step)
        self._events: Events | None = None
        if tensorboard and find_spec("tensorboard") is not None:
            self._events = writer(folder / EVENTS / name, step=step)

    @property
    def last(self) -> int | None:
        """The step of its last row."""
        return self._last

    def add(self, step: int, figures: Mapping[str, float]) -> None:
        """One more row; numbers keep all their digits."""
        new = not self._path.exists()
        with self._path.open("a", newline="", encoding="utf-8") as file:
            table = csv.writer(file)
            if new:
                table.writerow([STEP, *figures])
            table.writerow([step, *(repr(float(figure)) for figure in figures.values())])
        self._last = step
        if self._events is not None:
            for figure, value in figures.items():
                self._events.add_scalar(f"{self._name}/{figure}", value, step)

    def close(self) -> None:
        """Finish what TensorBoard reads."""
        if self._events is not None:
            self._events.close()


def writer(folder: Path, *, step: int) -> Events:
    """What writes for TensorBoard; events of later steps that are there already do not count."""
    library: ModuleType = optional("torch.utils.tensorboard", wanted_for="writing for TensorBoard")
    events: Events = library.SummaryWriter(str(folder), purge_step=step + 1)
    return events


def keep_until(path: Path, step: int) -> int | None:
    """Take out of a table the rows of later steps, and one that was not finished.

    What comes back is the step of the last row left.
    """
    if not path.exists():
        return None
    text = path.read_text("utf-8")
    heading, *rows = [*csv.reader(io.StringIO(text[: text.rfind("\n") + 1]))] or [[]]
    kept = [row for row in rows if len(row) == len(heading) and step and int(row[0]) <= step]
    partial = path.with_name(f".{path.name}.partial")
    if kept:
        with partial.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([heading, *kept])
        partial.replace(path)
        return int(kept[-1][0])
    path.unlink()
    return None
