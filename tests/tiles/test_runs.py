import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tiles.rings import POSITION_SHIFT, Integers
from tiles.runs import Runs

law = settings(derandomize=True, max_examples=200)

Inside = NDArray[np.bool_]


@st.composite
def insides(draw: st.DrawFn) -> Inside:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = draw(st.tuples(st.integers(1, 12), st.integers(1, 12)))
    return rng.random(shape) < draw(st.sampled_from([0, 0.2, 0.5, 0.8, 1]))


def pixels(runs: Runs, run: int) -> set[tuple[int, int]]:
    """Row and column of every pixel of a run."""
    positions = range(int(runs.starts[run]), int(runs.ends[run]))
    return {divmod(position, runs.pitch) for position in positions}


@law
@given(insides())
def test_runs_hold_every_object_pixel_once(inside: Inside) -> None:
    runs = Runs.of(inside)
    found = [pixel for run in range(len(runs.starts)) for pixel in sorted(pixels(runs, run))]
    assert found == [tuple(pixel) for pixel in np.argwhere(inside).tolist()]


@law
@given(insides())
def test_no_two_runs_of_a_row_meet(inside: Inside) -> None:
    runs = Runs.of(inside)
    assert (np.diff(runs.edges) > 0).all()


@law
@given(insides())
def test_touched_above_are_the_runs_that_share_a_side(inside: Inside) -> None:
    runs = Runs.of(inside)
    first, stop = runs.touched_above()
    for run in range(len(runs.starts)):
        above = {(row - 1, column) for row, column in pixels(runs, run)}
        touched = [other for other in range(len(runs.starts)) if above & pixels(runs, other)]
        assert list(range(first[run], stop[run])) == touched


@law
@given(insides())
def test_runs_are_counted_above_each_row(inside: Inside) -> None:
    runs = Runs.of(inside)
    for row in range(len(inside) + 1):
        above = [run for run in runs.starts if run // runs.pitch < row]
        assert runs.before(row) == len(above)


@law
@given(insides(), st.integers(0, 5))
def test_corners_lie_where_the_pixels_around_a_point_make_an_angle(
    inside: Inside, top: int
) -> None:
    runs = Runs.of(inside, top=top)
    codes, of_runs = runs.corners()
    positions = np.sort(codes >> POSITION_SHIFT)
    around = np.pad(inside, ((0, 0), (1, 1))).astype(np.int64)
    bend: Integers = np.diff(
        np.diff(around, axis=0), axis=1
    )  # 0 straight, 1 an angle, 2 two that meet
    rows, columns = np.indices(bend.shape)
    expected = np.repeat((rows + 1 + top) * runs.pitch + columns, abs(bend).ravel())
    np.testing.assert_array_equal(positions, expected)
    assert len(of_runs) == len(codes)
