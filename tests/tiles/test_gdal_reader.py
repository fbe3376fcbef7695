from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from numpy.typing import NDArray
from PIL import Image
from rasterio.enums import ColorInterp
from rasterio.windows import Window

from tiles import gdal_reader
from tiles.errors import SourceError
from tiles.grid import ChipGrid
from tiles.reading import open_raster

WHOLE = np.s_[0:40, 0:50]
NOISE = np.random.default_rng(0).integers(1, 255, (3, 40, 50)).astype(np.uint8)
PLACED = {"crs": "EPSG:32617", "transform": Affine(2, 0, 5e5, 0, -2, 4e6)}


def write_tif(path: Path, pixels: NDArray[np.generic], **profile: object) -> Path:
    count, height, width = pixels.shape
    shape = {"count": count, "height": height, "width": width, "dtype": pixels.dtype.name}
    with rasterio.open(path, "w", driver="GTiff", **shape, **PLACED | profile) as dataset:
        dataset.write(pixels)
    return path


def valid_in(path: Path, nodata: float | None = None) -> NDArray[np.bool_]:
    with open_raster(path, nodata=nodata) as raster:
        return raster.read(WHOLE).valid


@pytest.fixture
def hole() -> NDArray[np.bool_]:
    """Where there is no data."""
    where = np.zeros((40, 50), np.bool_)
    where[5:20, 10:30] = True
    return where


def test_pixels_are_what_rasterio_reads(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "noise.tif", NOISE)
    with open_raster(path, bands=[3, 1]) as raster, rasterio.open(path) as oracle:
        for roi in ChipGrid(40, 50, size=16, overlap=3):
            window = Window.from_slices(*roi)
            np.testing.assert_array_equal(
                raster.read(roi).pixels, oracle.read([3, 1], window=window)
            )


def test_the_nodata_tag_takes_away_pixels_that_hold_it_in_all_bands(
    tmp_path: Path, hole: NDArray[np.bool_]
) -> None:
    pixels = NOISE.copy()
    pixels[:, hole] = 255
    pixels[0, 30] = 255  # saturated red
    path = write_tif(tmp_path / "tag.tif", pixels, nodata=255)
    np.testing.assert_array_equal(valid_in(path), ~hole)
    with rasterio.open(path) as oracle:
        np.testing.assert_array_equal(valid_in(path), oracle.dataset_mask() > 0)


def test_the_value_the_user_names_replaces_the_tag(tmp_path: Path, hole: NDArray[np.bool_]) -> None:
    pixels = np.where(hole, 0, NOISE).astype(np.uint8)
    path = write_tif(tmp_path / "wrong_tag.tif", pixels, nodata=int(pixels[0, 0, 0]))
    np.testing.assert_array_equal(valid_in(path, nodata=0), ~hole)
    assert valid_in(path, nodata=float("nan")).all()


def test_an_internal_mask_counts_beside_the_tag(tmp_path: Path, hole: NDArray[np.bool_]) -> None:
    pixels = NOISE.copy()
    pixels[:, 35:] = 7
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True):
        path = write_tif(tmp_path / "mask.tif", pixels, nodata=7)
        with rasterio.open(path, "r+") as dataset:
            dataset.write_mask(~hole)
    expected = ~hole
    expected[35:] = False
    np.testing.assert_array_equal(valid_in(path), expected)


def test_a_mask_beside_the_file_counts(tmp_path: Path, hole: NDArray[np.bool_]) -> None:
    path = write_tif(tmp_path / "sidecar.tif", NOISE)
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=False), rasterio.open(path, "r+") as dataset:
        dataset.write_mask(~hole)
    assert Path(f"{path}.msk").exists()
    np.testing.assert_array_equal(valid_in(path), ~hole)


@pytest.mark.parametrize("nodata", [None, 0])
def test_alpha_counts_and_is_no_colour(
    tmp_path: Path, hole: NDArray[np.bool_], nodata: int | None
) -> None:
    alpha = np.where(hole, 0, 200).astype(np.uint8)
    path = write_tif(tmp_path / "alpha.tif", np.concatenate([alpha[None], NOISE]), nodata=nodata)
    with rasterio.open(path, "r+") as dataset:
        dataset.colorinterp = (
            ColorInterp.alpha,
            ColorInterp.red,
            ColorInterp.green,
            ColorInterp.blue,
        )
    with open_raster(path) as raster:
        chip = raster.read(WHOLE)
        assert raster.bands == (2, 3, 4)
    np.testing.assert_array_equal(chip.pixels, NOISE)
    np.testing.assert_array_equal(chip.valid, ~hole)


