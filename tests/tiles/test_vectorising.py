from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
import rasterio.features
import scipy.ndimage
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tiles import vectorising
from tiles.blending import MaskBand
from tiles.errors import GridError
from tiles.vectorising import Traced, trace

law = settings(derandomize=True, max_examples=300)

Mask = NDArray[np.uint8]
Scores = NDArray[np.float32]


@dataclass(frozen=True)
class Case:
    """A mask (queries, height, width) with scores, and the rows at which it is cut into bands."""

    mask: Mask
    scores: Scores
    cuts: Sequence[int] = ()

    def bands(self, cuts: Sequence[int] | None = None) -> Iterator[MaskBand]:
        _, height, width = self.mask.shape
        for top, bottom in pairwise((0, *(self.cuts if cuts is None else cuts), height)):
            rows = slice(top, bottom)
            yield MaskBand((rows, slice(0, width)), self.mask[:, rows], self.scores[:, rows])


@st.composite
def cases(draw: st.DrawFn, queries: int = 1) -> Case:
    """Noise of any density with some nodata in it, in bands of any height."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    height, width = draw(st.integers(1, 24)), draw(st.integers(1, 24))
    density = draw(st.sampled_from([0, 0.01, 0.1, 0.3, 0.5, 0.6, 0.7, 0.9, 0.99, 1]))
    mask = (rng.random((queries, height, width)) < density).astype(np.uint8)
    mask[:, rng.random((height, width)) < draw(st.sampled_from([0, 0, 0.1]))] = 255
    cuts = draw(st.sets(st.integers(1, height - 1))) if height > 1 else set()
    return Case(mask, rng.random(mask.shape, np.float32), sorted(cuts))


def case_of(mask: NDArray[np.generic], cuts: Sequence[int] = ()) -> Case:
    whole = np.atleast_2d(mask).astype(np.uint8)[np.newaxis]
    return Case(whole, np.random.default_rng(0).random(whole.shape, np.float32), cuts)


def picture(*rows: str) -> Mask:
    """A mask drawn with # for object, . for not and - for no data."""
    return np.array(
        [[{"#": 1, ".": 0, "-": 255}[pixel] for pixel in row] for row in rows], np.uint8
    )


def all_of(traced: Iterator[Traced], query: int = 0) -> Traced:
    """All objects of one query in reading order."""
    parts = [part for part in traced if part.query == query]
    if not parts:
        none = np.empty(0, np.int64)
        return Traced(query, np.empty(0, object), np.empty(0), none, none.reshape(0, 2))
    first = np.concatenate([part.first for part in parts])
    order = np.lexsort((first[:, 1], first[:, 0]))
    return Traced(
        query,
        np.concatenate([part.polygons for part in parts])[order],
        np.concatenate([part.scores for part in parts])[order],
        np.concatenate([part.pixels for part in parts])[order],
        first[order],
    )


def by_gdal(mask: Mask) -> NDArray[np.object_]:
    """What GDAL makes of a whole mask."""
    shapes = rasterio.features.shapes(mask, mask=mask == 1, connectivity=4)
    return np.array([shapely.geometry.shape(shape) for shape, _ in shapes], object)


def assert_same_polygons(ours: NDArray[np.object_], theirs: NDArray[np.object_]) -> None:
    """The same set, vertex for vertex, wherever rings begin and whichever way they run."""
    ours, theirs = (np.sort(shapely.to_wkb(shapely.normalize(some))) for some in (ours, theirs))
    assert ours.tolist() == theirs.tolist()


def assert_outlines(mask: Mask, objects: Traced) -> None:
    """Everything that a mask of one query promises about its objects."""
    polygons = objects.polygons
    assert shapely.is_valid(polygons).all()
    assert_same_polygons(polygons, by_gdal(mask))
    np.testing.assert_array_equal(shapely.area(polygons), objects.pixels)
    vertices = shapely.get_coordinates(polygons)
    np.testing.assert_array_equal(vertices, np.rint(vertices))


SHAPES = {
    "empty": np.zeros((9, 7)),
    "full": np.ones((9, 7)),
    "one pixel": np.ones((1, 1)),
    "one row": picture("##..#-#.###"),
    "one column": picture("##..#-#.###").T,
    "checkerboard": np.indices((10, 11)).sum(axis=0) % 2,
    "diagonal": np.eye(9),
    "nested rings": np.abs(np.indices((21, 21)) - 10).max(axis=0) % 2,
    "snake": picture("#######", "......#", "#######", "#......", "#######", "......#", "#######"),
    "comb": picture("#.#.#.#.#", "#.#.#.#.#", "#.#.#.#.#", "#########"),
    "hole that touches its shell": picture("###", "#.#", "##."),
    "and the other way": picture("###", "#.#", ".##"),
    "holes that touch each other": picture("####", "#.##", "##.#", "####"),
    "holes in a chain": picture("#####", "#.#.#", "##.##", "#.#.#", "#####"),
    "two objects that touch twice": picture("##..", "#.#.", ".##.", "...#"),
    "an object in the hole of another, touching it": picture("####", "#..#", "#.#.", "##.#"),
    "island in a lake on an island": picture(
        "#######", "#.....#", "#.###.#", "#.#.#.#", "#.###.#", "#.....#", "#######"
    ),
    "no data inside": picture("#####", "#-#-#", "##-##", "-----", "##-##"),
    "arms that join below": picture("#...#", "#.#.#", "#.#.#", "#.#.#", "#####"),
}


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_come_out_as_gdal_makes_them(name: str) -> None:
    case = case_of(SHAPES[name])
    assert_outlines(case.mask[0], all_of(trace(case.bands())))


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_come_out_the_same_row_by_row(name: str) -> None:
    case = case_of(SHAPES[name])
    rows = range(1, case.mask.shape[1])
    assert_outlines(case.mask[0], all_of(trace(case.bands(rows))))


