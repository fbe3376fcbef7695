"""A data set that is a list of image files."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from geoseg.errors import DataError, QueryError
from geoseg.query import Query
from geoseg.training.data.pictures import open_image, open_shape
from geoseg.training.data.problems import Problem, ProblemError
from geoseg.training.data.samples import Asked, Sample
from geoseg.training.data.truths import Truth


@dataclass(frozen=True, slots=True)
class Wanted:
    """A phrase, and where its truth stands."""

    phrase: str
    """As the data set says it; checked when it is read."""

    truth: Truth

    family: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """An image file and what is asked of it."""

    image: Path

    wanted: tuple[Wanted, ...]

    group: str = ""
    """The same for all entries that show the same picture; where not given, the file's stem."""

    def __post_init__(self) -> None:
        """Fill in the group."""
        object.__setattr__(self, "group", self.group or self.image.stem)

    @property
    def phrases(self) -> tuple[str, ...]:
        """What is asked of it."""
        return tuple(wanted.phrase for wanted in self.wanted)


class ListedSource:
    """A source over entries; their files are read when a sample is asked for."""

    def __init__(self, name: str, entries: Sequence[Entry]) -> None:
        if not entries:
            raise DataError(f"{name} has no entries; check the folder and the split")
        self._name = name
        self._entries = tuple(entries)
        self._of_group: dict[str, list[str]] = {}
        for entry in self._entries:
            self._of_group.setdefault(entry.group, []).extend(entry.phrases)

    @property
    def name(self) -> str:
        """What to call it in reports."""
        return self._name

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, index: int, /) -> Sample:
        entry = self._entries[index]
        image = open_image(entry.image)
        shape = (image.shape[0], image.shape[1])
        return Sample(
            image,
            tuple(_asked(entry, wanted, shape) for wanted in entry.wanted),
            str(entry.image),
            group=entry.group,
            unsure=tuple(self._asked_elsewhere(entry)),
        )

    def _asked_elsewhere(self, entry: Entry) -> Iterator[str]:
        """What other entries ask of the same picture; their truth is not that of this one."""
        ours = set(entry.phrases)
        return (phrase for phrase in self._of_group[entry.group] if phrase not in ours)

    def group(self, index: int, /) -> str:
        """What belongs together with one sample, without reading it."""
        return self._entries[index].group

    def phrases(self, index: int) -> tuple[str, ...]:
        """What is asked of one image."""
        return self._entries[index].phrases

    def problems(self, index: int) -> tuple[Problem, ...]:
        """All that is wrong with one entry."""
        return tuple(_problems(self._entries[index]))


def _asked(entry: Entry, wanted: Wanted, shape: tuple[int, int]) -> Asked:
    """The phrase with its truth."""
    if problem := _phrase_problem(entry, wanted):
        raise ProblemError(problem)
    return Asked(wanted.phrase, wanted.truth.read(shape), wanted.family)


def _problems(entry: Entry) -> Iterator[Problem]:
    """What is wrong with image, phrases and masks, each told once."""
    for wanted in entry.wanted:
        if problem := _phrase_problem(entry, wanted):
            yield problem
    try:
        shape = open_shape(entry.image)
    except ProblemError as error:
        yield error.problem
        return
    for truth in dict.fromkeys(wanted.truth for wanted in entry.wanted):
        try:
            truth.read(shape)
        except ProblemError as error:
            yield error.problem


def _phrase_problem(entry: Entry, wanted: Wanted) -> Problem | None:
    try:
        Query(wanted.phrase)
    except QueryError as error:
        return Problem("phrase", entry.image.name, str(error))
    return None
