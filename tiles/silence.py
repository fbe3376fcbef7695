"""Warnings of what is known already."""

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_filters = threading.RLock()


@contextmanager
def silenced(category: type[Warning], message: str = "") -> Iterator[None]:
    """A block, as short as can be, in which one kind of warning is not shown.

    Python's filters belong to the whole process, and two threads that change them at once leave
    them changed for good; so one thread at a time is in such a block.
    """
    with _filters, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message, category)
        yield
