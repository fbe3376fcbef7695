import os
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
import rasterio
from affine import Affine
from odc.geo.crs import CRS
from PIL import Image
from rasterio.control import GroundControlPoint
from rasterio.enums import ColorInterp
from rasterio.rpc import RPC
from rasterio.vrt import WarpedVRT

from tests.tiles.small_scenes import write_tif
from tiles.errors import BandsError, SourceError
from tiles.reading import open_raster

NOISE = np.random.default_rng(0).integers(1, 255, (3, 40, 50)).astype(np.uint8)
PLACED = {"crs": "EPSG:32617", "transform": Affine(2, 0, 5e5, 0, -2, 4e6)}


def test_a_raster_knows_its_grid_on_the_ground(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "noise.tif", NOISE, **PLACED)
    with open_raster(path) as raster, rasterio.open(path) as oracle:
        assert (raster.height, raster.width) == oracle.shape
        assert raster.geobox.affine == oracle.transform
        assert raster.geobox.crs == CRS("EPSG:32617")
        assert raster.geobox.boundingbox.bbox == tuple(oracle.bounds)
        assert raster.dtype == np.uint8
        assert (raster.count, raster.bands) == (3, (1, 2, 3))
        assert raster.name == str(path)
        assert raster.notices == ()


def test_a_photo_lies_nowhere_and_nobody_is_warned(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    Image.fromarray(np.moveaxis(NOISE, 0, -1)).save(path)
    with open_raster(path) as raster:
        assert raster.geobox.crs is None
        assert raster.geobox.affine == Affine.identity()
        assert "not georeferenced" in raster.notices[0]
        np.testing.assert_array_equal(raster.read(np.s_[0:40, 0:50]).pixels, NOISE)


def test_an_assigned_crs_replaces_the_one_in_the_file(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "noise.tif", NOISE, **PLACED)
    with open_raster(path, crs="EPSG:26917") as raster:
        assert raster.geobox.crs == CRS("EPSG:26917")
        assert raster.geobox.affine == PLACED["transform"]
        assert "EPSG:32617" in raster.notices[0]


def test_a_palette_is_handed_out_whole(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "classes.tif", NOISE[:1], **PLACED)
    with rasterio.open(path, "r+") as dataset:
        dataset.write_colormap(1, {0: (1, 2, 3, 255), 9: (200, 100, 50, 255)})
    with open_raster(path) as raster:
        assert raster.colours is not None
        assert raster.colours.shape == (256, 4)
        assert raster.colours[9].tolist() == [200, 100, 50, 255]


def test_bands_without_a_palette_have_no_colours(tmp_path: Path) -> None:
    with open_raster(write_tif(tmp_path / "noise.tif", NOISE, **PLACED)) as raster:
        assert raster.colours is None


def test_a_dataset_of_the_user_stays_open(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "noise.tif", NOISE, **PLACED)
    with rasterio.open(path) as dataset:
        with open_raster(dataset) as raster:
            np.testing.assert_array_equal(raster.read(np.s_[0:40, 0:50]).pixels, NOISE)
        assert not dataset.closed
        np.testing.assert_array_equal(dataset.read(), NOISE)


def test_a_raster_in_memory_is_read(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "noise.tif", NOISE, **PLACED)
    with (
        rasterio.MemoryFile(path.read_bytes()) as memory,
        memory.open() as dataset,
        open_raster(dataset) as raster,
    ):
        np.testing.assert_array_equal(raster.read(np.s_[0:40, 0:50]).pixels, NOISE)


def test_a_warped_view_of_the_user_is_read(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "noise.tif", NOISE, **PLACED)
    with (
        rasterio.open(path) as dataset,
        WarpedVRT(dataset, crs="EPSG:4326", add_alpha=True) as warped,
        open_raster(warped) as raster,
    ):
        whole = np.s_[0 : raster.height, 0 : raster.width]
        assert raster.geobox.crs == CRS("EPSG:4326")
        np.testing.assert_array_equal(raster.read(whole).pixels, warped.read([1, 2, 3]))
        np.testing.assert_array_equal(raster.read(whole).valid, warped.read(4) > 0)


def test_a_dataset_that_is_closed_is_refused(tmp_path: Path) -> None:
    with rasterio.open(write_tif(tmp_path / "noise.tif", NOISE, **PLACED)) as dataset:
        pass
    with pytest.raises(SourceError, match="closed already"):
        open_raster(dataset)


def test_a_dataset_that_is_being_written_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "new.tif"
    profile = {"height": 4, "width": 5, "count": 1, "dtype": "uint8", **PLACED}
    with (
        rasterio.open(path, "w", driver="GTiff", **profile) as dataset,
        pytest.raises(SourceError, match="for writing only"),
    ):
        open_raster(dataset)


def corners(height: int, width: int) -> list[GroundControlPoint]:
    """Control points of a grid that is turned by a few degrees."""
    return [
        GroundControlPoint(row, column, 10 + 0.01 * column + 0.002 * row, 50 - 0.01 * row)
        for row in (0, height)
        for column in (0, width)
    ]


@pytest.mark.parametrize("nodata", [None, 0])
def test_control_points_put_pixels_in_their_place(tmp_path: Path, nodata: int | None) -> None:
    path = write_tif(
        tmp_path / "gcps.tif", NOISE, gcps=corners(40, 50), crs="EPSG:4326", nodata=nodata
    )
    with open_raster(path) as raster:
        chip = raster.read(np.s_[0 : raster.height, 0 : raster.width])
        assert raster.geobox.crs == CRS("EPSG:4326")
        assert "4 ground control points" in raster.notices[0]
        assert (raster.name, raster.count) == (str(path), 3)
    rows, columns = np.nonzero(chip.valid)
    affine = raster.geobox.affine
    lon, lat = affine.c + affine.a * (columns + 0.5), affine.f + affine.e * (rows + 0.5)
    source_rows = (50 - lat) / 0.01
    source_columns = (lon - 10 - 0.002 * source_rows) / 0.01
    expected = NOISE[:, source_rows.astype(int), source_columns.astype(int)]
    assert 0.8 < chip.valid.mean() < 1
    assert (chip.pixels[:, rows, columns] == expected).all(axis=0).mean() > 0.97


def test_control_points_of_an_image_with_alpha_add_no_second_one(tmp_path: Path) -> None:
    path = write_tif(
        tmp_path / "gcps.tif",
        np.concatenate([NOISE, np.full((1, 40, 50), 255, np.uint8)]),
        gcps=corners(40, 50),
        crs="EPSG:4326",
    )
    with rasterio.open(path, "r+") as dataset:
        dataset.colorinterp = (
            ColorInterp.red,
            ColorInterp.green,
            ColorInterp.blue,
            ColorInterp.alpha,
        )
    with open_raster(path) as raster:
        assert (raster.bands, raster.count) == ((1, 2, 3), 4)
        assert not raster.read(np.s_[0:3, 0:3]).valid.all()


def test_a_camera_model_alone_is_no_georeference(tmp_path: Path) -> None:
    model = RPC(
        height_off=100, height_scale=500, lat_off=50, lat_scale=1, long_off=10, long_scale=1,
        line_off=20, line_scale=20, samp_off=25, samp_scale=25,
        line_num_coeff=[1.0] * 20, line_den_coeff=[1.0] * 20,
        samp_num_coeff=[1.0] * 20, samp_den_coeff=[1.0] * 20,
    )  # fmt: skip
    path = write_tif(tmp_path / "rpc.tif", NOISE, rpcs=model)
    with open_raster(path) as raster:
        assert raster.geobox.crs is None
        assert "camera model (RPC) only" in raster.notices[0]


def test_a_cog_and_a_raster_in_an_archive_are_read(tmp_path: Path) -> None:
    path = tmp_path / "noise.tif"
    shape = {"count": 3, "height": 40, "width": 50, "dtype": "uint8"}
    with rasterio.open(path, "w", driver="COG", **shape, **PLACED) as dataset:
        dataset.write(NOISE)
    with ZipFile(tmp_path / "noise.zip", "w") as archive:
        archive.write(path, "noise.tif")
    for place in (
        path,
        f"zip://{tmp_path}/noise.zip!noise.tif",
        f"/vsizip/{tmp_path}/noise.zip/noise.tif",
    ):
        with open_raster(place) as raster:
            np.testing.assert_array_equal(raster.read(np.s_[0:40, 0:50]).pixels, NOISE)


def test_the_first_page_of_several_is_read_with_a_notice(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "pages.tif", NOISE, **PLACED)
    write_tif(path, NOISE[::-1], APPEND_SUBDATASET="YES", **PLACED)
    with open_raster(path) as first, open_raster(f"GTIFF_DIR:2:{path}") as second:
        assert "the first of 2 rasters is read" in first.notices[0]
        assert second.notices == ()
        np.testing.assert_array_equal(second.read(np.s_[0:40, 0:50]).pixels, NOISE[::-1])


def test_a_container_names_the_rasters_in_it(tmp_path: Path) -> None:
    path = tmp_path / "two.gpkg"
    profile = {"count": 3, "height": 40, "width": 50, "dtype": "uint8", **PLACED}
    for table, append in (("north", "NO"), ("south", "YES")):
        with rasterio.open(
            path, "w", driver="GPKG", RASTER_TABLE=table, APPEND_SUBDATASET=append, **profile
        ) as dataset:
            dataset.write(NOISE)
    with pytest.raises(SourceError, match=r"name one of them:\n.*two\.gpkg:north\n.*:south"):
        open_raster(path)


@pytest.mark.parametrize("dtype", ["complex64", "complex_int16"])
def test_complex_numbers_have_no_brightness(tmp_path: Path, dtype: str) -> None:
    path = tmp_path / "radar.tif"
    profile = {"count": 1, "height": 4, "width": 5, "dtype": dtype, **PLACED}
    with rasterio.open(path, "w", driver="GTiff", **profile) as dataset:
        dataset.write(np.ones((1, 4, 5), np.complex64))
    with pytest.raises(BandsError, match="write their amplitude"):
        open_raster(path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing.tif", None, "there is no file .*missing.tif; check the path"),
        ("notes.txt", b"buildings, trees", "not a raster that GDAL can read"),
        ("empty.tif", b"", "is empty"),
        ("header.tif", b"II*\x00\x08\x00\x00\x00", "damaged"),
        ("scene.zip", b"PK", "name the raster inside it"),
    ],
)
def test_what_cannot_be_opened_is_refused_with_the_reason(
    tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=message):
        open_raster(tmp_path / name)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is a folder"):
        open_raster(tmp_path)


