from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from geoseg.errors import GeosegError, QueryError
from geoseg.training.data.refsegrs import open_refsegrs
from geoseg.training.data.samples import Asked, Part, Sample
from tests.geoseg.training.data.layouts import write_refsegrs

IMAGE = np.zeros((4, 5, 3), np.uint8)
MASK = np.zeros((4, 5), np.bool_)


def test_a_phrase_is_what_a_query_makes_of_it() -> None:
    assert Asked("  the  roofs", MASK).phrase == "the roofs"


@pytest.mark.parametrize("phrase", [" ", "the [SEG]", "a <|im_end|>", "x" * 401])
def test_what_cannot_be_asked_is_refused(phrase: str) -> None:
    with pytest.raises(QueryError):
        Asked(phrase, MASK)


def test_a_phrase_is_present_where_its_mask_has_pixels() -> None:
    assert not Asked("the roofs", MASK).present
    assert Asked("the roofs", ~MASK).present


def test_masks_of_another_size_or_type_are_refused() -> None:
    with pytest.raises(GeosegError, match="image's size"):
        Sample(IMAGE, (Asked("the roofs", MASK[:3]),), "a.tif")
    with pytest.raises(GeosegError, match=r"a.tif.*image's size"):
        Sample(IMAGE, (Asked("the roofs", MASK.astype(np.uint8)),), "a.tif")


@pytest.mark.parametrize("image", [IMAGE[..., 0], IMAGE.astype(np.float32), IMAGE[..., :2]])
def test_images_that_are_not_rgb_are_refused(image: NDArray[np.generic]) -> None:
    with pytest.raises(GeosegError, match="RGB uint8"):
        Sample(image, (), "a.tif")


def test_a_part_is_the_chosen_entries_in_order(tmp_path: Path) -> None:
    source = open_refsegrs(write_refsegrs(tmp_path), "val")
    part = Part(source, [2, 0])
    assert len(part) == 2
    assert part.name == source.name
    assert part[0].name == source[2].name
    assert part.phrases(1) == source.phrases(0)
    assert part.problems(0) == ()
    assert [sample.name for sample in part] == [source[2].name, source[0].name]
    with pytest.raises(GeosegError, match="at least one"):
        Part(source, [])
