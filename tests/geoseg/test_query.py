import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoseg.errors import GeosegError, QueryError
from geoseg.query import MAX_CHARACTERS, Query, as_queries

TOKENS = [
    "[SEG]", "[rej]", "<IMG_CONTEXT>", "<img>", "</img>", "<|im_end|>", "<|im_start|>", "<s>",
    "<box>", "<|endoftext|>", "<image>", "[UNK]", "<pad>",
]  # fmt: skip


@pytest.mark.parametrize("token", TOKENS)
def test_control_tokens_are_refused_and_named(token: str) -> None:
    with pytest.raises(QueryError, match="control token") as caught:
        Query(f"the roofs {token} here")
    assert token in str(caught.value)


@pytest.mark.parametrize("phrase", ["", "   ", "\n\t"])
def test_blank_phrases_are_refused(phrase: str) -> None:
    with pytest.raises(QueryError, match="empty"):
        Query(phrase)


def test_an_over_long_phrase_is_refused_with_its_length() -> None:
    with pytest.raises(QueryError, match=str(MAX_CHARACTERS + 1)):
        Query("x" * (MAX_CHARACTERS + 1))
    assert Query("x" * MAX_CHARACTERS)


@pytest.mark.parametrize("phrase", ["خانه\u200cها", "क्\u200dष", "the 🏠 by the río"])
def test_every_language_may_ask(phrase: str) -> None:
    assert Query(phrase).phrase == phrase


@pytest.mark.parametrize("phrase", ["roofs\x00", "roofs\u202e", "ro\x1bofs"])
def test_invisible_characters_are_refused(phrase: str) -> None:
    with pytest.raises(QueryError, match="cannot be printed"):
        Query(phrase)


@pytest.mark.parametrize("thing", [None, 3, b"roofs", ["roofs"]])
def test_something_else_than_text_is_refused(thing: object) -> None:
    with pytest.raises(QueryError, match="plain words"):
        Query(thing)  # type: ignore[arg-type] # the point of the test


@given(st.text(st.characters(categories=["L", "N", "P", "Zs"]), min_size=1, max_size=60))
def test_a_query_is_its_phrase_with_single_spaces(text: str) -> None:
    try:
        query = Query(text)
    except GeosegError:
        return
    assert query.phrase == " ".join(unicodedata.normalize("NFC", text).split())
    assert Query(query.phrase) == query


def test_accents_are_one_with_their_letters() -> None:
    assert Query("die Da\u0308cher") == Query("die D\u00e4cher")


def test_ordinary_punctuation_may_stay() -> None:
    assert Query("roofs > 50 m², north-west (not red)").phrase.endswith("(not red)")


def test_one_phrase_or_several_become_queries() -> None:
    assert as_queries("a") == (Query("a"),)
    assert as_queries(["a", Query("b")]) == (Query("a"), Query("b"))


def test_no_query_and_the_same_query_twice_are_refused() -> None:
    with pytest.raises(QueryError, match="no query"):
        as_queries([])
    with pytest.raises(QueryError, match="5 was given"):
        as_queries(5)  # type: ignore[arg-type] # the point of the test
    with pytest.raises(QueryError, match="twice"):
        as_queries(["the roofs", " the  roofs "])
