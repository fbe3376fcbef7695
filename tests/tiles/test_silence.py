import threading
import warnings

import pytest

from tiles.silence import silenced


def test_only_the_warning_named_is_silenced() -> None:
    with silenced(UserWarning, "known"):
        warnings.warn("known to all", UserWarning, stacklevel=1)
        with pytest.raises(UserWarning, match="news"):
            warnings.warn("news", UserWarning, stacklevel=1)


def test_many_threads_leave_the_filters_as_they_were() -> None:
    before = list(warnings.filters)

    def work() -> None:
        for _ in range(200):
            with silenced(UserWarning), silenced(DeprecationWarning):
                warnings.warn("known", UserWarning, stacklevel=1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(warnings.filters) == before
