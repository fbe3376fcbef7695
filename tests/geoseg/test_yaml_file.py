from pathlib import Path

import pytest

from geoseg.errors import OptionsError
from geoseg.yaml_file import load_yaml


def loaded(folder: Path, content: str) -> dict[str, object]:
    (folder / "run.yaml").write_text(content)
    return load_yaml(folder / "run.yaml")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("a: 1\nb: 2\na: 3\n", r"line 3: 'a' is there twice \(first in line 1\); take one out"),
        ("list:\n- template: x\n  where: {a: 1}\n  'where': {b: 2}\n", "line 4: 'where' is there"),
        ("a: {b: 1, b: 1}\n", "line 1: 'b' is there twice"),
        ("1: a\n1: b\n", "line 2: '1' is there twice"),
    ],
)
def test_a_key_that_is_there_twice_is_refused_with_its_lines(
    tmp_path: Path, content: str, told: str
) -> None:
    with pytest.raises(OptionsError, match=rf"run\.yaml': {told}"):
        loaded(tmp_path, content)


def test_the_same_key_in_two_groups_is_no_trouble(tmp_path: Path) -> None:
    content = "a: {x: 1}\nb: {x: 2}\nc: [{x: 3}, {x: 4}]\n'1': text\n1: number\n"
    assert loaded(tmp_path, content)["b"] == {"x": 2}


def test_what_is_taken_over_from_another_group_can_be_said_otherwise(tmp_path: Path) -> None:
    content = "a: &a {x: 1, y: 1}\nb: &b {<<: *a, x: 2}\nc: {<<: *b, <<: *a, x: 3}\nd: *b\n"
    assert loaded(tmp_path, content)["c"] == {"x": 3, "y": 1}
    assert loaded(tmp_path, content)["d"] == {"x": 2, "y": 1}


def test_a_file_that_says_nothing_is_empty(tmp_path: Path) -> None:
    assert loaded(tmp_path, "# nothing\n") == {}
