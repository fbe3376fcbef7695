import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.env import get_gdal_config, set_gdal_config

from tiles.gdal_cache import LEAST_BYTES, limited_cache

MIB = 2**20


def in_force() -> int:
    return int(get_gdal_config("GDAL_CACHEMAX", normalize=False))


@pytest.fixture(autouse=True)
def before(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The size of the cache that each test must leave behind."""
    monkeypatch.delenv("GDAL_CACHEMAX", raising=False)
    found = in_force()
    set_gdal_config("GDAL_CACHEMAX", 500 * MIB, normalize=False)
    yield 500 * MIB
    left = in_force()
    set_gdal_config("GDAL_CACHEMAX", found, normalize=False)
    assert left == 500 * MIB


def test_the_cache_is_limited_and_put_back(before: int) -> None:
    with limited_cache(50 * MIB):
        assert in_force() == 50 * MIB
    assert in_force() == before


def test_the_cache_never_grows(before: int) -> None:
    with limited_cache(2**40):
        assert in_force() == before


def test_the_cache_keeps_room_for_a_window() -> None:
    with limited_cache(0):
        assert in_force() == LEAST_BYTES


def test_the_largest_wish_of_nested_blocks_holds_until_the_last_ends() -> None:
    with limited_cache(50 * MIB):
        with limited_cache(20 * MIB):
            assert in_force() == 50 * MIB
        with limited_cache(80 * MIB):
            assert in_force() == 80 * MIB
        assert in_force() == 80 * MIB


def test_threads_that_overlap_leave_the_cache_as_it_was(before: int) -> None:
    entered, leaving = threading.Barrier(4), [threading.Event() for _ in range(3)]

    def work(number: int) -> None:
        with limited_cache((number + 1) * 10 * MIB):
            entered.wait()
            leaving[number].wait()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    entered.wait()
    for thread, event in zip(threads, leaving, strict=True):
        assert in_force() == 30 * MIB
        event.set()
        thread.join()
    assert in_force() == before


def test_an_error_leaves_the_cache_as_it_was(before: int) -> None:
    with pytest.raises(KeyError), limited_cache(50 * MIB):
        raise KeyError
    assert in_force() == before


def test_an_open_dataset_of_the_user_stays_readable(tmp_path: Path, before: int) -> None:
    path = tmp_path / "a.tif"
    shape = {"height": 64, "width": 64, "count": 1, "dtype": "uint8"}
    placed = {"crs": "EPSG:32633", "transform": Affine(1, 0, 5e5, 0, -1, 5e6)}
    with rasterio.open(path, "w", driver="GTiff", **shape, **placed) as dataset:
        dataset.write(np.full((1, 64, 64), 7, np.uint8))
    with rasterio.open(path) as dataset:
        dataset.read()
        with limited_cache(50 * MIB), rasterio.open(path) as other:
            other.read()
        assert in_force() == before
        assert (dataset.read() == 7).all()


def test_the_size_in_the_environment_stays(monkeypatch: pytest.MonkeyPatch, before: int) -> None:
    monkeypatch.setenv("GDAL_CACHEMAX", "500")
    with limited_cache(50 * MIB):
        assert in_force() == before


def test_the_size_in_an_enclosing_env_stays() -> None:
    with rasterio.Env(GDAL_CACHEMAX=300 * MIB):
        with rasterio.Env(), limited_cache(50 * MIB):
            assert in_force() == 300 * MIB
        assert in_force() == 300 * MIB


def test_what_somebody_else_sets_meanwhile_stays(before: int) -> None:
    with limited_cache(50 * MIB):
        set_gdal_config("GDAL_CACHEMAX", 70 * MIB, normalize=False)
    assert in_force() == 70 * MIB
    set_gdal_config("GDAL_CACHEMAX", before, normalize=False)