@law
@given(cases())
def test_any_mask_comes_out_as_gdal_makes_it(case: Case) -> None:
    assert_outlines(case.mask[0], all_of(trace(case.bands())))


@law
@given(cases())
def test_other_bands_give_the_same_objects(case: Case) -> None:
    whole, cut = all_of(trace(case.bands(()))), all_of(trace(case.bands()))
    assert shapely.to_wkb(whole.polygons).tolist() == shapely.to_wkb(cut.polygons).tolist()
    np.testing.assert_array_equal(whole.scores, cut.scores)
    np.testing.assert_array_equal(whole.pixels, cut.pixels)
    np.testing.assert_array_equal(whole.first, cut.first)


@law
@given(cases())
def test_measures_are_those_of_labelled_pixels(case: Case) -> None:
    mask, scores = case.mask[0], case.scores[0]
    labels, count = scipy.ndimage.label(mask == 1)  # by default what shares a pixel side
    objects = all_of(trace(case.bands()))
    assert len(objects.pixels) == count
    numbers = np.arange(1, count + 1)
    of_objects = labels[tuple(objects.first.T)]
    np.testing.assert_array_equal(of_objects, numbers)  # both count in reading order
    np.testing.assert_array_equal(objects.pixels, np.bincount(labels.ravel())[1:])
    means = [scores[labels == number].mean(dtype=np.float64) for number in numbers]
    np.testing.assert_allclose(objects.scores, means, rtol=1e-12)


@settings(law, max_examples=80)
@given(cases(queries=3))
def test_a_query_does_not_change_when_others_are_traced_too(case: Case) -> None:
    for query in range(3):
        together = all_of(trace(case.bands()), query)
        alone = Case(case.mask[[query]], case.scores[[query]], case.cuts)
        expected = all_of(trace(alone.bands()))
        assert shapely.equals_exact(together.polygons, expected.polygons).all()
        np.testing.assert_array_equal(together.scores, expected.scores)


@law
@given(cases())
def test_the_object_lies_left_of_its_outline_on_the_screen(case: Case) -> None:
    polygons = all_of(trace(case.bands())).polygons
    shells = shapely.get_exterior_ring(polygons)
    holes = np.concatenate([[], *(list(polygon.interiors) for polygon in polygons)])
    assert not shapely.is_ccw(shells).any()  # y points down here
    assert shapely.is_ccw(holes.astype(object)).all()


def test_an_object_comes_as_soon_as_a_band_begins_without_it() -> None:
    mask = picture("#.#", "#.#", "..#", "..#", "..#")
    bands = case_of(mask, [1, 2, 3, 4]).bands()
    taken = []

    def counted() -> Iterator[MaskBand]:
        for band in bands:
            taken.append(band)
            yield band

    traced = trace(counted())
    assert next(traced).pixels.tolist() == [2]
    assert len(taken) == 3
    assert next(traced).pixels.tolist() == [5]


def test_blocks_inside_a_band_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    case = case_of(np.random.default_rng(1).random((40, 30)) < 0.6)
    whole = all_of(trace(case.bands()))
    monkeypatch.setattr(vectorising, "BLOCK_PIXELS", 70)
    cut = all_of(trace(case.bands()))
    assert shapely.to_wkb(whole.polygons).tolist() == shapely.to_wkb(cut.polygons).tolist()


def test_a_raster_wider_than_65536_columns_comes_out_as_gdal_makes_it() -> None:
    case = case_of(np.random.default_rng(2).random((3, 70_000)) < 0.6, [1])
    assert_outlines(case.mask[0], all_of(trace(case.bands())))


def test_a_river_over_many_bands_is_one_polygon_with_its_islands() -> None:
    mask = np.zeros((600, 80), np.uint8)
    for row in range(600):
        middle = 40 + round(25 * np.sin(row / 30))
        mask[row, middle - 8 : middle + 8] = 1
        mask[row, middle - 2 : middle + 2] = row % 20 < 10
    case = case_of(mask, range(7, 600, 7))
    objects = all_of(trace(case.bands()))
    assert len(objects.polygons) == 1
    assert_outlines(mask, objects)
    assert shapely.get_num_interior_rings(objects.polygons[0]) == 29  # one more is open below


def test_bands_may_start_below_the_first_row() -> None:
    case = case_of(picture("....", "....", ".##.", ".#.."), [2])
    _, below = case.bands()
    (objects,) = trace([below])
    assert objects.polygons[0].bounds == (1, 2, 3, 4)
    assert objects.first.tolist() == [[2, 1]]


def test_no_bands_give_no_objects() -> None:
    assert list(trace([])) == []


def test_a_band_left_out_is_refused() -> None:
    first, _, last = case_of(np.ones((6, 4)), [2, 4]).bands()
    with pytest.raises(GridError, match="starts at row 4 came where row 2 is due"):
        list(trace([first, last]))
