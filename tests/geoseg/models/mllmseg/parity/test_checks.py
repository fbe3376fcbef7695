import math

import numpy as np

from geoseg.models.mllmseg.parity.checks import (
    Check,
    Golden,
    compared,
    largest,
    mask_differences,
    resized_differences,
    unequal,
)

MASKS = np.random.default_rng(0).random((2, 20, 30)).astype(np.float32)


def test_a_difference_that_is_no_number_does_not_hold() -> None:
    assert not Check("m", "c", "q", math.nan, 1.0).holds
    assert not Check("m", "c", "q", 2.0, 1.0).holds
    assert Check("m", "c", "q", 1.0, 1.0).holds
    assert "FAILED" in str(Check("m", "c", "q", 2.0, 1.0))


def test_arrays_of_other_shapes_differ_without_limit() -> None:
    assert largest(np.zeros((2, 3)), np.zeros((3, 2))) == math.inf
    assert unequal(np.zeros(2), np.zeros(3)) == math.inf


def test_differences_are_counted_or_measured() -> None:
    assert largest([1.0, 2.0], [1.5, 2.25]) == 0.5
    assert unequal([1, 2, 3], [1, 5, 6]) == 2


def test_only_what_the_kit_has_is_compared() -> None:
    golden = Golden({"case.one": np.array([1.0])})
    found = compared({"one": [1.0], "two": [7.0]}, golden, "case", 0.1)
    assert found == {"one": (0.0, 0.1)}


def test_masks_are_compared_in_every_form_they_are_stored_in() -> None:
    golden = Golden(
        {"case.mask_s4": MASKS[:, ::4, ::4], "case.mask_mean_f64": MASKS.mean(axis=(1, 2))}
    )
    assert mask_differences(MASKS, golden, "case").keys() == {"mask_s4", "mask_mean_f64"}
    moved = mask_differences(MASKS + 0.01, golden, "case")
    assert all(difference > tolerance for difference, tolerance in moved.values())


def test_only_pixels_well_away_from_one_half_must_fall_on_the_same_side() -> None:
    golden = Golden({"case.resized_bin_packbits": np.packbits(MASKS >= 0.5, axis=-1)})
    assert resized_differences(MASKS, golden, "case")["resized_bin"] == (0, 0)
    close, wrong = MASKS.copy(), MASKS.copy()
    close[0, 0, 0] = 0.50001 if MASKS[0, 0, 0] < 0.5 else 0.49999
    wrong[0, 0, 0] = 0.9 if MASKS[0, 0, 0] < 0.5 else 0.1
    assert resized_differences(close, golden, "case")["resized_bin"] == (0, 0)
    assert resized_differences(wrong, golden, "case")["resized_bin"] == (1, 0)


def test_what_nobody_compared_is_known() -> None:
    golden = Golden({"case.one": np.zeros(1), "case.two": np.zeros(1), "case.output_ids": MASKS})
    assert golden.unread() == ["case.one", "case.two"]
    compared({"one": [0.0]}, golden, "case", 0.1)
    assert golden.unread() == ["case.two"]


def test_a_case_without_its_numbers_is_known() -> None:
    whole = {"case.mask_s8": MASKS, "case.hidden_before_seg": MASKS}
    golden = Golden(
        {**whole, "case.argmax_before_segrej_pass1": MASKS, "case_noreeval.mask": MASKS}
    )
    assert golden.lacking("case") == []
    assert golden.lacking("case_noreeval") == []
    assert Golden(whole).lacking("case") == ["argmax_before_segrej_pass1"]
    assert "mask" in Golden({}).lacking("other")
