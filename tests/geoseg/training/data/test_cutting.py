import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from geoseg.evaluation.answers import resized as in_use
from geoseg.training.data.cutting import FEWEST, part, resized
from geoseg.training.data.samples import Asked, Sample


def sample(seed: int, height: int = 30, width: int = 40) -> Sample:
    """Each mask can be seen in the image: red above the middle, blue above it, nothing."""
    image = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    masks = image[..., 0] > 128, image[..., 2] > 128, np.zeros((height, width), np.bool_)
    phrases = (("red", "class"), ("blue", "class"), ("ships", "absent"))
    return Sample(
        image,
        tuple(Asked(text, mask, kind) for (text, kind), mask in zip(phrases, masks, strict=True)),
        "made up",
    )


@given(seed=st.integers(0, 999), times=st.integers(1, 4))
def test_an_image_of_even_squares_and_its_truth_grow_alike(seed: int, times: int) -> None:
    small = sample(seed, 12, 12)
    large = resized(small, 12 * times)
    for before, after in zip(small.asked, large.asked, strict=True):
        np.testing.assert_array_equal(
            np.kron(before.mask, np.ones((times, times), bool)), after.mask
        )
    assert large.image.shape == (12 * times, 12 * times, 3)
    again = resized(large, 12)
    for before, after in zip(small.asked, again.asked, strict=True):
        np.testing.assert_array_equal(before.mask, after.mask)


@given(seed=st.integers(0, 999), side=st.integers(8, 60))
def test_masks_that_do_not_overlap_stay_apart_at_every_size(seed: int, side: int) -> None:
    before = sample(seed)
    inside = before.asked[0].mask
    both = Sample(before.image, (Asked("in", inside), Asked("out", ~inside)), "made up")
    masks = [asked.mask for asked in resized(both, side).asked]
    assert len(masks) == 2
    np.testing.assert_array_equal(masks[0], ~masks[1])


def spotted(pixels: int) -> Sample:
    """A roof of some pixels in the corner of an image, and nothing else."""
    mask = np.zeros((64, 64), np.bool_)
    mask[0, :pixels] = True
    asked = Asked("the roof", mask, "class"), Asked("the ships", mask & False, "absent")
    return Sample(np.zeros((64, 64, 3), np.uint8), asked, "made up", unsure=("the cars",))


@pytest.mark.parametrize(("pixels", "side"), [(1, 16), (2, 32), (12, 32), (60, 16)])
def test_what_shrinks_to_nearly_nothing_is_neither_there_nor_absent(pixels: int, side: int) -> None:
    small = resized(spotted(pixels), side)
    assert [asked.phrase for asked in small.asked] == ["the ships"]
    assert small.unsure == ("the cars", "the roof")


def test_what_stays_large_enough_and_what_grows_is_asked() -> None:
    for pixels, side in ((3, 64), (3, 200), (40, 63)):
        seen = resized(spotted(pixels), side)
        assert [asked.present for asked in seen.asked] == [True, False]
        assert seen.unsure == ("the cars",)


@pytest.mark.parametrize("side", [20, 57])
def test_training_and_use_resize_alike(side: int) -> None:
    before = sample(3)
    np.testing.assert_array_equal(resized(before, side).image, in_use(before.image, side))
    picture = Image.fromarray(before.image).resize((side, side), Image.Resampling.BICUBIC)
    np.testing.assert_array_equal(resized(before, side).image, np.asarray(picture))


@given(seed=st.integers(0, 999), top=st.integers(0, 20), left=st.integers(0, 30))
def test_a_part_shows_the_same_pixels_and_their_truth(seed: int, top: int, left: int) -> None:
    whole = sample(seed)
    roi = np.s_[top : top + 10, left : left + 10]
    cut = part(whole, roi)
    np.testing.assert_array_equal(cut.image, whole.image[roi])
    masks = {asked.phrase: asked.mask for asked in whole.asked}
    for asked in cut.asked:
        np.testing.assert_array_equal(asked.mask, masks[asked.phrase][roi])


def test_what_is_cut_to_a_few_pixels_is_not_asked_and_what_is_gone_is_absent() -> None:
    mask = np.zeros((30, 40), np.bool_)
    mask[0:10, 0:10] = True
    whole = Sample(np.zeros((30, 40, 3), np.uint8), (Asked("the roof", mask, "class"),), "made up")
    sliver = part(whole, np.s_[9:30, 0 : FEWEST - 1])
    assert sliver.asked == ()
    assert sliver.unsure == ("the roof",)
    gone = part(whole, np.s_[10:30, 0:40]).asked[0]
    assert (gone.present, gone.family) == (False, "absent")
    kept = part(whole, np.s_[0:10, 0:20]).asked[0]
    assert (kept.present, kept.family) == (True, "class")


def test_small_things_that_stay_whole_stay_asked() -> None:
    mask = np.zeros((30, 40), np.bool_)
    mask[3, 3:6] = True
    whole = Sample(np.zeros((30, 40, 3), np.uint8), (Asked("the car", mask, "class"),), "made up")
    assert part(whole, np.s_[0:20, 0:20]).asked[0].mask.sum() == 3
