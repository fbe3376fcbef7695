from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from geoseg.training.data.augmentation import (
    AUGMENTATIONS,
    CHANGES,
    SCALED,
    Augmentation,
    augmented,
    blurred,
    compressed,
    cropped,
    laid,
    lit,
    mirrored,
    scale,
)
from geoseg.training.data.samples import Asked, Sample


def sample(seed: int = 0, *phrases: str, height: int = 40, width: int = 40) -> Sample:
    """Smooth patches; each mask can be told from the colours of the image."""
    rng = np.random.default_rng(seed)
    noise = ndimage.gaussian_filter(rng.random((height, width, 3)), (5, 5, 0))
    image = ((noise - noise.min()) / np.ptp(noise) * 200 + 30).astype(np.uint8)
    asked = (
        Asked(said, image[..., 0] > 100 + 10 * place, "class")
        for place, said in enumerate(phrases or ("the roofs", "all cars"))
    )
    return Sample(image, tuple(asked), "made up")


def check_truth(changed: Sample) -> None:
    """Masks are still what the colours tell."""
    for place, asked in enumerate(changed.asked):
        np.testing.assert_array_equal(asked.mask, changed.image[..., 0] > 100 + 10 * place)


@given(seed=st.integers(0, 99), turns=st.integers(0, 3), mirror=st.booleans())
def test_truth_turns_with_the_image(seed: int, turns: int, mirror: bool) -> None:  # noqa: FBT001 hypothesis
    before = sample(seed, height=30, width=50)
    after = laid(before, turns=turns, mirrored=mirror)
    check_truth(after)
    assert sorted(after.image.ravel()) == sorted(before.image.ravel())
    assert after.image.flags.c_contiguous


def places(mask: NDArray[np.bool_]) -> set[str]:
    """The halves that the middle of a mask lies in."""
    rows, columns = (positions.mean() for positions in np.nonzero(mask))
    return {
        "top" if rows < mask.shape[0] / 2 else "bottom",
        "left" if columns < mask.shape[1] / 2 else "right",
    }


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("place", ["top", "bottom", "left", "right", "top left", "bottom right"])
def test_words_of_place_stay_true(place: str, turns: int, mirror: bool) -> None:  # noqa: FBT001 parameter
    mask = np.zeros((20, 20), np.bool_)
    vertical, horizontal = (place.split() * 2)[:2]
    rows = {"top": slice(0, 5), "bottom": slice(15, 20)}.get(vertical, slice(7, 13))
    columns = {"left": slice(0, 5), "right": slice(15, 20)}.get(horizontal, slice(7, 13))
    mask[rows, columns] = True
    before = Sample(np.zeros((20, 20, 3), np.uint8), (Asked(f"the car in the {place}", mask),), "a")
    after = laid(before, turns=turns, mirrored=mirror).asked[0]
    said = set(after.phrase.split()) & {"top", "bottom", "left", "right"}
    assert said
    assert said <= places(after.mask)


def test_what_cannot_be_turned_is_left_as_it_was() -> None:
    before = sample(0, "the sunlit side of the roof facing clockwise", "the roofs")
    assert laid(before, turns=1, mirrored=False) is before
    assert mirrored(before, np.random.default_rng(0)) is before


@given(turns=st.integers(0, 3), mirror=st.booleans())
def test_words_of_direction_in_names_stay(turns: int, mirror: bool) -> None:  # noqa: FBT001 hypothesis
    names = ("the western hemlock", "the eastern hemlock", "the sunlit meadows")
    before = replace(sample(0, *names), unsure=("the bottom lands",), keeps_phrases=True)
    after = laid(before, turns=turns, mirrored=mirror)
    assert tuple(asked.phrase for asked in after.asked) == names
    assert after.unsure == before.unsure
    expected = np.rot90(before.image, turns)
    np.testing.assert_array_equal(after.image, expected[:, ::-1] if mirror else expected)
    check_truth(after)


def test_names_with_words_of_place_are_cropped() -> None:
    before = replace(sample(0, "the western hemlock"), keeps_phrases=True)
    after = cropped(before, np.random.default_rng(0))
    assert after.image.shape != before.image.shape
    check_truth(after)