@pytest.mark.parametrize("path", ["", "  "])
def test_an_empty_path_is_refused(path: str) -> None:
    with pytest.raises(SourceError, match="path of the raster is empty"):
        open_raster(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "secret.tif", NOISE, **PLACED)
    path.chmod(0)
    with pytest.raises(SourceError, match="change its permissions"):
        open_raster(path)


def test_an_address_that_does_not_answer_is_refused_with_the_reason() -> None:
    with pytest.raises(SourceError, match=r"http://127\.0\.0\.1:9/scene\.tif cannot be opened"):
        open_raster("http://127.0.0.1:9/scene.tif")


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux lists open files there")
def test_nothing_stays_open_where_opening_is_refused(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "noise.tif", NOISE, **PLACED)
    with pytest.raises(BandsError):
        open_raster(path, bands=[7])
    still_open = [handle.resolve() for handle in Path("/proc/self/fd").iterdir()]
    assert path.resolve() not in still_open


def test_a_raster_names_its_files(tmp_path: Path) -> None:
    path = str(write_tif(tmp_path / "noise.tif", NOISE, **PLACED))
    Path(f"{path}.aux.xml").write_text("<PAMDataset></PAMDataset>", encoding="utf-8")
    for place in (path, f"file://{path}", f"GTIFF_DIR:1:{path}", f"vrt://{path}?bands=1"):
        with open_raster(place) as raster:
            assert path in raster.files
    with open_raster(path) as raster:
        assert set(raster.files) == {path, f"{path}.aux.xml"}
    with rasterio.open(path) as dataset, open_raster(dataset) as raster:
        assert path in raster.files


def test_a_vrt_names_its_sources_and_is_not_quoted_whole(tmp_path: Path) -> None:
    path = str(write_tif(tmp_path / "noise.tif", NOISE, **PLACED))
    vrt = (
        '<VRTDataset rasterXSize="50" rasterYSize="40"><VRTRasterBand dataType="Byte" band="1">'
        f"<SimpleSource><SourceFilename>{path}</SourceFilename></SimpleSource>"
        "</VRTRasterBand></VRTDataset>"
    )
    with open_raster(vrt) as raster:
        assert raster.name == "a VRT given as text"
        assert raster.files == (path,)
    (tmp_path / "scene.vrt").write_text(vrt, encoding="utf-8")
    with open_raster(tmp_path / "scene.vrt") as raster:
        assert set(raster.files) == {path, str(tmp_path / "scene.vrt")}
    outer = vrt.replace(path, str(tmp_path / "scene.vrt"))
    with open_raster(outer) as raster:
        assert set(raster.files) == {path, str(tmp_path / "scene.vrt")}


def test_a_refused_address_keeps_its_secrets() -> None:
    with pytest.raises(SourceError) as caught:
        open_raster("http://me:secret@127.0.0.1:9/scene.tif?sig=secret")
    assert "secret" not in str(caught.value)
