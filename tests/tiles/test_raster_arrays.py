from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
import rasterio
import rioxarray
import xarray
from affine import Affine
from numpy.typing import NDArray
from odc.geo.crs import CRS

from tiles import raster_arrays
from tiles.errors import BandsError, SourceError
from tiles.grid import ChipGrid
from tiles.reading import open_raster

HEIGHT, WIDTH = 40, 50
WHOLE = np.s_[0:HEIGHT, 0:WIDTH]
NOISE = np.random.default_rng(0).integers(1, 255, (3, HEIGHT, WIDTH)).astype(np.uint8)
Y, X = 4e6 - 2 * (np.arange(HEIGHT) + 0.5), 5e5 + 2 * (np.arange(WIDTH) + 0.5)


def array_of(pixels: NDArray[np.generic] = NOISE, band: object = None) -> xarray.DataArray:
    coords = {"y": Y, "x": X} | ({} if band is None else {"band": band})
    array = xarray.DataArray(pixels, dims=("band", "y", "x"), coords=coords)
    placed: xarray.DataArray = array.rio.write_crs("EPSG:32617")
    return placed


def write_tif(path: Path, pixels: NDArray[np.generic], **profile: object) -> Path:
    shape = {"count": len(pixels), "height": HEIGHT, "width": WIDTH, "dtype": pixels.dtype.name}
    placed = {"crs": "EPSG:32617", "transform": Affine(2, 0, 5e5, 0, -2, 4e6)}
    with rasterio.open(path, "w", driver="GTiff", **shape, **placed, **profile) as dataset:
        dataset.write(pixels)
    return path


def lazily(array: xarray.DataArray) -> xarray.DataArray:
    pytest.importorskip("dask.array")
    chunked: xarray.DataArray = array.chunk({"y": 16, "x": 16})
    return chunked


def opened_by_rioxarray(
    path: Path, *, masked: bool = False, chunks: int | None = None
) -> xarray.DataArray:
    array = rioxarray.open_rasterio(path, masked=masked, chunks=chunks)
    assert isinstance(array, xarray.DataArray)
    return array


@pytest.mark.parametrize("held", [lambda array: array, lazily], ids=["in memory", "dask"])
@pytest.mark.parametrize("order", list(permutations(("band", "y", "x"))), ids=" ".join)
def test_bands_rows_and_columns_may_come_in_any_order(
    order: tuple[str, ...], held: Callable[[xarray.DataArray], xarray.DataArray]
) -> None:
    with open_raster(held(array_of().transpose(*order)), bands=[3, 1, 2]) as raster:
        assert (raster.height, raster.width, raster.count) == (HEIGHT, WIDTH, 3)
        assert raster.geobox.crs == CRS("EPSG:32617")
        assert raster.geobox.affine == Affine(2, 0, 5e5, 0, -2, 4e6)
        for roi in ChipGrid(HEIGHT, WIDTH, size=16, overlap=3):
            np.testing.assert_array_equal(raster.read(roi).pixels, NOISE[[2, 0, 1]][:, *roi])


def test_an_array_without_bands_is_grey() -> None:
    with open_raster(array_of()[1].drop_vars("band", errors="ignore")) as raster:
        assert (raster.bands, raster.count) == ((1,), 1)
        np.testing.assert_array_equal(raster.read(WHOLE).pixels, NOISE[1:2])


def test_rows_from_south_to_north_stay_so() -> None:
    with open_raster(array_of()[:, ::-1]) as raster:
        assert raster.geobox.affine == Affine(2, 0, 5e5, 0, 2, 4e6 - 2 * HEIGHT)
        np.testing.assert_array_equal(raster.read(WHOLE).pixels, NOISE[:, ::-1])


@pytest.mark.parametrize("names", [("latitude", "longitude"), ("lat", "lon")])
def test_degrees_may_be_called_by_their_names(names: tuple[str, str]) -> None:
    metres = array_of().rename({"y": names[0], "x": names[1]})
    array = metres.assign_coords({name: metres[name] / 1e5 for name in names})
    with open_raster(array, crs="EPSG:4326") as raster:
        assert raster.geobox.shape == (HEIGHT, WIDTH)
        assert raster.geobox.crs == CRS("EPSG:4326")


def test_a_chip_beyond_the_edge_is_padded() -> None:
    with open_raster(array_of()) as raster:
        chip = raster.read(np.s_[30:46, 40:56])
    np.testing.assert_array_equal(chip.pixels[:, :10, :10], NOISE[:, 30:, 40:])
    assert chip.valid.sum() == 100
    assert not chip.pixels[:, 10:].any()


