"""An iterator that runs ahead of its reader in a thread."""

import queue
import threading
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class _Raised:
    error: BaseException


class _End:
    """The last thing put into the queue."""


class _Line(Generic[Item]):
    """A bounded queue whose reader may leave early."""

    def __init__(self, depth: int) -> None:
        self._queue: queue.Queue[Item | _Raised | _End] = queue.Queue(depth)
        self._left = threading.Event()

    def put(self, item: Item | _Raised | _End) -> bool:
        """Wait for a place; False once the reader has left."""
        while not self._left.is_set():
            try:
                self._queue.put(item, timeout=0.1)
            except queue.Full:
                continue
            return True
        return False

    def get(self) -> Item | _Raised | _End:
        """The next item; waits in short steps, so that Ctrl-C is heard on Windows too."""
        while True:
            try:
                return self._queue.get(timeout=0.5)
            except queue.Empty:
                continue

    def leave(self) -> None:
        self._left.set()


def ahead(items: Iterable[Item], *, depth: int) -> Generator[Item]:
    """The same items in the same order, made by a thread that keeps at most `depth` waiting.

    An error of the source is raised here, after the items before it. When the reader stops early,
    the thread ends after the item it is working on.
    """
    line: _Line[Item] = _Line(depth)
    worker = threading.Thread(target=_fill, args=(line, items), name="geoseg-ahead", daemon=True)
    worker.start()
    try:
        while not isinstance(item := line.get(), _End):
            if isinstance(item, _Raised):
                raise item.error
            yield item
    finally:
        line.leave()
        worker.join()


def _fill(line: _Line[Item], items: Iterable[Item]) -> None:
    last: _Raised | _End = _End()
    try:
        source = iter(items)
        for item in source:
            if not line.put(item):
                break
        if isinstance(source, Generator):
            source.close()
    except BaseException as error:  # noqa: BLE001 it is raised again in the reader's thread
        last = _Raised(error)
    line.put(last)
