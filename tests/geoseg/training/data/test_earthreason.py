import json
from pathlib import Path

import numpy as np
import pytest

from geoseg.errors import GeosegError
from geoseg.training.data.check import inspected
from geoseg.training.data.earthreason import open_earthreason
from tests.geoseg.training.data.layouts import KNOWN, write_earthreason


def test_every_question_has_the_mask_of_its_image(tmp_path: Path) -> None:
    source = open_earthreason(write_earthreason(tmp_path), "val")
    assert len(source) == len(KNOWN)
    for sample, known in zip(source, KNOWN, strict=True):
        np.testing.assert_array_equal(sample.image, known.image)
        assert len(sample.asked) == len(known.phrases)
        for asked in sample.asked:
            np.testing.assert_array_equal(asked.mask, known.mask)
            assert asked.family == ("reasoning" if known.mask.any() else "absent")
    assert inspected(source).problems == ()


def test_published_results_ask_the_first_question(tmp_path: Path) -> None:
    source = open_earthreason(write_earthreason(tmp_path), "val", questions="first")
    assert source.phrases(0) == KNOWN[0].phrases[:1]


def test_no_answer_is_no_target_whether_or_not_there_is_a_label(tmp_path: Path) -> None:
    write_earthreason(tmp_path)
    (tmp_path / "val" / "labels" / "a_2.png").unlink()
    source = open_earthreason(tmp_path, "val")
    assert not source[2].asked[0].present
    assert source.problems(2) == ()


def test_no_answer_with_marked_pixels_is_a_contradiction(tmp_path: Path) -> None:
    write_earthreason(tmp_path)
    qa = tmp_path / "val" / "QAs" / "a_0.json"
    qa.write_text(json.dumps({"questions": ["where do ships land?"], "answer": []}))
    source = open_earthreason(tmp_path, "val")
    assert [problem.kind for problem in source.problems(0)] == ["contradiction"]
    with pytest.raises(GeosegError, match="mark pixels"):
        source[0]


def test_a_split_unpacked_into_itself_is_found(tmp_path: Path) -> None:
    write_earthreason(tmp_path / "val")
    assert len(open_earthreason(tmp_path, "val")) == len(KNOWN)
    (tmp_path / "val" / "val" / "labels").rename(tmp_path / "val" / "labels")
    source = open_earthreason(tmp_path, "val")
    np.testing.assert_array_equal(source[0].asked[0].mask, KNOWN[0].mask)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"questions": ["a"]}',
        '{"questions": [], "answer": []}',
        '{"questions": [["a"]], "answer": []}',
    ],
)
def test_questions_in_another_form_are_refused(tmp_path: Path, text: str) -> None:
    write_earthreason(tmp_path)
    (tmp_path / "val" / "QAs" / "a_1.json").write_text(text)
    with pytest.raises(GeosegError, match=r"a_1\.json"):
        open_earthreason(tmp_path, "val")


def test_an_image_without_questions_is_told(tmp_path: Path) -> None:
    write_earthreason(tmp_path)
    (tmp_path / "val" / "QAs" / "a_1.json").unlink()
    with pytest.raises(GeosegError, match=r"questions about a_1\.png"):
        open_earthreason(tmp_path, "val")


def test_what_systems_leave_in_folders_is_passed_over(tmp_path: Path) -> None:
    write_earthreason(tmp_path)
    for folder in ("images", "labels", "QAs"):
        for name in ("Thumbs.db", ".DS_Store", "._a_0.png", "._a_0.json", "a_0.png.aux.xml"):
            (tmp_path / "val" / folder / name).write_text("?")
    assert len(open_earthreason(tmp_path, "val")) == len(KNOWN)


def test_a_question_that_is_missing_is_a_broken_entry(tmp_path: Path) -> None:
    write_earthreason(tmp_path)
    qa = tmp_path / "val" / "QAs" / "a_0.json"
    qa.write_text(json.dumps({"questions": [None, "where?"], "answer": ["here"]}))
    told = str(inspected(open_earthreason(tmp_path, "val")))
    assert "phrases cannot be asked (1): a_0.png (the query is empty" in told