@pytest.mark.parametrize("attribute", ["_FillValue", "missing_value", "nodata"])
def test_the_nodata_value_is_found_where_readers_write_it(attribute: str) -> None:
    pixels = NOISE.copy()
    pixels[:, 5:9] = 0
    array = array_of(pixels)
    array.attrs[attribute] = np.uint8(0)
    expected = np.ones((HEIGHT, WIDTH), np.bool_)
    expected[5:9] = False
    with open_raster(array) as raster:
        np.testing.assert_array_equal(raster.read(WHOLE).valid, expected)
    with open_raster(array, nodata=float("nan")) as raster:
        assert raster.read(WHOLE).valid.all()


def test_the_nodata_value_of_whole_numbers_is_found_in_their_encoding() -> None:
    array = array_of()
    array.encoding["_FillValue"] = 7
    with open_raster(array) as raster:
        assert raster.nodata is not None
        assert raster.nodata.tolist() == [7, 7, 7]


def test_nan_is_no_data() -> None:
    pixels = NOISE.astype(np.float32)
    pixels[:, 3, 4] = np.nan
    with open_raster(array_of(pixels)) as raster:
        valid = raster.read(WHOLE).valid
    assert not valid[3, 4]
    assert valid.sum() == HEIGHT * WIDTH - 1


@pytest.mark.filterwarnings("ignore:Use .@. matmul:PendingDeprecationWarning")
@pytest.mark.parametrize(("masked", "chunks"), [(0, None), (1, None), (0, 16)])
def test_a_file_reads_the_same_through_rioxarray(
    tmp_path: Path, masked: int, chunks: int | None
) -> None:
    pixels = NOISE.copy()
    pixels[0, :9] = 255  # saturated red, which masking by band makes NaN
    pixels[:, 20:30, :9] = 255
    path = write_tif(tmp_path / "scene.tif", pixels, nodata=255)
    with (
        open_raster(path) as file,
        opened_by_rioxarray(path, masked=bool(masked), chunks=chunks) as array,
        open_raster(array) as raster,
    ):
        assert raster.geobox == file.geobox
        for roi in ChipGrid(HEIGHT, WIDTH, size=16, overlap=3):
            expected, chip = file.read(roi), raster.read(roi)
            np.testing.assert_array_equal(chip.pixels, expected.pixels)
            np.testing.assert_array_equal(chip.valid, expected.valid)


@pytest.mark.filterwarnings("ignore:Use .@. matmul:PendingDeprecationWarning")
def test_many_threads_read_what_one_reads(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "scene.tif", NOISE)
    grid = list(ChipGrid(HEIGHT, WIDTH, size=8, overlap=2))
    with (
        opened_by_rioxarray(path) as array,
        open_raster(array) as raster,
        ThreadPoolExecutor(8) as pool,
    ):
        for roi, chip in zip(grid, pool.map(raster.read, grid), strict=True):
            np.testing.assert_array_equal(chip.pixels, NOISE[:, *roi])


def test_only_the_window_is_loaded() -> None:
    dask = pytest.importorskip("dask.array")
    loaded: list[int] = []

    def noting(block: NDArray[np.uint8]) -> NDArray[np.uint8]:
        loaded.append(block.size)
        return block

    lazy = dask.from_array(NOISE, chunks=(3, 10, 10)).map_blocks(noting, dtype=np.uint8)
    with open_raster(array_of().copy(data=lazy)) as raster:
        loaded.clear()
        raster.read(np.s_[0:10, 10:20])
    assert loaded == [300]


def test_bands_labelled_as_colours_are_found() -> None:
    pixels = np.concatenate([NOISE, NOISE[:1]])
    with open_raster(array_of(pixels, ["Blue", "Green", "Red", "NIR"])) as raster:
        assert raster.bands == (3, 2, 1)
        assert raster.notices == ()


def test_a_band_labelled_alpha_says_where_there_is_data() -> None:
    alpha = np.zeros((1, HEIGHT, WIDTH), np.uint8)
    alpha[:, 7:11] = 255
    pixels = np.concatenate([alpha, NOISE])
    with open_raster(array_of(pixels, ["alpha", "red", "green", "blue"])) as raster:
        chip = raster.read(WHOLE)
    np.testing.assert_array_equal(chip.pixels, NOISE)
    np.testing.assert_array_equal(chip.valid, alpha[0] > 0)


