import subprocess
import sys

from geoseg.version import __version__


def test_python_runs_the_package_as_the_command() -> None:
    words = [sys.executable, "-m", "geoseg", "--version"]
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, f"geoseg {__version__}\n"), done.stderr
