from pathlib import Path

import pytest
from tokenizers import AddedToken

from geoseg.errors import CheckpointError
from geoseg.models.mllmseg.vocabulary import with_added

FOLDER = Path("checkpoint")
WORDS = {"a": 0, "b": 1, "[free]": 2}


def added(**ids: int) -> dict[int, AddedToken]:
    return {token_id: AddedToken(token) for token, token_id in ids.items()}


def test_added_tokens_come_behind_or_where_they_are() -> None:
    assert with_added(FOLDER, WORDS, added(b=1, c=5)) == {**WORDS, "c": 5}


def test_an_added_token_takes_over_a_spare_id() -> None:
    assert with_added(FOLDER, WORDS, added(c=2), spare=[2]) == {"a": 0, "b": 1, "c": 2}


def test_an_id_that_is_a_words_own_is_not_given_away() -> None:
    with pytest.raises(CheckpointError, match="'c' as token 1, which is 'b' in the vocabulary"):
        with_added(FOLDER, WORDS, added(c=1), spare=[2])


def test_a_word_keeps_its_id() -> None:
    with pytest.raises(CheckpointError, match="'b' as token 7, but the vocabulary has it as 1"):
        with_added(FOLDER, WORDS, added(b=7))
