from pathlib import Path

import numpy as np
import pytest

from geoseg.errors import GeosegError
from geoseg.training.data.check import inspected
from geoseg.training.data.risbench import open_risbench
from tests.geoseg.training.data.layouts import KNOWN, write_image, write_risbench


def test_every_entry_is_what_it_was_made_from(tmp_path: Path) -> None:
    source = open_risbench(write_risbench(tmp_path), "val")
    assert len(source) == len(KNOWN)
    for sample, known in zip(source, KNOWN, strict=True):
        np.testing.assert_array_equal(sample.image, known.image)
        for asked in sample.asked:
            np.testing.assert_array_equal(asked.mask, known.mask)
    assert inspected(source).problems == ()


def test_image_and_mask_may_end_differently_from_the_list(tmp_path: Path) -> None:
    write_risbench(tmp_path)
    (tmp_path / "img_rgb" / "00000.png").unlink()
    write_image(tmp_path / "img_rgb" / "00000.jpg", KNOWN[0].image)
    source = open_risbench(tmp_path, "val")
    assert source[0].name.endswith("00000.jpg")
    np.testing.assert_array_equal(source[0].asked[0].mask, KNOWN[0].mask)
    (tmp_path / "output_phrase_test.txt").write_text("00001.jpg the car\n")
    np.testing.assert_array_equal(open_risbench(tmp_path, "test")[0].image, KNOWN[1].image)


def test_a_listed_file_that_is_nowhere_keeps_its_name_in_the_message(tmp_path: Path) -> None:
    write_risbench(tmp_path)
    (tmp_path / "mask" / "00001.png").unlink()
    source = open_risbench(tmp_path, "val")
    with pytest.raises(GeosegError, match=r"missing.*00001.png"):
        source[1]
