import os
import pickle
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest

from geoseg.errors import GeosegError
from geoseg.training.data.pickles import open_plain_pickle


class Malicious:
    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch '{self.target}'",)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_plain_lists_come_back(tmp_path: Path, protocol: int) -> None:
    content = [{"a": 1, "b": [2.5, None, True, "ä", -(10**30)], "c": (1, ("x",)), "d": {}}]
    path = tmp_path / "refs.p"
    path.write_bytes(pickle.dumps(content, protocol))
    assert open_plain_pickle(path, "the list") == content


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_that_would_run_a_command_runs_nothing(tmp_path: Path, protocol: int) -> None:
    target, path = tmp_path / "made", tmp_path / "refs.p"
    path.write_bytes(pickle.dumps([{"ref_id": 1}, Malicious(target)], protocol))
    with pytest.raises(GeosegError, match=r"system.*can run code"):
        open_plain_pickle(path, "the list")
    assert not target.exists()
    pickle.loads(path.read_bytes())  # noqa: S301 the same file is harmful where it is trusted
    assert target.exists()


@pytest.mark.parametrize("value", [OrderedDict(a=1), np.int64(3), Path("a"), {1, 2}, print])
def test_anything_but_plain_containers_is_refused(tmp_path: Path, value: object) -> None:
    path = tmp_path / "refs.p"
    path.write_bytes(pickle.dumps([value], 2))
    with pytest.raises(GeosegError, match="asks for"):
        open_plain_pickle(path, "the list")


@pytest.mark.parametrize("content", [b"", b"hello", b"\x80\x02]q\x00(K", b"(lp0\nI0x\na."])
def test_a_damaged_pickle_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "refs.p"
    path.write_bytes(content)
    with pytest.raises(GeosegError, match="the list"):
        open_plain_pickle(path, "the list")
