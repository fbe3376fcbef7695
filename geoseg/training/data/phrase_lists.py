"""Text files with a file name and a phrase in each line."""

from pathlib import Path

from geoseg.errors import DataError
from geoseg.training.data.folders import existing_file


def open_text(path: Path, means: str) -> str:
    """The text in a file of a data set."""
    try:
        return existing_file(path, means).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{means} '{path}' cannot be read: {error}; copy it again") from error


def open_phrase_list(path: Path) -> dict[str, tuple[str, ...]]:
    """The phrases of each file name, in the order of the list; a line is "NAME PHRASE"."""
    phrases: dict[str, list[str]] = {}
    for line in open_text(path, "the list of phrases").splitlines():
        name, _, phrase = line.strip().partition(" ")
        if name:
            phrases.setdefault(name, []).append(phrase.strip())
    return {name: tuple(said) for name, said in phrases.items()}
