from pathlib import Path

import pytest

from geoseg.errors import GeosegError
from geoseg.training.data.phrase_lists import open_phrase_list


def test_phrases_are_grouped_by_name_in_order(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("\ufeff7 the road\r\n3 the car \n\n7 a tree\n9\n", "utf-8")
    assert open_phrase_list(path) == {"7": ("the road", "a tree"), "3": ("the car",), "9": ("",)}


def test_a_list_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(GeosegError, match="cannot be read"):
        open_phrase_list(path)
