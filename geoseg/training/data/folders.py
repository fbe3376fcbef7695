"""Files and folders that should be there, and what is there instead."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from geoseg.errors import DataError

SHOWN = 8
"""Names that are listed."""

LEFT_BEHIND = {"thumbs.db", "desktop.ini"}
"""Files that systems leave in folders of pictures."""

BESIDE = ".aux.xml"
"""How files end in which GDAL keeps what it found out about a picture."""


REMOTE = re.compile(r"^/vsi|^[a-z][a-z0-9+.-]+://", re.IGNORECASE)
"""How places begin that only GDAL can read."""


LOCAL = (
    "must be on this machine: download or unpack it first (a .zip of a shapefile can be given as "
    "it is)"
)
"""What to say of such a place."""


def is_remote(place: str) -> bool:
    """Whether a place lies in the net or inside of an archive."""
    return REMOTE.match(place) is not None


def existing_folder(path: Path, means: str) -> Path:
    """The path, if it is a folder; `means` says what was looked for."""
    if not path.is_dir():
        raise DataError(_instead(path, means))
    return path


def existing_file(path: Path, means: str) -> Path:
    """The path, if it is a file; `means` says what was looked for."""
    if not path.is_file():
        raise DataError(_instead(path, means))
    return path


def files_in(folder: Path) -> list[Path]:
    """The files in a folder, by name, without those that nobody put there."""
    return sorted(
        file
        for file in folder.iterdir()
        if file.is_file()
        and not file.name.startswith(".")
        and not file.name.endswith(BESIDE)
        and file.name.lower() not in LEFT_BEHIND
    )


def _instead(path: Path, means: str) -> str:
    """What is wrong with a path, and what lies where it should."""
    if path.is_file():
        return f"{means} should be a folder, but '{path}' is a file; name the folder it is in"
    if path.is_dir():
        return f"{means} should be a file, but '{path}' is a folder; name a file in it"
    there = next(parent for parent in (path.parent, *path.parents) if parent.is_dir())
    missing = path.relative_to(there).parts[0]
    names = sorted(entry.name for entry in there.iterdir() if not entry.name.startswith("."))
    return f"{means} is not there: '{path}'; {_offered(there, missing, names)}"


def _offered(there: Path, missing: str, names: list[str]) -> str:
    """What could have been meant."""
    if close := get_close_matches(missing, names, n=1):
        return f"in '{there}' there is '{close[0]}'; check the path"
    if not names:
        return f"'{there}' is empty; check the path"
    listed = ", ".join(f"'{name}'" for name in names[:SHOWN])
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"in '{there}' there are {listed}{more}; check the path"


def first_few(told: Sequence[str], most: int) -> str:
    """The first of some texts in a sentence, and how many more there are.

    >>> first_few(["a", "b", "c"], 2)
    'a, b, 1 more'
    """
    more = [f"{len(told) - most} more"] if len(told) > most else []
    return ", ".join([*told[:most], *more])
