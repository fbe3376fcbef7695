"""What every data set is made of: an image, what is asked of it, and the exact answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from geoseg.errors import DataError
from geoseg.query import Query
from geoseg.training.data.problems import Problem

BANDS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A phrase about an image, and what it means there."""

    phrase: str
    """Can be asked: not blank, no control tokens."""

    mask: NDArray[np.bool_]
    """(h, w): the pixels meant; none where nothing is."""

    family: str = ""
    """What kind of phrase it is, such as class or absent; empty where the data set does not say."""

    def __post_init__(self) -> None:
        """Refuse what cannot be asked."""
        object.__setattr__(self, "phrase", Query(self.phrase).phrase)

    @property
    def present(self) -> bool:
        """Whether the image holds what is asked for."""
        return bool(self.mask.any())


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """An image and all that is asked of it."""

    image: NDArray[np.uint8]
    """RGB (h, w, 3)."""

    asked: tuple[Asked, ...]

    name: str
    """Where it came from, for messages and failure sheets."""

    group: str = ""
    """What belongs together: samples of one group are never split between learning, calibrating
    and measuring; empty where each stands alone."""

    unsure: tuple[str, ...] = ()
    """Phrases that are neither there nor absent: too little is seen of what they mean."""

    keeps_phrases: bool = False
    """Whether words of direction and rank in its phrases are parts of names, as in own layers: they
    are true however the image is turned or cut."""

    def __post_init__(self) -> None:
        """Refuse masks of another size."""
        if self.image.dtype != np.uint8 or self.image.shape[2:] != (BANDS,):
            raise DataError(
                f"{self.name}: an image is RGB uint8 (height, width, 3), but "
                f"{self.image.dtype} {self.image.shape} was given"
            )
        for asked in self.asked:
            if asked.mask.dtype != np.bool_ or asked.mask.shape != self.image.shape[:2]:
                raise DataError(
                    f"{self.name}: the mask of '{asked.phrase}' is {asked.mask.dtype} "
                    f"{asked.mask.shape}, but the image has {self.image.shape[:2]} pixels; "
                    "masks are bool and of the image's size"
                )


class Source(Protocol):
    """A data set, read entry by entry when asked for; the same entry is always the same sample."""

    @property
    def name(self) -> str:
        """What to call it in reports."""
        ...

    def __len__(self) -> int:
        """How many samples there are; never 0."""
        ...

    def __getitem__(self, index: int, /) -> Sample:
        """One sample; an entry that is broken raises, and says why."""
        ...

    def phrases(self, index: int) -> tuple[str, ...]:
        """What is asked of one sample, without reading its pixels."""
        ...

    def problems(self, index: int) -> tuple[Problem, ...]:
        """All that is wrong with one entry, found by looking at its files."""
        ...


class Part:
    """Some entries of a source, in the order given."""

    def __init__(self, source: Source, chosen: Sequence[int]) -> None:
        if not chosen:
            raise DataError(f"no entry of {source.name} was chosen; choose at least one")
        self._source = source
        self._chosen = tuple(chosen)

    @property
    def name(self) -> str:
        """That of the source."""
        return self._source.name

    def __len__(self) -> int:
        return len(self._chosen)

    def __getitem__(self, index: int, /) -> Sample:
        return self._source[self._chosen[index]]

    def phrases(self, index: int) -> tuple[str, ...]:
        """What is asked of one sample."""
        return self._source.phrases(self._chosen[index])

    def problems(self, index: int) -> tuple[Problem, ...]:
        """All that is wrong with one entry."""
        return self._source.problems(self._chosen[index])
