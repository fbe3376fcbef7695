import errno
import fcntl
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from geoseg.errors import OptionsError
from geoseg.training.alone import alone

HOLDS = """
import sys
from pathlib import Path
from geoseg.training.alone import alone
with alone(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_two_processes_do_not_train_in_one_folder_and_a_killed_one_leaves_it(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-c", HOLDS, str(tmp_path / "run")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with (
            pytest.raises(OptionsError, match=r"another process is training in .*name another"),
            alone(tmp_path / "run"),
        ):
            pass
        with alone(tmp_path / "other"):
            pass
        other.send_signal(signal.SIGKILL)
    with alone(tmp_path / "run"):
        pass


def test_the_folder_can_be_had_again_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), alone(tmp_path):
        raise KeyboardInterrupt
    with alone(tmp_path):
        pass


def test_where_a_drive_knows_no_locks_nobody_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object) -> None:
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(fcntl, "flock", unknown)
    with alone(tmp_path), alone(tmp_path):
        pass