def test_nan_is_no_data(tmp_path: Path, hole: NDArray[np.bool_]) -> None:
    pixels = np.where(hole, np.nan, NOISE).astype(np.float32)
    np.testing.assert_array_equal(valid_in(write_tif(tmp_path / "nan.tif", pixels)), ~hole)


def test_the_tag_nodata_values_counts_unless_the_user_names_another(
    tmp_path: Path, hole: NDArray[np.bool_]
) -> None:
    pixels = NOISE.copy()
    pixels[:, hole] = np.array([[1], [2], [3]], np.uint8)
    pixels[:, 30, 30] = 1
    path = write_tif(tmp_path / "values.tif", pixels)
    with rasterio.open(path, "r+") as dataset:
        dataset.update_tags(NODATA_VALUES="1 2 3")
    np.testing.assert_array_equal(valid_in(path), ~hole)
    assert valid_in(path, nodata=1).sum() == 40 * 50 - 1


def test_masks_of_their_own_take_away_what_all_bands_lack(
    tmp_path: Path, hole: NDArray[np.bool_]
) -> None:
    write_tif(tmp_path / "noise.tif", NOISE)
    for number in (1, 2):
        mask = ~hole
        mask[20 + number :] = False
        write_tif(tmp_path / f"mask{number}.tif", np.where(mask, 255, 0).astype(np.uint8)[None])
    path = tmp_path / "masks.vrt"
    path.write_text(
        vrt(
            f"{source('noise.tif', 1)}<MaskBand>{band(1, source('mask1.tif', 1))}</MaskBand>",
            f"{source('noise.tif', 2)}<MaskBand>{band(2, source('mask2.tif', 1))}</MaskBand>",
        ),
        encoding="utf-8",
    )
    expected = ~hole
    expected[22:] = False
    with open_raster(path, bands=[1, 2]) as raster:
        np.testing.assert_array_equal(raster.read(WHOLE).valid, expected)


def test_bands_of_different_types_are_read_in_one_that_holds_them_all(tmp_path: Path) -> None:
    write_tif(tmp_path / "bytes.tif", NOISE)
    write_tif(tmp_path / "words.tif", NOISE.astype(np.uint16) * 200)
    path = tmp_path / "types.vrt"
    text = vrt(source("bytes.tif", 1), source("words.tif", 2))
    path.write_text(text.replace('"Byte" band="2"', '"UInt16" band="2"'), encoding="utf-8")
    with open_raster(path, bands=[1, 2]) as raster:
        chip = raster.read(WHOLE)
    assert raster.dtype == chip.pixels.dtype == np.uint16
    np.testing.assert_array_equal(chip.pixels, [NOISE[0], NOISE[1].astype(np.uint16) * 200])


def test_many_threads_read_what_one_reads(tmp_path: Path) -> None:
    pixels = np.random.default_rng(1).integers(0, 255, (3, 300, 400)).astype(np.uint8)
    path = write_tif(
        tmp_path / "large.tif", pixels, tiled=True, blockxsize=64, blockysize=64, compress="lzw"
    )
    grid = list(ChipGrid(300, 400, size=48, overlap=8))
    with open_raster(path) as raster, ThreadPoolExecutor(8) as pool:
        for roi, chip in zip(grid, pool.map(raster.read, grid), strict=True):
            np.testing.assert_array_equal(chip.pixels, pixels[:, *roi])


def test_a_decimated_look_takes_pixels_of_the_raster(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "noise.tif", NOISE)
    with open_raster(path) as raster:
        overview = raster.overview(25)
    assert overview.pixels.shape == (3, 20, 25)
    blocks = NOISE.reshape(3, 20, 2, 25, 2).swapaxes(2, 3).reshape(3, 20, 25, 4)
    assert (overview.pixels[..., None] == blocks).any(axis=-1).all()


def test_a_decimated_look_at_a_tall_raster_is_put_together_from_runs(tmp_path: Path) -> None:
    rows = np.arange(3000, dtype=np.uint16)
    path = write_tif(tmp_path / "tall.tif", np.repeat(rows[None, :, None], 6, axis=2))
    with open_raster(path) as raster:
        seen = raster.overview(77).pixels[0, :, 0].astype(np.float64)
    middles = (np.arange(77) + 0.5) * 3000 / 77
    assert np.abs(seen - middles).max() <= 3000 / 77 / 2 + 1


def test_a_decimated_look_uses_overviews(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "noise.tif", NOISE)
    with rasterio.open(path, "r+") as dataset:
        dataset.build_overviews([2], rasterio.enums.Resampling.average)
    with open_raster(path) as raster, rasterio.open(path, overview_level=0) as oracle:
        np.testing.assert_array_equal(raster.overview(25).pixels, oracle.read())


