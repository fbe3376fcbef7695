from collections.abc import Iterator
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tiles import blending
from tiles.blending import NO_DATA, Band, ScoredChip, blend, masked, taper
from tiles.errors import GridError, TilesError
from tiles.grid import ChipGrid, Roi

law = settings(derandomize=True, max_examples=100)
seeds = st.integers(0, 2**32 - 1)

Floats = NDArray[np.float32]
Number = TypeVar("Number", bound=np.generic)


@st.composite
def grids(draw: st.DrawFn) -> ChipGrid:
    """Layouts of all kinds, rasters smaller than a chip included."""
    size = draw(st.integers(1, 16))
    overlap = draw(st.integers(0, size - 1))
    return ChipGrid(draw(st.integers(1, 50)), draw(st.integers(1, 50)), size=size, overlap=overlap)


def cut(image: NDArray[Number], roi: Roi, size: int) -> NDArray[Number]:
    """The part of `image` (..., height, width) in a window, 0 beyond its edge."""
    part = image[(..., *roi)]
    missing = [(0, 0)] * (image.ndim - 2) + [(0, size - side) for side in part.shape[-2:]]
    return np.pad(part, missing)


def chips_of(grid: ChipGrid, image: Floats, *, presence: Floats | None = None) -> list[ScoredChip]:
    """The chips of an image (queries, height, width), with presence (chips, queries) or all 1."""
    if presence is None:
        presence = np.ones((len(grid), len(image)), np.float32)
    inside: NDArray[np.bool_] = np.ones((grid.height, grid.width), np.bool_)
    return [
        ScoredChip(roi, cut(image, roi, grid.size), present, cut(inside, roi, grid.size))
        for roi, present in zip(grid, presence, strict=True)
    ]


def noise_chips(grid: ChipGrid, queries: int, rng: np.random.Generator) -> list[ScoredChip]:
    """Chips that contradict each other; some say that a query is not there, some failed."""
    chips = []
    for roi in grid:
        present = rng.random(queries, np.float32) * (rng.random(queries) < 0.7)
        failed = rng.random() < 0.2
        valid = np.zeros((grid.size, grid.size), np.bool_)
        if not failed:
            valid[: grid.height - roi[0].start, : grid.width - roi[1].start] = True
        probability = rng.random((queries, grid.size, grid.size), np.float32)
        chips.append(ScoredChip(roi, probability, present * (not failed), valid))
    return chips


def stacked(bands: Iterator[Band]) -> tuple[Floats, NDArray[np.bool_]]:
    parts = list(bands)
    return np.concatenate([band.values for band in parts], axis=1), np.concatenate(
        [band.valid for band in parts]
    )


@law
@given(grids(), st.integers(1, 3), seeds)
def test_blending_chips_cut_from_an_image_gives_exactly_the_image_back(
    grid: ChipGrid, queries: int, seed: int
) -> None:
    image = np.random.default_rng(seed).random((queries, grid.height, grid.width), np.float32)
    values, valid = stacked(blend(grid, chips_of(grid, image)))
    np.testing.assert_array_equal(values, image)
    assert valid.all()


