"""`python -m geoseg.models.mllmseg.parity KIT`: a report, and exit code 0 only if all holds."""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from geoseg.errors import GeosegError
from geoseg.models.mllmseg.parity.checks import Check
from geoseg.models.mllmseg.parity.kit import Kit
from geoseg.models.mllmseg.parity.run import all_checks


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare with a kit and tell; 0 if everything holds, 1 if not, 2 if it cannot be done."""
    parser = argparse.ArgumentParser(
        prog="python -m geoseg.models.mllmseg.parity",
        description="Compare our MLLMSeg with golden numbers of the published one.",
    )
    parser.add_argument("kit", type=Path, help="a folder with configs, keys, cases and golden")
    kit = Kit(parser.parse_args(arguments).kit)
    try:
        with tempfile.TemporaryDirectory(prefix="geoseg-parity-") as scratch:
            failed = told(all_checks(kit, Path(scratch)))
    except GeosegError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    except (KeyError, ValueError, OSError) as error:
        sys.stderr.write(
            f"error: '{kit.folder}' is no whole parity kit, or a damaged one: {error!r}\n"
        )
        return 2
    return int(failed > 0)


def told(checks: Iterator[Check]) -> int:
    """How many checks failed; each is written as soon as it is known."""
    results = []
    for check in checks:
        sys.stdout.write(f"{check}\n")
        sys.stdout.flush()
        results.append(check.holds)
    failed = results.count(False)
    sys.stdout.write(f"{len(results)} checks, {failed} failed\n")
    return failed if results else 1


if __name__ == "__main__":
    sys.exit(main())