def test_a_cut_off_tiff_is_an_error_that_names_the_rows(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "cut.tif", np.tile(NOISE, (1, 20, 1)), compress="deflate")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with (
        open_raster(path) as raster,
        pytest.raises(SourceError, match=r"cut\.tif cannot be read at rows 700 to 739, columns"),
    ):
        raster.read(np.s_[700:740, 0:50])


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_cut_off_png_is_an_error_even_if_it_is_read_whole(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "cut.png"
    Image.fromarray(np.moveaxis(NOISE, 0, -1)).convert(mode).save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with open_raster(path) as raster, pytest.raises(SourceError, match="cut off or damaged"):
        raster.read(WHOLE)


def test_a_source_that_is_gone_is_an_error_when_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "gone.vrt"
    path.write_text(vrt(source("gone.tif", 1)), encoding="utf-8")
    with open_raster(path) as raster, pytest.raises(SourceError, match=r"gone\.vrt cannot be read"):
        raster.read(WHOLE)


def test_reading_a_closed_raster_is_an_error(tmp_path: Path) -> None:
    with open_raster(write_tif(tmp_path / "noise.tif", NOISE)) as raster:
        pass
    with pytest.raises(SourceError, match="closed already"):
        raster.read(WHOLE)


def test_the_cache_asked_for_holds_the_blocks_of_a_row_of_chips(tmp_path: Path) -> None:
    pixels = np.zeros((3, 300, 200), np.uint16)
    path = write_tif(tmp_path / "blocks.tif", pixels, tiled=True, blockxsize=128, blockysize=64)
    with open_raster(path) as raster:
        assert raster.cache_bytes(64) == 2 * 64 * 256 * 3 * 2
        assert raster.cache_bytes(66) == 3 * 64 * 256 * 3 * 2
        assert raster.cache_bytes(9999) == 5 * 64 * 256 * 3 * 2


@pytest.mark.parametrize(("interleave", "planes"), [("band", 1), ("pixel", 3)])
def test_the_cache_holds_bands_that_are_not_read_where_they_are_stored_together(
    interleave: str, planes: int, tmp_path: Path
) -> None:
    tiles = {"tiled": True, "blockxsize": 128, "blockysize": 64, "interleave": interleave}
    path = write_tif(tmp_path / "blocks.tif", np.zeros((3, 300, 200), np.uint16), **tiles)
    with open_raster(path, bands=[2]) as raster:
        assert raster.cache_bytes(64) == 2 * 64 * 256 * planes * 2


def test_the_cache_asked_for_is_never_more_than_a_gigabyte(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(gdal_reader, "MOST_CACHE_BYTES", 1000)
    with open_raster(write_tif(tmp_path / "noise.tif", NOISE)) as raster:
        assert raster.cache_bytes(40) == 1000


def test_alpha_of_another_type_does_not_change_the_colours(
    tmp_path: Path, hole: NDArray[np.bool_]
) -> None:
    write_tif(tmp_path / "bytes.tif", NOISE)
    alpha = np.where(hole, 0, 65535).astype(np.uint16)
    write_tif(tmp_path / "words.tif", alpha[None])
    colours = (
        f"<ColorInterp>{name}</ColorInterp>{source('bytes.tif', number)}"
        for number, name in enumerate(("Red", "Green", "Blue"), start=1)
    )
    text = vrt(*colours, f"<ColorInterp>Alpha</ColorInterp>{source('words.tif', 1)}")
    path = tmp_path / "alpha.vrt"
    path.write_text(text.replace('"Byte" band="4"', '"UInt16" band="4"'), encoding="utf-8")
    with open_raster(path) as raster:
        chip = raster.read(WHOLE)
    assert raster.dtype == chip.pixels.dtype == np.uint8
    np.testing.assert_array_equal(chip.pixels, NOISE)
    np.testing.assert_array_equal(chip.valid, ~hole)


def source(name: str, band_number: int) -> str:
    """A band of another file, as a VRT wants it."""
    return (
        f'<SimpleSource><SourceFilename relativeToVRT="1">{name}</SourceFilename>'
        f"<SourceBand>{band_number}</SourceBand></SimpleSource>"
    )


def band(number: int, inside: str) -> str:
    """A band of a VRT."""
    return f'<VRTRasterBand dataType="Byte" band="{number}">{inside}</VRTRasterBand>'


def vrt(*bands: str) -> str:
    """A VRT of the size of the noise."""
    listed = "".join(band(number, inside) for number, inside in enumerate(bands, start=1))
    transform = "<GeoTransform>500000, 2, 0, 4000000, 0, -2</GeoTransform>"
    return f'<VRTDataset rasterXSize="50" rasterYSize="40">{transform}{listed}</VRTDataset>'
