from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoseg.asking import LONGEST_WAIT, Asking, View, ask
from geoseg.errors import ChipError, QueryError
from geoseg.query import Query
from geoseg.segmenter import ChipAnswer
from tests.geoseg.oracle import BrokenSegmenter, OracleSegmenter

SIZE = 4


def view(place: int, *, valid: bool = True, red: int = 0, blue: int = 0, failure: str = "") -> View:
    image = np.zeros((SIZE, SIZE, 3), np.uint8)
    image[0, 0] = red, 0, blue
    roi = (slice(0, SIZE), slice(place * SIZE, (place + 1) * SIZE))
    return View(roi, np.full((SIZE, SIZE), valid), image, failure=failure)


def asking(segmenter: OracleSegmenter, **changes: object) -> Asking:
    given_ = {"batch": 3, "presence": 0.5, "keep_going": False} | changes
    return Asking(segmenter, [Query("red"), Query("blue")], **given_)  # type: ignore[arg-type]


@given(st.lists(st.sampled_from(["red", "empty", "void"]), max_size=40), st.integers(1, 7))
def test_answers_come_in_order_and_empty_chips_are_never_asked(kinds: list[str], n: int) -> None:
    model = OracleSegmenter(SIZE)
    seen = [view(i, valid=kind != "void", red=int(kind == "red")) for i, kind in enumerate(kinds)]
    result = list(ask(seen, asking(model, batch=n)))
    assert [one.scored.roi for one in result] == [one.roi for one in seen]
    assert [one.outcome == "skipped" for one in result] == [kind == "void" for kind in kinds]
    assert [one.scored.presence[0] == 1 for one in result] == [kind == "red" for kind in kinds]
    assert sum(model.seen) == sum(kind != "void" for kind in kinds)
    assert all(count <= n for count in model.seen)


def test_a_long_empty_stretch_is_not_held_back() -> None:
    drawn: list[int] = []

    def endless() -> Iterator[View]:
        for place in range(10 * LONGEST_WAIT):
            drawn.append(place)
            yield view(place, valid=False)

    next(ask(endless(), asking(OracleSegmenter(SIZE))))
    assert len(drawn) == LONGEST_WAIT


def test_a_batch_larger_than_the_longest_wait_is_sent_whole() -> None:
    model = OracleSegmenter(SIZE)
    seen = [view(place) for place in range(2 * LONGEST_WAIT)]
    list(ask(seen, asking(model, batch=2 * LONGEST_WAIT)))
    assert model.seen == [2 * LONGEST_WAIT]


def test_a_segmenter_may_use_its_arrays_again() -> None:
    class Thrifty(OracleSegmenter):
        def segment(self, chips, queries):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
            (answer,) = super().segment(chips, queries)
            buffer[...] = answer.probability
            return [ChipAnswer(buffer, answer.presence)]

    buffer = np.zeros((2, SIZE, SIZE), np.float32)
    result = list(ask([view(0, red=1), view(1)], asking(Thrifty(SIZE), batch=1)))
    assert [one.scored.probability.any() for one in result] == [True, False]


def test_presence_below_the_threshold_counts_as_none() -> None:
    class Unsure(OracleSegmenter):
        def segment(self, chips, queries):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202, ARG002
            return [
                ChipAnswer(np.ones((2, SIZE, SIZE), np.float32), np.float32([0.49, 0.5]))
                for _ in chips
            ]

    (one,) = ask([view(0)], asking(Unsure(SIZE)))
    assert one.scored.presence.tolist() == [0, 0.5]


def test_a_failed_chip_stops_the_run_and_is_named() -> None:
    seen = [view(0), view(1, blue=13), view(2)]
    with pytest.raises(ChipError, match=r"rows 0\.\.3, columns 4\.\.7 .*thirteen.*--keep-going"):
        list(ask(seen, asking(BrokenSegmenter(SIZE))))


def test_keeping_on_loses_only_the_chip_that_fails_by_itself() -> None:
    seen = [view(0, red=1), view(1, blue=13), view(2, red=1)]
    result = list(ask(seen, asking(BrokenSegmenter(SIZE), keep_going=True)))
    assert [one.outcome for one in result] == ["answered", "failed", "answered"]
    assert not result[1].scored.valid.any()
    assert "thirteen" in result[1].reason


def test_a_chip_that_could_not_be_read_is_a_failure() -> None:
    seen = [view(0), view(1, failure="block 3 is damaged")]
    with pytest.raises(ChipError, match="block 3 is damaged"):
        list(ask(seen, asking(OracleSegmenter(SIZE))))
    result = list(ask(seen, asking(OracleSegmenter(SIZE), keep_going=True)))
    assert [one.outcome for one in result] == ["answered", "failed"]


def test_a_query_the_model_refuses_is_not_blamed_on_a_chip() -> None:
    class Refusing(OracleSegmenter):
        def segment(self, chips, queries):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202, ARG002
            raise QueryError("too long")

    with pytest.raises(QueryError, match="too long"):
        list(ask([view(0)], asking(Refusing(SIZE), keep_going=True)))


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ([], "0 answers for 1 chips"),
        ([ChipAnswer(np.zeros((1, SIZE, SIZE)), np.zeros(1))], "shape"),
        ([ChipAnswer(np.zeros((2, SIZE, SIZE + 1)), np.zeros(2))], "shape"),
    ],
)
def test_answers_of_the_wrong_form_are_failures(answers: list[ChipAnswer], told: str) -> None:
    class Odd(OracleSegmenter):
        def segment(self, chips, queries):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202, ARG002
            return answers

    with pytest.raises(ChipError, match=told):
        list(ask([view(0)], asking(Odd(SIZE))))
