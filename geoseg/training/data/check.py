"""Data sets looked over before hours are spent on them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from geoseg.errors import DataError
from geoseg.training.data.problems import KINDS, Problem
from geoseg.training.data.samples import Part, Source

SHOWN = 8
"""Problems of one kind that are told one by one."""

Progress = Callable[[int, int], None]
"""Called with entries done and entries in all."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found in a data set."""

    name: str

    entries: int

    phrases: int

    problems: tuple[Problem, ...]

    sound: tuple[int, ...]
    """Indices of the entries without problems."""

    def __str__(self) -> str:
        """Return how much there is and, for each kind of problem, where it is and the way out."""
        counted = f"{self.name}: {self.entries} entries, {self.phrases} phrases"
        return "\n".join([counted, *told(self.problems)])


def inspected(source: Source, progress: Progress | None = None) -> Inspection:
    """Every entry of a source read once."""
    problems: list[Problem] = []
    sound, phrases = [], 0
    for index in range(len(source)):
        found = source.problems(index)
        problems += found
        phrases += len(source.phrases(index))
        if not found:
            sound.append(index)
        if progress is not None:
            progress(index + 1, len(source))
    return Inspection(
        source.name, len(source), phrases, tuple(dict.fromkeys(problems)), tuple(sound)
    )


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
