from pathlib import Path

from geoseg.models.mllmseg.tokenizer import spelling_tokenizer, word_tokenizer
from geoseg.training.data.own_layer import open_own_layer
from geoseg.training.data.rendered import open_rendered
from geoseg.training.words import taught_words
from tests.geoseg.evaluation.made_up import ListedSource, coloured
from tests.geoseg.training.data.own_ground import write_ground

COLOURS = ("blue", "grey", "red")


def test_words_of_an_own_layer_are_taught_where_something_answers_them(tmp_path: Path) -> None:
    source = open_own_layer(write_ground(tmp_path), "all")
    assert {*source.answered} == {"all buildings", *(f"the {c} roofs" for c in COLOURS)}
    told = taught_words([source], spelling_tokenizer(["all", "the", "red"]))
    assert told == ["blue", "buildings", "grey", "roofs"]


def test_a_list_teaches_what_it_asks_for() -> None:
    listed = ListedSource([coloured((8, 8), (slice(0, 4), slice(0, 4)))])
    assert taught_words([listed, listed], spelling_tokenizer(["roof"])) == ["blue", "red"]


def test_rendered_scenes_and_tokenizers_of_whole_words_teach_nothing() -> None:
    listed = ListedSource([coloured((8, 8), (slice(0, 4), slice(0, 4)))])
    assert (
        taught_words([open_rendered(seed=950_000_000, count=1)], spelling_tokenizer(["roof"])) == []
    )
    assert taught_words([listed], word_tokenizer(["red"])) == []