@pytest.mark.parametrize("held", [lambda array: array, lazily], ids=["in memory", "dask"])
def test_an_overview_takes_the_middle_of_every_share(
    held: Callable[[xarray.DataArray], xarray.DataArray], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raster_arrays, "PIXELS_AT_ONCE", 300)
    with open_raster(held(array_of())) as raster:
        overview = raster.overview(10)
    np.testing.assert_array_equal(overview.pixels, NOISE[:, 2::5, 2::5])


@pytest.mark.parametrize("dim", ["time", "scene"])
def test_a_single_moment_is_a_scene(dim: str) -> None:
    with open_raster(array_of().expand_dims({dim: [np.datetime64("2020-01-01", "ns")]})) as raster:
        np.testing.assert_array_equal(raster.read(WHOLE).pixels, NOISE)


@pytest.mark.parametrize("dim", ["time", "when"])
def test_several_moments_are_no_bands(dim: str) -> None:
    moments = np.array(["2020-01-01", "2020-02-01", "2020-03-01"], "datetime64[ns]")
    array = array_of().rename(band=dim).assign_coords({dim: moments})
    with pytest.raises(SourceError, match=rf"choose one layer, e.g. with .isel\({dim}=0\)"):
        open_raster(array)


def test_more_than_three_dimensions_are_refused() -> None:
    array = xarray.concat([array_of(), array_of()], dim="model")
    with pytest.raises(SourceError, match="only bands can be read"):
        open_raster(array)


def test_dimensions_that_are_no_rows_and_columns_are_refused() -> None:
    with pytest.raises(SourceError, match=r"none of them rows and columns; rename .* \(y, x\)"):
        open_raster(xarray.DataArray(NOISE, dims=("band", "a", "b")))


@pytest.mark.parametrize("dtype", ["complex64", "U3", "datetime64[ns]"])
def test_what_has_no_brightness_is_refused(dtype: str) -> None:
    with pytest.raises(BandsError, match="has no brightness"):
        open_raster(array_of(np.zeros((3, HEIGHT, WIDTH), dtype)))


def test_an_array_without_pixels_is_refused() -> None:
    with pytest.raises(SourceError, match="is empty"):
        open_raster(xarray.DataArray(np.zeros((3, 0, 5)), dims=("band", "y", "x")))


def test_an_array_that_lies_nowhere_is_read_in_pixels() -> None:
    with open_raster(xarray.DataArray(NOISE, dims=("band", "y", "x"), name="photo")) as raster:
        assert raster.name == "the array photo"
        assert raster.geobox.crs is None
        assert raster.geobox.affine == Affine.identity()
        assert "not georeferenced" in raster.notices[0]


def test_a_chunk_is_computed_once_for_all_chips_that_look_at_it() -> None:
    dask = pytest.importorskip("dask.array")
    computed: Counter[tuple[int, ...]] = Counter()

    def noting(block: NDArray[np.uint8]) -> NDArray[np.uint8]:
        computed[tuple(block[:, 0, 0].tolist())] += 1
        return block

    lazy = dask.from_array(NOISE, chunks=(3, 15, 20)).map_blocks(
        noting, dtype=np.uint8, meta=np.empty((0, 0, 0), np.uint8)
    )
    with open_raster(array_of().copy(data=lazy)) as raster:
        computed.clear()
        for roi in ChipGrid(HEIGHT, WIDTH, size=12, overlap=6):
            np.testing.assert_array_equal(raster.read(roi).pixels, NOISE[:, *roi])
    assert len(computed) == 9
    assert set(computed.values()) == {1}


@pytest.mark.parametrize("error", [OSError, KeyError, RuntimeError])
def test_a_store_that_fails_is_told_with_the_window(error: type[Exception]) -> None:
    dask = pytest.importorskip("dask.array")

    def fail(_: NDArray[np.uint8]) -> NDArray[np.uint8]:
        raise error("HTTP 403 for https://x.com/chunk?sig=secret")

    lazy = dask.from_array(NOISE, chunks=(3, 10, 10)).map_blocks(
        fail, dtype=np.uint8, meta=np.empty((0, 0, 0), np.uint8)
    )
    with (
        open_raster(array_of().copy(data=lazy)) as raster,
        pytest.raises(SourceError, match=r"rows 3 to 8, columns 10 to 19 .*HTTP 403") as caught,
    ):
        raster.read(np.s_[3:9, 10:20])
    assert "secret" not in str(caught.value)


@pytest.mark.filterwarnings("ignore:Use .@. matmul:PendingDeprecationWarning")
def test_an_array_from_a_file_names_the_file(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "scene.tif", NOISE)
    with opened_by_rioxarray(path) as array, open_raster(array) as raster:
        assert raster.files == (str(path),)
    assert open_raster(array_of()).files == ()
