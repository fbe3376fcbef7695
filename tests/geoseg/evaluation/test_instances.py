import itertools
import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geoseg.evaluation.instances import (
    Found,
    Pairs,
    compared,
    exact_ratio,
    greedy,
    instance_f1,
    optimal,
    overlapping,
)


def boxes(*corners: tuple[float, float, float, float]) -> np.ndarray:
    """Polygons from (left, bottom, right, top)."""
    return np.array([shapely.box(*corner) for corner in corners], object)


def test_the_same_polygons_are_found_exactly_in_any_order() -> None:
    truth = boxes((0, 0, 2, 2), (5, 0, 7, 2), (9, 9, 10, 10))
    found = compared(truth, truth[[2, 0, 1]])
    assert found == Found(3, 3, 3)
    assert found.exact
    assert found.f1 == 1


def test_an_overlap_of_exactly_one_half_is_enough() -> None:
    assert compared(boxes((0, 0, 2, 1)), boxes((0, 0, 1, 1))).matched == 1
    assert compared(boxes((0, 0, 2.01, 1)), boxes((0, 0, 1, 1))).matched == 0


def test_one_polygon_over_two_objects_is_neither() -> None:
    found = compared(boxes((0, 0, 1, 1), (1, 0, 2, 1)), boxes((-1, 0, 2, 1)))
    assert found == Found(0, 2, 1)


@pytest.mark.parametrize(
    ("truth", "answer", "exact", "f1"),
    [
        ((), (), True, 1.0),
        (((0, 0, 1, 1),), (), False, 0.0),
        ((), ((0, 0, 1, 1),), False, 0.0),
        (((0, 0, 1, 1),), ((0, 0, 1, 1), (4, 4, 5, 5)), False, 2 / 3),
    ],
)
def test_one_object_too_many_or_too_few_is_not_exact(
    truth: tuple[tuple[float, float, float, float], ...],
    answer: tuple[tuple[float, float, float, float], ...],
    *,
    exact: bool,
    f1: float,
) -> None:
    found = compared(boxes(*truth), boxes(*answer))
    assert found.exact is exact
    assert found.f1 == pytest.approx(f1)


def test_outlines_that_cross_themselves_are_mended() -> None:
    bow_tie = np.array([shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])], object)
    assert compared(bow_tie, bow_tie).exact


def test_figures_of_several_queries_are_pooled_and_averaged() -> None:
    several = [Found(1, 1, 1), Found(1, 3, 1), Found(0, 0, 0)]
    assert instance_f1(several) == pytest.approx(4 / 6)
    assert exact_ratio(several).value == pytest.approx(2 / 3)
    assert math.isnan(exact_ratio([]).value)


def test_the_best_assignment_beats_taking_the_best_overlap_first() -> None:
    pairs = Pairs(np.array([0, 0, 1]), np.array([0, 1, 0]), np.array([0.9, 0.6, 0.8]))
    assert len(greedy(pairs)) == 1
    assert sorted(zip(optimal(pairs).truth, optimal(pairs).found, strict=True)) == [(0, 1), (1, 0)]


@st.composite
def any_pairs(draw: st.DrawFn) -> Pairs:
    """Pairs among up to 4 by 4 polygons, as overlapping ones could have."""
    cells = draw(st.sets(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=8))
    truth, found = (np.array([cell[k] for cell in sorted(cells)], np.int64) for k in (0, 1))
    iou = draw(st.lists(st.floats(0.5, 1), min_size=len(cells), max_size=len(cells)))
    return Pairs(truth, found, np.array(iou))


def best_by_trying(pairs: Pairs) -> tuple[int, float]:
    """Most pairs without a polygon twice, and of those the best total overlap."""
    best = (0, 0.0)
    for count in range(1, len(pairs) + 1):
        for some in itertools.combinations(range(len(pairs)), count):
            rows = list(some)
            if len({*pairs.truth[rows]}) == len({*pairs.found[rows]}) == count:
                best = max(best, (count, float(pairs.iou[rows].sum())))
    return best


@settings(max_examples=60)
@given(pairs=any_pairs())
def test_the_assignment_equals_the_best_of_all_tried(pairs: Pairs) -> None:
    chosen = optimal(pairs)
    count, total = best_by_trying(pairs)
    assert len(chosen) == count
    assert chosen.iou.sum() == pytest.approx(total)
    assert len(greedy(pairs)) <= count


@settings(max_examples=40)
@given(seed=st.integers(0, 10_000))
def test_both_matchings_agree_where_polygons_do_not_overlap_among_themselves(seed: int) -> None:
    rng = np.random.default_rng(seed)
    places = [(4.0 * row, 4.0 * column) for row in range(3) for column in range(3)]

    def scattered() -> np.ndarray:
        kept = [place for place in places if rng.random() < 0.8]
        moves = rng.uniform(0, 1, (len(kept), 4))
        return boxes(
            *((x + a, y + b, x + 2 + c, y + 2 + d)
              for (x, y), (a, b, c, d) in zip(kept, moves, strict=True))
        )  # fmt: skip

    truth, found = scattered(), scattered()
    pairs = overlapping(truth, found)
    best, first = optimal(pairs), greedy(pairs)
    assert best.truth.tolist() == first.truth.tolist()
    assert best.found.tolist() == first.found.tolist()


def test_overlap_is_that_of_shapely() -> None:
    truth, found = boxes((0, 0, 3, 2)), boxes((1, 0, 3, 2))
    pairs = overlapping(truth, found)
    expected = truth[0].intersection(found[0]).area / truth[0].union(found[0]).area
    assert pairs.iou.tolist() == pytest.approx([expected])
