import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from geoseg.errors import OptionsError
from geoseg.training.data.settings import WORDS, refused


class Boat(BaseModel):
    """Settings to get wrong."""

    model_config = ConfigDict(extra="forbid")

    masts: int = Field(ge=1, le=5)
    crew: tuple[str, ...] = Field(default=("Bob",), min_length=1)
    length: float = 4.5
    motor: bool = False
    name: str = "Anne"

    @field_validator("name")
    @classmethod
    def _plain(cls, name: str) -> str:
        if "!" in name:
            raise ValueError("has a mark in it")
        return name


def told(**settings: object) -> str:
    with pytest.raises(ValidationError) as caught:
        Boat.model_validate(settings)
    error = refused(caught.value, "the boat", "see the harbour")
    assert isinstance(error, OptionsError)
    return str(error)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "'masts' is missing"),
        ({"masts": 0}, "'masts' must be at least 1, but 0 was given"),
        ({"masts": 6}, "'masts' must be at most 5, but 6 was given"),
        ({"masts": "two"}, "'masts' must be a whole number, but 'two' was given"),
        ({"masts": 1, "name": 3}, "'name' must be text, but 3 was given"),
        ({"masts": 1, "name": "Oh!"}, "'name' has a mark in it, but 'Oh!' was given"),
        ({"masts": None}, "'masts' must be a whole number, but nothing was given"),
        ({"masts": 1, "crew": []}, "'crew' must hold at least 1, but [] was given"),
        ({"masts": 1, "crew": [3]}, "'crew.0' must be text, but 3 was given"),
        ({"masts": 1, "length": None}, "'length' must be a number, but nothing was given"),
        ({"masts": 1, "motor": []}, "'motor' must be yes or no, but [] was given"),
        ({"masts": 1, "oars": 2}, "'oars' is not known here, but 2 was given"),
    ],
)
def test_what_is_wrong_is_told_in_plain_words(settings: dict[str, object], words: str) -> None:
    assert told(**settings) == f"the boat: {words}; see the harbour"


def test_all_that_is_wrong_is_told_at_once() -> None:
    text = told(masts=0, oars=1)
    assert "'masts'" in text
    assert "'oars'" in text


def test_no_words_of_ours_are_those_of_the_library() -> None:
    assert not any("Input" in words or "valid" in words for words in WORDS.values())
