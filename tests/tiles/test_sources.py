import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from tiles.errors import GridError
from tiles.grid import Roi
from tiles.sources import PixelReader, Raster

law = settings(derandomize=True, max_examples=150)

HEIGHT, WIDTH = 11, 17
NUMBERS = np.arange(1, 2 * HEIGHT * WIDTH + 1, dtype=np.int32).reshape(2, HEIGHT, WIDTH)


class Numbers:
    """A PixelReader that numbers its pixels and masks the odd columns."""

    def __init__(self) -> None:
        self.closed = False

    def read(
        self, roi: Roi, shape: tuple[int, int]
    ) -> tuple[NDArray[np.generic], NDArray[np.bool_] | None]:
        even = np.broadcast_to(np.arange(WIDTH) % 2 == 0, (HEIGHT, WIDTH))
        first = np.s_[: shape[0], : shape[1]]
        pixels = NUMBERS[:, *roi][:, *first]
        assert pixels.shape[1:] == shape, "only windows inside the raster are asked for"
        return pixels, even[roi][first]

    def cache_bytes(self, rows: int) -> int:
        return rows

    def close(self) -> None:
        self.closed = True


def raster(reader: PixelReader | None = None) -> Raster:
    return Raster(
        name="numbers",
        geobox=GeoBox((HEIGHT, WIDTH), Affine.identity(), None),
        bands=(1, 2),
        count=2,
        dtype=np.dtype(np.int32),
        nodata=None,
        colours=None,
        notices=(),
        reader=reader or Numbers(),
    )


@law
@given(st.integers(-30, 30), st.integers(-30, 30), st.integers(1, 40), st.integers(1, 40))
def test_a_chip_is_the_window_cut_from_an_endless_plane_of_zeros(
    top: int, left: int, height: int, width: int
) -> None:
    plane = np.zeros((2, 200, 200), np.int32)
    plane[:, 60 : 60 + HEIGHT, 60 : 60 + WIDTH] = NUMBERS
    roi = (slice(top, top + height), slice(left, left + width))
    there = (slice(60 + top, 60 + top + height), slice(60 + left, 60 + left + width))
    chip = raster().read(roi)
    assert chip.roi == roi
    assert chip.pixels.dtype == np.int32
    np.testing.assert_array_equal(chip.pixels, plane[:, *there])


@law
@given(st.integers(-30, 30), st.integers(-30, 30), st.integers(1, 40), st.integers(1, 40))
def test_nothing_beyond_the_raster_is_valid(top: int, left: int, height: int, width: int) -> None:
    chip = raster().read((slice(top, top + height), slice(left, left + width)))
    rows = np.arange(top, top + height)[:, None]
    columns = np.arange(left, left + width)
    inside = (rows >= 0) & (rows < HEIGHT) & (columns >= 0) & (columns < WIDTH)
    np.testing.assert_array_equal(chip.valid, inside & (columns % 2 == 0))


def test_an_open_slice_is_all_of_an_axis() -> None:
    chip = raster().read(np.s_[:, 3:])
    assert chip.roi == np.s_[0:HEIGHT, 3:WIDTH]
    np.testing.assert_array_equal(chip.pixels, NUMBERS[:, :, 3:])


@pytest.mark.parametrize("roi", [np.s_[4:4, 0:3], np.s_[0:3, 5:2], np.s_[0:8:2, 0:3]])
def test_a_window_without_pixels_is_refused(roi: Roi) -> None:
    with pytest.raises(GridError, match="no pixels"):
        raster().read(roi)


@pytest.mark.parametrize(("max_side", "shape"), [(100, (11, 17)), (17, (11, 17)), (5, (3, 5))])
def test_an_overview_fits_into_its_side_and_keeps_its_proportions(
    max_side: int, shape: tuple[int, int]
) -> None:
    overview = raster().overview(max_side)
    assert overview.pixels.shape == (2, *shape)
    assert overview.roi == np.s_[0:HEIGHT, 0:WIDTH]
    assert overview.valid.shape == shape


def test_an_overview_without_pixels_is_refused() -> None:
    with pytest.raises(GridError, match="at least 1"):
        raster().overview(0)


def test_a_raster_is_closed_at_the_end_of_its_block() -> None:
    reader = Numbers()
    with raster(reader):
        assert not reader.closed
    assert reader.closed
