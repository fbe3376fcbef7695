import threading
from collections.abc import Iterator

import pytest

from geoseg.readahead import ahead


def test_items_come_in_order() -> None:
    assert list(ahead(range(100), depth=3)) == list(range(100))


def test_the_source_runs_in_another_thread() -> None:
    (name,) = ahead((threading.current_thread().name for _ in range(1)), depth=1)
    assert name == "geoseg-ahead"


def test_an_error_arrives_after_the_items_before_it() -> None:
    def source() -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    items = ahead(source(), depth=5)
    assert next(items) == 1
    with pytest.raises(ValueError, match="broken"):
        next(items)


def test_it_stays_within_its_depth_and_closes_a_source_whose_reader_leaves() -> None:
    made: list[int] = []
    closed = threading.Event()

    def source() -> Iterator[int]:
        try:
            for item in range(1000):
                made.append(item)
                yield item
        finally:
            closed.set()

    items = ahead(source(), depth=2)
    assert next(items) == 0
    items.close()  # type: ignore[attr-defined] # a generator
    assert closed.is_set()
    assert len(made) <= 5
    assert [thread for thread in threading.enumerate() if thread.name == "geoseg-ahead"] == []


def test_a_source_that_cannot_even_start_raises_in_the_reader() -> None:
    class Broken:
        def __iter__(self) -> Iterator[int]:
            raise RuntimeError("no start")

    with pytest.raises(RuntimeError, match="no start"):
        next(ahead(Broken(), depth=1))