@settings(max_examples=20)
@given(seed=st.integers(0, 9999))
def test_a_crop_of_plain_phrases_shows_pixels_of_the_whole(seed: int) -> None:
    before = sample(seed % 7)
    after = cropped(before, np.random.default_rng(seed))
    assert 0.59 <= after.image.shape[0] / 40 <= 1
    thresholds = {"the roofs": 100, "all cars": 110}
    for asked in after.asked:
        np.testing.assert_array_equal(asked.mask, after.image[..., 0] > thresholds[asked.phrase])


@pytest.mark.parametrize("phrase", ["the largest roof", "the car on the left", "the only tree"])
def test_a_phrase_about_the_whole_picture_is_not_cropped(phrase: str) -> None:
    before = sample(0, "the roofs", phrase)
    assert cropped(before, np.random.default_rng(0)) is before


def test_scales_are_as_often_larger_as_smaller() -> None:
    found = [scale(np.random.default_rng(seed)) for seed in range(400)]
    assert 0.75 <= min(found) < 0.8
    assert 1.25 < max(found) <= 4 / 3
    assert abs(np.mean(np.array(found) > 1) - 0.5) < 0.1


def test_what_is_unsure_is_turned_along() -> None:
    before = replace(sample(), unsure=("the car on the left", "the car facing north"))
    after = mirrored(before, np.random.default_rng(0))
    assert after.unsure == ("the car on the right", "the car facing north")


@pytest.mark.parametrize("change", [lit, blurred, compressed])
def test_changes_of_light_leave_the_truth_alone(change: Augmentation) -> None:
    before = sample(3)
    kept = before.image.copy()
    after = change(before, np.random.default_rng(5))
    assert after.asked == before.asked
    assert after.name == before.name
    assert after.image.dtype == np.uint8
    assert after.image.shape == before.image.shape
    assert (after.image != before.image).any()
    assert np.corrcoef(after.image.ravel(), before.image.ravel())[0, 1] > 0.9
    np.testing.assert_array_equal(before.image, kept)


def test_black_stays_black() -> None:
    before = sample(3)
    before.image[:10] = 0
    for seed in range(9):
        assert not lit(before, np.random.default_rng(seed)).image[:10].any()


def test_red_stays_red_in_every_light() -> None:
    red = np.tile(np.array([170, 70, 60], np.uint8), (4, 4, 1))
    before = Sample(red, (Asked("the red roofs", np.ones((4, 4), np.bool_)),), "a")
    for seed in range(50):
        seen = lit(before, np.random.default_rng(seed)).image[0, 0].astype(int)
        assert seen[0] > seen[1:].max() + 30


def test_jpeg_is_of_the_quality_said(monkeypatch: pytest.MonkeyPatch) -> None:
    qualities: set[int] = set()
    save = Image.Image.save

    def noted(self: Image.Image, where: object, kind: str, *, quality: int) -> None:
        qualities.add(quality)
        save(self, where, kind, quality=quality)  # type: ignore[arg-type]  # PIL's own union

    monkeypatch.setattr(Image.Image, "save", noted)
    for seed in range(300):
        compressed(sample(0, height=8, width=8), np.random.default_rng(seed))
    assert (min(qualities), max(qualities)) == (75, 100)


def test_the_same_generator_gives_the_same_sample() -> None:
    for seed in range(6):
        once, again = (augmented(sample(1), np.random.default_rng(seed)) for _ in range(2))
        np.testing.assert_array_equal(once.image, again.image)
        assert [a.phrase for a in once.asked] == [a.phrase for a in again.asked]


def test_chances_of_none_and_all() -> None:
    before = sample(1)
    assert augmented(before, np.random.default_rng(0), dict.fromkeys(AUGMENTATIONS, 0.0)) is before
    after = augmented(before, np.random.default_rng(0), {"turned": 1.0})
    assert (after.image != before.image).any()


def test_every_change_has_a_chance() -> None:
    assert AUGMENTATIONS.keys() == {*CHANGES, SCALED}
