import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from geoseg.errors import GeosegError
from geoseg.training.asking import borrowed
from geoseg.training.data.check import inspected
from geoseg.training.data.refsegrs import open_refsegrs
from tests.geoseg.training.data.layouts import KNOWN, write_refsegrs


def test_every_entry_is_what_it_was_made_from(tmp_path: Path) -> None:
    source = open_refsegrs(write_refsegrs(tmp_path), "val")
    assert len(source) == len(KNOWN)
    for sample, known in zip(source, KNOWN, strict=True):
        np.testing.assert_array_equal(sample.image, known.image)
        assert [asked.phrase for asked in sample.asked] == [
            " ".join(said.split()) for said in known.phrases
        ]
        for asked in sample.asked:
            np.testing.assert_array_equal(asked.mask, known.mask)
    assert inspected(source).problems == ()


def test_an_empty_mask_is_an_absent_target(tmp_path: Path) -> None:
    source = open_refsegrs(write_refsegrs(tmp_path), "val")
    assert [asked.present for asked in source[2].asked] == [False]


def test_a_split_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    write_refsegrs(tmp_path)
    with pytest.raises(GeosegError, match=r"output_phrase_val\.txt"):
        open_refsegrs(tmp_path, "train")


def test_a_list_without_entries_is_refused(tmp_path: Path) -> None:
    write_refsegrs(tmp_path)
    (tmp_path / "output_phrase_val.txt").write_text("\n\n")
    with pytest.raises(GeosegError, match="no entries"):
        open_refsegrs(tmp_path, "val")


def test_masks_that_are_not_clean_are_read_with_a_threshold(tmp_path: Path) -> None:
    write_refsegrs(tmp_path)
    noisy = np.where(KNOWN[0].mask, 250, 3).astype(np.uint8)
    noisy[0, 0] = 0
    Image.fromarray(noisy).save(tmp_path / "masks" / "0.tif")
    with pytest.raises(GeosegError, match="threshold"):
        open_refsegrs(tmp_path, "val")[0]
    mask = open_refsegrs(tmp_path, "val", threshold=127)[0].asked[0].mask
    expected = KNOWN[0].mask.copy()
    expected[0, 0] = False
    np.testing.assert_array_equal(mask, expected)


def test_ids_of_the_same_picture_belong_together_and_lend_each_other_nothing(
    tmp_path: Path,
) -> None:
    write_refsegrs(tmp_path)
    shutil.copy(tmp_path / "images" / "0.tif", tmp_path / "images" / "1.tif")
    one, other, third = open_refsegrs(tmp_path, "val")
    assert one.group == other.group != third.group
    assert [" ".join(said.split()) for said in other.unsure] == ["the red roofs", "all buildings"]
    assert third.unsure == ()
    lent = borrowed(other, lambda: ("all buildings", "the ships"))
    assert [asked.phrase for asked in lent] == ["the ships"]


def test_the_same_picture_is_known_in_another_split(tmp_path: Path) -> None:
    for split in ("train", "val"):
        write_refsegrs(tmp_path, split=split)
    train, val = (open_refsegrs(tmp_path, split) for split in ("train", "val"))
    assert [sample.group for sample in train] == [sample.group for sample in val]
