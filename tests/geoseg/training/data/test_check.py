from pathlib import Path

import numpy as np
import pytest

from geoseg.errors import GeosegError
from geoseg.training.data.check import check, inspected, sound_part, told
from geoseg.training.data.problems import KINDS, Problem
from geoseg.training.data.refsegrs import open_refsegrs
from tests.geoseg.training.data.layouts import known, write_image, write_refsegrs


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """Entry 0 is whole; each of the others is broken in its own way."""
    write_refsegrs(tmp_path, [known(seed, "the road") for seed in range(8)])
    (tmp_path / "images" / "1.tif").unlink()
    (tmp_path / "masks" / "2.tif").unlink()
    (tmp_path / "images" / "3.tif").write_bytes(b"II*\0")
    write_image(tmp_path / "masks" / "4.tif", np.zeros((3, 3), np.uint8))
    write_image(tmp_path / "masks" / "5.tif", known(0).image[..., 0])
    write_image(tmp_path / "images" / "6.tif", known(0).image[..., 0].astype(np.uint16))
    lines = [f"{number} the road" for number in range(7)]
    path = tmp_path / "output_phrase_val.txt"
    path.write_text("\n".join([*lines, "7 ", "7 the [SEG] road", "7 the road"]))
    return tmp_path


def test_every_kind_of_problem_is_found_where_it_is(broken: Path) -> None:
    source = open_refsegrs(broken, "val")
    kinds = [{problem.kind for problem in source.problems(index)} for index in range(8)]
    assert kinds == [
        set(), {"missing"}, {"missing"}, {"broken"}, {"size"}, {"values"}, {"depth"}, {"phrase"},
    ]  # fmt: skip


def test_one_error_tells_them_all(broken: Path) -> None:
    with pytest.raises(GeosegError) as error:
        check(open_refsegrs(broken, "val"))
    text = str(error.value)
    assert len(text.splitlines()) == 1 + len(KINDS) - 1  # all but a contradiction
    for part in ("missing (2)", "fit their image (1)", "mask 3 x 3, image 12 x 17", "[SEG]",
                 "empty", "two values (1)"):  # fmt: skip
        assert part in text


def test_what_the_check_tells_is_what_reading_raises(broken: Path) -> None:
    source = open_refsegrs(broken, "val")
    inspection = inspected(source)
    assert inspection.sound == (0,)
    for index in range(8):
        if index in inspection.sound:
            assert source[index].asked
        else:
            with pytest.raises(GeosegError):
                source[index]


def test_a_source_can_go_on_without_its_broken_entries(broken: Path) -> None:
    source = open_refsegrs(broken, "val")
    part = sound_part(source, inspected(source))
    assert len(part) == 1
    assert part[0].name == source[0].name
    assert sound_part(part, inspected(part)) is part


def test_a_sound_source_is_counted(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    source = open_refsegrs(write_refsegrs(tmp_path), "val")
    inspection = check(source, lambda done, total: seen.append((done, total)))
    assert str(inspection) == "refsegrs val: 3 entries, 4 phrases, 3 with a target"
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_data_without_any_target_is_warned_of(tmp_path: Path) -> None:
    write_refsegrs(tmp_path, [known(0, "the ships"), known(1, "the road")])
    for name in ("0.tif", "1.tif"):
        write_image(tmp_path / "masks" / name, known(0).mask.astype(np.uint8))
    text = str(check(open_refsegrs(tmp_path, "val", threshold=127)))
    assert "2 phrases, 0 with a target" in text
    assert "warning: none of the phrases has a target" in text
    assert "warning" not in str(check(open_refsegrs(tmp_path, "val")))


def test_the_first_eight_are_listed_and_the_others_counted() -> None:
    (sentence,) = told(Problem("broken", f"{number}.tif") for number in range(11))
    assert sentence.startswith("files cannot be read (11): 0.tif, 1.tif")
    assert "7.tif and 3 more" in sentence
    assert "8.tif" not in sentence
