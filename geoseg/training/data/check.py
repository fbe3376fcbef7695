"""Data sets looked over before hours are spent on them."""

from collections.abc import Iterable
from dataclasses import dataclass

from geoseg.errors import DataError, GeosegError
from geoseg.progress import Progress
from geoseg.training.data.problems import KINDS, Problem
from geoseg.training.data.samples import Part, Source
from tiles.errors import TilesError

SHOWN = 8
"""Problems of one kind that are told one by one."""

NO_TARGET = (
    "warning: none of the phrases has a target, so that a model could only learn to refuse; look "
    "at the masks, and at ?threshold= where it is given"
)


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found in a data set."""

    name: str

    entries: int

    phrases: int

    targets: int
    """Phrases whose mask has pixels."""

    problems: tuple[Problem, ...]

    sound: tuple[int, ...]
    """Indices of the entries without problems."""

    def __str__(self) -> str:
        """Return how much there is and, for each kind of problem, where it is and the way out."""
        counted = (
            f"{self.name}: {self.entries} entries, {self.phrases} phrases, "
            f"{self.targets} with a target"
        )
        warned = [NO_TARGET] if self.phrases and not self.targets else []
        return "\n".join([counted, *warned, *told(self.problems)])


def inspected(source: Source, progress: Progress | None = None) -> Inspection:
    """Every entry of a source read once."""
    problems: list[Problem] = []
    sound: list[int] = []
    phrases = targets = 0
    for index in range(len(source)):
        found, asked = _looked_at(source, index)
        problems += found
        phrases += len(asked)
        targets += sum(asked)
        if not found:
            sound.append(index)
        if progress is not None:
            progress(index + 1, len(source))
    told_once = tuple(dict.fromkeys(problems))
    return Inspection(source.name, len(source), phrases, targets, told_once, tuple(sound))


def _looked_at(source: Source, index: int) -> tuple[tuple[Problem, ...], list[bool]]:
    """What is wrong with an entry; and for each of its phrases, whether it has a target."""
    try:
        return (), [asked.present for asked in source[index].asked]
    except (GeosegError, TilesError):
        found = source.problems(index)
        if not found:
            raise
        return found, [False for _ in source.phrases(index)]


def check(source: Source, progress: Progress | None = None) -> Inspection:
    """What is in a source; one error tells all that is wrong with it."""
    inspection = inspected(source, progress)
    if inspection.problems:
        raise DataError(
            "\n".join([f"{source.name} has broken entries:", *told(inspection.problems)])
        )
    return inspection


def sound_part(source: Source, inspection: Inspection) -> Source:
    """The source without its broken entries."""
    return source if not inspection.problems else Part(source, inspection.sound)


def told(problems: Iterable[Problem]) -> list[str]:
    """One sentence for each kind of problem: how many, the first few, and the way out.

    >>> told([Problem("missing", "a.tif"), Problem("missing", "b.tif")])[0][:37]
    'files are missing (2): a.tif, b.tif; '
    """
    by_kind: dict[str, list[Problem]] = {}
    for problem in problems:
        by_kind.setdefault(problem.kind, []).append(problem)
    sentences = []
    for kind, (means, way_out) in KINDS.items():
        if found := by_kind.get(kind):
            listed = ", ".join(map(str, found[:SHOWN]))
            more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
            sentences.append(f"{means} ({len(found)}): {listed}{more}; {way_out}")
    return sentences
