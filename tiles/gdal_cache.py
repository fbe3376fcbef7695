"""How much memory GDAL keeps decoded blocks in."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rasterio.env import get_gdal_config, getenv, hasenv, set_gdal_config

CACHE = "GDAL_CACHEMAX"

LEAST_BYTES = 4 * 2**20
"""Below this GDAL may not even hold the blocks of one window."""


@dataclass(slots=True)
class _Limit:
    """The limit that all users share, because the cache is the process's."""

    users: int = 0
    before: int = 0
    """Bytes in force before the first user."""
    ours: int = 0
    """Bytes that were set for the users."""


_limit = _Limit()
_changing = threading.Lock()


@contextmanager
def limited_cache(wanted: int) -> Iterator[None]:
    """A block for which a cache of `wanted` bytes does; afterwards it is as large as before.

    GDAL's default is 5 % of the memory: 1.2 GB of 24 GB, more than a whole run. The cache never
    grows beyond what was in force, and stays alone where the user chose its size. Several blocks
    at once, nested or in threads, share the largest of their wishes.

    `rasterio.Env` cannot do this: it restores an option only where it is a thread's outermost.
    """
    if _chosen_by_user():
        yield
        return
    _join(wanted)
    try:
        yield
    finally:
        _leave()


def _chosen_by_user() -> bool:
    """Whether the environment, or an enclosing `rasterio.Env`, says how large the cache is."""
    return CACHE in os.environ or (hasenv() and CACHE in getenv())


def _join(wanted: int) -> None:
    """One user more."""
    with _changing:
        current = get_gdal_config(CACHE, normalize=False)
        if not _limit.users:
            _limit.before = _limit.ours = current
        size = min(max(wanted, LEAST_BYTES), _limit.before)
        if not _limit.users or (size > _limit.ours and current == _limit.ours):
            set_gdal_config(CACHE, size, normalize=False)
            _limit.ours = size
        _limit.users += 1


def _leave() -> None:
    """One user less; the last puts the cache back, unless somebody else changed it meanwhile."""
    with _changing:
        _limit.users -= 1
        if not _limit.users and get_gdal_config(CACHE, normalize=False) == _limit.ours:
            set_gdal_config(CACHE, _limit.before, normalize=False)
