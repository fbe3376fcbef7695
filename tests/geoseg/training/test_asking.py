import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoseg.training.asking import borrowed, chosen, words
from geoseg.training.data.samples import Asked, Sample
from geoseg.training.options import AskOptions

FULL, EMPTY = np.ones((4, 4), np.bool_), np.zeros((4, 4), np.bool_)


def sample(present: int, absent: int) -> Sample:
    asked = [Asked(f"thing number{place}", FULL) for place in range(present)]
    asked += [Asked(f"missing number{place}", EMPTY, "absent") for place in range(absent)]
    return Sample(np.zeros((4, 4, 3), np.uint8), tuple(asked), "made up")


def nothing() -> list[str]:
    return []


def asked(of: Sample, seed: int = 0, **options: object) -> tuple[Asked, ...]:
    settings = AskOptions.model_validate(options)
    return chosen(of, settings, np.random.default_rng(seed), elsewhere=nothing)


@given(
    present=st.integers(0, 6), absent=st.integers(0, 6), queries=st.integers(1, 6),
    seed=st.integers(0, 99),
)  # fmt: skip
def test_no_more_is_asked_than_wanted_and_nothing_twice(
    present: int, absent: int, queries: int, seed: int
) -> None:
    found = asked(sample(present, absent), seed, queries=queries)
    assert len(found) <= queries
    assert len({one.phrase for one in found}) == len(found)
    assert bool(found) == bool(present + absent)


def test_the_share_of_absent_phrases_holds_on_average() -> None:
    for present in (1, 3, 20):
        found = [
            one.present
            for seed in range(600)
            for one in asked(sample(present, 20), seed, queries=5, absent=0.4, all_empty=0)
        ]
        assert abs(np.mean(found) - 0.6) < 0.05


def test_some_chips_are_asked_in_vain_only() -> None:
    found = [asked(sample(3, 3), seed, all_empty=0.25, absent=0) for seed in range(400)]
    empty = np.mean([not any(one.present for one in row) for row in found])
    assert abs(empty - 0.25) < 0.06


def test_a_chip_that_holds_nothing_is_asked_all_the_same() -> None:
    assert len(asked(sample(0, 3), queries=5)) == 3


def of(*phrases: str, unsure: tuple[str, ...] = ()) -> Sample:
    """An image of which phrases are said."""
    asked = tuple(Asked(phrase, FULL) for phrase in phrases)
    return Sample(np.zeros((4, 4, 3), np.uint8), asked, "harbour", unsure=unsure)


def lent(to: Sample, *offered: str) -> list[str]:
    found = borrowed(to, lambda: offered)
    assert not any(one.present for one in found)
    assert all(one.family == "absent" for one in found)
    return [one.phrase for one in found]


def test_where_the_data_has_nothing_absent_it_is_borrowed() -> None:
    offered = "a ship at the pier", "the runway", "the tractors"
    assert lent(of("the red ships"), *offered) == ["the runway", "the tractors"]


@pytest.mark.parametrize("said", ["the bus", "two buses", "The Bus on the left", "BUSES"])
def test_short_words_count(said: str) -> None:
    assert lent(of(said), "the bus", "The Bus", "a red bus", "the buses", "a van") == ["a van"]
    assert lent(of("a car", "the van"), "the cars", "a white van", "the sea") == ["the sea"]


@pytest.mark.parametrize(
    "phrase",
    ["the largest one", "on the left", "the northernmost of all", "two", "左边的房子", "3"],
)
def test_a_phrase_that_names_no_thing_is_not_borrowed(phrase: str) -> None:
    assert lent(of("the roofs"), phrase) == []


def test_place_size_and_colour_are_no_words_in_common() -> None:
    assert lent(of("the large red roof on the left"), "the large red ship on the left")


def test_a_word_within_another_may_mean_the_same_thing() -> None:
    assert lent(of("an airplane"), "the planes") == []
    assert lent(of("the plane"), "three airplanes") == []


def test_what_too_little_is_seen_of_is_not_borrowed() -> None:
    assert lent(of("the roofs", unsure=("the bus",)), "the bus", "the vans") == ["the vans"]


def test_a_phrase_is_borrowed_once() -> None:
    assert lent(of("the roofs"), "the bus", "THE BUS") == ["the bus"]


PHRASES = st.lists(
    st.sampled_from(
        ["the bus", "two cars", "a van", "The Car", "the sea", "the left one", "buses"]
    ),
    max_size=4,
    unique_by=str.casefold,
)


@given(said=PHRASES, offered=PHRASES, seed=st.integers(0, 9))
def test_nothing_is_asked_twice_of_an_image(said: list[str], offered: list[str], seed: int) -> None:
    found = chosen(
        of(*said), AskOptions(queries=9, absent=0.5), np.random.default_rng(seed),
        elsewhere=lambda: offered,
    )  # fmt: skip
    texts = [one.phrase.casefold() for one in found]
    assert len(texts) == len(set(texts))
    assert {one.phrase for one in found if not one.present}.isdisjoint(said)


def test_what_is_known_to_be_absent_is_enough() -> None:
    settings = AskOptions(queries=9, all_empty=1)
    found = chosen(
        sample(1, 2), settings, np.random.default_rng(0), elsewhere=lambda: ["the runway"]
    )
    assert {one.phrase for one in found} == {"missing number0", "missing number1"}


def test_words_are_compared_without_plural() -> None:
    assert words(["Two red Cars"]) == {"car"}