@law
@given(grids(), st.integers(1, 3), seeds)
def test_how_sure_agreeing_chips_are_of_presence_changes_nothing(
    grid: ChipGrid, queries: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    image = rng.random((queries, grid.height, grid.width), np.float32)
    presence = 1 - rng.random((len(grid), queries), np.float32)  # never 0
    values, _ = stacked(blend(grid, chips_of(grid, image, presence=presence)))
    np.testing.assert_array_equal(values, image)


@law
@given(grids(), st.integers(1, 3), seeds)
def test_the_value_is_the_mean_weighted_by_taper_and_presence(
    grid: ChipGrid, queries: int, seed: int
) -> None:
    chips = noise_chips(grid, queries, np.random.default_rng(seed))
    above = np.zeros((queries, grid.height + grid.size, grid.width + grid.size))
    below = np.zeros_like(above)
    valid = np.zeros(above.shape[1:], np.bool_)
    for chip in chips:
        weight = taper(grid.size, grid.overlap) * chip.presence[:, None, None].astype(np.float64)
        above[(..., *chip.roi)] += weight * chip.probability
        below[(..., *chip.roi)] += weight
        valid[chip.roi] |= chip.valid
    mean = np.divide(above, below, out=np.zeros_like(above), where=below > 0) * valid
    values, seen = stacked(blend(grid, chips))
    np.testing.assert_allclose(values, mean[:, : grid.height, : grid.width], atol=1e-5)
    np.testing.assert_array_equal(seen, valid[: grid.height, : grid.width])
    assert values.min() >= 0
    assert values.max() <= 1


@law
@given(grids(), st.integers(1, 5), seeds)
def test_strips_blended_alone_give_the_bits_of_the_whole(
    grid: ChipGrid, chip_rows: int, seed: int
) -> None:
    chips = noise_chips(grid, 2, np.random.default_rng(seed))
    whole = stacked(blend(grid, chips))
    parts = []
    for strip in grid.strips(chip_rows):
        rows = strip.chip_rows
        own = chips[rows.start * grid.columns : rows.stop * grid.columns]
        bands = list(blend(grid, own, strip=strip))
        assert bands[0].roi[0].start == strip.rows.start
        assert bands[-1].roi[0].stop == strip.rows.stop
        parts.append(stacked(iter(bands)))
    np.testing.assert_array_equal(np.concatenate([values for values, _ in parts], 1), whole[0])
    np.testing.assert_array_equal(np.concatenate([valid for _, valid in parts]), whole[1])


@law
@given(grids(), seeds)
def test_a_query_does_not_change_when_others_are_asked_too(grid: ChipGrid, seed: int) -> None:
    chips = noise_chips(grid, 3, np.random.default_rng(seed))
    together, _ = stacked(blend(grid, chips))
    alone = [
        replace(chip, probability=chip.probability[1:2], presence=chip.presence[1:2])
        for chip in chips
    ]
    np.testing.assert_array_equal(stacked(blend(grid, alone))[0][0], together[1])


@law
@given(grids(), st.integers(1, 3))
def test_bands_cover_the_raster_top_to_bottom_and_fit_their_windows(
    grid: ChipGrid, queries: int
) -> None:
    image = np.zeros((queries, grid.height, grid.width), np.float32)
    due = 0
    for band in blend(grid, chips_of(grid, image)):
        rows, columns = band.roi
        assert (rows.start, columns) == (due, slice(0, grid.width))
        assert band.values.shape == (queries, rows.stop - rows.start, grid.width)
        assert band.values.dtype == np.float32
        assert band.valid.shape == band.values.shape[1:]
        due = rows.stop
    assert due == grid.height


def test_a_chip_that_does_not_see_the_object_takes_no_bite_from_its_corner() -> None:
    grid = ChipGrid(8, 12, size=8, overlap=4)
    image = np.zeros((1, 8, 12), np.float32)
    image[0, 2:6, 1:7] = 0.9
    presence = np.array([[1], [0]], np.float32)
    sees, sees_not = chips_of(grid, image, presence=presence)
    sees_not = replace(sees_not, probability=np.zeros_like(sees_not.probability))
    values, _ = stacked(blend(grid, [sees, sees_not]))
    np.testing.assert_array_equal(values, image)


def test_where_every_presence_is_zero_the_value_is_zero_and_valid() -> None:
    grid = ChipGrid(7, 9, size=4, overlap=2)
    image = np.ones((2, 7, 9), np.float32)
    presence = np.zeros((len(grid), 2), np.float32)
    values, valid = stacked(blend(grid, chips_of(grid, image, presence=presence)))
    assert not values.any()
    assert valid.all()


def test_a_failed_chip_leaves_no_data_only_where_no_other_chip_looks() -> None:
    grid = ChipGrid(4, 10, size=4, overlap=1)  # columns 0:4, 3:7, 6:10
    left, middle, right = chips_of(grid, np.ones((1, 4, 10), np.float32))
    failed = replace(middle, presence=np.zeros(1, np.float32), valid=np.zeros((4, 4), np.bool_))
    values, valid = stacked(blend(grid, [left, failed, right]))
    assert valid.all(axis=0).tolist() == [True] * 4 + [False] * 2 + [True] * 4
    np.testing.assert_array_equal(values[0], valid)


@pytest.mark.parametrize("presence", [1e-45, 1e-38, 1e-21])
def test_a_presence_too_small_to_weigh_counts_as_none(presence: float) -> None:
    grid = ChipGrid(9, 9, size=6, overlap=5)
    image = np.ones((1, 9, 9), np.float32)
    faint = np.full((len(grid), 1), presence, np.float32)
    values, _ = stacked(blend(grid, chips_of(grid, image, presence=faint)))
    assert not values.any()


def test_a_band_comes_before_the_next_chip_row_is_asked_for() -> None:
    grid = ChipGrid(20, 20, size=8, overlap=2)
    taken = []

    def chips() -> Iterator[ScoredChip]:
        for chip in chips_of(grid, np.zeros((1, 20, 20), np.float32)):
            taken.append(chip.roi)
            yield chip

    next(blend(grid, chips()))
    assert len(taken) == grid.columns


def test_a_band_keeps_its_values_when_the_next_one_is_made() -> None:
    grid = ChipGrid(40, 10, size=8, overlap=2)
    chips = noise_chips(grid, 1, np.random.default_rng(0))
    copies = [(band, band.values.copy(), band.valid.copy()) for band in blend(grid, chips)]
    for band, values, valid in copies:
        np.testing.assert_array_equal(band.values, values)
        np.testing.assert_array_equal(band.valid, valid)


def test_smaller_bands_hold_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    grid = ChipGrid(40, 10, size=16, overlap=5)
    chips = noise_chips(grid, 2, np.random.default_rng(0))
    whole = stacked(blend(grid, chips))
    monkeypatch.setattr(blending, "BAND_PIXELS", 35)
    bands = list(blend(grid, chips))
    assert max(len(band.valid) for band in bands) == 3
    cut = stacked(iter(bands))
    np.testing.assert_array_equal(cut[0], whole[0])
    np.testing.assert_array_equal(cut[1], whole[1])


def test_a_missing_chip_is_refused() -> None:
    grid = ChipGrid(9, 9, size=4, overlap=1)
    chips = chips_of(grid, np.zeros((1, 9, 9), np.float32))
    with pytest.raises(GridError, match="no more chips"):
        list(blend(grid, chips[:-1]))


def test_no_chips_at_all_are_refused() -> None:
    with pytest.raises(GridError, match="no more chips"):
        list(blend(ChipGrid(9, 9, size=4, overlap=1), []))


def test_chips_in_another_order_are_refused() -> None:
    grid = ChipGrid(9, 9, size=4, overlap=1)
    chips = chips_of(grid, np.zeros((1, 9, 9), np.float32))
    with pytest.raises(GridError, match="row 3, column 0 is due, but row 3, column 3 came"):
        list(blend(grid, [*chips[:3], *chips[4:]]))


@pytest.mark.parametrize("number", [np.nan, -0.1, 1.1, np.inf])
@pytest.mark.parametrize("name", ["probability", "presence"])
def test_numbers_outside_0_to_1_are_refused(name: str, number: float) -> None:
    chip = chips_of(ChipGrid(2, 2, size=2, overlap=0), np.zeros((1, 2, 2), np.float32))[0]
    spoilt = getattr(chip, name).copy()
    spoilt.flat[0] = number
    with pytest.raises(TilesError, match=f"the {name} of the chip at row 0, column 0"):
        replace(chip, **{name: spoilt})


@pytest.mark.parametrize(
    "change",
    [
        {"probability": np.zeros((1, 2, 3), np.float32)},
        {"probability": np.zeros((2, 2, 2), np.float32)},
        {"presence": np.zeros((), np.float32)},
        {"valid": np.zeros((3, 2), np.bool_)},
    ],
)
def test_arrays_that_do_not_fit_together_are_refused(
    change: dict[str, Any],
) -> None:
    chip = chips_of(ChipGrid(2, 2, size=2, overlap=0), np.zeros((1, 2, 2), np.float32))[0]
    with pytest.raises(TilesError, match="queries"):
        replace(chip, **change)


@law
@given(st.integers(1, 40), st.data())
def test_the_taper_is_symmetric_positive_and_never_above_1(size: int, data: st.DataObject) -> None:
    weights = taper(size, data.draw(st.integers(0, size - 1)))
    assert weights.dtype == np.float32
    assert weights.min() > 0
    assert weights.max() <= 1
    for turned in (weights.T, weights[::-1], weights[:, ::-1]):
        np.testing.assert_array_equal(weights, turned)


def test_two_neighbours_that_share_the_overlap_weigh_1_together() -> None:
    across = taper(12, 5)[6]
    np.testing.assert_allclose(across[-5:] + across[:5], 1, rtol=1e-6)


def test_the_mask_holds_the_threshold_itself_and_no_data() -> None:
    values = np.array([[[0.3, 0.29, 0.31]], [[0, 1, 0]]], np.float32)
    band = Band(np.s_[4:5, 0:3], values, np.array([[True, True, False]]))
    mask = masked(band, 0.3)
    assert mask.mask.dtype == np.uint8
    assert mask.mask.tolist() == [[[1, 0, NO_DATA]], [[0, 1, NO_DATA]]]
    assert mask.roi == band.roi
    np.testing.assert_array_equal(mask.scores, values)


def test_at_threshold_1_only_what_all_chips_are_sure_of_is_object() -> None:
    grid = ChipGrid(40, 40, size=16, overlap=7)
    image = (np.random.default_rng(0).random((1, 40, 40)) < 0.5).astype(np.float32)
    mask = np.concatenate([masked(b, 1).mask for b in blend(grid, chips_of(grid, image))], axis=1)
    np.testing.assert_array_equal(mask, image)


def test_chips_of_fewer_queries_than_the_first_are_refused() -> None:
    grid = ChipGrid(8, 12, size=8, overlap=4)
    chips = chips_of(grid, np.zeros((2, 8, 12), np.float32))
    fewer = chips_of(grid, np.zeros((1, 8, 12), np.float32))
    with pytest.raises(GridError, match="column 4 answers 1 queries, but the first one 2"):
        list(blend(grid, [chips[0], fewer[1]]))


def test_chips_that_are_left_over_are_refused() -> None:
    grid = ChipGrid(8, 12, size=8, overlap=4)
    chips = chips_of(grid, np.zeros((1, 8, 12), np.float32))
    with pytest.raises(GridError, match="another came for row 0, column 4"):
        list(blend(grid, [*chips, chips[-1]]))
