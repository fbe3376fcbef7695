from pathlib import Path

import numpy as np
import pytest

from geoseg.errors import CheckpointError, GeosegError, ModelError
from geoseg.query import Query
from geoseg.segmenter import (
    ChipAnswer,
    ChipSegmenter,
    checkpoint_folder,
    embedded_folder,
    load_segmenter,
    name_of,
    notices_of,
)
from tests.geoseg.oracle import OracleSegmenter


def test_an_answer_becomes_float32() -> None:
    answer = ChipAnswer(np.zeros((2, 3, 4)), np.ones(2))
    assert answer.probability.dtype == answer.presence.dtype == np.float32


@pytest.mark.parametrize(
    ("probability", "presence", "told"),
    [
        (np.zeros((3, 4)), np.zeros(3), "queries, height, width"),
        (np.zeros((2, 3, 4)), np.zeros(3), "queries, height, width"),
        (np.full((1, 3, 4), 1.5), np.zeros(1), r"0\.\.1"),
        (np.full((1, 3, 4), -0.1), np.zeros(1), r"0\.\.1"),
        (np.full((1, 3, 4), np.nan), np.zeros(1), "nan"),
        (np.zeros((1, 3, 4)), np.full(1, np.nan), "presence"),
    ],
)
def test_an_answer_that_cannot_be_blended_is_refused(
    probability: np.ndarray, presence: np.ndarray, told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        ChipAnswer(probability, presence)


def test_anything_that_segments_is_a_segmenter() -> None:
    model = OracleSegmenter(8)
    assert isinstance(model, ChipSegmenter)
    assert load_segmenter(model) is model


@pytest.mark.parametrize("thing", [object(), 3, OracleSegmenter(0), OracleSegmenter(2.5)])  # type: ignore[arg-type] # the point
def test_something_that_cannot_be_asked_is_refused(thing: ChipSegmenter) -> None:
    with pytest.raises(ModelError, match="segmenter"):
        load_segmenter(thing)


def test_names_lead_to_folders_and_hub_ids_to_none(tmp_path: Path) -> None:
    assert checkpoint_folder("geoseg-tiny") == embedded_folder()
    assert checkpoint_folder(tmp_path) == tmp_path
    assert checkpoint_folder(str(tmp_path)) == tmp_path
    assert checkpoint_folder("owner/name") is None


def test_a_mistyped_folder_is_no_hub_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("ck/qwen", "ck/other", "jcwang0602"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError, match=r"no folder 'ck/qwenn' \(did you mean 'ck/qwen'\?\)"):
        checkpoint_folder("ck/qwenn")
    with pytest.raises(ModelError, match="no folder 'ck/llama'; if it is a model on the hub"):
        checkpoint_folder("ck/llama")
    assert checkpoint_folder("ck/qwenn@main") is None
    assert checkpoint_folder("jcwang0602/MLLMSeg_InternVL2_5_1B_RES") is None


@pytest.mark.parametrize("name", ["no-such-model", "./owner/name", "/no/such", "~/nowhere", ""])
def test_a_model_that_is_nowhere_is_named(name: str) -> None:
    with pytest.raises(ModelError, match="geoseg-tiny"):
        checkpoint_folder(name)


def test_an_empty_folder_is_no_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError) as caught:
        load_segmenter(tmp_path)
    assert str(tmp_path) in str(caught.value)


def test_a_hub_that_cannot_be_reached_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(GeosegError, match="owner/name-that-is-not-there"):
        load_segmenter("owner/name-that-is-not-there")


def test_notices_are_asked_for_where_a_model_has_them() -> None:
    class Talkative(OracleSegmenter):
        def notices_for(self, queries: list[Query]) -> list[str]:
            return [f"'{queries[0]}' is new to me"]

    assert notices_of(Talkative(8), [Query("a")]) == ("'a' is new to me",)
    assert notices_of(OracleSegmenter(8), [Query("a")]) == ()


def test_reports_call_a_model_as_it_calls_itself_or_as_it_was_asked_for() -> None:
    class Named:
        called = "owner/name@0123"

    assert name_of(Named(), "owner/name") == "owner/name@0123"
    assert name_of(object(), "geoseg-tiny") == "geoseg-tiny"
    assert name_of(Named, Named) == "owner/name@0123"
    assert name_of(object(), object()) == "object"
