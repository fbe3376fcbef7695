from pathlib import Path

import numpy as np
import pytest

from geoseg.errors import DataError
from geoseg.training.data.listed import Entry, ListedSource, Wanted
from geoseg.training.data.problems import ProblemError
from geoseg.training.data.truths import NoTarget
from tests.geoseg.training.data.layouts import write_image

NOTHING = NoTarget()


@pytest.fixture
def image(tmp_path: Path) -> Path:
    write_image(tmp_path / "a.png", np.zeros((4, 5, 3), np.uint8))
    return tmp_path / "a.png"


def entry(image: Path, *phrases: str, group: str = "") -> Entry:
    return Entry(image, tuple(Wanted(phrase, NOTHING) for phrase in phrases), group)


def test_a_list_without_entries_is_refused() -> None:
    with pytest.raises(DataError, match="nothing has no entries"):
        ListedSource("nothing", [])


def test_a_sample_belongs_to_its_file(image: Path) -> None:
    source = ListedSource("made up", [entry(image, "the roofs", "the cars")])
    sample = source[0]
    assert (sample.name, sample.group, sample.unsure) == (str(image), "a", ())
    assert source.phrases(0) == ("the roofs", "the cars")


def test_what_others_ask_of_the_same_picture_is_unsure(image: Path) -> None:
    entries = [
        entry(image, "the roofs", "the cars", group="one"),
        entry(image, "the ships", "the cars", group="one"),
        entry(image, "the cows", group="two"),
    ]
    samples = list(ListedSource("made up", entries))
    assert [sample.unsure for sample in samples] == [("the ships",), ("the roofs",), ()]
    assert [sample.group for sample in samples] == ["one", "one", "two"]


def test_a_phrase_that_cannot_be_asked_is_a_problem_of_its_entry(image: Path) -> None:
    source = ListedSource("made up", [entry(image, "the [SEG] roofs"), entry(image, "the roofs")])
    assert [problem.kind for problem in source.problems(0)] == ["phrase"]
    assert source.problems(1) == ()
    with pytest.raises(ProblemError, match="cannot be asked"):
        source[0]
