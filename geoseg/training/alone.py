"""The folder of a run, kept from other processes while one trains in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from geoseg.errors import OptionsError

LOCK = ".lock"
"""The file of a run that a process holds; the system frees it however the process ends."""


@contextmanager
def alone(run: Path) -> Iterator[None]:
    """While inside, no other process trains in a folder; raises where one does.

    Some network drives know no such locks: there nobody is refused.
    """
    lock = FileLock(run / LOCK, timeout=0, fallback_to_soft=False)
    try:
        run.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise OptionsError(
            f"another process is training in '{run}'; wait until it is over, or name another "
            "folder with 'run'"
        ) from None
    except (OSError, NotImplementedError):
        pass
    try:
        yield
    finally:
        lock.release()
