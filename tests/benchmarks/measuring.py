"""Seconds and memory of a piece of work done in a process of its own (Linux)."""

import resource
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple, ParamSpec

P = ParamSpec("P")

MIB = 2**20


class Figures(NamedTuple):
    """What a piece of work costs."""

    result: int
    """What it returned, to see that two pieces of work did the same."""

    wall: float
    """Seconds on the clock."""

    cpu: float
    """Seconds of processor time, which a busy machine hardly changes."""

    growth: float
    """MiB that the peak of resident memory lies above what was resident before."""


def measured(work: Callable[P, Callable[[], int]], *given: P.args, **named: P.kwargs) -> Figures:
    """The figures of `work(...)()`: the outer call prepares and is not measured."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_figures, partial(work, *given, **named)).result()


def _figures(work: Callable[[], Callable[[], int]]) -> Figures:
    prepared = work()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forget the peak so far
    before, wall, cpu = _resident(), time.perf_counter(), time.process_time()
    result = prepared()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Figures(result, wall, cpu, (_peak() - before) / MIB)


def _resident() -> int:
    """Bytes resident now."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * resource.getpagesize()


def _peak() -> int:
    """Most bytes that were resident at once."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024
